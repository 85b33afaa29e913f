//! Whose rights were taken back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::message::topic::Topic;
use crate::web::ticket::now;

/// For whom tickets of an earlier time are no longer valid: kept until the last of them has expired by itself.
#[derive(Debug, Default)]
pub(super) struct Revocations(Mutex<HashMap<Topic, Revocation>>);

#[derive(Debug, Clone, Copy)]
struct Revocation {
    /// Both since 1970.
    at: Duration,
    until: Duration,
}

impl Revocations {
    /// Tickets that were issued up to `at` are no longer valid, and have all expired at `until`; false where that is known.
    pub(super) fn add(&self, whom: Topic, at: Duration, until: Duration) -> bool {
        let now = now();
        let mut revocations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        revocations.retain(|_, revocation| revocation.until > now);
        let is_known = revocations.get(&whom).is_some_and(|known| known.at >= at);
        if !is_known {
            revocations.insert(whom, Revocation { at, until });
        }
        !is_known
    }

    /// All of them, with both times.
    pub(super) fn all(&self) -> Vec<(Topic, Duration, Duration)> {
        let revocations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        revocations.iter().map(|(whom, revocation)| (whom.clone(), revocation.at, revocation.until)).collect()
    }

    /// Whether a ticket of whom this is, issued then, is no longer valid.
    pub(super) fn concerns(&self, whom: &Topic, issued: Duration) -> bool {
        let revocations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        revocations.get(whom).is_some_and(|revocation| issued <= revocation.at)
    }
}
