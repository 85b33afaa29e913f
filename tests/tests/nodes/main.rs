//! What happens to processes, to their server and to the way between them while people look: real processes on a real NATS server.
//!
//! A publisher for each number of a board counts up, visitors look at it and go on elsewhere when their node is gone. In the end every page shows what was acknowledged last, and none has
//! seen a number go back. Some of what they publish are lines: those are on every page once and in the same order, except for those of which nobody was told whether they were published.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod chaos;
mod crash;
mod limit;
mod loss;
mod pages;
mod partition;
mod presence;
mod private;
mod producer;
mod restart;

use std::sync::Arc;
use std::time::Duration;

use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::publisher::{Notes, Publishers};
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::nodes::visitor::Visitors;

const NODE: &str = env!("CARGO_BIN_EXE_node");

/// How long there is load in front of a fault, and behind it.
const LOAD: Duration = Duration::from_secs(2);

/// Nodes with all that goes on there.
struct World {
    nodes: Nodes,
    visitors: Visitors,
    publishers: Publishers,
    notes: Arc<Notes>,
}

impl World {
    /// Three nodes.
    async fn start(server: &NatsServer, visitors: usize) -> Self {
        let url = server.url();
        Self::of(Nodes::start(NODE, &[&url, &url, &url], &[]).await, visitors).await
    }

    async fn of(nodes: Nodes, visitors: usize) -> Self {
        let (addrs, notes) = (nodes.addrs(), Arc::<Notes>::default());
        let visitors = Visitors::start(visitors, &addrs, &notes).await;
        let publishers = Publishers::start(&addrs, &notes);
        Self { nodes, visitors, publishers, notes }
    }

    /// Has the publishers finish, and waits until all pages show what was acknowledged last.
    async fn converge(self, name: &str) {
        let reloads = self.end(name).await;
        assert_eq!(reloads, 0, "no page has to be loaded anew");
    }

    /// As [`World::converge`]; how often a page had to be loaded anew.
    async fn end(self, name: &str) -> usize {
        let Self { nodes: _nodes, visitors, publishers, notes } = self;
        let outcome = publishers.finish().await;
        visitors.until_all_show(&outcome).await;
        println!("{name}: {} lines; {}", outcome.lines.len(), notes.figures());
        visitors.reloads()
    }
}

/// Lets the load go on.
async fn go_on() {
    tokio::time::sleep(LOAD).await;
}
