//! What changes a topic: what is published to it, and its end.

use std::sync::Arc;

use crate::hub::clock::Moment;
use crate::hub::fanout::fan_out;
use crate::hub::log::{Publication, Put};
use crate::hub::publish::{PublishError, Published};
use crate::hub::replica::nodes::Acknowledged;
use crate::hub::stats::Counter;
use crate::hub::sync::Ordering;
use crate::hub::topics::{Inner, TopicState, Topics};
use crate::message::cursor::Version;
use crate::message::recipient::PageId;
use crate::message::topic::Topic;

/// What a publish did to a topic.
pub(super) struct Change {
    published: Published,
    /// The floor of the log, where that was raised.
    evicted: Option<Version>,
    /// Whether the caller starts the passes over the readers.
    pub(super) starts_passes: bool,
}

impl Topics {
    /// Publishes all of it at once: nobody else's falls in between, and readers get it once. The page `origin` has it already.
    pub(crate) fn publish(&self, topic: &Topic, publications: Vec<Publication>, origin: Option<PageId>) -> Result<Published, PublishError> {
        self.check_sizes(&publications)?;
        let now = self.sweep();
        let (state, change) = loop {
            let state = self.topic(topic)?;
            let mut inner = state.lock();
            if !inner.is_given_up {
                let change = self.publish_to(&state, &mut inner, publications, origin, now);
                drop(inner);
                break (state, change);
            }
        };
        let published = self.changed(state, &change);
        self.make_room();
        Ok(published)
    }

    /// Publishes all of it at once, to the topic as all nodes have it; none where there is this one only.
    pub(crate) fn post(
        &self,
        topic: &Topic,
        publications: &[Publication],
        origin: Option<PageId>,
    ) -> Option<Result<(usize, Acknowledged), PublishError>> {
        let nodes = self.0.nodes.as_ref()?;
        let readers = || self.find(topic).map_or(0, |state| state.readers());
        Some(self.check_sizes(publications).and_then(|()| nodes.post(topic, publications, origin)).map(|told| (readers(), told)))
    }

    /// As [`Topics::publish`], but does not make a topic, nor one that is complete go on.
    pub(crate) fn publish_aside(&self, topic: &Topic, publication: Publication) -> Result<(), PublishError> {
        let publications = vec![publication];
        self.check_sizes(&publications)?;
        let now = self.sweep();
        if let Some(nodes) = &self.0.nodes {
            return nodes.post_aside(topic, &publications);
        }
        let Some(state) = self.find(topic) else { return Ok(()) };
        let mut inner = state.lock();
        let is_open = !inner.is_given_up && !state.is_complete();
        let change = is_open.then(|| self.publish_to(&state, &mut inner, publications, None, now));
        drop(inner);
        if let Some(change) = change {
            self.changed(state, &change);
        }
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

    /// Called without the lock: whoever is told of an eviction may publish as well.
    fn changed(&self, state: Arc<TopicState>, change: &Change) -> Published {
        if let Some(floor) = change.evicted {
            tracing::trace!(name: "htmx_ws.evicted", target: "htmx_ws", topic = %state.name().shown(), %floor, "a log reaches less far back");
        }
        if change.starts_passes {
            fan_out(state, self.0.limits.pass_interval);
        }
        change.published
    }

    fn publish_to(
        &self,
        state: &TopicState,
        inner: &mut Inner,
        publications: Vec<Publication>,
        origin: Option<PageId>,
        now: Moment,
    ) -> Change {
        inner.used = now;
        // Whoever publishes to a topic again means that it goes on.
        state.is_complete.store(false, Ordering::Release);
        let mut next_version = || Version(self.0.version.fetch_add(1, Ordering::AcqRel) + 1);
        let floor = inner.log.floor();
        let mut is_change = false;
        for publication in publications {
            is_change |= inner.log.publish(publication, origin, now, &mut next_version) == Put::Changed;
        }
        self.settle(state, inner, floor, is_change, now)
    }

    /// Notes what has become of a log whose floor was at `floor`.
    pub(super) fn settle(&self, state: &TopicState, inner: &mut Inner, floor: Version, is_change: bool, now: Moment) -> Change {
        let evicted = Some(inner.log.floor()).filter(|raised| *raised > floor);
        if evicted.is_some() {
            self.0.counters.count(Counter::LogEvicted);
        }
        let version = is_change.then(|| {
            let floor = inner.log.floor();
            inner.envelopes.retain(|(from, envelope)| envelope.is_lasting() && from.version >= floor);
            inner.weigh(&self.0.ledger);
            inner.changed = Some(now);
            let version = inner.log.last();
            state.last.store(version.0, Ordering::Release);
            version
        });
        let starts_passes = is_change && !inner.readers.is_empty() && inner.passes.note();
        Change { published: Published { version, is_change, readers: inner.readers.len() }, evicted, starts_passes }
    }

    /// Nothing more is to come: readers leave when they have read everything.
    pub(crate) fn complete(&self, topic: &Topic) -> Result<usize, PublishError> {
        if let Some(nodes) = &self.0.nodes {
            nodes.end(topic)?;
            return Ok(self.find(topic).map_or(0, |state| state.readers()));
        }
        let readers = loop {
            let state = self.topic(topic)?;
            let inner = state.lock();
            if !inner.is_given_up {
                state.is_complete.store(true, Ordering::Release);
                inner.readers.iter().for_each(|reader| reader.wake());
                break inner.readers.len();
            }
        };
        tracing::debug!(name: "htmx_ws.completed", target: "htmx_ws", topic = %topic.shown(), readers, "a topic is complete");
        Ok(readers)
    }
}
