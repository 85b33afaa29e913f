//! What a node knows of the others, and has to tell them: pure but for the time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::backplane::{AppendError, Engine, Position};
use crate::hub::replica::claim::Claims;
use crate::hub::replica::cluster::{Cluster, NodeId, Notice};
use crate::hub::replica::echo::Echo;

/// It takes itself for gone where nobody has heard it for so long: earlier than the others do, so that never two nodes produce at once.
pub(super) const DOUBT_AFTER: Duration = Duration::from_secs(6);
/// The state is kept behind so many records.
const RECORDS: usize = 64;

pub(super) type Heard = oneshot::Sender<Result<(), AppendError>>;

#[derive(Debug)]
pub(super) struct Known {
    /// Of the life that the rest is of.
    pub(super) engine: Arc<dyn Engine>,
    /// It has said that something may be missing, and not yet that all is there again.
    pub(super) is_stale: bool,
    /// It has not answered for so long that the node takes itself for gone.
    pub(super) is_silent: bool,
    pub(super) cluster: Cluster,
    pub(super) position: Position,
    /// Since the state was kept last.
    pub(super) records: usize,
    pub(super) bytes: usize,
    /// Of the state that was kept last.
    pub(super) kept_bytes: usize,
    pub(super) outgoing: Vec<(Notice, Option<Heard>)>,
    pub(super) echo: Echo,
    pub(super) claims: Claims,
    /// When something was said last that is known to have been taken.
    pub(super) heard_at: Option<Instant>,
}

impl Known {
    /// Nothing is known.
    pub(super) fn new(engine: Arc<dyn Engine>) -> Self {
        Self {
            engine,
            is_stale: false,
            is_silent: false,
            cluster: Cluster::default(),
            position: Position::default(),
            records: 0,
            bytes: 0,
            kept_bytes: 0,
            outgoing: Vec::new(),
            echo: Echo::default(),
            claims: Claims::default(),
            heard_at: None,
        }
    }

    /// Tells what is held and what is not any more; true where something is wanted that nobody holds.
    pub(super) fn look_at_claims(&mut self, me: NodeId) -> bool {
        let is_sure = self.heard_at.is_some_and(|heard| heard.elapsed() < DOUBT_AFTER);
        self.claims.look(&self.cluster, me, is_sure)
    }

    /// The state, when there is more to read than that by now for a node that comes late.
    pub(super) fn due(&mut self) -> Option<(Position, Bytes)> {
        (self.records >= RECORDS && self.bytes >= self.kept_bytes).then(|| {
            let kept = self.cluster.to_kept();
            (self.records, self.bytes, self.kept_bytes) = (0, 0, kept.len());
            (self.position, kept)
        })
    }
}
