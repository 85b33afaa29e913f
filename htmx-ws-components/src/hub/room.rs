//! One limit for the memory of all topics, and what goes when it is passed.
//!
//! First what can be made again: the envelopes that readers share. Then topics without readers, those first that changed longest ago: no page shows them. Then the
//! oldest entries of the largest topics, half of a topic at a time: pages that lack these have a gap, and refresh. It goes on until a sixteenth of the limit is free, so
//! that the walk over the topics is rare.

use std::collections::BinaryHeap;
use std::sync::{Arc, PoisonError};

use crate::hub::stats::Counter;
use crate::hub::sync::{AtomicUsize, Mutex, Ordering};
use crate::hub::topics::{ByName, Inner, TopicState, Topics};

/// What a topic takes beside its entries: its state and name, and its place among the topics. With a counting allocator, over topics of one entry, which takes less than
/// among many.
const TOPIC_BYTES: usize = 600;

/// What a topic holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weight {
    pub(super) entries: usize,
    /// The memory that it takes, about.
    pub(super) bytes: usize,
}

/// What all topics together hold, kept up with every change, so that nobody has to ask each of them.
#[derive(Debug)]
pub(super) struct Ledger {
    bytes: AtomicUsize,
    limit: usize,
    /// For onlookers: nothing depends on it.
    entries: std::sync::atomic::AtomicUsize,
    /// As well.
    readers: std::sync::atomic::AtomicUsize,
    /// Held by whoever makes room: the others wait for it, so that none goes on above the limit.
    clearing: Mutex<()>,
}

impl Ledger {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: AtomicUsize::new(0), limit, entries: 0.into(), readers: 0.into(), clearing: Mutex::new(()) }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A topic, or a snapshot, holds `now` and no more `before`.
    pub(super) fn charge(&self, before: Weight, now: Weight) {
        // Sums: nothing else is ordered by them. What a topic gives back it has added before, so adding the difference cannot wrap them around.
        self.bytes.fetch_add(now.bytes.wrapping_sub(before.bytes), Ordering::Relaxed);
        self.entries.fetch_add(now.entries.wrapping_sub(before.entries), Ordering::Relaxed);
    }

    pub(super) fn reader_came(&self) {
        self.readers.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn reader_left(&self) {
        self.readers.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        self.bytes() + bytes <= self.limit
    }
}

impl Inner {
    /// Notes what it holds now.
    pub(super) fn weigh(&mut self, ledger: &Ledger) {
        let envelopes: usize = self.envelopes.iter().map(|(_, envelope)| envelope.bytes()).sum();
        let weight = if self.is_given_up {
            Weight::default()
        } else {
            Weight { entries: self.log.entries(), bytes: TOPIC_BYTES + self.log.bytes() + envelopes }
        };
        ledger.charge(self.weight, weight);
        self.weight = weight;
    }
}

impl Topics {
    /// The memory that all topics together take, about.
    pub(crate) fn bytes(&self) -> usize {
        self.0.ledger.bytes()
    }

    /// The entries that all logs retain together.
    pub(crate) fn entries(&self) -> usize {
        self.0.ledger.entries.load(Ordering::Relaxed)
    }

    /// The places of readers in all topics.
    pub(crate) fn readers(&self) -> usize {
        self.0.ledger.readers.load(Ordering::Relaxed)
    }

    /// Keeps the hub below its limit.
    pub(super) fn make_room(&self) {
        let ledger = &self.0.ledger;
        if ledger.has_room_for(0) {
            return;
        }
        let clearing = ledger.clearing.lock().unwrap_or_else(PoisonError::into_inner);
        if ledger.has_room_for(0) {
            return;
        }
        let is_enough = || ledger.has_room_for(ledger.limit / 16);
        for state in self.all() {
            let mut inner = state.lock();
            inner.envelopes = Vec::new();
            inner.weigh(ledger);
        }
        if is_enough() {
            return;
        }
        self.0.counters.count(Counter::HubEvicted);
        let topics = self.give_up_idle(&mut self.write(), |_| !is_enough());
        self.halve_the_largest_while(|| !is_enough());
        // Whoever is told may publish as well.
        drop(clearing);
        tracing::warn!(
            name: "htmx_ws.hub_evicted", target: "htmx_ws", topics, bytes = ledger.bytes(),
            "all topics together held too much: topics without readers went, and then what was oldest in the largest; see `HubBuilder::max_retained_bytes`"
        );
    }

    fn halve_the_largest_while(&self, goes_on: impl Fn() -> bool) {
        let states = self.all();
        let mut by_bytes: BinaryHeap<(usize, usize)> = states.iter().map(|state| state.lock().weight.bytes).zip(0..).collect();
        while goes_on() {
            let Some(state) = by_bytes.pop().and_then(|(_, index)| Some((index, states.get(index)?))) else { return };
            let mut inner = state.1.lock();
            let before = inner.weight.bytes;
            let half = inner.log.bytes() / 2;
            inner.log.shrink_to(half);
            if let Some(feed) = &mut inner.feed {
                feed.cut();
            }
            inner.weigh(&self.0.ledger);
            if inner.weight.bytes < before {
                by_bytes.push((inner.weight.bytes, state.0));
            }
        }
    }

    /// Gives up the topics without readers that changed longest ago, as long as `goes_on` says so about the number that went; returns that number.
    pub(super) fn give_up_idle(&self, by_name: &mut ByName, goes_on: impl Fn(usize) -> bool) -> usize {
        let mut idle: Vec<Arc<TopicState>> = by_name.values().filter(|state| state.lock().readers.is_empty()).cloned().collect();
        // Cached: they go on changing meanwhile, and an order that does is none.
        idle.sort_by_cached_key(|state| state.last());
        let mut count = 0;
        for state in idle {
            if !goes_on(count) {
                break;
            }
            if self.give_up(by_name, &state, |inner| inner.readers.is_empty()) {
                self.0.counters.count(Counter::TopicsGivenUp);
                count += 1;
            }
        }
        count
    }

    /// Forgets the topic if it is still as `may_go` wants it. Whoever holds it looks it up again, and a new log does not reach back to before.
    pub(super) fn give_up(&self, by_name: &mut ByName, state: &TopicState, may_go: impl Fn(&Inner) -> bool) -> bool {
        let mut inner = state.lock();
        let goes = !inner.is_given_up && may_go(&inner);
        if goes {
            inner.is_given_up = true;
            inner.weigh(&self.0.ledger);
            self.given_up(state.name()).fetch_max(inner.log.last().0, Ordering::AcqRel);
            by_name.remove(state.name());
        }
        goes
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::{Fragment, Nesting};
    use crate::html::patch::Patch;
    use crate::hub::log::{Publication, Retention};
    use crate::hub::subscription::Subscriptions;
    use crate::hub::topics::TopicLimits;
    use crate::message::cursor::Epoch;
    use crate::message::topic::Topic;

    const LIMIT: usize = 256 << 10;
    const TEXT: usize = 1000;

    fn topics() -> Topics {
        let retention = Retention {
            states: 10_000,
            state_bytes: 1 << 30,
            fences: 10_000,
            fence_bytes: 1 << 30,
            fences_for: Duration::MAX,
            part_patches: 40,
            part_bytes: 1 << 16,
        };
        let limits = TopicLimits {
            retention,
            topics: 1000,
            patch_bytes: 1 << 20,
            bytes: LIMIT,
            forget_idle_after: Duration::MAX,
            pass_interval: Duration::ZERO,
        };
        Topics::new(Epoch(1), limits, Arc::default())
    }

    fn name(n: usize) -> Topic {
        Topic::new(&format!("topic {n}")).unwrap()
    }

    fn element(n: usize) -> DomId {
        DomId::new(&format!("e{n}")).unwrap()
    }

    fn publish(topics: &Topics, topic: usize, n: usize) {
        let fragment = Fragment::new(element(n), format!("<p>{}</p>", "x".repeat(TEXT)), Nesting::Leaf).unwrap();
        let patch = if n.is_multiple_of(3) { Patch::append(element(0), fragment) } else { Patch::Replace(fragment) };
        topics.publish(&name(topic), vec![Publication::Patch(patch)], None).unwrap();
    }

    fn counted(topics: &Topics, counter: Counter) -> u64 {
        topics.0.counters.get(counter)
    }

    /// The ledger has what the topics take, and none takes more than there is.
    #[track_caller]
    fn check(topics: &Topics) {
        let sum: usize = topics.all().iter().map(|state| state.lock().weight.bytes).sum();
        assert_eq!(topics.bytes(), sum);
        assert!(sum <= LIMIT, "{sum}");
    }

    #[test]
    fn ten_times_the_limit_stays_below_it_and_readers_are_told_what_they_missed() {
        let topics = topics();
        let start = topics.cursor();
        let subscriptions = Subscriptions::new(&topics, (0..20).map(|n| (name(n), start))).unwrap();
        for n in 0..10 * LIMIT / TEXT {
            publish(&topics, n % 40, n);
            check(&topics);
            // Readers that keep up have envelopes made, which count as well.
            let _ = topics.read(&name(n % 20), &Arc::default()).map(|(state, number)| {
                drop(state.unread(&topics.cursor()));
                state.forget(number);
            });
            check(&topics);
        }
        let gaps = (0..20).filter(|index| subscriptions.unread(*index).is_err()).count();
        assert_eq!(gaps, 20, "whoever reads from the beginning");
        assert!(counted(&topics, Counter::HubEvicted) > 0 && counted(&topics, Counter::TopicsGivenUp) > 0);
    }

    #[test]
    fn topics_without_readers_go_first() {
        let topics = topics();
        let read: Vec<_> = (0..5).map(|n| (name(n), topics.cursor())).collect();
        let subscriptions = Subscriptions::new(&topics, read).unwrap();
        (0..50).for_each(|n| publish(&topics, n % 5, n));
        (50..10 * LIMIT / TEXT).for_each(|n| publish(&topics, 5 + n, n));
        assert!((0..5).all(|index| subscriptions.unread(index).is_ok()));
        assert!(topics.count() > 60, "no more went than had to: {}", topics.count());
        check(&topics);
    }

    #[test]
    fn the_largest_topic_gives_up_its_oldest_entries_and_the_small_ones_nothing() {
        let topics = topics();
        let subscriptions = Subscriptions::new(&topics, (0..2).map(|n| (name(n), topics.cursor()))).unwrap();
        (0..10).for_each(|n| publish(&topics, 0, n));
        (10..10 * LIMIT / TEXT).for_each(|n| publish(&topics, 1, n));
        let before_the_last = topics.cursor();
        publish(&topics, 1, 1);
        assert!(subscriptions.unread(0).is_ok() && subscriptions.unread(1).is_err());
        let (state, _) = topics.read(&name(1), &Arc::default()).unwrap();
        assert!(state.unread(&before_the_last).unwrap().is_some(), "what is newest stays");
        check(&topics);
    }

    #[test]
    fn many_threads_stay_below_the_limit_but_for_what_each_is_publishing() {
        let topics = topics();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let topics = &topics;
                scope.spawn(move || {
                    for n in 0..LIMIT / TEXT {
                        publish(topics, (n * 7 + thread) % 40, n);
                        assert!(topics.bytes() <= LIMIT + 4 * (TEXT + 2000));
                    }
                });
            }
        });
        check(&topics);
    }
}
