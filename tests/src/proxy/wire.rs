//! What the handle of a proxy and its connections share.

use super::request::Kind;
use crate::random::Random;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

/// A connection's number, in the order in which they came, from 1.
pub(super) type Number = u64;

/// What the handle and the connections share. `open`, `waiting`, `answered` and `resets` are written by the connections, everything else by the handle only.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) faults: watch::Sender<Faults>,
    pub(super) target: watch::Sender<SocketAddr>,
    /// Connections whose client is still connected.
    pub(super) open: watch::Sender<BTreeSet<Number>>,
    /// Connections that have not been let through to the server because the door is, or was, shut.
    pub(super) waiting: watch::Sender<BTreeSet<Number>>,
    /// The newest connection on which the server has sent something.
    pub(super) answered: watch::Sender<Number>,
    /// Bytes that no server sent.
    pub(super) injected: watch::Sender<Vec<u8>>,
    /// How much of the server's next piece is forwarded before the reset, in percent.
    reset: Mutex<Option<u64>>,
    /// How many resets there were.
    resets: AtomicU64,
    last: AtomicU64,
}

/// What the wire does to its connections now.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    pub(super) is_cut: bool,
    pub(super) is_stalled: bool,
    pub(super) is_door_shut: bool,
    /// Connections up to this number are held.
    pub(super) held_to: Number,
    /// Connections up to this number are forgotten.
    pub(super) forgotten_to: Number,
    /// Connections up to this number have ended for their clients.
    pub(super) ended_to: Number,
    pub(super) delay: Option<Delay>,
    blocked: Vec<Kind>,
}

/// By how much pieces are late.
#[derive(Debug, Clone)]
pub(super) struct Delay {
    pub(super) times: RangeInclusive<Duration>,
    pub(super) seed: u64,
}

impl Wire {
    pub(super) fn new(target: SocketAddr) -> Self {
        Self {
            faults: watch::Sender::default(),
            target: watch::Sender::new(target),
            open: watch::Sender::default(),
            waiting: watch::Sender::default(),
            answered: watch::Sender::default(),
            injected: watch::Sender::default(),
            reset: Mutex::default(),
            resets: AtomicU64::new(0),
            last: AtomicU64::new(0),
        }
    }

    /// The number of the newest connection.
    pub(super) fn last(&self) -> Number {
        self.last.load(Ordering::SeqCst)
    }

    pub(super) fn arm(&self, percent: u64) {
        *self.reset.lock().unwrap() = Some(percent);
    }

    pub(super) fn disarm(&self) {
        self.reset.lock().unwrap().take();
    }

    pub(super) fn resets(&self) -> u64 {
        self.resets.load(Ordering::SeqCst)
    }

    /// How many of the server's next `length` bytes are forwarded before the reset, if this is what it was waiting for.
    pub(super) fn reset_in(&self, length: usize) -> Option<usize> {
        let percent = self.reset.lock().unwrap().take()?;
        self.resets.fetch_add(1, Ordering::SeqCst);
        let part = length * usize::try_from(percent).expect("it is a percentage") / 100;
        Some(part.clamp(1, (length - 1).max(1)))
    }
}

impl Faults {
    /// Whether bytes of this connection move.
    pub(super) fn moves(&self, number: Number) -> bool {
        !self.is_stalled && number > self.held_to
    }

    /// What stays when everything works again.
    pub(super) fn restored(&self) -> Self {
        Self { forgotten_to: self.forgotten_to, ended_to: self.ended_to, ..Self::default() }
    }

    pub(super) fn has_blocked(&self, kind: Kind) -> bool {
        self.blocked.contains(&kind)
    }

    pub(super) fn set_blocked(&mut self, kind: Kind, is_blocked: bool) {
        self.blocked.retain(|other| *other != kind);
        if is_blocked {
            self.blocked.push(kind);
        }
    }
}

impl Delay {
    /// How late the pieces of one direction of a connection are, one after the other.
    pub(super) fn random(&self, number: Number, direction: u64) -> Random {
        Random::new(self.seed.wrapping_add(number * 2 + direction))
    }
}

/// A client's connection in the wire's count, for as long as it lives.
pub(super) struct Open {
    pub(super) wire: Arc<Wire>,
    pub(super) number: Number,
}

impl Open {
    pub(super) fn count(wire: &Arc<Wire>) -> Self {
        let number = wire.last.fetch_add(1, Ordering::SeqCst) + 1;
        wire.open.send_modify(|open| _ = open.insert(number));
        Self { wire: Arc::clone(wire), number }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.wire.open.send_modify(|open| _ = open.remove(&self.number));
    }
}

/// A connection in front of the door, until it is through or given up.
pub(super) struct Waiting<'wire> {
    pub(super) wire: &'wire Wire,
    pub(super) number: Number,
}

impl<'wire> Waiting<'wire> {
    pub(super) fn count(wire: &'wire Wire, number: Number) -> Self {
        wire.waiting.send_modify(|waiting| _ = waiting.insert(number));
        Self { wire, number }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.wire.waiting.send_modify(|waiting| _ = waiting.remove(&self.number));
    }
}
