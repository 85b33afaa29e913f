//! `cargo xtask bench`: what rendering and compiling cost, beside what else there is, what a delivery costs a server, what one goes through that is attacked, and what a
//! busy topic costs a page.

use crate::{
    browser::Browsers,
    npm,
    run::{self, Failure},
};
use std::ffi::OsString;

/// Runs the benchmark that is named, or one after the other.
pub(crate) fn run(names: &[OsString]) -> Result<(), Failure> {
    match names {
        [] => render().and_then(|()| compile()).and_then(|()| delivery(&[])).and_then(|()| abuse()).and_then(|()| page(&[])),
        [name] if name == "render" => render(),
        [name] if name == "compile" => compile(),
        [name] if name == "abuse" => abuse(),
        [name, what @ ..] if name == "delivery" => delivery(what),
        [name, intervals @ ..] if name == "page" => page(intervals),
        _ => Err(Failure::new("unknown benchmark; there are `render`, `compile`, `delivery`, `abuse` and `page`")),
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

/// Whether it is quick, and which topics: its own business.
fn delivery(what: &[OsString]) -> Result<(), Failure> {
    // The example is a server that is measured, built as whoever runs it has it: by itself.
    run::succeed(&mut run::cargo_at_root("build --quiet --release --package htmx-ws-examples --bin fanout"))?;
    run::succeed(run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin delivery --").args(what))
}

fn abuse() -> Result<(), Failure> {
    run::succeed(&mut run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin abuse"))
}

/// With other flush intervals beside the default one, in milliseconds.
fn page(intervals: &[OsString]) -> Result<(), Failure> {
    npm::install()?;
    let mut page = run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin page --");
    page.args(intervals);
    Browsers::find_or_install_chromium()?.name_to(&mut page);
    run::succeed(&mut page)
}
