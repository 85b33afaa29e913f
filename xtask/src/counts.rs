//! `cargo xtask counts`: the instructions that the parts inside take, against those of the table in `benches/instructions.txt`.

use crate::{
    programs::{Programs, VALGRIND},
    run::{self, Failure},
};
use std::{ffi::OsString, process::Command};

/// Checks them, or writes the table anew.
pub(crate) fn run(options: &[OsString]) -> Result<(), Failure> {
    let mut counts = match options {
        [] => check(),
        [option] if option == "--renew" => measured(INSTRUCTIONS, &["renew"]),
        _ => return Err(Failure::new("unknown option; `counts` takes `--renew` only")),
    };
    Programs::find_or_install(&[VALGRIND])?.name_to(&mut counts);
    run::succeed(&mut counts)
}

/// Fails where a part takes more than it may. It looks for valgrind where it is told to.
pub(crate) fn check() -> Command {
    measured(INSTRUCTIONS, &[])
}

const INSTRUCTIONS: &str = "run --quiet --release --package htmx-ws-benches --bin instructions";

/// A cargo that builds what is inside so that benchmarks reach it: in a folder of its own, as every crate is built anew for the flag.
pub(crate) fn measured(arguments: &str, options: &[&str]) -> Command {
    let mut command = run::cargo_at_root(arguments);
    command.arg("--target-dir").arg(run::target().join("measured")).env("RUSTFLAGS", "--cfg htmx_ws_measured");
    command.arg("--").args(options);
    command
}
