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
/// ```
/// use htmx_ws_components::{Backplane, Hub, Patch};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), htmx_ws_components::PublishError> {
/// let backplane = Backplane::memory();
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
    /// The backplane of one process: its hubs share it, and what it keeps is gone with the last of them. For tests of what an application does on many nodes.
    ///
    /// # Panics
    /// Outside of a tokio runtime: its hubs work there.
    pub fn memory() -> Self {
        Self::of(Memory::new(Epoch(u64::from_le_bytes(random()))))
    }

    pub(crate) fn of(engine: impl Engine + 'static) -> Self {
        Self { engine: Arc::new(engine), runtime: Handle::current() }
    }
}
