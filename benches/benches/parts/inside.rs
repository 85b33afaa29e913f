//! The groups.

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group};
use htmx_ws_benches::parts::inside::{self, Followed};
use htmx_ws_benches::parts::{PARTS, Result};
use htmx_ws_benches::rounds::Candidate;

criterion_group! {
    name = benches;
    // As long as a comparison of sizes needs; what is compared with other ways is measured in turn by `cargo xtask bench render`.
    config = Criterion::default().sample_size(30).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = parts, topics, readers
}

/// As its instructions are counted.
fn parts(criterion: &mut Criterion) {
    for part in PARTS {
        run(criterion, part.name, part.candidate);
    }
    run(criterion, "sign and verify a ticket", inside::sign_and_verify);
}

/// A publish that nobody reads, beside more and more topics.
fn topics(criterion: &mut Criterion) {
    for topics in [1, 1000, 100_000] {
        run(criterion, &format!("publish beside {topics} topics"), || inside::publish(topics));
    }
}

/// What a publish takes whoever publishes, with more and more readers who wait. That they read is not timed, but it leaves the processor's caches to them: so beside each
/// stands a publish that nobody reads, between the same reads.
fn readers(criterion: &mut Criterion) {
    for number in [0, 1000, 10_000] {
        let Some(mut followed) = made(Followed::new(number)) else { continue };
        criterion.bench_function(&format!("publish to {number} readers"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| followed.follow(timed)).sum());
        });
        criterion.bench_function(&format!("publish to nobody between reads of {number}"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| followed.beside(timed)).sum());
        });
    }
}

fn timed(publish: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    publish();
    start.elapsed()
}

fn run(criterion: &mut Criterion, id: &str, candidate: impl FnOnce() -> Result<Candidate>) {
    let Some(mut candidate) = made(candidate()) else { return };
    criterion.bench_function(id, |bencher| {
        bencher.iter_custom(|times| candidate.time(u32::try_from(times).unwrap_or(u32::MAX)));
    });
}

/// What can be measured. What cannot is said.
fn made<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(|error| eprintln!("{error}")).ok()
}
