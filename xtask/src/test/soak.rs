//! `cargo xtask test --soak`: the model's random schedules by the million.

use crate::run::{self, Failure, cargo_at_root};
use std::{
    process::ExitCode,
    thread,
    time::{Duration, Instant, SystemTime},
};

/// The tests that are made of random schedules.
const TESTS: &str = "test --release --package htmx-ws-components --lib model::schedule";
/// How many of them there are.
const TEST_COUNT: u64 = 3;
const CASES_OF_A_TEST: u64 = 10_000;
const CASES: u64 = 1_000_000;

/// Runs round after round, a process with a seed of its own on each core, until all cases passed or one has not.
pub(super) fn run() -> ExitCode {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    println!("the model, {CASES} random schedules in release, on {cores} cores");
    let start = Instant::now();
    let mut seed = SystemTime::UNIX_EPOCH.elapsed().unwrap_or(Duration::ZERO).as_secs();
    let mut passed = 0;
    while passed < CASES {
        let seeds = seed..seed + cores;
        let failed = fails(seeds.clone());
        if !failed.is_empty() {
            for seed in failed {
                eprintln!("again: PROPTEST_RNG_SEED={seed} PROPTEST_CASES={CASES_OF_A_TEST} cargo {TESTS}");
            }
            return ExitCode::FAILURE;
        }
        passed += cores * TEST_COUNT * CASES_OF_A_TEST;
        println!("{passed:>9} passed in {:.0} s, seeds {seeds:?}", start.elapsed().as_secs_f64());
        seed = seeds.end;
    }
    ExitCode::SUCCESS
}

/// The seeds with a case that fails.
fn fails(seeds: std::ops::Range<u64>) -> Vec<u64> {
    thread::scope(|scope| {
        let runs: Vec<_> = seeds.map(|seed| (seed, scope.spawn(move || cases(seed)))).collect();
        let fails = runs.into_iter().filter_map(|(seed, run)| match run.join() {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => {
                eprintln!("{failure}");
                Some(seed)
            }
            Err(_) => Some(seed),
        });
        fails.collect()
    })
}

fn cases(seed: u64) -> Result<(), Failure> {
    let mut test = cargo_at_root(TESTS);
    test.args(["--", "--test-threads=1"]);
    test.env("PROPTEST_RNG_SEED", seed.to_string()).env("PROPTEST_CASES", CASES_OF_A_TEST.to_string());
    run::succeed_quietly(&mut test)
}
