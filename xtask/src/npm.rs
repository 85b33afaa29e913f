//! htmx and its extensions, installed from npm as `npm/package-lock.json` says.

use crate::run::{self, Failure};
use std::{fs, path::PathBuf, process::Command};

/// Where the packages are once they are installed.
pub(crate) fn node_modules() -> PathBuf {
    run::root().join("npm/node_modules")
}

/// Installs the packages, unless exactly those of the lockfile are there.
pub(crate) fn install() -> Result<(), Failure> {
    if is_up_to_date() {
        return Ok(());
    }
    if !is_available() {
        return Err(Failure::new("npm is not installed; install Node.js (on Debian: `apt-get install nodejs npm`)"));
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--loglevel=error"]).current_dir(run::root().join("npm"));
    run::succeed_quietly(&mut npm)
}

/// Whether there is an npm to install with.
pub(crate) fn is_available() -> bool {
    run::find("npm").is_some()
}

/// Whether npm's note of what it installed names the packages of the lockfile.
pub(crate) fn is_up_to_date() -> bool {
    let wanted = fs::read_to_string(run::root().join("npm/package-lock.json"));
    let installed = fs::read_to_string(node_modules().join(".package-lock.json"));
    match (wanted, installed) {
        (Ok(wanted), Ok(installed)) => packages(&wanted).is_some() && packages(&wanted) == packages(&installed),
        _ => false,
    }
}

/// The part of a lockfile that lists the packages. What stands before it is about the package that asks for them, and only in the
/// lockfile proper.
fn packages(lockfile: &str) -> Option<&str> {
    lockfile.find("\"node_modules/").map(|start| &lockfile[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npms_note_is_compared_by_its_packages() {
        let lockfile = r#"{"packages":{"":{"name":"x"},"node_modules/a":{"version":"1"}}}"#;
        let note = r#"{"packages":{"node_modules/a":{"version":"1"}}}"#;
        let older = r#"{"packages":{"node_modules/a":{"version":"0"}}}"#;
        assert_eq!(packages(lockfile), packages(note));
        assert_ne!(packages(lockfile), packages(older));
        assert_eq!(packages("{}"), None);
    }

    #[test]
    fn the_lockfile_names_no_place_to_download_from() {
        let lockfile = fs::read_to_string(run::root().join("npm/package-lock.json")).unwrap();
        assert!(packages(&lockfile).is_some());
        assert!(!lockfile.contains("resolved") && !lockfile.contains("://"));
    }
}
