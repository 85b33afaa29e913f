//! `cargo xtask bench`: what rendering and compiling cost, beside what else there is.

use crate::run::{self, Failure};
use std::ffi::OsString;

/// Runs the benchmark that is named, or one after the other.
pub(crate) fn run(names: &[OsString]) -> Result<(), Failure> {
    match names {
        [] => render().and_then(|()| compile()),
        [name] if name == "render" => render(),
        [name] if name == "compile" => compile(),
        _ => Err(Failure::new("unknown benchmark; there are `render` and `compile`")),
    }
}

fn render() -> Result<(), Failure> {
    // Two programs: the one that measures times asks the other one, which counts.
    run::succeed(&mut run::cargo_at_root("build --release --package htmx-ws-benches --bin allocations --bin render"))?;
    run::succeed(&mut run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin render"))
}

/// Not optimised, as it mostly waits for compilers. No package is named, so that cargo unifies features as in the tests, and both share one build.
fn compile() -> Result<(), Failure> {
    run::succeed(&mut run::cargo_at_root("run --quiet --bin compile"))
}
