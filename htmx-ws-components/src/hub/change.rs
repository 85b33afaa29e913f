//! What changes a topic: what is published to it, and its end.

use crate::hub::clock::Moment;
use crate::hub::log::{Publication, Put};
use crate::hub::publish::{PublishError, Published};
use crate::hub::stats::Counter;
use crate::hub::sync::Ordering;
use crate::hub::topics::{Inner, TopicState, Topics};
use crate::message::cursor::Version;
use crate::message::recipient::PageId;
use crate::message::topic::Topic;

impl Topics {
    /// Publishes all of it at once: nobody else's falls in between, and readers are woken once. The page `origin` has it already.
    pub(crate) fn publish(&self, topic: &Topic, publications: Vec<Publication>, origin: Option<PageId>) -> Result<Published, PublishError> {
        self.check_sizes(&publications)?;
        let now = self.sweep();
        let (published, evicted) = loop {
            let state = self.topic(topic)?;
            let mut inner = state.lock();
            if !inner.is_given_up {
                break self.publish_to(&state, &mut inner, publications, origin, now);
            }
        };
        tell_evicted(topic, evicted);
        self.make_room();
        Ok(published)
    }

    /// As [`Topics::publish`], but does not make a topic, nor one that is complete go on.
    pub(crate) fn publish_aside(&self, topic: &Topic, publication: Publication) -> Result<(), PublishError> {
        let publications = vec![publication];
        self.check_sizes(&publications)?;
        let now = self.sweep();
        let Some(state) = self.find(topic) else { return Ok(()) };
        let mut inner = state.lock();
        let is_open = !inner.is_given_up && !state.is_complete();
        let evicted = if is_open { self.publish_to(&state, &mut inner, publications, None, now).1 } else { None };
        drop(inner);
        tell_evicted(topic, evicted);
        self.make_room();
        Ok(())
    }

    pub(super) fn check_sizes(&self, publications: &[Publication]) -> Result<(), PublishError> {
        let limit = self.0.limits.patch_bytes;
        match publications.iter().map(Publication::patch).find(|patch| patch.size() > limit) {
            Some(patch) => {
                let id = patch.id().map(ToString::to_string).unwrap_or_default();
                Err(PublishError::TooLarge { id, size: patch.size(), limit })
            }
            None => Ok(()),
        }
    }

    /// What was done, and the floor of the log where that was raised.
    fn publish_to(
        &self,
        state: &TopicState,
        inner: &mut Inner,
        publications: Vec<Publication>,
        origin: Option<PageId>,
        now: Moment,
    ) -> (Published, Option<Version>) {
        inner.used = now;
        // Whoever publishes to a topic again means that it goes on.
        state.is_complete.store(false, Ordering::Release);
        let mut next_version = || Version(self.0.version.fetch_add(1, Ordering::AcqRel) + 1);
        let floor = inner.log.floor();
        let mut is_change = false;
        for publication in publications {
            is_change |= inner.log.publish(publication, origin, now, &mut next_version) == Put::Changed;
        }
        let evicted = Some(inner.log.floor()).filter(|raised| *raised > floor);
        if evicted.is_some() {
            self.0.counters.count(Counter::LogEvicted);
        }
        let version = is_change.then(|| {
            inner.envelopes.clear();
            inner.weigh(&self.0.ledger);
            inner.changed = Some(now);
            let version = inner.log.last();
            state.last.store(version.0, Ordering::Release);
            inner.readers.values().for_each(|reader| reader.notify_one());
            version
        });
        (Published { version, readers: inner.readers.len() }, evicted)
    }

    /// Nothing more is to come: readers leave when they have read everything.
    pub(crate) fn complete(&self, topic: &Topic) -> Result<usize, PublishError> {
        let readers = loop {
            let state = self.topic(topic)?;
            let inner = state.lock();
            if !inner.is_given_up {
                state.is_complete.store(true, Ordering::Release);
                inner.readers.values().for_each(|reader| reader.notify_one());
                break inner.readers.len();
            }
        };
        tracing::debug!(name: "htmx_ws.completed", target: "htmx_ws", topic = %topic.shown(), readers, "a topic is complete");
        Ok(readers)
    }
}

/// Without a lock: whoever is told may publish as well.
fn tell_evicted(topic: &Topic, floor: Option<Version>) {
    if let Some(floor) = floor {
        tracing::trace!(name: "htmx_ws.evicted", target: "htmx_ws", topic = %topic.shown(), %floor, "a log reaches less far back");
    }
}
