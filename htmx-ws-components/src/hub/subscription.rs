//! A connection's places in its topics.

use std::sync::Arc;

use crate::hub::log::Gap;
use crate::hub::place::Subscription;
use crate::hub::publish::PublishError;
use crate::hub::reader::{Outlet, Reader};
use crate::hub::replica::membership::Membership;
use crate::hub::topics::{TopicState, Topics};
use crate::message::cursor::{Cursor, Version};
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

/// The places of one connection in all its topics, and what wakes it.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    topics: Topics,
    /// Topics that need not be there, and from where on they are read as soon as they are.
    private: Vec<(Topic, Cursor)>,
    /// Whether it was looked which of these there are: the others had nothing then that was lacking.
    has_looked: bool,
    /// Has the places.
    reader: Arc<Reader>,
}

/// How a topic came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    New,
    /// It was read before, and goes on.
    Known,
}

/// Why a topic cannot be read from a cursor on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotJoined {
    /// Something behind the cursor was sent before.
    Passed,
    TooMany,
}

/// The log of a topic does not reach back to the connection's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicGap(pub(crate) Topic);

impl Subscriptions {
    /// As [`Subscriptions::woken`], with a reader of its own.
    #[cfg(any(test, htmx_ws_measured))]
    pub(crate) fn new(topics: &Topics, starts: impl IntoIterator<Item = (Topic, Cursor)>) -> Result<Self, PublishError> {
        Self::woken(Arc::default(), topics, starts)
    }

    /// Reads each topic from its cursor on. Registered before anything is read, so no change falls in between.
    pub(crate) fn woken(
        reader: Arc<Reader>,
        topics: &Topics,
        starts: impl IntoIterator<Item = (Topic, Cursor)>,
    ) -> Result<Self, PublishError> {
        // Made first: what it has got when there is an error goes with it.
        let subscriptions = Self { topics: topics.clone(), private: Vec::new(), has_looked: false, reader };
        for (name, cursor) in starts {
            let (topic, number) = topics.read(&name, &subscriptions.reader)?;
            subscriptions.add(Subscription::new(topics, topic, number, cursor));
        }
        Ok(subscriptions)
    }

    fn add(&self, mut subscription: Subscription) {
        if subscription.is_ahead() {
            subscription.hold(self.topics.caught_up(&subscription.topic, &self.reader));
        }
        let mut desk = self.reader.desk();
        // Most have one, and keep it.
        desk.places.reserve_exact(1);
        desk.places.push(subscription);
    }

    /// It is this user who reads the topics that have a name.
    pub(crate) fn of_user(self, user: Option<&str>) -> Self {
        if let Some(user) = user {
            let mut places = std::mem::take(&mut self.reader.desk().places);
            for subscription in &mut places {
                subscription.present = self.topics.enter(subscription.topic.name(), user).map(Box::new);
            }
            self.reader.desk().places = places;
        }
        self
    }

    /// Reads these topics as well, as soon as somebody has published to them: see [`Subscriptions::look`].
    pub(crate) fn with_private(mut self, private: Vec<(Topic, Cursor)>) -> Self {
        self.private = private;
        self
    }

    /// Reads this topic from `start` on as well. An error where it is read already, and what `start` lacks was sent already in part: then all has to begin anew.
    pub(crate) fn join(&mut self, name: Topic, start: Cursor) -> Result<Joined, NotJoined> {
        if let Some(subscription) = self.reader.desk().places.iter().find(|it| *it.topic.name() == name) {
            return if subscription.has_not_passed(&start) { Ok(Joined::Known) } else { Err(NotJoined::Passed) };
        }
        if self.private.iter().any(|(waiting, _)| *waiting == name) {
            return Ok(Joined::Known);
        }
        if name.is_private() {
            if self.has_looked && start.epoch != self.topics.epoch() {
                return Err(NotJoined::Passed);
            }
            self.private.push((name, start));
        } else {
            let (topic, number) = self.topics.read(&name, &self.reader).map_err(|_| NotJoined::TooMany)?;
            self.add(Subscription::new(&self.topics, topic, number, start));
        }
        Ok(Joined::New)
    }

    /// Does not read this topic any more.
    pub(crate) fn leave(&mut self, name: &Topic) {
        let _left = self.take_out(|it| it.topic.name() == name);
        self.private.retain(|(waiting, _)| waiting != name);
    }

    /// Those that are so, to be dropped without the lock.
    fn take_out(&self, mut is_out: impl FnMut(&Subscription) -> bool) -> Vec<Subscription> {
        self.reader.desk().places.extract_if(.., |it| is_out(it)).collect()
    }

    /// Looks which of the private topics there are by now; true when one is read that was not. Who publishes to one calls whoever may read it, so nobody
    /// looks for nothing.
    pub(crate) fn look(&mut self) -> Result<bool, TopicGap> {
        let mut is_new = false;
        let waiting = std::mem::take(&mut self.private);
        self.private.reserve_exact(waiting.len());
        for (name, start) in waiting {
            // What is published to a topic that is not there yet is newer than this.
            let present = self.topics.cursor();
            let found = if start.is_before(&present) {
                self.topics.read_if_any(&name, &start, &self.reader)
            } else if self.has_looked && !self.topics.is_there(&name) {
                // Another life of the backplane began meanwhile, and nobody has published to it there.
                Ok(None)
            } else {
                Err(Gap)
            };
            let subscription = match found {
                Ok(Some((topic, number))) => Subscription::new(&self.topics, topic, number, start),
                Ok(None) => {
                    // Where another node has published to it, that may be older, and come to this one only now.
                    let start = if self.topics.members().is_some() { start } else { present };
                    self.private.push((name, start));
                    continue;
                }
                Err(Gap) => self.read_snapshot(&name).ok_or(TopicGap(name))?,
            };
            self.add(subscription);
            is_new = true;
        }
        self.has_looked = true;
        Ok(is_new)
    }

    /// Reads a private topic from its snapshot on. Where it has no source, it is not made.
    fn read_snapshot(&self, name: &Topic) -> Option<Subscription> {
        let call = self.topics.ask(name, Version(0), &self.reader)?;
        let (topic, number) = self.topics.read(name, &self.reader).ok()?;
        let mut subscription = Subscription::new(&self.topics, topic, number, self.topics.cursor());
        subscription.wait_for(call);
        Some(subscription)
    }

    /// What is woken when something may have changed since the last [`Subscriptions::unread`].
    #[cfg(test)]
    pub(crate) fn reader(&self) -> Arc<Reader> {
        Arc::clone(&self.reader)
    }

    /// Returns when it was woken.
    #[cfg(any(test, htmx_ws_measured))]
    pub(crate) async fn changed(&self) {
        std::future::poll_fn(|context| self.reader.poll_woken(context)).await;
    }

    /// Leaves it to whoever fans out to hand `outlet` what is new, until [`Subscriptions::resume`].
    pub(crate) fn rest(&self, outlet: Arc<dyn Outlet>) {
        self.reader.rest(outlet);
    }

    /// Goes on where they have come to.
    pub(crate) fn resume(&self) {
        self.reader.resume();
    }

    /// Whether what other nodes publish may be missing.
    pub(crate) fn may_be_stale(&self) -> bool {
        self.topics.members().is_some_and(Membership::is_away)
    }

    /// A sign of life: what is old goes also where nobody publishes.
    pub(crate) fn beat(&self) {
        self.topics.sweep();
    }

    /// Leaves the topics that are complete and read to their end; true when no topic is left that has a name.
    pub(crate) fn leave_complete(&mut self) -> bool {
        // First whether it is complete: what was published before that is then seen as unread.
        let left = self.take_out(|it| it.topic.is_complete() && it.is_current());
        !left.is_empty() && self.reader.desk().places.iter().all(|it| it.topic.name().is_private())
    }

    /// How many topics are read.
    pub(crate) fn len(&self) -> usize {
        self.reader.desk().places.len()
    }

    /// What is unread of the topic at `index`.
    pub(crate) fn unread(&self, index: usize) -> Result<Option<Arc<Envelope>>, TopicGap> {
        self.reader.desk().places.get(index).map_or(Ok(None), Subscription::unread)
    }

    /// Whether there is something unread, or a gap.
    pub(crate) fn is_behind(&self) -> bool {
        self.reader.desk().places.iter().any(Subscription::is_behind)
    }

    /// Behind a gap: asks the application what the topic shows now. The gap stays where it has no word on that.
    pub(crate) fn ask(&mut self, index: usize) -> Result<(), TopicGap> {
        let Some((topic, may_ask)) = self.reader.desk().places.get(index).map(|it| (Arc::clone(&it.topic), it.may_ask())) else {
            return Ok(());
        };
        let topic = if may_ask && topic.is_past() { self.look_up_again(index, &topic)? } else { topic };
        // Without a lock: what is asked is the application's.
        let call = if may_ask { self.topics.ask(topic.name(), topic.floor(), &self.reader) } else { None };
        let call = call.ok_or_else(|| TopicGap(topic.name().clone()))?;
        if let Some(subscription) = self.reader.desk().places.get_mut(index) {
            subscription.wait_for(call);
        }
        Ok(())
    }

    /// Reads the topic at `index` as it is in this life of the backplane.
    fn look_up_again(&self, index: usize, past: &Arc<TopicState>) -> Result<Arc<TopicState>, TopicGap> {
        let (topic, number) = self.topics.read(past.name(), &self.reader).map_err(|_| TopicGap(past.name().clone()))?;
        let before = self.reader.desk().places.get_mut(index).map(|it| it.move_to(Arc::clone(&topic), number));
        let (left, number) = before.unwrap_or_else(|| (Arc::clone(&topic), number));
        left.forget(number);
        Ok(topic)
    }

    /// The frames up to `cursor` were handed over.
    pub(crate) fn advance(&mut self, index: usize, cursor: Cursor) {
        if let Some(subscription) = self.reader.desk().places.get_mut(index) {
            subscription.advance(cursor);
        }
    }
}

impl Drop for Subscriptions {
    /// Topics hold the reader, and the reader its places.
    fn drop(&mut self) {
        self.resume();
        drop(self.take_out(|_| true));
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
            TopicLimits {
                retention: RETENTION,
                topics: 9,
                patch_bytes: 99,
                bytes: 1 << 20,
                forget_idle_after: LONG,
                pass_interval: Duration::ZERO,
            },
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
        assert_eq!(subscriptions.reader().poll_woken(&mut Context::from_waker(Waker::noop())).is_ready(), expected);
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
