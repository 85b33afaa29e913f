//! What a run has tried.

use std::fmt;
use std::ops::AddAssign;

use super::schedule::Fault;

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) schedules: u64,
    pub(super) publishes: u64,
    /// How often each fault was there, by its place in [`Fault::NAMES`].
    pub(super) faults: [u64; Fault::NAMES.len()],
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.publishes += other.publishes;
        for (sum, count) in self.faults.iter_mut().zip(other.faults) {
            *sum += count;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = [("schedules", self.schedules), ("publishes", self.publishes)];
        let rows = ends.into_iter().chain(Fault::NAMES.into_iter().zip(self.faults));
        rows.into_iter().try_for_each(|(name, count)| writeln!(f, "  {name:<22} {count:>6}"))
    }
}
