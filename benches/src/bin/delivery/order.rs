//! What is to be published: the interface of the `fanout` example, as the other servers and the load client speak it.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// How the log of our server takes messages; the others know no lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Every reader gets every message.
    Event,
    /// A message supersedes the one before it.
    State,
}

/// Messages of one topic, each one element `<div id="p" hx-swap-oob="true" data-seq="I" data-t="NANOS">…</div>`.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) topic: String,
    /// How many.
    pub(crate) n: u64,
    /// How long an element is at least.
    pub(crate) bytes: usize,
    /// How many in a second; 0: as fast as it goes.
    pub(crate) rate: u32,
    /// The number of the first one.
    pub(crate) first: u64,
    pub(crate) lane: Lane,
}

impl Order {
    /// The order that the query of a URL says.
    pub(crate) fn from_query(query: &str) -> Option<Self> {
        let value =
            |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value);
        let number = |name: &str, default: u64| value(name).map_or(Some(default), |value| value.parse().ok());
        Some(Self {
            topic: value("topic")?.to_owned(),
            n: number("n", 0)?,
            bytes: number("bytes", 512)?.try_into().ok()?,
            rate: number("rate", 0)?.try_into().ok()?,
            first: number("first", 1)?,
            lane: if value("lane") == Some("state") { Lane::State } else { Lane::Event },
        })
    }

    /// Its path and query.
    pub(crate) fn to_path(&self) -> String {
        let Self { topic, n, bytes, rate, first, lane } = self;
        let lane = if *lane == Lane::State { "state" } else { "event" };
        format!("/publish?topic={topic}&n={n}&bytes={bytes}&rate={rate}&first={first}&lane={lane}")
    }

    /// The number behind the last one.
    pub(crate) fn end(&self) -> u64 {
        self.first + self.n
    }

    /// How long publishing takes at least.
    pub(crate) fn duration(&self) -> Duration {
        if self.rate == 0 { Duration::ZERO } else { Duration::from_secs_f64(count(self.n) / f64::from(self.rate)) }
    }

    /// When the message of this number is due, where the first one was due at `began`.
    pub(crate) fn due(&self, seq: u64, began: Instant) -> Instant {
        if self.rate == 0 { began } else { began + Duration::from_secs_f64(count(seq - self.first) / f64::from(self.rate)) }
    }

    /// The element of this number, as of now.
    pub(crate) fn element(&self, seq: u64) -> String {
        let open = format!("<div id=\"p\" hx-swap-oob=\"true\" data-seq=\"{seq}\" data-t=\"{}\">", monotonic_nanos());
        let padding = self.bytes.saturating_sub(open.len() + "</div>".len());
        format!("{open}{:x<padding$}</div>", "")
    }
}

/// A count as a number to calculate with.
#[allow(clippy::cast_precision_loss, reason = "counts and nanoseconds of a benchmark are exact far beyond what it does")]
pub(crate) fn count(number: u64) -> f64 {
    number as f64
}

/// The time of the clock that all processes of a machine share; 0 where there is none.
pub(crate) fn monotonic_nanos() -> u64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC).ok().map(Duration::from).and_then(|now| now.as_nanos().try_into().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_is_written() {
        let order = Order { topic: "k".to_owned(), n: 3, bytes: 512, rate: 2, first: 7, lane: Lane::State };
        let (path, query) = order.to_path().split_once('?').map(|(path, query)| (path.to_owned(), query.to_owned())).unwrap();
        let again = Order::from_query(&query).unwrap();
        assert_eq!((path.as_str(), again.to_path()), ("/publish", order.to_path()));
        assert_eq!((order.end(), order.duration()), (10, Duration::from_millis(1500)));
        assert_eq!(order.element(7).len(), 512);
    }
}
