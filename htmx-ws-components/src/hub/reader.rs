//! A connection, as the topics see it that it reads: someone to wake, or who can be written to as it rests.

use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};

use crate::hub::bell::Bell;
use crate::hub::subscription::{Subscription, hand_over};
use crate::hub::sync::{Mutex, MutexGuard};
use crate::hub::topics::TopicState;
use crate::message::cursor::Cursor;
use crate::message::envelope::Envelope;

/// One reader of topics. While its task waits with nothing to do, its places lie here, and whoever fans out hands it what is new without waking it.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    bell: Bell,
    resting: Mutex<Option<Resting>>,
}

/// What a connection leaves to others while it waits.
#[derive(Debug)]
struct Resting {
    subscriptions: Vec<Subscription>,
    outlet: Arc<dyn Outlet>,
}

/// Takes what is unread, without waiting.
pub(crate) trait Outlet: std::fmt::Debug + Send + Sync {
    /// Called one at a time.
    fn take(&self, envelope: &Envelope) -> Taken;
}

/// What an outlet took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is on its way.
    All,
    /// It stands in front of whatever else is written, and the connection has to see to that.
    Kept,
    /// The connection has to see to it all.
    Nothing,
}

/// What the last reader was handed of a topic: the next one most often lacks the same.
#[derive(Debug, Default)]
pub(super) struct Recent(Option<(Cursor, Arc<Envelope>)>);

impl Reader {
    /// Its task looks at everything that may have changed.
    pub(crate) fn wake(&self) {
        self.bell.ring();
    }

    pub(crate) fn poll_woken(&self, context: &mut Context<'_>) -> Poll<()> {
        self.bell.poll_rung(context)
    }

    /// Leaves its places to whoever fans out. A topic that has changed since it looked has woken it, or finds it here.
    pub(super) fn rest(&self, subscriptions: Vec<Subscription>, outlet: Arc<dyn Outlet>) {
        *self.lock() = Some(Resting { subscriptions, outlet });
    }

    /// Takes them back, as they are now; none where they are not here.
    pub(super) fn resume(&self) -> Option<Vec<Subscription>> {
        // In a line of its own: what is dropped here is dropped without the lock.
        let resting = self.lock().take();
        resting.map(|resting| resting.subscriptions)
    }

    /// The topic has changed: hands over what is unread if it rests, and else wakes it.
    pub(super) fn changed(&self, topic: &Arc<TopicState>, recent: &mut Recent) {
        let mut resting = self.lock();
        let is_done = resting.as_mut().is_some_and(|Resting { subscriptions, outlet }| hand_over(subscriptions, topic, recent, &**outlet));
        drop(resting);
        if !is_done {
            self.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Resting>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// What a reader at this cursor lacks; none where that is nothing, or a gap.
    pub(super) fn unread(&mut self, topic: &TopicState, cursor: &Cursor) -> Option<&Envelope> {
        if self.0.as_ref().is_none_or(|(from, _)| from != cursor) {
            self.0 = topic.unread(cursor).ok().flatten().map(|envelope| (*cursor, envelope));
        }
        self.0.as_ref().map(|(_, envelope)| &**envelope)
    }
}
