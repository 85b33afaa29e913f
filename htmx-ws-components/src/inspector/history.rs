//! What the numbers of the last minute were.

use std::collections::VecDeque;
use std::time::Instant;

use crate::hub::stats::{Counter, Stats};
use crate::inspector::words::float;

/// Samples that a line goes through: a minute of them.
const LENGTH: usize = 120;

/// Samples that a rate is taken over: two seconds of them, so that it can be read, and what comes in beats is a line.
const SMOOTH: usize = 4;

#[derive(Debug, Default)]
pub(super) struct History(VecDeque<Sample>);

#[derive(Debug)]
struct Sample {
    at: Instant,
    stats: Stats,
}

impl History {
    pub(super) fn add(&mut self, stats: Stats) {
        self.0.push_back(Sample { at: Instant::now(), stats });
        // One more than points, since a rate is between two.
        if self.0.len() > LENGTH + 1 {
            self.0.pop_front();
        }
    }

    /// The course of what the hub holds.
    pub(super) fn levels(&self, level: fn(&Stats) -> u64) -> Vec<f64> {
        padded(self.0.iter().skip(1).map(|sample| float(level(&sample.stats))))
    }

    /// The course of how often something happened in a second.
    pub(super) fn rates(&self, counter: Counter) -> Vec<f64> {
        let ends = self.0.iter().enumerate().skip(1);
        padded(ends.map(|(index, to)| self.0.get(index.saturating_sub(SMOOTH)).map_or(0.0, |from| between(from, to, counter))))
    }

    /// How often something happens in a second, over the last few samples.
    pub(super) fn rate(&self, counter: Counter) -> f64 {
        let from = self.0.get(self.0.len().saturating_sub(SMOOTH + 1));
        from.zip(self.0.back()).map_or(0.0, |(from, to)| between(from, to, counter))
    }
}

fn between(from: &Sample, to: &Sample, counter: Counter) -> f64 {
    let seconds = to.at.saturating_duration_since(from.at).as_secs_f64();
    let count = to.stats.get(counter).saturating_sub(from.stats.get(counter));
    if seconds > 0.0 { float(count) / seconds } else { 0.0 }
}

/// With gaps in front, so that the line grows in from the side of the present.
fn padded(values: impl ExactSizeIterator<Item = f64>) -> Vec<f64> {
    std::iter::repeat_n(f64::NAN, LENGTH.saturating_sub(values.len())).chain(values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::hub::Hub;

    #[test]
    fn a_history_ends_now_and_has_always_the_same_length() {
        let (hub, mut history) = (Hub::new(), History::default());
        for _ in 0..=LENGTH + 5 {
            assert!(history.rates(Counter::Published).len() == LENGTH && history.levels(|stats| stats.topics() as u64).len() == LENGTH);
            history.add(hub.stats());
        }
        assert!(history.rates(Counter::Published).iter().all(|rate| *rate == 0.0) && history.0.len() == LENGTH + 1);
    }

    #[test]
    fn a_rate_is_of_the_time_that_has_passed() {
        let (hub, mut history) = (Hub::new(), History::default());
        history.add(hub.stats());
        hub.publish("t", &crate::html::patch::Patch::title("1"));
        history.add(hub.stats());
        if let (Some(from), Some(to)) = (history.0.front().map(|sample| sample.at), history.0.back_mut()) {
            to.at = from + std::time::Duration::from_millis(500);
        }
        assert!((history.rate(Counter::Published) - 2.0).abs() < 1e-9);
        assert_eq!(history.rates(Counter::Published).last().copied(), Some(history.rate(Counter::Published)));
    }
}
