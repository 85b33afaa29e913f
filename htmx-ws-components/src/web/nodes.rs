//! A hub that is one of many.

use std::sync::Arc;
use std::time::Duration;

use crate::backplane::handle::Backplane;
use crate::hub::replica::cluster::Effect;
use crate::hub::replica::cluster::NodeId;
use crate::hub::replica::nodes::Nodes;
use crate::hub::stats::{Counter, Counters};
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::{Cursor, Epoch};
use crate::message::random::random;
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::web::builder::HubBuilder;
use crate::web::hub::Hub;

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
        let nodes =
            Nodes::new(engine, runtime, Arc::clone(counters), self.max_waiting_bytes).with_members(NodeId(u64::from_le_bytes(random())));
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
    /// use htmx_ws_components::{Hub, MemoryBackplane};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let hub = Hub::builder().secret(b"at least 32 random bytes from the environment").backplane(MemoryBackplane::new()).build();
    /// # }
    /// ```
    pub fn backplane(mut self, backplane: impl Into<Backplane>) -> Self {
        self.nodes.backplane = Some(backplane.into());
        self
    }

    /// Bytes of patches that may wait for the [backplane](HubBuilder::backplane) to take them, over all topics; a publish beyond that is [refused](crate::PublishError::Refused). Default: 16 MiB.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, MemoryBackplane};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let hub = Hub::builder().backplane(MemoryBackplane::new()).max_waiting_bytes(64 << 20).build();
    /// # }
    /// ```
    pub fn max_waiting_bytes(mut self, bytes: usize) -> Self {
        self.nodes.max_waiting_bytes = bytes;
        self
    }
}

impl Hub {
    /// Does here what other nodes say.
    pub(super) fn listen_to_nodes(&self) {
        let Some(members) = self.topics().members() else { return };
        let hub = self.downgrade();
        members.begin(Arc::new(move |effect| {
            let Some(hub) = hub.upgrade() else { return };
            match effect {
                Effect::Called(topic) => hub.call_if_read(&topic),
                Effect::Revoked { whom, at, until } => {
                    hub.revoke_until(&whom, at, until);
                }
                Effect::Lost(epoch, lost) => hub.topics().lost(epoch, &lost),
                Effect::Reach => hub.connections().call_all(),
                effect => {
                    if effect == Effect::Forgotten {
                        hub.say_revocations();
                    }
                    hub.topics().hear_of_readers(&effect);
                }
            }
        }));
    }

    /// What was said of them before may be gone.
    fn say_revocations(&self) {
        let Some(members) = self.topics().members() else { return };
        for (whom, at, until) in self.revocations().all() {
            members.revoke(&whom, at, until);
        }
    }

    /// There is something in a private topic: whoever is here and may read it does so.
    fn call_if_read(&self, topic: &Topic) {
        let readers = self.connections().of(topic);
        if readers.is_empty() {
            return;
        }
        if self.topics().follow(topic).is_err() {
            self.counters().count(Counter::TopicsExceeded);
        }
        for reader in &readers {
            reader.call();
        }
    }

    /// The connections here of those whose rights were taken back end; how many that are.
    pub(super) fn revoke_until(&self, whom: &Topic, at: Duration, until: Duration) -> usize {
        // First the tickets, so that nobody comes back with one.
        if !self.revocations().add(whom.clone(), at, until) {
            return 0;
        }
        let connections = self.connections().of(whom);
        for connection in &connections {
            connection.close(Close::Revoked);
        }
        tracing::info!(name: "htmx_ws.revoked", target: "htmx_ws", connections = connections.len(), "a right to read was taken back");
        connections.len()
    }

    /// Where other nodes may have published to these private topics, that is found out.
    pub(super) fn seek(&self, starts: &[(Topic, Cursor)]) {
        if self.topics().members().is_none() {
            return;
        }
        for (topic, start) in starts.iter().filter(|(topic, _)| topic.is_private()) {
            let (hub, sought) = (self.downgrade(), topic.clone());
            self.topics().seek(topic, start, move || {
                let readers = hub.upgrade().map(|hub| hub.connections().of(&sought)).unwrap_or_default();
                for reader in &readers {
                    reader.call();
                }
            });
        }
    }
}
