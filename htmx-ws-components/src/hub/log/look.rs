//! What an onlooker is told.

use crate::hub::log::Log;

/// What a log holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
}

impl Log {
    pub(crate) fn weight(&self) -> Weight {
        Weight { entries: self.entries.len(), bytes: self.states.bytes + self.fences.bytes }
    }
}
