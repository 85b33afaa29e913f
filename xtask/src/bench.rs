//! `cargo xtask bench`: what rendering and compiling cost, beside what else there is, what the parts inside cost, what a delivery costs a server, what one goes through
//! that is attacked, what a busy topic costs a page, and what a publish costs that goes to many nodes.

use crate::{
    counts, npm,
    programs::{CHROMIUM, Programs, REDIS},
    run::{self, Failure},
};
use std::ffi::OsString;

/// Runs the benchmark that is named, or one after the other.
pub(crate) fn run(names: &[OsString]) -> Result<(), Failure> {
    match names {
        [] => {
            let inside = render().and_then(|()| parts()).and_then(|()| topics()).and_then(|()| compile());
            inside.and_then(|()| delivery(&[])).and_then(|()| nodes()).and_then(|()| abuse()).and_then(|()| page(&[]))
        }
        [quick] if quick == "--quick" => topics().and_then(|()| delivery(names)),
        [name] if name == "render" => render(),
        [name] if name == "parts" => parts(),
        [name] if name == "topics" => topics(),
        [name] if name == "compile" => compile(),
        [name] if name == "abuse" => abuse(),
        [name] if name == "nodes" => nodes(),
        [name, what @ ..] if name == "delivery" => delivery(what),
        [name, intervals @ ..] if name == "page" => page(intervals),
        _ => Err(Failure::new(
            "unknown benchmark; there are `render`, `parts`, `topics`, `compile`, `delivery`, `nodes`, `abuse` and `page`, and `--quick`",
        )),
    }
}

fn render() -> Result<(), Failure> {
    // Two programs: the one that measures times asks the other one, which counts.
    run::succeed(&mut run::cargo_at_root("build --release --package htmx-ws-benches --bin allocations --bin render"))?;
    run::succeed(&mut run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin render"))
}

/// What is inside, timed by criterion, in a build that shows it.
fn parts() -> Result<(), Failure> {
    run::succeed(&mut counts::measured("bench --quiet --package htmx-ws-benches --bench parts", &[]))
}

/// The memory of idle topics.
fn topics() -> Result<(), Failure> {
    run::succeed(&mut run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin topics"))
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

/// A publish that goes to many nodes, over a real server of each kind.
fn nodes() -> Result<(), Failure> {
    let mut nodes = run::cargo_at_root("run --quiet --release --package htmx-ws-benches --features nodes --bin nodes");
    Programs::find_or_install(&[REDIS])?.with_nats_server()?.name_to(&mut nodes);
    run::succeed(&mut nodes)
}

/// With other flush intervals beside the default one, in milliseconds.
fn page(intervals: &[OsString]) -> Result<(), Failure> {
    npm::install()?;
    let mut page = run::cargo_at_root("run --quiet --release --package htmx-ws-benches --bin page --");
    page.args(intervals);
    Programs::find_or_install(&[CHROMIUM])?.name_to(&mut page);
    run::succeed(&mut page)
}
