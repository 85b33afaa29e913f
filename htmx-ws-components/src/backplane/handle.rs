//! A backplane, as an application holds it.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::Engine;
use super::memory::Memory;
use crate::message::cursor::Epoch;
use crate::message::random::random;

/// What carries patches between the nodes of an application: [`HubBuilder::backplane`](crate::HubBuilder::backplane) takes it.
///
/// Hubs with one backplane are one hub to whoever publishes and to every page: what is published to any of them comes to all pages in one order, and a page that loses its connection goes on
/// at another. They need the same [`secret`](crate::HubBuilder::secret), since a page shows its ticket to whichever it comes to. A clone is the same connection to it.
///
/// [NATS](https://nats.io) carries them between machines (feature `nats`), [`MemoryBackplane`] between the hubs of one process.
///
/// ```
/// use htmx_ws_components::{Backplane, Hub, MemoryBackplane, Patch};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), htmx_ws_components::PublishError> {
/// let backplane: Backplane = MemoryBackplane::new().into();
/// let node = || Hub::builder().secret(b"at least 32 random bytes from the environment").backplane(backplane.clone()).build();
/// let (one, other) = (node(), node());
/// let published = one.publish("news", &Patch::title("Good news")).await?;
/// assert!(published.is_change() && other.cursor().epoch() == one.cursor().epoch());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Backplane {
    pub(crate) engine: Arc<dyn Engine>,
    /// Where topics are followed, and records appended.
    pub(crate) runtime: Handle,
}

impl Backplane {
    /// Hubs on it work in the runtime that this is called in.
    pub(crate) fn of(engine: impl Engine + 'static) -> Self {
        Self { engine: Arc::new(engine), runtime: Handle::current() }
    }
}

/// The backplane of one process: its hubs share it, and what it keeps is gone with the last of them. For tests of what an application does on many nodes, and while those cannot be reached.
///
/// ```
/// use htmx_ws_components::{Hub, MemoryBackplane, Patch, PublishError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let backplane = MemoryBackplane::new();
/// let hub = Hub::builder().backplane(backplane.clone()).build();
/// backplane.go_away();
/// let refused = hub.publish("news", &Patch::title("Good news")).await;
/// assert!(matches!(refused, Err(PublishError::Refused { .. })));
/// backplane.come_back();
/// assert!(hub.publish("news", &Patch::title("Good news")).await.is_ok());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MemoryBackplane(Memory);

impl Default for MemoryBackplane {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryBackplane {
    /// One that has nothing yet. A clone is the same.
    pub fn new() -> Self {
        Self(Memory::new(Epoch(u64::from_le_bytes(random()))))
    }

    /// Nothing reaches it any more, as where the network is down: publishes are [refused](crate::PublishError::Refused), and no hub hears of what others have published.
    pub fn go_away(&self) {
        self.0.go_away();
    }

    /// It can be reached again.
    pub fn come_back(&self) {
        self.0.come_back();
    }

    /// Loses everything that it had, as a Redis without persistence does that is started again: its hubs begin anew within some seconds, with empty logs, and their pages get a
    /// [snapshot](crate::HubBuilder::snapshot), or refresh.
    pub fn lose_all(&self) {
        self.0.lose_all(Epoch(u64::from_le_bytes(random())));
    }
}

impl From<MemoryBackplane> for Backplane {
    /// # Panics
    /// Outside of a tokio runtime: hubs work there.
    fn from(MemoryBackplane(memory): MemoryBackplane) -> Self {
        Self::of(memory.present())
    }
}
