//! The browsers and their drivers that the browser tests and the screenshots need.

use crate::run::{self, Failure};
use std::{env, path::PathBuf, process::Command};

/// A program, the variable that may name it, and the names that it goes by.
struct Program {
    variable: &'static str,
    names: &'static [&'static str],
}

impl Program {
    fn locate(&self) -> Option<PathBuf> {
        match env::var_os(self.variable).filter(|path| !path.is_empty()) {
            Some(path) => Some(path.into()),
            None => self.names.iter().find_map(|name| run::find(name)),
        }
    }
}

/// Programs that are of use together only, and Debian's packages of them.
struct Set {
    programs: [Program; 2],
    packages: [&'static str; 2],
}

const CHROMIUM: Set = Set {
    programs: [
        Program { variable: "CHROMIUM", names: &["chromium", "chromium-browser", "google-chrome"] },
        Program { variable: "CHROMEDRIVER", names: &["chromedriver"] },
    ],
    packages: ["chromium", "chromium-driver"],
};

/// WebKit comes with its driver; Xvfb is what it draws on.
const WEBKIT: Set = Set {
    programs: [Program { variable: "WEBKIT_DRIVER", names: &["WebKitWebDriver"] }, Program { variable: "XVFB", names: &["Xvfb"] }],
    packages: ["webkit2gtk-driver", "xvfb"],
};

impl Set {
    /// The programs as they are there, each with the variable that names it to the tests.
    fn find(&self) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let located = self.programs.iter().map(|program| program.locate().map(|path| (program.variable, path)).ok_or(program));
        let (found, missing): (Vec<_>, Vec<_>) = located.partition(Result::is_ok);
        if missing.is_empty() {
            return Ok(found.into_iter().flatten().collect());
        }
        let names: Vec<&str> = missing.iter().filter_map(|program| program.as_ref().err()?.names.first().copied()).collect();
        let variables = self.programs.each_ref().map(|program| program.variable).join(" and ");
        Err(Failure::new(format!(
            "{} {} not installed; on Debian run `apt-get install {}` as root, elsewhere name them in {variables}",
            names.join(" and "),
            if names.len() == 1 { "is" } else { "are" },
            self.packages.join(" "),
        )))
    }
}

/// Browsers and their drivers as they were found.
pub(crate) struct Browsers(Vec<(&'static str, PathBuf)>);

impl Browsers {
    /// Every browser of the tests that is there, or else Debian's, installed now.
    pub(crate) fn find_or_install() -> Result<Self, Failure> {
        find_or_install(&[CHROMIUM, WEBKIT])
    }

    /// Chromium, in the same way.
    pub(crate) fn find_or_install_chromium() -> Result<Self, Failure> {
        find_or_install(&[CHROMIUM])
    }

    /// Chromium, where it is there.
    pub(crate) fn find_chromium() -> Result<Self, Failure> {
        CHROMIUM.find().map(Self)
    }

    /// Tells `command` where they are, in the variables that the tests look at.
    pub(crate) fn name_to(&self, command: &mut Command) {
        command.envs(self.0.iter().map(|(variable, path)| (variable, path)));
    }
}

fn find_or_install(sets: &[Set]) -> Result<Browsers, Failure> {
    let missing: Vec<&str> = sets.iter().filter(|set| set.find().is_err()).flat_map(|set| set.packages).collect();
    if !missing.is_empty() && can_install() {
        println!("installing {} with apt-get", missing.join(", "));
        run::succeed_quietly(apt_get().arg("update"))?;
        run::succeed_quietly(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(missing))?;
    }
    let found = sets.iter().map(Set::find).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Browsers(found.concat()))
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
            programs: [
                Program { variable: "SHELL_OF_TEST", names: &["sh"] },
                Program { variable: "NOTHING_OF_TEST", names: &["no-such-program"] },
            ],
            packages: ["shell", "nothing"],
        };
        let failure = set.find().unwrap_err().to_string();
        let remedy = "no-such-program is not installed; on Debian run `apt-get install shell nothing` as root, elsewhere name them in SHELL_OF_TEST and NOTHING_OF_TEST";
        assert!(failure.ends_with(remedy), "{failure}");
    }
}
