//! What an onlooker is told of the topics.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use crate::dialect::Htmx;
use crate::html::patch::Patch;
use crate::hub::log::look::Weight;
use crate::hub::stats::TopicStats;
use crate::hub::topics::{Inner, TopicState, Topics};
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
    /// Notes when the topic changed, and tells the totals what its log holds since. Called behind each change.
    pub(super) fn weigh(&self, state: &TopicState, inner: &mut Inner) {
        let now = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        state.changed.store(now.max(1), Ordering::Relaxed);
        state.tell(inner, inner.log.weight());
    }

    /// Each topic in the order of their names. Every topic's lock is held once, for a look.
    pub(crate) fn listing(&self) -> Vec<TopicStats> {
        let states: Vec<_> = self.0.by_name.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut listing: Vec<TopicStats> = states.iter().map(|state| self.stats_of(state)).collect();
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
            let (from, to) = (Cursor::new(self.0.epoch, Version(version.0 - 1)), Cursor::new(self.0.epoch, version));
            let envelope = Envelope::new(shown.clone(), from, Replay { deliveries: vec![delivery], to, end: version });
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
        let changed = state.changed.load(Ordering::Relaxed);
        let unchanged_for = (changed > 0).then(|| self.0.began.elapsed().saturating_sub(Duration::from_millis(changed)));
        let inner = state.lock();
        let Weight { entries, bytes } = inner.log.weight();
        let (version, floor) = (inner.log.last(), inner.log.floor());
        TopicStats { topic: state.name.clone(), readers: inner.readers.len(), version, floor, entries, bytes, unchanged_for }
    }
}

impl TopicState {
    /// What the log held is given up with it.
    pub(super) fn leave(&self, inner: &mut Inner) {
        self.tell(inner, Weight::default());
    }

    fn tell(&self, inner: &mut Inner, weight: Weight) {
        let (before, totals) = (std::mem::replace(&mut inner.weighed, weight), &self.counters.totals);
        // The totals wrap, so a difference below zero is one that is added as well.
        totals.entries.fetch_add(weight.entries.wrapping_sub(before.entries), Ordering::Relaxed);
        totals.bytes.fetch_add(weight.bytes.wrapping_sub(before.bytes), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::{Fragment, Nesting};
    use crate::hub::log::{Publication, Retention};
    use crate::hub::stats::{Counters, Stats};
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
        let retention = Retention { states: 5, state_bytes: 200, fences: 3, fence_bytes: 100, part_patches: 40, part_bytes: 1 << 16 };
        let counters = Arc::new(Counters::default());
        let topics = Topics::new(Epoch(1), TopicLimits { retention, topics: 3, patch_bytes: 1 << 20 }, Arc::clone(&counters));
        let signal = Arc::default();
        for step in 0_usize..400 {
            let name = Topic::new(&format!("t{}", step * 7 % 5)).unwrap();
            let id = DomId::new(&format!("e{}", step * 13 % 8)).unwrap();
            let nesting = if step % 9 == 0 { Nesting::Branch } else { Nesting::Leaf };
            let patch = match step % 6 {
                0 => Patch::remove(id),
                _ => Patch::Replace(Fragment::new(id, format!("<p>{}</p>", "x".repeat(step * 11 % 60)), nesting).unwrap()),
            };
            topics.publish(&name, vec![Publication::Patch(patch)], None).unwrap();
            check(&topics, &counters);
            let (state, reader) = topics.read(&name, &signal).unwrap();
            check(&topics, &counters);
            state.forget(reader);
            state.forget(reader);
        }
        check(&topics, &counters);
        assert!(counters.get(crate::hub::stats::Counter::TopicsGivenUp) > 0 && topics.listing().iter().all(|topic| topic.floor().0 > 0));
    }
}
