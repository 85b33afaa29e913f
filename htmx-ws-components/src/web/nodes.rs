//! A hub that is one of many.

use std::sync::Arc;

use crate::backplane::handle::Backplane;
use crate::hub::replica::nodes::Nodes;
use crate::hub::stats::Counters;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::random::random;
use crate::web::builder::HubBuilder;

/// Where the hub is one node of an application, and what may wait for the others.
#[derive(Debug, Clone)]
pub(super) struct NodeSettings {
    pub(super) backplane: Option<Backplane>,
    pub(super) max_waiting_bytes: usize,
}

impl Default for NodeSettings {
    fn default() -> Self {
        Self { backplane: None, max_waiting_bytes: 16 << 20 }
    }
}

impl NodeSettings {
    pub(super) fn into_topics(self, limits: TopicLimits, counters: &Arc<Counters>) -> Topics {
        let Some(Backplane { engine, runtime }) = self.backplane else {
            return Topics::new(Epoch(u64::from_le_bytes(random())), limits, Arc::clone(counters));
        };
        let nodes = Nodes::new(engine, runtime, Arc::clone(counters), self.max_waiting_bytes);
        Topics::of_nodes(nodes, limits, Arc::clone(counters))
    }
}

impl HubBuilder {
    /// Makes the hub one node of many: what is published to it comes to the pages of every hub with this [`Backplane`], and what is published to those comes to its own. Default: none, the hub is alone.
    ///
    /// All else stays as it is, with these differences:
    ///
    /// - A publish returns before the backplane has it. **Awaiting it waits for the acknowledgement**, and [`Published::version`](crate::Published::version) is known then.
    /// - What was acknowledged outlives the process: a page that comes back to another node, or behind a restart of all of them, goes on where it was.
    /// - The nodes share one [`secret`](HubBuilder::secret) and the same settings of what topics retain.
    ///
    /// ```
    /// use htmx_ws_components::{Backplane, Hub};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let hub = Hub::builder().secret(b"at least 32 random bytes from the environment").backplane(Backplane::memory()).build();
    /// # }
    /// ```
    pub fn backplane(mut self, backplane: Backplane) -> Self {
        self.nodes.backplane = Some(backplane);
        self
    }

    /// Bytes of patches that may wait for the [backplane](HubBuilder::backplane) to take them, over all topics; a publish beyond that is [refused](crate::PublishError::Refused). Default: 16 MiB.
    ///
    /// ```
    /// use htmx_ws_components::{Backplane, Hub};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let hub = Hub::builder().backplane(Backplane::memory()).max_waiting_bytes(64 << 20).build();
    /// # }
    /// ```
    pub fn max_waiting_bytes(mut self, bytes: usize) -> Self {
        self.nodes.max_waiting_bytes = bytes;
        self
    }
}
