//! The README as a new user takes it: its program in a crate of its own, outside of the workspace.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use htmx_ws_tests::workspace;

/// The text between the fences of the README's code block of this language that contains `mark`.
fn block(language: &str, mark: &str) -> String {
    let readme = fs::read_to_string(workspace::root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.filter(|block| block.contains(mark)).map(str::to_owned).next().unwrap_or_else(|| panic!("no {language} block with {mark}"))
}

#[test]
fn the_first_program_is_short_and_is_the_quickstart_example() {
    let program = block("rust", "fn main");
    assert!(program.lines().count() <= 40, "{} lines", program.lines().count());
    let example = fs::read_to_string(workspace::root().join("examples/src/bin/quickstart.rs")).unwrap();
    let (_, example) = example.split_once("\n\n").unwrap();
    assert_eq!(program, example, "the README and examples/src/bin/quickstart.rs");
}

#[test]
fn the_first_program_builds_in_a_fresh_crate() {
    let crate_folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fresh-crate");
    fs::create_dir_all(crate_folder.join("src")).unwrap();
    let dependencies = block("toml", "htmx-ws-components");
    let path = workspace::root().join("htmx-ws-components");
    let dependencies = dependencies.replace("path = \"../htmx-ws/htmx-ws-components\"", &format!("path = {path:?}"));
    assert!(dependencies.contains(path.to_str().unwrap()), "{dependencies}");
    // The empty workspace is what makes the crate a stranger here: this folder is below ours.
    let package = "[package]\nname = \"fresh-crate\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n";
    fs::write(crate_folder.join("Cargo.toml"), format!("{package}{dependencies}")).unwrap();
    fs::write(crate_folder.join("src/main.rs"), block("rust", "fn main")).unwrap();
    // The versions that are there already, so that nothing is asked of the network.
    fs::copy(workspace::root().join("Cargo.lock"), crate_folder.join("Cargo.lock")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--quiet", "--target-dir"])
        .arg(crate_folder.join("target"))
        .env("RUSTFLAGS", "-D warnings")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .current_dir(&crate_folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
