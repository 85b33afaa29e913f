//! htmx, its extensions and the style sheets of the themed pages, installed from npm as `npm/package-lock.json` says.

use crate::run::{self, Failure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where the packages are once they are installed.
pub(crate) fn node_modules() -> PathBuf {
    folder().join("node_modules")
}

/// Installs the packages, unless exactly those of the lockfile are there.
pub(crate) fn install() -> Result<(), Failure> {
    if is_up_to_date() {
        return Ok(());
    }
    run::succeed_quietly(npm()?.args(["ci", "--loglevel=error"]))?;
    fs::copy(lockfile(), installed()).map_err(|error| Failure::new(format!("{} cannot be written: {error}", installed().display())))?;
    Ok(())
}

/// Has Tailwind make the style sheet of the classes in the example's source, and says where it is.
pub(crate) fn tailwind() -> Result<PathBuf, Failure> {
    let sheet = run::root().join("target/tailwind.css");
    run::succeed_quietly(npm()?.args(["run", "tailwind", "--", "--output"]).arg(&sheet))?;
    Ok(sheet)
}

/// Whether there is an npm to install with.
pub(crate) fn is_available() -> bool {
    run::find("npm").is_some()
}

/// Whether the packages were installed from the lockfile as it is.
pub(crate) fn is_up_to_date() -> bool {
    are_equal(&lockfile(), &installed())
}

fn npm() -> Result<Command, Failure> {
    if !is_available() {
        return Err(Failure::new("npm is not installed; install Node.js (on Debian: `apt-get install nodejs npm`)"));
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder());
    Ok(npm)
}

fn folder() -> PathBuf {
    run::root().join("npm")
}

fn lockfile() -> PathBuf {
    folder().join("package-lock.json")
}

/// The lockfile that was installed from. npm's own note does not do: it leaves out the packages for other systems.
fn installed() -> PathBuf {
    node_modules().join(".installed-lock.json")
}

fn are_equal(one: &Path, other: &Path) -> bool {
    fs::read(one).is_ok_and(|one| fs::read(other).is_ok_and(|other| one == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_another_lockfile_are_not_up_to_date() {
        let (manifest, lockfile) = (folder().join("package.json"), lockfile());
        assert!(are_equal(&lockfile, &lockfile));
        assert!(!are_equal(&lockfile, &manifest) && !are_equal(&lockfile, &folder().join("none")));
    }

    #[test]
    fn the_lockfile_names_no_place_to_download_from() {
        let lockfile = fs::read_to_string(lockfile()).unwrap();
        assert!(lockfile.contains("\"node_modules/htmx.org\""));
        assert!(!lockfile.contains("resolved") && !lockfile.contains(".tgz"));
        // What is left of addresses is where authors take donations.
        let addresses = lockfile.lines().filter(|line| line.contains("://"));
        let others: Vec<&str> = addresses.filter(|line| !line.trim_start().starts_with("\"url\": \"https://")).collect();
        assert!(others.is_empty(), "{others:?}");
    }
}
