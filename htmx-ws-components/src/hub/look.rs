//! What an onlooker is told of the topics.

use std::sync::Arc;

use bytes::Bytes;

use crate::dialect::Htmx;
use crate::html::patch::Patch;
use crate::hub::producer::Producers;
use crate::hub::room::Weight;
use crate::hub::stats::TopicStats;
use crate::hub::topics::{TopicState, Topics};
use crate::message::cursor::{Cursor, Version};
use crate::message::envelope::{Delivery, Envelope, Replay};
use crate::message::topic::Topic;

/// A change of a topic, as it is retained.
#[derive(Debug)]
pub(crate) struct Recent {
    pub(crate) version: Version,
    pub(crate) patch: Arc<Patch>,
    /// The texts that a page gets for it.
    pub(crate) frames: Vec<Bytes>,
}

impl Topics {
    /// The tasks of producers that run.
    pub(crate) fn producers(&self) -> usize {
        self.0.producers.get().map_or(0, Producers::running)
    }

    /// Each topic in the order of their names. Every topic's lock is held once, for a look.
    pub(crate) fn listing(&self) -> Vec<TopicStats> {
        let mut listing: Vec<TopicStats> = self.all().iter().map(|state| self.stats_of(state)).collect();
        listing.sort_unstable_by(|one, other| one.topic.cmp(&other.topic));
        listing
    }

    /// One topic, if there is one of this name.
    pub(crate) fn stats(&self, name: &Topic) -> Option<TopicStats> {
        self.find(name).map(|state| self.stats_of(&state))
    }

    /// What of a topic is newer than `behind`, in the order in which it changed, the newest `limit` of it; each with its frames.
    pub(crate) fn recent(&self, name: &Topic, behind: Version, limit: usize, htmx: Htmx) -> Vec<Recent> {
        let Some(state) = self.find(name) else { return Vec::new() };
        // The frames are made without the lock, and their topic is called as onlookers may know it.
        let recent = state.lock().log.recent(behind, limit);
        let shown = Topic::new(&name.shown()).unwrap_or_else(|_| name.clone());
        let frames = |(version, delivery): (Version, Delivery)| {
            let patch = Arc::clone(&delivery.patch);
            let (from, to) = (Cursor::new(self.epoch(), Version(version.0 - 1)), Cursor::new(self.epoch(), version));
            let envelope = Envelope::new(shown.clone(), from, Replay { deliveries: vec![delivery], to, end: version, is_part: false });
            let frames = envelope.frames(htmx).iter().map(|frame| Bytes::clone(&frame.text)).collect();
            Recent { version, patch, frames }
        };
        recent.into_iter().map(frames).collect()
    }

    /// What of a topic is retained and has a state to show, in the order of the places; the last `limit`.
    pub(crate) fn retained(&self, name: &Topic, limit: usize) -> Vec<Arc<Patch>> {
        self.find(name).map(|state| state.lock().log.shown(limit)).unwrap_or_default()
    }

    fn stats_of(&self, state: &TopicState) -> TopicStats {
        let topic = state.name().clone();
        let has_producer = self.0.producers.get().is_some_and(|producers| producers.have(&topic));
        let now = self.0.clock.now();
        let inner = state.lock();
        let Weight { entries, bytes } = inner.weight;
        TopicStats {
            topic,
            readers: inner.readers.len(),
            version: inner.log.last(),
            floor: inner.log.floor(),
            entries,
            bytes,
            is_complete: state.is_complete(),
            has_producer,
            unchanged_for: inner.changed.map(|changed| now.since(changed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::{Fragment, Nesting};
    use crate::hub::log::{Publication, Retention};
    use crate::hub::stats::{Counter, Counters, Stats};
    use crate::hub::topics::TopicLimits;
    use crate::message::cursor::Epoch;

    /// The totals are what one gets who asks each topic.
    #[track_caller]
    fn check(topics: &Topics, counters: &Counters) {
        let (stats, listing) = (Stats::new(counters, topics, 0), topics.listing());
        let sum = |number: fn(&TopicStats) -> usize| listing.iter().map(number).sum::<usize>();
        assert_eq!((stats.entries(), stats.bytes()), (sum(TopicStats::entries), sum(TopicStats::bytes)));
        assert_eq!((stats.topics(), stats.readers()), (listing.len(), sum(TopicStats::readers)));
    }

    #[test]
    fn the_totals_follow_every_change_eviction_and_topic_that_goes() {
        let retention = Retention {
            states: 5,
            state_bytes: 200,
            fences: 3,
            fence_bytes: 100,
            fences_for: Duration::MAX,
            part_patches: 40,
            part_bytes: 1 << 16,
        };
        let counters = Arc::new(Counters::default());
        // Now and then it is too much for all topics together.
        let limits = TopicLimits {
            retention,
            topics: 3,
            patch_bytes: 1 << 20,
            bytes: 8000,
            forget_idle_after: Duration::MAX,
            pass_interval: Duration::ZERO,
        };
        let topics = Topics::new(Epoch(1), limits, Arc::clone(&counters));
        let (signal, start) = (Arc::default(), topics.cursor());
        for step in 0_usize..400 {
            let name = Topic::new(&format!("t{}", step / 20 * 7 % 5)).unwrap();
            let id = DomId::new(&format!("e{}", step * 13 % 8)).unwrap();
            let nesting = if step % 9 == 0 { Nesting::Branch } else { Nesting::Leaf };
            let patch = match step % 6 {
                0 => Patch::remove(id),
                _ => Patch::Replace(Fragment::new(id, format!("<p>{}</p>", "x".repeat(step * 11 % 60)), nesting).unwrap()),
            };
            topics.publish(&name, vec![Publication::Patch(patch)], None).unwrap();
            check(&topics, &counters);
            let (state, reader) = topics.read(&name, &signal).unwrap();
            // What readers share weighs as well.
            drop(state.unread(&start));
            check(&topics, &counters);
            state.forget(reader);
            state.forget(reader);
        }
        check(&topics, &counters);
        let happened = [Counter::TopicsGivenUp, Counter::LogEvicted, Counter::HubEvicted].map(|counter| counters.get(counter) > 0);
        assert!(happened == [true; 3] && topics.listing().iter().all(|topic| topic.floor().0 > 0), "{happened:?}");
    }
}
