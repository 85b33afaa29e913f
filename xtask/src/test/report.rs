//! The steps as they run, and what came of them.

use crate::run::Failure;
use std::{
    fmt,
    io::IsTerminal as _,
    ops::AddAssign,
    time::{Duration, Instant},
};

/// How many tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    passed: usize,
    failed: usize,
}

impl Counts {
    /// Adds what a line of `cargo test` says, if it is one that says how many.
    pub(super) fn add_line(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else {
            return;
        };
        let number = |what: &str| result.split(['.', ';']).find_map(|part| part.trim().strip_suffix(what)?.trim().parse::<usize>().ok());
        self.passed += number("passed").unwrap_or(0);
        self.failed += number("failed").unwrap_or(0);
    }

    /// Counts a run that failed without a failed test, such as one that did not compile, as one failure.
    pub(super) fn with_status(&mut self, succeeded: bool) {
        if !succeeded {
            self.failed = self.failed.max(1);
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// What each step so far came to.
pub(super) struct Report {
    start: Instant,
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    counts: Counts,
    succeeded: bool,
}

impl Report {
    pub(super) fn start() -> Self {
        Self { start: Instant::now(), steps: Vec::new() }
    }

    /// Runs one step between its two header lines.
    pub(super) fn step(&mut self, name: &'static str, run: impl FnOnce() -> Result<Counts, Failure>) -> Result<(), Failure> {
        println!("\n{}", bold(&format!("== {name}")));
        let start = Instant::now();
        let result = run();
        let took = start.elapsed();
        // A step that is no test counts as one where it fails: the last line must not say that nothing did.
        let counts = *result.as_ref().unwrap_or(&Counts { passed: 0, failed: 1 });
        let succeeded = counts.failed == 0;
        let outcome = if succeeded { "done" } else { "failed" };
        println!("{}", bold(&format!("== {name}: {outcome} in {}", seconds(took))));
        self.steps.push(Step { name, took, counts, succeeded });
        match result {
            Ok(_) if !succeeded => Err(Failure::new(format!("{name} failed"))),
            result => result.map(drop),
        }
    }

    /// Prints the table of the steps, and the sum of all tests as the last line.
    pub(super) fn finish(&self) {
        println!();
        let mut sum = Counts::default();
        for step in &self.steps {
            let mark = if step.succeeded { "" } else { "  FAILED" };
            println!("{:<20}{:>9}{mark}", step.name, seconds(step.took));
            sum += step.counts;
        }
        println!("{:<20}{:>9}", "all", seconds(self.start.elapsed()));
        println!("{sum}");
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn bold(text: &str) -> String {
    if is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// Whether somebody watches, and colours mean something.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], passed: usize, failed: usize) {
        let mut counts = Counts::default();
        for line in lines {
            counts.add_line(line);
        }
        assert_eq!(counts, Counts { passed, failed });
    }

    #[test]
    fn result_lines_are_summed_and_others_are_not() {
        check(
            &[
                "running 3 tests",
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.05s",
                "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.05s",
                "7 passed; 7 failed",
            ],
            13,
            2,
        );
        check(&["test result: \u{1b}[32mok\u{1b}[0m. 4 passed; 0 failed; 0 ignored"], 4, 0);
    }

    #[test]
    fn a_run_without_a_result_that_failed_is_one_failure() {
        let mut counts = Counts::default();
        counts.with_status(false);
        assert_eq!(counts.to_string(), "0 passed, 1 failed");
    }
}
