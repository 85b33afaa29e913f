//! `cargo xtask release`: what is checked before the two crates are published, beyond `cargo xtask test`.

use crate::run::{self, Failure, cargo_at_root};
use std::{ffi::OsString, fs};

/// The crate with the features.
const CRATE: &str = "htmx-ws-components";

/// Checks every selection of features, the documentation as docs.rs builds it, and that both crates can be packed.
pub(crate) fn run(options: &[OsString]) -> Result<(), Failure> {
    if !options.is_empty() {
        return Err(Failure::new("`release` takes no options"));
    }
    let manifest = run::root().join(CRATE).join("Cargo.toml");
    let manifest = fs::read_to_string(&manifest).map_err(|error| Failure::new(format!("cannot read {}: {error}", manifest.display())))?;
    for selection in selections(&features(&manifest)) {
        println!("features: [{}]", selection.join(", "));
        // What only some of the features use is a warning without them.
        let mut clippy = cargo_at_root("clippy --quiet --package htmx-ws-components --lib --no-default-features --features");
        run::succeed(clippy.arg(selection.join(",")).args(["--", "--deny=warnings"]))?;
    }
    println!("documentation");
    let mut doc = cargo_at_root("doc --quiet --package htmx-ws-components --package htmx-ws-macros --all-features --no-deps");
    run::succeed(doc.env("RUSTDOCFLAGS", "--deny=warnings"))?;
    println!("packages");
    // Both at once, and built from what was packed: so what a package lacks is found, and the one finds the other before either is on a registry.
    run::succeed(&mut cargo_at_root("package --quiet --all-features --package htmx-ws-macros --package htmx-ws-components"))
}

/// The names in the manifest's table of features.
fn features(manifest: &str) -> Vec<&str> {
    let table = manifest.split_once("[features]\n").map_or("", |(_, behind)| behind);
    let lines = table.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .filter(|name| *name != "default")
        .collect()
}

/// Every selection of these features, the one without any among them.
fn selections<'a>(features: &[&'a str]) -> Vec<Vec<&'a str>> {
    features.iter().fold(vec![Vec::new()], |selections, feature| {
        let with = selections.iter().map(|selection| [selection.as_slice(), &[*feature]].concat());
        selections.iter().cloned().chain(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selection_is_there_once() {
        let manifest = "[features]\n# Why.\na = []\nb = [\"dep:b\"]\n\n[dependencies]\nc = \"1\"\n";
        assert_eq!(features(manifest), ["a", "b"]);
        assert_eq!(selections(&["a", "b"]), [vec![], vec!["a"], vec!["b"], vec!["a", "b"]]);
    }
}
