//! What readers that stop reading cost the server and their neighbours, and what they find when they read again.

use std::time::{Duration, Instant};

use htmx_ws_benches::table::Table;

use super::{millis, seconds};
use crate::Result;
use crate::load::Load;
use crate::order::{Lane, Order, count};
use crate::server::{Kind, Server};
use crate::turns::{Effort, Measured, Scenario};

const KINDS: [Kind; 3] = [Kind::Floor, Kind::Plain, Kind::Ours];
const READERS: usize = 40;
const STALLED: usize = 8;
const BYTES: usize = 32 * 1024;
const RATE: u32 = 200;

/// How long a reader may take to be at the last value, once it reads again.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was seen of one server.
struct Seen {
    /// How much its memory grew, in bytes.
    grown: f64,
    /// How many of those that stalled got to the last value, and how long the last of them took.
    back: usize,
    slowest: Duration,
    /// How many elements one of them saw on the way, at the most.
    stale: u64,
    /// The neighbours' latency.
    p99: Duration,
}

pub(crate) fn run(effort: Effort) -> Result<()> {
    let n = effort.pick(400, 800);
    let order = Order { topic: "k".to_owned(), n, bytes: BYTES, rate: RATE, first: 1, lane: Lane::State };
    let scenario = Scenario { readers: READERS, order, patience: Duration::from_secs(10) };
    let both = Measured::in_turn(effort.pick(1, 3), &KINDS, |kind| {
        Ok((look(&scenario, kind, STALLED, effort)?, look(&scenario, kind, 0, effort)?))
    })?;
    let (with, without): (Measured<Seen>, Measured<Seen>) = both.unzip();
    let mut table = Table::new(["", "memory MB", "at the last value", "after ms", "stale ones", "neighbours' p99 ms", "none stalled"]);
    for kind in with.kinds() {
        table.row([
            kind.name().to_owned(),
            format!("{:+.1}", with.median(kind, |seen| seen.grown) / 1e6),
            format!("{:.0} of {STALLED}", with.median(kind, |seen| count(seen.back as u64))),
            millis(with.median(kind, |seen| seconds(seen.slowest))),
            format!("{:.0}", with.median(kind, |seen| count(seen.stale))),
            millis(with.median(kind, |seen| seconds(seen.p99))),
            millis(without.median(kind, |seen| seconds(seen.p99))),
        ]);
    }
    let megabytes = count(n * BYTES as u64) / 1e6;
    println!(
        "stalled: {STALLED} of {READERS} readers stop reading while {megabytes:.0} MB go to each, as {n} messages, {RATE} a second\n\n{table}"
    );
    println!(
        "after: until the slowest of those that stalled was there, from reading again; stale ones: messages that one of them saw before, at the most\n"
    );
    Ok(())
}

fn look(scenario: &Scenario, kind: Kind, stalled: usize, effort: Effort) -> Result<Seen> {
    let (server, mut load) = scenario.start(kind, effort)?;
    load.sample(|place| place >= stalled);
    load.stall(0..stalled)?;
    let before = server.memory()?;
    let most = publish(scenario, &server, &mut load, READERS - stalled)?;
    let p99 = load.latencies().percentile(99);
    let again = Instant::now();
    load.resume(0..stalled)?;
    load.run_until(again + PATIENCE, |load| load.ended() == READERS)?;
    let ended: Vec<Instant> = load.tallies(0..stalled).filter_map(|tally| tally.ended).collect();
    Ok(Seen {
        grown: count(most) - count(before),
        back: ended.len(),
        slowest: ended.iter().max().map(|at| at.saturating_duration_since(again)).unwrap_or_default(),
        stale: load.tallies(0..stalled).map(|tally| tally.elements.saturating_sub(u64::from(tally.ended.is_some()))).max().unwrap_or(0),
        p99,
    })
}

/// Publishes until so many readers are at the last value, and gives the most memory that the server had meanwhile.
fn publish(scenario: &Scenario, server: &Server, load: &mut Load, reading: usize) -> Result<u64> {
    load.publish(&scenario.order)?;
    let (deadline, mut most) = (Instant::now() + scenario.order.duration() + scenario.patience, 0);
    let is_done = |load: &Load| load.is_published() && load.ended() == reading;
    while !is_done(load) && Instant::now() < deadline {
        load.run_until(Instant::now() + Duration::from_millis(100), is_done)?;
        most = most.max(server.memory()?);
    }
    Ok(most)
}
