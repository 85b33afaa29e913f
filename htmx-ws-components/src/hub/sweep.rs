//! What goes because it is old: ordered entries, and topics that nobody uses.
//!
//! There is no task for it and no timer: whoever uses the hub next when a sweep is due does it, and the heartbeats of the connections do where nobody publishes. A hub without
//! any traffic holds what it held; but before it answers the next reader it has been swept. A sweep takes each topic's lock once, for as long as a publish does, so it takes some
//! milliseconds with a hundred thousand topics, and it is due a few times in the shortest age only.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::hub::clock::Moment;
use crate::hub::stats::Counter;
use crate::hub::topics::{Inner, Topics};

/// How much older than they may entries and topics get, as a share of that age.
const SWEEPS_PER_AGE: u32 = 16;

/// How long a topic without readers is followed.
const LINGER: Duration = Duration::from_secs(60);

/// When the next sweep is due, in seconds.
#[derive(Debug)]
pub(super) struct NextSweep(AtomicU32);

impl Default for NextSweep {
    /// In the first second there is nothing old.
    fn default() -> Self {
        Self(AtomicU32::new(1))
    }
}

impl NextSweep {
    /// Whether the caller is the one to sweep.
    fn is_mine(&self, now: Moment, every: Duration) -> bool {
        let due = self.0.load(Ordering::Relaxed);
        // Whoever sweeps takes each topic's lock, so nothing has to be ordered here.
        let next = now.after(every.max(Duration::from_secs(1))).seconds();
        now.seconds() >= due && self.0.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

impl Inner {
    fn is_unused(&self, age: Duration, now: Moment) -> bool {
        self.readers.is_empty() && self.used.is_older_than(age, now)
    }
}

impl Topics {
    /// Lets go what is old, where that is due. To be called wherever the hub is used.
    pub(crate) fn sweep(&self) -> Moment {
        let now = self.0.clock.now();
        let (entries_for, topics_for) = (self.0.limits.retention.fences_for, self.0.limits.forget_idle_after);
        // The nodes keep it: it comes back as it was.
        let topics_for = if self.0.nodes.is_some() { topics_for.min(LINGER) } else { topics_for };
        if self.0.next_sweep.is_mine(now, entries_for.min(topics_for) / SWEEPS_PER_AGE) {
            self.sweep_all(now, topics_for);
        }
        now
    }

    fn sweep_all(&self, now: Moment, topics_for: Duration) {
        let (mut unused, mut expired, mut forgotten) = (Vec::new(), 0, 0);
        for state in self.all() {
            let mut inner = state.lock();
            let floor = inner.log.floor();
            // By the nodes' time, with the next record: so all have the same.
            if self.0.nodes.is_none() {
                inner.log.expire(now);
            }
            if inner.log.floor() > floor {
                self.0.counters.count(Counter::OrderedExpired);
                expired += 1;
                // Those that were made from what went.
                inner.envelopes.clear();
                inner.weigh(&self.0.ledger);
            }
            if !inner.readers.is_empty() {
                inner.used = now;
            }
            let is_unused = inner.is_unused(topics_for, now);
            drop(inner);
            unused.extend(is_unused.then_some(state));
        }
        if !unused.is_empty() {
            let mut by_name = self.write();
            for state in unused {
                if self.give_up(&mut by_name, &state, |inner| inner.is_unused(topics_for, now)) {
                    self.0.counters.count(Counter::TopicsForgotten);
                    forgotten += 1;
                }
            }
        }
        if expired + forgotten > 0 {
            tracing::debug!(name: "htmx_ws.swept", target: "htmx_ws", expired, forgotten, "what was too old went");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::advance;

    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::fragment::{Fragment, Nesting};
    use crate::html::patch::Patch;
    use crate::hub::log::{Latest, Publication, Retention};
    use crate::hub::subscription::Subscriptions;
    use crate::hub::topics::TopicLimits;
    use crate::message::cursor::Epoch;
    use crate::message::topic::Topic;

    const HOUR: Duration = Duration::from_secs(3600);

    /// What is ordered is kept for an hour, topics for ten.
    fn topics() -> Topics {
        let retention = Retention {
            states: 100,
            state_bytes: 1 << 20,
            fences: 100,
            fence_bytes: 1 << 20,
            fences_for: HOUR,
            part_patches: 40,
            part_bytes: 1 << 16,
        };
        let limits = TopicLimits {
            retention,
            topics: 100,
            patch_bytes: 1 << 20,
            bytes: 1 << 20,
            forget_idle_after: 10 * HOUR,
            pass_interval: Duration::ZERO,
        };
        Topics::new(Epoch(1), limits, Arc::default())
    }

    fn name(name: &str) -> Topic {
        Topic::new(name).unwrap()
    }

    fn badge() -> Fragment {
        Fragment::new(DomId::new("badge").unwrap(), "<p></p>".to_owned(), Nesting::Leaf).unwrap()
    }

    fn publish(topics: &Topics, topic: &str, patch: Patch) {
        topics.publish(&name(topic), vec![Publication::Patch(patch)], None).unwrap();
    }

    fn latest(topics: &Topics, topic: &str) -> Latest {
        topics.latest(&name(topic), badge().id())
    }

    #[track_caller]
    fn check_counts(topics: &Topics, expired: u64, forgotten: u64) {
        let counts = [Counter::OrderedExpired, Counter::TopicsForgotten].map(|counter| topics.0.counters.get(counter));
        assert_eq!(counts, [expired, forgotten]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_topic_that_nobody_publishes_to_any_more_ages() {
        let topics = topics();
        let start = topics.cursor();
        publish(&topics, "quiet", Patch::Refresh);
        let bytes = topics.bytes();
        let old = Subscriptions::new(&topics, [(name("quiet"), start)]).unwrap();
        advance(HOUR).await;
        old.beat();
        assert!(old.unread(0).unwrap().is_some());
        advance(HOUR / 8).await;
        check_counts(&topics, 0, 0);
        old.beat();
        check_counts(&topics, 1, 0);
        assert!(old.unread(0).is_err() && topics.bytes() < bytes);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_comes_after_a_silence_is_not_given_what_is_old() {
        let topics = topics();
        let start = topics.cursor();
        publish(&topics, "quiet", Patch::Refresh);
        advance(3 * HOUR).await;
        assert!(Subscriptions::new(&topics, [(name("quiet"), start)]).unwrap().unread(0).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn topics_are_forgotten_that_nobody_uses() {
        let topics = topics();
        let start = topics.cursor();
        for topic in ["unused", "read", "asked", "published"] {
            publish(&topics, topic, Patch::Replace(badge()));
        }
        let reader = Subscriptions::new(&topics, [(name("read"), topics.cursor())]).unwrap();
        for _ in 0..24 {
            advance(HOUR / 2).await;
            publish(&topics, "published", Patch::Replace(badge()));
            assert_ne!(latest(&topics, "asked"), Latest::Unknown);
        }
        check_counts(&topics, 0, 1);
        assert_eq!((topics.count(), latest(&topics, "unused")), (3, Latest::Unknown));
        let late = Subscriptions::new(&topics, [(name("unused"), start)]).unwrap();
        assert!(late.unread(0).is_err(), "what a page of before may lack is not known any more");
        drop(late);
        // It was read until now.
        drop(reader);
        advance(HOUR * 9).await;
        assert_ne!(latest(&topics, "read"), Latest::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn states_have_no_age() {
        let topics = topics();
        let start = topics.cursor();
        publish(&topics, "t", Patch::Replace(badge()));
        advance(9 * HOUR).await;
        assert!(Subscriptions::new(&topics, [(name("t"), start)]).unwrap().unread(0).unwrap().is_some());
        check_counts(&topics, 0, 0);
    }
}
