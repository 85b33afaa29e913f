//! `cargo xtask test --soak`: the model's random schedules by the million.

use crate::run::{self, Failure, cargo_at_root};
use std::{
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

/// The tests that are made of random schedules.
const TESTS: &str = "test --release --package htmx-ws-components --lib model::schedule";
const ROUNDS: u64 = 20;
const CASES_IN_A_ROUND: u64 = 50_000;

/// Runs round after round, each with a seed of its own, until one fails. The test threads share out the cores.
pub(super) fn run() -> ExitCode {
    println!("the model, {} random schedules in release", ROUNDS * CASES_IN_A_ROUND);
    let start = Instant::now();
    let first_seed = SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_secs();
    for round in 1..=ROUNDS {
        let seed = first_seed + round;
        if let Err(failure) = cases(seed) {
            eprintln!("{failure}");
            eprintln!("again: PROPTEST_RNG_SEED={seed} PROPTEST_CASES={CASES_IN_A_ROUND} cargo {TESTS}");
            return ExitCode::FAILURE;
        }
        let took = start.elapsed().as_secs_f64();
        println!("{:>9} passed, {took:.0} s, seed {seed}", round * CASES_IN_A_ROUND);
    }
    ExitCode::SUCCESS
}

fn cases(seed: u64) -> Result<(), Failure> {
    let mut test = cargo_at_root(TESTS);
    test.env("PROPTEST_RNG_SEED", seed.to_string()).env("PROPTEST_CASES", CASES_IN_A_ROUND.to_string());
    run::succeed_quietly(&mut test)
}
