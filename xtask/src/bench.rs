//! `cargo xtask bench`: what rendering and compiling cost, beside what else there is.

use crate::run::{self, Failure};
use std::ffi::OsString;

/// Runs the benchmark that is named, or one after the other.
pub(crate) fn run(names: &[OsString]) -> Result<(), Failure> {
    match names {
        [] => render(),
        [name] if name == "render" => render(),
        _ => Err(Failure::new("unknown benchmark; there is `render`")),
    }
}

fn render() -> Result<(), Failure> {
    // Two programs: the one that measures times asks the other one, which counts.
    run::succeed(&mut run::cargo_at_root("build --release --package htmx-ws-benches --bin allocations --bin render"))?;
    run::succeed(&mut run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin render"))
}
