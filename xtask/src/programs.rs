//! The programs that tests and benchmarks need and cargo does not build: browsers with their drivers, valgrind, and the servers of the backplanes.

mod nats;

use crate::run::{self, Failure};
use std::{env, path::PathBuf, process::Command};

/// A program, the variable that may name it, and the names that it goes by.
struct Program {
    variable: &'static str,
    names: &'static [&'static str],
}

impl Program {
    fn locate(&self) -> Option<PathBuf> {
        match self.named() {
            Some(path) => Some(path),
            None => self.names.iter().find_map(|name| run::find(name)),
        }
    }

    /// What the variable says.
    fn named(&self) -> Option<PathBuf> {
        env::var_os(self.variable).filter(|path| !path.is_empty()).map(PathBuf::from)
    }
}

/// Programs that are of use together only, and Debian's packages of them.
pub(crate) struct Set {
    programs: &'static [Program],
    packages: &'static [&'static str],
}

pub(crate) const CHROMIUM: Set = Set {
    programs: &[
        Program { variable: "CHROMIUM", names: &["chromium", "chromium-browser", "google-chrome"] },
        Program { variable: "CHROMEDRIVER", names: &["chromedriver"] },
    ],
    packages: &["chromium", "chromium-driver"],
};

/// WebKit comes with its driver; Xvfb is what it draws on.
pub(crate) const WEBKIT: Set = Set {
    programs: &[Program { variable: "WEBKIT_DRIVER", names: &["WebKitWebDriver"] }, Program { variable: "XVFB", names: &["Xvfb"] }],
    packages: &["webkit2gtk-driver", "xvfb"],
};

/// It counts instructions.
pub(crate) const VALGRIND: Set = Set { programs: &[Program { variable: "VALGRIND", names: &["valgrind"] }], packages: &["valgrind"] };

/// The server of one backplane's tests; Valkey's does as well.
pub(crate) const REDIS: Set =
    Set { programs: &[Program { variable: "REDIS_SERVER", names: &["redis-server", "valkey-server"] }], packages: &["redis-server"] };

/// The server of another one's. Debian's package of it is too old.
const NATS_SERVER: Program = Program { variable: "NATS_SERVER", names: &["nats-server"] };

/// The NATS server, found or fetched.
pub(crate) fn nats_server() -> Result<PathBuf, Failure> {
    nats::find_or_install()
}

impl Set {
    /// The programs as they are there, each with the variable that names it to the tests.
    fn find(&self) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let located = self.programs.iter().map(|program| program.locate().map(|path| (program.variable, path)).ok_or(program));
        let (found, missing): (Vec<_>, Vec<_>) = located.partition(Result::is_ok);
        if missing.is_empty() {
            return Ok(found.into_iter().flatten().collect());
        }
        let names: Vec<&str> = missing.iter().filter_map(|program| program.as_ref().err()?.names.first().copied()).collect();
        let variables: Vec<&str> = self.programs.iter().map(|program| program.variable).collect();
        Err(Failure::new(format!(
            "{} {} not installed; on Debian run `apt-get install {}` as root, elsewhere name {} in {}",
            names.join(" and "),
            if names.len() == 1 { "is" } else { "are" },
            self.packages.join(" "),
            if variables.len() == 1 { "it" } else { "them" },
            variables.join(" and "),
        )))
    }
}

/// Programs as they were found.
#[derive(Default)]
pub(crate) struct Programs(Vec<(&'static str, PathBuf)>);

impl Programs {
    /// Those of the sets, where they are there.
    pub(crate) fn find(sets: &[Set]) -> Result<Self, Failure> {
        let found = sets.iter().map(Set::find).collect::<Result<Vec<_>, Failure>>()?;
        Ok(Self(found.concat()))
    }

    /// Those of the sets that are there, and for the others Debian's, installed now.
    pub(crate) fn find_or_install(sets: &[Set]) -> Result<Self, Failure> {
        let missing: Vec<&str> = sets.iter().filter(|set| set.find().is_err()).flat_map(|set| set.packages).copied().collect();
        if !missing.is_empty() && can_install() {
            println!("installing {} with apt-get", missing.join(", "));
            run::succeed_quietly(apt_get().arg("update"))?;
            run::succeed_quietly(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(missing))?;
        }
        Self::find(sets)
    }

    /// The NATS server beside the others.
    pub(crate) fn with_nats_server(mut self) -> Result<Self, Failure> {
        self.0.push((NATS_SERVER.variable, nats::find_or_install()?));
        Ok(self)
    }

    /// Tells `command` where they are, in the variables that the tests look at.
    pub(crate) fn name_to(&self, command: &mut Command) {
        command.envs(self.0.iter().map(|(variable, path)| (variable, path)));
    }
}

fn can_install() -> bool {
    run::find("apt-get").is_some() && is_root()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_remedy() {
        let set = Set {
            programs: &[
                Program { variable: "SHELL_OF_TEST", names: &["sh"] },
                Program { variable: "NOTHING_OF_TEST", names: &["no-such-program"] },
            ],
            packages: &["shell", "nothing"],
        };
        let failure = set.find().unwrap_err().to_string();
        let remedy = "no-such-program is not installed; on Debian run `apt-get install shell nothing` as root, elsewhere name them in SHELL_OF_TEST and NOTHING_OF_TEST";
        assert!(failure.ends_with(remedy), "{failure}");
    }
}
