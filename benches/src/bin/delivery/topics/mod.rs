//! The topics: what is measured, and the table that is made of it.

mod conflation;
mod delivery;
mod growth;
mod load;
mod memory;
mod stalled;
mod storm;

use std::time::Duration;

use crate::Result;
use crate::server::Kind;
use crate::turns::{Effort, Measured, Turn};

/// A topic: its name, and what measures it and prints its table.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Effort) -> Result<()>,
}

/// All, in the order in which they run.
pub(crate) const ALL: [Topic; 7] = [
    Topic { name: "delivery", run: delivery::run },
    Topic { name: "memory", run: memory::run },
    Topic { name: "load", run: load::run },
    Topic { name: "growth", run: growth::run },
    Topic { name: "stalled", run: stalled::run },
    Topic { name: "conflation", run: conflation::run },
    Topic { name: "storm", run: storm::run },
];

/// Seconds as milliseconds, as tables show them.
fn millis(seconds: f64) -> String {
    format!("{:.1}", seconds * 1e3)
}

/// A part of a whole, as tables show it.
fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

/// The median of the rounds of a percentile of the latencies, in milliseconds.
fn latency(measured: &Measured<Turn>, kind: Kind, percent: usize) -> String {
    millis(measured.median(kind, |turn| seconds(turn.latencies.percentile(percent))))
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// What was wrong in all rounds.
fn wrong(measured: &Measured<Turn>, kind: Kind) -> String {
    measured.of(kind).iter().map(Turn::wrong).sum::<u64>().to_string()
}
