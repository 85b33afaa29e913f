//! The time as the logs know it: whole seconds of the hub's life, so that an entry holds it in four bytes.

use std::time::Duration;

use tokio::time::Instant;

/// A moment in the life of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Moment(u32);

impl Moment {
    /// Whether more than `age` lies between this and `now`.
    pub(crate) fn is_older_than(self, age: Duration, now: Self) -> bool {
        now.since(self).as_secs() > age.as_secs()
    }

    /// The time from `earlier` to this.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0).into())
    }

    pub(crate) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u32::try_from(time.as_secs()).unwrap_or(u32::MAX)))
    }

    pub(crate) fn seconds(self) -> u32 {
        self.0
    }

    pub(crate) fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }
}

/// What gives the time to whoever passes it on.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::default().after(self.started.elapsed())
    }
}
