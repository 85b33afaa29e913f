//! `cargo xtask screenshot`: a picture of a page, taken with the browser of the tests.

use crate::{
    programs::{CHROMIUM, Programs},
    run::{self, Failure},
};
use std::ffi::OsString;

/// Writes the picture that the options ask for.
pub(crate) fn run(options: &[OsString]) -> Result<(), Failure> {
    let browsers = Programs::find(&[CHROMIUM])?;
    let mut screenshot = run::cargo();
    screenshot
        .args(["run", "--quiet", "--bin", "screenshot", "--manifest-path"])
        .arg(run::root().join("Cargo.toml"))
        .arg("--")
        .args(options);
    browsers.name_to(&mut screenshot);
    run::succeed(&mut screenshot)
}
