//! Random schedules of changes and of faults of the wire, each on a page and a server of its own: at the end, the page is what the server says, and it was
//! told every event once.

mod run;
mod schedule;
mod tally;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use htmx_ws_components::Htmx;
use htmx_ws_tests::browser::Browser;
use htmx_ws_tests::random::Random;
use tokio::task::JoinSet;

use schedule::Schedule;
use tally::Tally;

/// Whether our script sees for itself that its connection is dead, and goes around one that is blocked. Without that, a page waits for the network to say so.
const SCRIPT_OWNS_ITS_LINK: bool = false;

/// The seed of the first schedule; the next ones have the numbers behind it.
const SEED: &str = "FAULTS_SEED";

/// How many schedules are tried on each generation.
const SCHEDULES: &str = "FAULTS_SCHEDULES";

const SCHEDULES_BY_DEFAULT: u64 = 100;

/// How many pages are open at a time: enough that the processors always have one to work on.
const PAGES: usize = 6;

/// How many failures are waited for before a run gives up.
const MAX_FAILURES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn htmx_2_ends_as_the_server_says() {
    try_all(Htmx::V2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn htmx_4_ends_as_the_server_says() {
    try_all(Htmx::V4).await;
}

async fn try_all(htmx: Htmx) {
    let seed = number_of(SEED).unwrap_or_else(Random::any_seed);
    let count = number_of(SCHEDULES).unwrap_or(SCHEDULES_BY_DEFAULT);
    let start = Instant::now();
    let browser = Browser::start().await;
    let mut seeds = (0..count).map(|index| seed.wrapping_add(index));
    let mut pages = JoinSet::new();
    for seed in seeds.by_ref().take(PAGES) {
        pages.spawn(try_one(browser.clone(), htmx, seed));
    }
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    while let Some(tried) = pages.join_next().await {
        match tried.unwrap() {
            Ok(tried) => tally += tried,
            Err(failure) => failures.push(failure),
        }
        if failures.len() < MAX_FAILURES
            && let Some(seed) = seeds.next()
        {
            pages.spawn(try_one(browser.clone(), htmx, seed));
        }
    }
    // Past the capture of the test harness: what a run has tried is worth seeing.
    let _ = writeln!(std::io::stderr(), "\n{htmx:?}, {SEED}={seed}, {:.0?}:\n{tally}", start.elapsed());
    assert!(failures.is_empty(), "{} of {count} schedules failed\n\n{}", failures.len(), failures.join("\n\n"));
}

/// Tries a schedule; how it fails says how to repeat it.
async fn try_one(browser: Browser, htmx: Htmx, seed: u64) -> Result<Tally, String> {
    let schedule = Arc::new(Schedule::of(seed));
    let tried = Arc::clone(&schedule);
    // In a task of its own: a tab that panics ends no other schedule.
    let ended = tokio::spawn(async move { run::run(&browser, htmx, &tried).await }).await;
    ended.unwrap_or_else(|panic| Err(panic.to_string())).map_err(|problem| {
        let name = if htmx == Htmx::V4 { "htmx_4" } else { "htmx_2" };
        let again = format!("{SEED}={seed} {SCHEDULES}=1 cargo test -p htmx-ws-tests --test browser faults::{name}");
        format!("{htmx:?}, seed {seed}: {problem}\nsteps:\n{schedule}again: {again}")
    })
}

fn number_of(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, and not `{text}`")))
}
