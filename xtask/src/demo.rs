//! `cargo xtask demo`: the job page of the examples, with htmx from npm where there is an npm.

use crate::{
    npm,
    run::{self, Failure},
};
use std::{ffi::OsString, os::unix::process::CommandExt as _};

/// Becomes the demo. Returns only when that fails.
///
/// The demo takes this process's place, so Ctrl-C and the exit code are its own. Its options are its own, too: it knows which
/// there are, and says so.
pub(crate) fn run(options: &[OsString]) -> Result<(), Failure> {
    let mut demo = run::cargo();
    // From the user's own folder, so that `--dir` means what it says. No package is named, so that cargo unifies features as in the
    // tests, and both share one build.
    demo.args(["run", "--quiet", "--bin", "job"]).arg("--manifest-path").arg(run::root().join("Cargo.toml")).arg("--");
    if npm::is_up_to_date() || npm::is_available() {
        npm::install()?;
        demo.arg("--assets").arg(npm::node_modules());
    } else {
        eprintln!("npm is not installed, so the page links a CDN's copies of htmx; install Node.js to serve them from here");
    }
    demo.args(options);
    let error = demo.exec();
    Err(run::cannot_start(&demo, &error))
}
