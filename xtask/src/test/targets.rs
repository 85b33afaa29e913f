//! Which test targets there are, and which of them need a browser.

use crate::run::{self, Failure};
use std::{collections::BTreeSet, fs, path::Path};

/// The test targets that need a browser. Every other one runs without.
const BROWSER: [&str; 10] = ["browser", "chat", "demo", "gallery", "monitor", "nodes", "pipeline", "support", "testing_browser", "themes"];

/// The names of the workspace's integration tests.
pub(super) struct Targets(BTreeSet<String>);

impl Targets {
    /// Finds them as cargo does: `tests/<name>.rs` and `tests/<name>/main.rs` in each package.
    pub(super) fn find() -> Result<Self, Failure> {
        let mut names = BTreeSet::new();
        for package in entries(run::root())?.iter().filter(|folder| folder.join("Cargo.toml").is_file()) {
            let tests = package.join("tests");
            if tests.is_dir() {
                names.extend(entries(&tests)?.iter().filter_map(|path| target_name(path)));
            }
        }
        Ok(Self(names))
    }

    /// Cargo's options for those that need no browser.
    pub(super) fn plain(&self) -> Vec<String> {
        self.options(|name| !BROWSER.contains(&name))
    }

    /// Cargo's options for those that need one.
    pub(super) fn browser(&self) -> Vec<String> {
        self.options(|name| BROWSER.contains(&name))
    }

    fn options(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        self.0.iter().filter(|name| wanted(name)).map(|name| format!("--test={name}")).collect()
    }
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let unreadable = |error| Failure::new(format!("{} cannot be read: {error}", folder.display()));
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    entries.map(|entry| Ok(entry.map_err(unreadable)?.path())).collect()
}

fn target_name(path: &Path) -> Option<String> {
    let is_target = path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").is_file();
    is_target.then(|| path.file_stem()?.to_str().map(ToOwned::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_runs_once() {
        let names = ["browser", "golden", "support", "ui"];
        let targets = Targets(names.iter().map(ToString::to_string).collect());
        assert_eq!(targets.plain(), ["--test=golden", "--test=ui"]);
        assert_eq!(targets.browser(), ["--test=browser", "--test=support"]);
    }

    #[test]
    fn the_tests_of_this_workspace_are_found() {
        assert!(Targets::find().unwrap().0.contains("support"));
    }
}
