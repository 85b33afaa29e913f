//! The Chromium and the chromedriver that the browser tests and the screenshots need.

use crate::run::{self, Failure};
use std::{env, path::PathBuf, process::Command};

/// A program, the variable that may name it, and the names that it goes by.
struct Program {
    variable: &'static str,
    names: &'static [&'static str],
}

const CHROMIUM: Program = Program { variable: "CHROMIUM", names: &["chromium", "chromium-browser", "google-chrome"] };
const CHROMEDRIVER: Program = Program { variable: "CHROMEDRIVER", names: &["chromedriver"] };

impl Program {
    fn locate(&self) -> Option<PathBuf> {
        match env::var_os(self.variable).filter(|path| !path.is_empty()) {
            Some(path) => Some(path.into()),
            None => self.names.iter().find_map(|name| run::find(name)),
        }
    }
}

/// The browser and its driver as they were found.
pub(crate) struct Browser {
    chromium: PathBuf,
    chromedriver: PathBuf,
}

impl Browser {
    /// The browser that is there, or else Debian's, installed now.
    pub(crate) fn find_or_install() -> Result<Self, Failure> {
        if let Ok(browser) = Self::find() {
            return Ok(browser);
        }
        if !can_install() {
            return Self::find();
        }
        println!("installing chromium and chromium-driver with apt-get");
        run::succeed_quietly(apt_get().arg("update"))?;
        run::succeed_quietly(apt_get().args(["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]))?;
        Self::find()
    }

    /// The browser that is there.
    pub(crate) fn find() -> Result<Self, Failure> {
        let (chromium, chromedriver) = (CHROMIUM.locate(), CHROMEDRIVER.locate());
        let missing = match (chromium, chromedriver) {
            (Some(chromium), Some(chromedriver)) => {
                return Ok(Self { chromium, chromedriver });
            }
            (None, None) => "chromium and chromedriver are",
            (None, Some(_)) => "chromium is",
            (Some(_), None) => "chromedriver is",
        };
        Err(Failure::new(format!(
            "{missing} not installed; on Debian run `apt-get install chromium chromium-driver` as root, elsewhere name \
             them in CHROMIUM and CHROMEDRIVER"
        )))
    }

    /// Tells `command` where the browser is, in the variables that the tests look at.
    pub(crate) fn name_to(&self, command: &mut Command) {
        command.env(CHROMIUM.variable, &self.chromium).env(CHROMEDRIVER.variable, &self.chromedriver);
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
