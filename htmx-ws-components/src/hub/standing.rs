//! Where a connection stands in its topics, for whoever looks from outside.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::hub::topics::TopicState;
use crate::message::cursor::{Cursor, Version};
use crate::message::topic::Topic;

/// Where a connection stands in one topic, seen from outside of its task.
#[derive(Debug)]
pub(super) struct Standing {
    topic: Arc<TopicState>,
    /// That of the cursor, for onlookers: nothing depends on it.
    version: AtomicU64,
}

/// Where a connection stands in all its topics. The lock is held when a topic is added, and when someone looks; not when a frame is sent, nor when a topic is left.
#[derive(Debug, Default)]
pub(crate) struct Standings(Mutex<Vec<Weak<Standing>>>);

/// Where a connection stands in a topic, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) topic: Topic,
    /// That of the cursor.
    pub(crate) version: Version,
    /// How many versions that is behind the topic's newest change.
    pub(crate) lag: u64,
}

impl Standings {
    pub(super) fn add(&self, topic: Arc<TopicState>, cursor: &Cursor) -> Arc<Standing> {
        let standing = Arc::new(Standing { topic, version: AtomicU64::new(cursor.version.0) });
        let mut standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standings.reserve_exact(1);
        standings.push(Arc::downgrade(&standing));
        drop(standings);
        standing
    }

    /// Where the connection stands in each topic that it reads.
    pub(crate) fn places(&self) -> Vec<Place> {
        let standings = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        standings.iter().filter_map(Weak::upgrade).map(|standing| standing.place()).collect()
    }
}

impl Standing {
    pub(super) fn topic(&self) -> &Arc<TopicState> {
        &self.topic
    }

    /// The cursor has moved.
    pub(super) fn advance(&self, cursor: Cursor) {
        self.version.store(cursor.version.0, Ordering::Relaxed);
    }

    fn place(&self) -> Place {
        let version = Version(self.version.load(Ordering::Relaxed));
        Place { topic: self.topic().name().clone(), version, lag: self.topic.last().0.saturating_sub(version.0) }
    }
}
