//! Where a connection takes what is unread while it rests: straight to the system, as fast as its page can show it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::hub::reader::{Outlet, Taken, Traffic};
use crate::hub::stats::Counter;
use crate::message::envelope::Envelope;
use crate::message::recipient::PageId;
use crate::transport::message::Direct;
use crate::transport::service::Service;

/// How much earlier than due a pass may come, as a share of the interval: passes begin at equal intervals, but do not reach each reader at the same time after that.
const EARLY: u32 = 4;

/// The way out for one connection.
#[derive(Debug)]
pub(super) struct WayOut {
    direct: Arc<dyn Direct>,
    service: Arc<Service>,
    page: PageId,
    /// No frame goes out before this.
    next_flush: Mutex<Instant>,
}

impl WayOut {
    pub(super) fn new(direct: Arc<dyn Direct>, service: Arc<Service>, page: PageId) -> Self {
        Self { direct, service, page, next_flush: Mutex::new(Instant::now()) }
    }

    pub(super) fn next_flush(&self) -> Instant {
        *self.next_flush.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_next_flush(&self, at: Instant) {
        *self.next_flush.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Outlet for WayOut {
    fn take(&self, envelope: &Envelope, now: Instant, traffic: &Traffic) -> Taken {
        let limits = &self.service.limits;
        let mut next_flush = self.next_flush.lock().unwrap_or_else(PoisonError::into_inner);
        let is_too_early = *next_flush > now + limits.flush_interval / EARLY && *next_flush > now;
        if is_too_early || self.service.simulated.get().is_on() {
            return Taken::Nothing;
        }
        let frames = envelope.frames_for(self.service.htmx, self.page);
        let taken = if frames.is_empty() { Taken::All } else { self.direct.try_send(frames.wire()) };
        if taken != Taken::Nothing && !frames.is_empty() {
            *next_flush = now + limits.until_next(envelope.updates(), envelope.is_part());
            self.service.sent(traffic, frames.len(), frames.text_bytes());
        }
        taken
    }
}

impl Service {
    /// Frames were handed to a socket.
    pub(super) fn sent(&self, traffic: &Traffic, frames: usize, bytes: u64) {
        self.counters.add(Counter::FramesSent, frames as u64);
        self.counters.add(Counter::BytesSent, bytes);
        traffic.add(frames as u64, bytes);
    }
}
