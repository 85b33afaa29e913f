//! A connection, as the topics see it that it reads: someone to wake, or who can be written to as it rests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};

use tokio::time::Instant;

use crate::hub::bell::Bell;
use crate::hub::place::{Subscription, hand_over};
use crate::hub::standing::Place;
use crate::hub::sync::{Mutex, MutexGuard};
use crate::hub::topics::TopicState;
use crate::message::cursor::Cursor;
use crate::message::envelope::Envelope;

/// One reader of topics. While its task waits with nothing to do, whoever fans out hands it what is new without waking it.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    bell: Bell,
    desk: Mutex<Desk>,
    pub(crate) traffic: Traffic,
}

/// What a reader was sent.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    frames: AtomicU64,
    bytes: AtomicU64,
}

impl Traffic {
    /// So many frames were handed to the socket.
    pub(crate) fn add(&self, frames: u64, bytes: u64) {
        // For onlookers: nothing is ordered by them.
        self.frames.fetch_add(frames, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The frames, and their bytes.
    pub(crate) fn get(&self) -> (u64, u64) {
        (self.frames.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

/// Where a reader stands in its topics. Its lock is taken before that of a topic, and never behind it.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) places: Vec<Subscription>,
    /// There while its task waits: where what is new goes.
    outlet: Option<Arc<dyn Outlet>>,
}

/// Takes what is unread, without waiting.
pub(crate) trait Outlet: std::fmt::Debug + Send + Sync {
    /// Called one at a time; `now` is about now.
    fn take(&self, envelope: &Envelope, now: Instant, traffic: &Traffic) -> Taken;
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

    /// From now on what is new goes to `outlet`. A topic that has changed since its task looked has woken it, or finds this.
    pub(super) fn rest(&self, outlet: Arc<dyn Outlet>) {
        self.desk().outlet = Some(outlet);
    }

    /// Its task sees to everything again.
    pub(super) fn resume(&self) {
        self.desk().outlet = None;
    }

    /// The topic has changed: hands over what is unread if it rests, and else wakes it.
    pub(super) fn changed(&self, topic: &Arc<TopicState>, recent: &mut Recent, now: Instant) {
        let mut desk = self.desk();
        let Desk { places, outlet } = &mut *desk;
        let is_done =
            outlet.as_ref().is_some_and(|outlet| hand_over(places, topic, recent, |envelope| outlet.take(envelope, now, &self.traffic)));
        drop(desk);
        if !is_done {
            self.wake();
        }
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where it stands in each topic that it reads, for whoever looks from outside.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.desk().places.iter().map(Subscription::place).collect()
    }
}

impl Recent {
    /// Whether what was handed over is superseded by what comes later.
    #[cfg_attr(htmx_ws_loom, allow(dead_code, reason = "tasks are not tried there"))]
    pub(super) fn has_states(&self) -> bool {
        self.0.as_ref().is_some_and(|(_, envelope)| envelope.updates() > 0)
    }

    /// What a reader at this cursor lacks; none where that is nothing, or a gap.
    pub(super) fn unread(&mut self, topic: &TopicState, cursor: &Cursor) -> Option<&Envelope> {
        if self.0.as_ref().is_none_or(|(from, _)| from != cursor) {
            self.0 = topic.unread(cursor).ok().flatten().map(|envelope| (*cursor, envelope));
        }
        self.0.as_ref().map(|(_, envelope)| &**envelope)
    }
}
