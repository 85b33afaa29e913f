//! `cargo xtask test`: every check there is, the fastest answer first.

mod report;
mod soak;
mod targets;

use crate::{
    counts, npm,
    programs::{CHROMIUM, Programs, REDIS, Set, VALGRIND, WEBKIT},
    run::{self, FEATURES, Failure, cargo_at_root},
};
use report::{Counts, Report};
use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, ExitCode, Stdio},
};
use targets::Targets;

/// How many browser tests run at once: each has a browser of its own, and two cores carry two.
const BROWSER_TEST_THREADS: &str = "--test-threads=2";

/// Runs the steps in order, stops at the first that fails, and ends with what each came to.
///
/// Every step builds the *whole* workspace with the same features, also where it runs the tests of one package only: another
/// selection would unify features differently, and compile the dependencies once more.
pub(crate) fn run(options: &[OsString]) -> ExitCode {
    let with_browser = match options {
        [] => true,
        [option] if option == "--fast" => false,
        [option] if option == "--soak" => return soak::run(),
        _ => {
            eprintln!("{}", Failure::new("unknown option; `test` takes `--fast` or `--soak` only"));
            return ExitCode::FAILURE;
        }
    };
    let mut report = Report::start();
    let result = steps(&mut report, with_browser);
    // Before the report: its last line is the last of all.
    if let Err(failure) = &result {
        eprintln!("{failure}");
    }
    report.finish();
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn steps(report: &mut Report, with_browser: bool) -> Result<(), Failure> {
    let targets = Targets::find()?;
    let mut programs = Programs::default();
    report.step("prerequisites", || {
        npm::install()?;
        let sets: &[Set] = if with_browser { &[VALGRIND, REDIS, CHROMIUM, WEBKIT] } else { &[VALGRIND, REDIS] };
        programs = Programs::find_or_install(sets)?.with_nats_server()?;
        Ok(Counts::default())
    })?;
    report.step("formatting", || {
        // rustfmt takes a pipe for a terminal.
        let color = if report::is_terminal() { "--color=auto" } else { "--color=never" };
        let mut fmt = cargo_at_root("fmt --all --check --");
        fmt.arg(color);
        checked(fmt)
    })?;
    report.step("clippy", || checked(cargo_at_root("clippy --workspace --all-targets --all-features -- --deny=warnings")))?;
    report.step("tests", || {
        let mut test = cargo_at_root("test --workspace --no-fail-fast --lib --bins");
        test.args(FEATURES).args(targets.plain());
        programs.name_to(&mut test);
        counted(&mut test)
    })?;
    report.step("races", || counted(&mut races()))?;
    report.step("doc tests", || counted(cargo_at_root("test --workspace --no-fail-fast --doc").args(FEATURES)))?;
    report.step("documentation", || {
        // With all features, as clippy has checked the dependencies already.
        let mut doc = cargo_at_root("doc --quiet --workspace --all-features --no-deps");
        doc.env("RUSTDOCFLAGS", "--deny=warnings");
        checked(doc)
    })?;
    report.step("instruction counts", || {
        let mut counts = counts::check();
        programs.name_to(&mut counts);
        checked(counts)
    })?;
    if !with_browser {
        println!("\nthe browser tests are left out (--fast)");
        return Ok(());
    }
    report.step("browser tests", || {
        // What `workspace::example` would build while a test waits for it.
        run::succeed(cargo_at_root("build --workspace --bins").args(FEATURES))?;
        let mut test = cargo_at_root("test --workspace --no-fail-fast");
        test.args(FEATURES).args(targets.browser()).args(["--", BROWSER_TEST_THREADS]);
        programs.name_to(&mut test);
        counted(&mut test)
    })
}

/// The races between threads, in every order of their steps: built apart, since what threads share is loom's then.
fn races() -> Command {
    let mut test = cargo_at_root("test --package htmx-ws-components --lib races");
    test.arg("--target-dir").arg(run::target().join("races"));
    // Every order with so many switches between threads that nothing forces: an answer in half a minute.
    test.env("RUSTFLAGS", "--cfg htmx_ws_loom").env("LOOM_MAX_PREEMPTIONS", "3");
    test
}

fn checked(mut command: Command) -> Result<Counts, Failure> {
    run::succeed(&mut command).map(|()| Counts::default())
}

/// Runs a `cargo test`, passes its output through, and sums up what its `test result:` lines say.
fn counted(command: &mut Command) -> Result<Counts, Failure> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| run::cannot_start(command, &error))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        let mut stdout = std::io::stdout().lock();
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            // A closed stdout ends nothing: the exit code still tells.
            let _ = stdout.write_all(&line).and_then(|()| stdout.write_all(b"\n"));
            counts.add_line(&String::from_utf8_lossy(&line));
        }
    }
    let status = child.wait().map_err(|error| run::cannot_start(command, &error))?;
    counts.with_status(status.success());
    Ok(counts)
}
