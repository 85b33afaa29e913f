//! A connection's places in its topics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::hub::log::Gap;
use crate::hub::publish::PublishError;
use crate::hub::sync::Notify;
use crate::hub::topics::{TopicState, Topics};
use crate::message::cursor::{Cursor, Version};
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

/// The places of one connection in all its topics, and the one signal that wakes it.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    topics: Topics,
    list: Vec<Subscription>,
    /// Topics that need not be there, and from where on they are read as soon as they are.
    private: Vec<(Topic, Cursor)>,
    signal: Arc<Notify>,
    standings: Arc<Standings>,
}

/// A connection's place in one topic. Dropped, it is no reader of the topic any more.
#[derive(Debug)]
struct Subscription {
    topics: Topics,
    standing: Arc<Standing>,
    reader: u64,
    /// Moves with every frame that was handed to the socket.
    cursor: Cursor,
}

/// Where a connection stands in one topic, seen from outside of its task.
#[derive(Debug)]
struct Standing {
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
    fn add(&self, topic: Arc<TopicState>, cursor: &Cursor) -> Arc<Standing> {
        let standing = Arc::new(Standing { topic, version: AtomicU64::new(cursor.version.0) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&standing));
        standing
    }

    /// Where the connection stands in each topic that it reads.
    pub(crate) fn places(&self) -> Vec<Place> {
        let standings = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        standings.iter().filter_map(Weak::upgrade).map(|standing| standing.place()).collect()
    }
}

impl Standing {
    fn place(&self) -> Place {
        let version = Version(self.version.load(Ordering::Relaxed));
        Place { topic: self.topic.name().clone(), version, lag: self.topic.last().0.saturating_sub(version.0) }
    }
}

/// The log of a topic does not reach back to the connection's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicGap(pub(crate) Topic);

impl Subscriptions {
    /// Reads each topic from its cursor on. Registered before anything is read, so no change falls in between.
    pub(crate) fn new(topics: &Topics, starts: impl IntoIterator<Item = (Topic, Cursor)>) -> Result<Self, PublishError> {
        let (signal, standings) = (Arc::new(Notify::new()), Arc::<Standings>::default());
        let subscribe = |(name, cursor): (Topic, Cursor)| {
            let (topic, reader) = topics.read(&name, &signal)?;
            Ok(Subscription { topics: topics.clone(), standing: standings.add(topic, &cursor), reader, cursor })
        };
        let list = starts.into_iter().map(subscribe).collect::<Result<_, PublishError>>()?;
        Ok(Self { topics: topics.clone(), list, private: Vec::new(), signal, standings })
    }

    /// Reads these topics as well, as soon as somebody has published to them: see [`Subscriptions::look`].
    pub(crate) fn with_private(mut self, private: Vec<(Topic, Cursor)>) -> Self {
        self.private = private;
        self
    }

    /// Looks which of the private topics there are by now; true when one is read that was not. Who publishes to one calls whoever may read it, so nobody
    /// looks for nothing.
    pub(crate) fn look(&mut self) -> Result<bool, TopicGap> {
        let before = self.list.len();
        for (name, start) in std::mem::take(&mut self.private) {
            // What is published to a topic that is not there yet is newer than this.
            let present = self.topics.cursor();
            let found = self.topics.read_if_any(&name, &start, &self.signal).map_err(|Gap| TopicGap(name.clone()))?;
            let Some((topic, reader)) = found else {
                self.private.push((name, present));
                continue;
            };
            let standing = self.standings.add(topic, &start);
            self.list.push(Subscription { topics: self.topics.clone(), standing, reader, cursor: start });
        }
        Ok(self.list.len() > before)
    }

    /// Returns when something may have changed since the last [`Subscriptions::unread`]. Cancel-safe.
    pub(crate) async fn changed(&self) {
        self.signal.notified().await;
    }

    /// Where the connection stands, for whoever looks from outside.
    pub(crate) fn standings(&self) -> Arc<Standings> {
        Arc::clone(&self.standings)
    }

    /// A sign of life: what is old goes also where nobody publishes.
    pub(crate) fn beat(&self) {
        self.topics.sweep();
    }

    /// Leaves the topics that are complete and read to their end; true when no topic is left that has a name.
    pub(crate) fn leave_complete(&mut self) -> bool {
        let before = self.list.len();
        // First whether it is complete: what was published before that is then seen as unread.
        self.list.retain(|it| !(it.topic().is_complete() && it.is_current()));
        self.list.len() < before && self.list.iter().all(|it| it.topic().name().is_private())
    }

    /// How many topics are read.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What is unread of the topic at `index`.
    pub(crate) fn unread(&self, index: usize) -> Result<Option<Arc<Envelope>>, TopicGap> {
        self.list.get(index).map_or(Ok(None), Subscription::unread)
    }

    /// The frames up to `cursor` were handed over.
    pub(crate) fn advance(&mut self, index: usize, cursor: Cursor) {
        if let Some(subscription) = self.list.get_mut(index) {
            subscription.cursor = cursor;
            subscription.standing.version.store(cursor.version.0, Ordering::Relaxed);
        }
    }
}

impl Subscription {
    fn topic(&self) -> &Arc<TopicState> {
        &self.standing.topic
    }

    fn is_current(&self) -> bool {
        self.cursor.partial.is_none() && self.topic().last() <= self.cursor.version
    }

    fn unread(&self) -> Result<Option<Arc<Envelope>>, TopicGap> {
        if self.is_current() {
            return Ok(None);
        }
        self.topic().unread(&self.cursor).map_err(|Gap| TopicGap(self.topic().name().clone()))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.topic().forget(self.reader);
        self.topics.readers_changed(self.topic());
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};
    use std::time::Duration;

    use super::*;
    use crate::html::dom_id::DomId;
    use crate::html::patch::Patch;
    use crate::hub::log::{Publication, Retention};
    use crate::hub::topics::TopicLimits;
    use crate::message::cursor::Epoch;

    const LONG: Duration = Duration::from_secs(1 << 20);
    const RETENTION: Retention =
        Retention { states: 9, state_bytes: 99, fences: 9, fence_bytes: 99, fences_for: LONG, part_patches: 9, part_bytes: 99 };

    fn topics() -> Topics {
        Topics::new(
            Epoch(1),
            TopicLimits { retention: RETENTION, topics: 9, patch_bytes: 99, bytes: 1 << 20, forget_idle_after: LONG },
            Arc::default(),
        )
    }

    fn subscribe(topics: &Topics, names: &[&str]) -> Subscriptions {
        let start = |name: &&str| (Topic::new(name).unwrap(), topics.cursor());
        Subscriptions::new(topics, names.iter().map(start)).unwrap()
    }

    fn publish(topics: &Topics, topic: &str, id: &str) {
        let patch = Patch::remove(DomId::new(id).unwrap());
        topics.publish(&Topic::new(topic).unwrap(), vec![Publication::Patch(patch)], None).unwrap();
    }

    #[track_caller]
    fn check_woken(subscriptions: &Subscriptions, expected: bool) {
        let changed = std::pin::pin!(subscriptions.changed());
        assert_eq!(changed.poll(&mut Context::from_waker(Waker::noop())).is_ready(), expected);
    }

    #[test]
    fn an_old_subscription_that_ends_late_takes_nothing_from_the_new_one() {
        let topics = topics();
        let old = subscribe(&topics, &["a"]);
        let new = subscribe(&topics, &["a"]);
        drop(old);
        publish(&topics, "a", "x");
        check_woken(&new, true);
        assert!(new.unread(0).unwrap().is_some());
    }

    #[test]
    fn an_answer_is_of_the_topic_that_it_was_asked_of() {
        let topics = topics();
        let mut both = subscribe(&topics, &["a", "b"]);
        publish(&topics, "b", "x");
        publish(&topics, "a", "y");
        let place = |both: &Subscriptions, index| both.unread(index).unwrap().map(|part| part.frames(crate::dialect::Htmx::V4)[0].cursor);
        let of_a = place(&both, 0).unwrap();
        both.advance(0, of_a);
        assert_eq!(place(&both, 0), None);
        assert!(place(&both, 1).is_some(), "the place in one topic says nothing of another, though its version is greater");
    }
}
