//! The topics: what is measured, and the table that is made of it.

mod delivery;

use std::time::Duration;

use crate::Result;
use crate::turns::Effort;

/// A topic: its name, and what measures it and prints its table.
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) run: fn(Effort) -> Result<()>,
}

/// All, in the order in which they run.
pub(crate) const ALL: [Topic; 1] = [Topic { name: "delivery", run: delivery::run }];

/// A time in milliseconds, as tables show it.
fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}
