//! What connections are served with.

use std::sync::Arc;
use std::time::Duration;

use crate::dialect::Htmx;
use crate::hub::stats::Counters;
use crate::hub::subscription::Subscriptions;
use crate::message::cursor::Cursor;
use crate::message::topic::Topic;
use crate::transport::grants::{Gate, Grants};
use crate::transport::inbound::Rate;
use crate::transport::inbox::Inbox;
use crate::transport::registry::Registration;
use crate::transport::simulation::Simulated;

/// What a connection may do, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    pub(crate) inbound_bytes: usize,
    pub(crate) inbound_rate: Rate,
    pub(crate) heartbeat: Duration,
    pub(crate) idle: Duration,
    pub(crate) write_stall: Duration,
    pub(crate) flush_interval: Duration,
    /// What a page takes to update one element, so that it gets no more than it can show.
    pub(crate) update_time: Duration,
}

impl ConnectionLimits {
    /// How long a page has for so many updates before it gets more. The parts of a replay come as fast as it shows them.
    pub(crate) fn until_next(&self, updates: u32, is_part: bool) -> Duration {
        let shown = self.update_time.saturating_mul(updates);
        if is_part { shown } else { shown.max(self.flush_interval) }
    }
}

/// What all connections of a hub have in common.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) htmx: Htmx,
    pub(crate) limits: ConnectionLimits,
    pub(crate) counters: Arc<Counters>,
    /// Who handles what browsers send, if anyone does.
    pub(crate) inbox: Option<Arc<dyn Inbox>>,
    pub(crate) simulated: Simulated,
    /// Who says what the regions may read that come later, if any may.
    pub(crate) gate: Option<Arc<dyn Gate>>,
}

/// What a connection begins with.
#[derive(Debug)]
pub(crate) struct Rights {
    pub(crate) subscriptions: Subscriptions,
    pub(crate) registration: Registration,
    pub(crate) grants: Grants,
    pub(crate) script: Script,
}

/// What our script is told beside the frames.
#[derive(Debug)]
pub(crate) enum Script {
    /// The page has none, and needs no sign of life.
    Absent,
    /// First, from where on it gets each topic.
    New(Vec<(Topic, Cursor)>),
    /// It was told that by a question before this one, and whether what it shows may be old.
    Known { is_stale: bool },
}
