//! A connection's place in one topic.

use std::sync::Arc;

use crate::hub::log::Gap;
use crate::hub::presence::Present;
use crate::hub::reader::{Recent, Taken};
use crate::hub::snapshot::{Call, Outcome};
use crate::hub::standing::Place;
use crate::hub::stats::Counter;
use crate::hub::subscription::TopicGap;
use crate::hub::topics::{TopicState, Topics};
use crate::message::cursor::Cursor;
use crate::message::envelope::Envelope;

/// How often in a row a reader gets a snapshot that the log does not reach back to when it is there. Then its page refreshes.
const SNAPSHOTS_IN_A_ROW: u8 = 3;

/// A connection's place in one topic. Dropped, it is no reader of the topic any more.
#[derive(Debug)]
pub(super) struct Subscription {
    topics: Topics,
    pub(super) topic: Arc<TopicState>,
    number: usize,
    /// Moves with every frame that was handed to the socket. Of another epoch where the log can be of no use.
    cursor: Cursor,
    /// The snapshot that it waits for, or is in the middle of.
    asked: Option<Arc<Call>>,
    /// Until the topic has here what it may lack.
    held: Option<Arc<Call>>,
    /// The snapshots since it was last sent something of the log.
    snapshots: u8,
    /// Whom it is of, where the connection is of a user.
    pub(super) present: Option<Box<Present>>,
}

impl Subscription {
    pub(super) fn new(topics: &Topics, topic: Arc<TopicState>, number: usize, cursor: Cursor) -> Self {
        Self { topics: topics.clone(), topic, number, cursor, asked: None, held: None, snapshots: 0, present: None }
    }

    /// For onlookers.
    pub(super) fn place(&self) -> Place {
        let version = self.cursor.version;
        Place { topic: self.topic.name().clone(), version, lag: self.topic.last().0.saturating_sub(version.0) }
    }

    /// Whether what it lacks may be what this node has not heard of: states, or the rest of a replay that another node began, which may go further than the log here. Sent from what is here, that replay
    /// would end at its own end, and what comes of it later would be passed over.
    pub(super) fn is_ahead(&self) -> bool {
        let lacks_states = self.cursor.ordered_up_to() > self.cursor.version;
        lacks_states || self.cursor.partial.is_some_and(|partial| partial.to > self.topic.last())
    }

    /// Sends nothing until the call is over.
    pub(super) fn hold(&mut self, call: Option<Arc<Call>>) {
        self.held = call;
    }

    fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(|call| matches!(call.outcome(), Outcome::Pending))
    }

    /// Whether its place is one in the log.
    pub(super) fn is_in_log(&self) -> bool {
        self.asked.is_none() && !self.is_held() && self.cursor.epoch == self.topics.epoch() && !self.topic.is_past()
    }

    /// Whether everything behind `start` is still to be sent.
    pub(super) fn has_not_passed(&self, start: &Cursor) -> bool {
        self.is_in_log() && self.cursor.partial.is_none() && start.epoch == self.cursor.epoch && self.cursor.version <= start.version
    }

    pub(super) fn is_current(&self) -> bool {
        self.is_in_log() && self.is_at_end()
    }

    /// Whether the log, if its place is one there, has nothing more for it.
    fn is_at_end(&self) -> bool {
        self.cursor.partial.is_none() && self.topic.last() <= self.cursor.version
    }

    pub(super) fn is_behind(&self) -> bool {
        let is_waiting = || self.asked.as_ref().is_some_and(|call| matches!(call.outcome(), Outcome::Pending));
        !self.is_current() && !is_waiting() && !self.is_held()
    }

    pub(super) fn unread(&self) -> Result<Option<Arc<Envelope>>, TopicGap> {
        if self.is_held() {
            return Ok(None);
        }
        let unread = match self.asked.as_ref().map(|call| call.outcome()) {
            None if self.is_in_log() => {
                if self.is_at_end() {
                    Ok(None)
                } else {
                    self.topic.unread(&self.cursor)
                }
            }
            None | Some(Outcome::Failed) => Err(Gap),
            Some(Outcome::Pending) => Ok(None),
            // Nothing is sent that nothing can follow.
            Some(Outcome::Ready(snapshot)) if snapshot.end.version < self.topic.floor() => Err(Gap),
            Some(Outcome::Ready(snapshot)) => snapshot.part(&self.cursor).map(Some).ok_or(Gap),
        };
        unread.map_err(|Gap| TopicGap(self.topic.name().clone()))
    }

    pub(super) fn may_ask(&self) -> bool {
        let has_failed = self.asked.as_ref().is_some_and(|call| matches!(call.outcome(), Outcome::Failed));
        !has_failed && self.snapshots < SNAPSHOTS_IN_A_ROW
    }

    /// Reads the topic as it is in this life; returns the place that it had in it before.
    pub(super) fn move_to(&mut self, topic: Arc<TopicState>, number: usize) -> (Arc<TopicState>, usize) {
        self.held = None;
        (std::mem::replace(&mut self.topic, topic), std::mem::replace(&mut self.number, number))
    }

    pub(super) fn wait_for(&mut self, call: Arc<Call>) {
        self.cursor = self.topics.cursor().of_snapshot();
        self.asked = Some(call);
        self.snapshots += 1;
    }

    pub(super) fn advance(&mut self, cursor: Cursor) {
        if self.asked.is_none() && cursor != self.cursor {
            self.snapshots = 0;
        }
        self.cursor = cursor;
        if self.asked.is_some() && cursor.epoch == self.topics.epoch() {
            self.asked = None;
            self.topics.0.counters.count(Counter::GapFilled);
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.topic.forget(self.number);
        self.topics.readers_changed(&self.topic);
    }
}

/// Hands over what is unread of a topic that has changed; false where the connection has to see to that itself.
pub(super) fn hand_over(
    places: &mut [Subscription],
    topic: &Arc<TopicState>,
    recent: &mut Recent,
    mut take: impl FnMut(&Envelope) -> Taken,
) -> bool {
    // One that it reads no more.
    let Some(subscription) = places.iter_mut().find(|it| Arc::ptr_eq(&it.topic, topic)) else { return true };
    // Asked first: what was published before the end is then seen as unread.
    if topic.is_complete() || !subscription.is_in_log() {
        return false;
    }
    // Its place stays one in the log, wherever it moves.
    while !subscription.is_at_end() {
        let Some(envelope) = recent.unread(topic, &subscription.cursor) else { return false };
        let (taken, to, is_part) = (take(envelope), envelope.to(), envelope.is_part());
        let is_paced = is_part && envelope.updates() > 0;
        if taken != Taken::Nothing {
            subscription.advance(to);
        }
        // The pace within a replay is the connection's to keep.
        if taken != Taken::All || is_paced {
            return false;
        }
        if !is_part {
            break;
        }
    }
    true
}
