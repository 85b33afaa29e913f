//! What idle topics hold: 10,000 of them, each with one small component.
//!
//! It is a program of its own, because it counts allocations, and because the memory of a process is only that of its first measurement.

use std::alloc::System;
use std::error::Error;
use std::fs;

use htmx_ws_benches::table::Table;
use htmx_ws_components::{Component, Hub, Status, StatusBadge, Topic};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TOPICS: u32 = 10_000;

#[derive(Debug, Status)]
enum State {
    #[status(tone = info, active)]
    Running,
}

#[derive(StatusBadge)]
#[component(id = "job-{job}-status")]
struct Job {
    job: u32,
    #[badge(status)]
    state: State,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (region, resident_before) = (Region::new(ALLOCATOR), resident()?);
    let hub = Hub::new();
    let (held_before, mut markup) = (held(&region), 0);
    for job in 0..TOPICS {
        let job = Job { job, state: State::Running };
        markup = job.fragment()?.html().len();
        hub.publish(Topic::new(&format!("jobs/{}", job.job))?, &job).outcome()?;
    }
    let (held, resident) = (held(&region) - held_before, resident()? - resident_before);
    let title = format!("{TOPICS} idle topics, each with one component of {markup} bytes");
    let mut table = Table::new([&title, "MB", "bytes of a topic"]);
    for (name, bytes) in [("asked of the allocator", held), ("of the process", resident), ("as the hub knows it", hub.stats().bytes())] {
        table.row([name.to_owned(), megabytes(bytes), (bytes / TOPICS as usize).to_string()]);
    }
    println!("{table}");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "some millions")]
fn megabytes(bytes: usize) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

/// The bytes that are held of what was asked for.
fn held(region: &Region<'_, System>) -> usize {
    let change = region.change();
    change.bytes_allocated.saturating_sub(change.bytes_deallocated)
}

/// The memory of this process that is in use.
fn resident() -> Result<usize, Box<dyn Error>> {
    const PAGE: usize = 4096;
    let pages =
        fs::read_to_string("/proc/self/statm")?.split(' ').nth(1).ok_or("no second number in /proc/self/statm")?.parse::<usize>()?;
    Ok(pages * PAGE)
}
