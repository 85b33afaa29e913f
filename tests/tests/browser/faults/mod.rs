//! Random schedules of changes and of faults of the wire, each on a page and a server of its own: at the end, the page is what the server says, and it was
//! told every event once.

mod run;
mod schedule;
mod tally;

use std::io::Write as _;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use htmx_ws_components::Htmx;
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::random::Random;
use tokio::task::JoinSet;

use schedule::Schedule;
use tally::Tally;

use crate::witness;

/// The seed of the first schedule; the next ones have the numbers behind it.
const SEED: &str = "FAULTS_SEED";

/// How many schedules are tried on each generation.
const SCHEDULES: &str = "FAULTS_SCHEDULES";

const SCHEDULES_BY_DEFAULT: u64 = 100;

/// How many pages are open at a time: enough that the processors always have one to work on.
const PAGES: u64 = 6;

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
    let left = Arc::new(Mutex::new(seed..seed + count));
    let mut pages = JoinSet::new();
    for _ in 0..PAGES.min(count) {
        pages.spawn(try_some(browser.clone(), htmx, Arc::clone(&left)));
    }
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    while let Some(tried) = pages.join_next().await {
        let (tried, failure) = tried.unwrap();
        tally += tried;
        failures.extend(failure);
    }
    // Past the capture of the test harness: what a run has tried is worth seeing.
    let _ = writeln!(std::io::stderr(), "\n{htmx:?}, {SEED}={seed}, {:.0?}:\n{tally}", start.elapsed());
    let errors: Vec<String> = browser.console_errors().await.into_iter().filter(|error| error.contains("Uncaught")).collect();
    assert_eq!(errors, [""; 0], "no script fails, whatever the wire does");
    assert!(failures.is_empty(), "{} schedules failed, and {} did not\n\n{}", failures.len(), tally.schedules, failures.join("\n\n"));
}

/// Tries one schedule after the other in a tab, until none is left or one fails.
async fn try_some(browser: Browser, htmx: Htmx, left: Arc<Mutex<Range<u64>>>) -> (Tally, Option<String>) {
    let tab = Arc::new(witness::open_tab(&browser).await);
    // To paint a page is most of what it costs.
    tab.resize(120, 120).await;
    let mut tally = Tally::default();
    loop {
        let Some(seed) = left.lock().unwrap().next() else { return (tally, None) };
        match try_one(&tab, htmx, seed).await {
            Ok(tried) => tally += tried,
            Err(failure) => return (tally, Some(failure)),
        }
    }
}

/// Tries a schedule; how it fails says how to repeat it.
async fn try_one(tab: &Arc<Tab>, htmx: Htmx, seed: u64) -> Result<Tally, String> {
    let schedule = Arc::new(Schedule::of(seed));
    let (tab, tried) = (Arc::clone(tab), Arc::clone(&schedule));
    // In a task of its own: a tab that panics takes no other schedule with it.
    let ended = tokio::spawn(async move { run::run(&tab, htmx, &tried).await }).await;
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
