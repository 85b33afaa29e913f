//! A node that does not come to the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::publisher::{Answer, publish};
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::proxy::Proxy;

use crate::{NODE, World, go_on};

const VISITORS: usize = 60;
/// Half of it nothing moves on the connection, then it is cut.
const PARTITION: Duration = Duration::from_secs(10);
/// What the node waits for a connection and for an answer, and what a busy machine takes.
const BOUND: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_says_so_and_comes_back() {
    let server = NatsServer::start().await;
    let proxy = Proxy::start(server.addr()).await;
    let (direct, cut) = (server.url(), format!("nats://{}", proxy.addr()));
    let world = World::of(Nodes::start(NODE, &[&direct, &cut, &direct], &[]).await, VISITORS).await;
    let addrs = world.nodes.addrs();
    go_on().await;
    proxy.stall();
    let begin = Instant::now();
    assert_eq!(bounded(addrs[1]).await, Answer::Unknown, "it is on its way, for all that the node knows");
    assert_eq!(publish(addrs[0], "/fill/0/100").await, Answer::Acknowledged, "the others go on");
    tokio::time::sleep(PARTITION / 2).await;
    proxy.cut().await;
    while bounded(addrs[1]).await != Answer::Refused {
        assert!(begin.elapsed() < 2 * PARTITION, "a node without a connection refuses");
    }
    assert_eq!(publish(addrs[2], "/fill/2/100").await, Answer::Acknowledged, "the others go on");
    tokio::time::sleep(PARTITION.saturating_sub(begin.elapsed())).await;
    proxy.restore();
    while bounded(addrs[1]).await != Answer::Acknowledged {
        assert!(begin.elapsed() < 3 * PARTITION, "a node that is back publishes again");
    }
    world.converge("a node cut off for 10 s").await;
}

/// What becomes of a publish on a node that is cut off, in time; to a topic that nobody reads.
async fn bounded(node: SocketAddr) -> Answer {
    let sent = Instant::now();
    let answer = publish(node, "/fill/1/100").await;
    assert!(sent.elapsed() < BOUND, "a publish was answered with {answer:?} after {:?}", sent.elapsed());
    answer
}
