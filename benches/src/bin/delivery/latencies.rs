//! From publish until read, of many messages.

use std::time::Duration;

/// When each message was published, and how long after that it was read.
#[derive(Debug, Default, Clone)]
pub(crate) struct Latencies(Vec<(u64, u64)>);

impl Latencies {
    pub(crate) fn add(&mut self, published_nanos: u64, read_nanos: u64) {
        self.0.push((published_nanos, read_nanos.saturating_sub(published_nanos)));
    }

    /// The latency below which so many in a hundred are; zero where nothing was read.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut latencies: Vec<u64> = self.0.iter().map(|(_, latency)| *latency).collect();
        latencies.sort_unstable();
        let index = (latencies.len() * percent / 100).min(latencies.len().saturating_sub(1));
        Duration::from_nanos(latencies.get(index).copied().unwrap_or(0))
    }

    /// Those of what was published in the first and in the last quarter of the time.
    pub(crate) fn first_and_last_quarter(&self) -> (Self, Self) {
        let published = || self.0.iter().map(|(published, _)| *published);
        let (Some(first), Some(last)) = (published().min(), published().max()) else { return Default::default() };
        let quarter = (last - first) / 4;
        let part = |is_in: &dyn Fn(u64) -> bool| Self(self.0.iter().copied().filter(|(published, _)| is_in(*published)).collect());
        (part(&|published| published <= first + quarter), part(&|published| published >= last - quarter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_latencies_and_quarters_of_time() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentile(99), Duration::ZERO);
        (0..100).for_each(|at| latencies.add(at * 1_000, at * 1_000 + 200 - at));
        assert_eq!((latencies.percentile(50), latencies.percentile(99)), (Duration::from_nanos(151), Duration::from_nanos(200)));
        let (first, last) = latencies.first_and_last_quarter();
        assert_eq!((first.percentile(0), last.percentile(0)), (Duration::from_nanos(176), Duration::from_nanos(101)));
    }
}
