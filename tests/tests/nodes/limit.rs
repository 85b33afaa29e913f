//! A stream that is full.

use std::net::SocketAddr;

use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::publisher::{Answer, publish};
use htmx_ws_tests::nodes::server::NatsServer;

use crate::{NODE, World, go_on};

const VISITORS: usize = 20;
const MAX_BYTES: u64 = 300_000;
/// More than there is room for.
const FILLINGS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_refuses_until_there_is_room() {
    let server = NatsServer::start().await;
    let url = server.url();
    let nodes = Nodes::start(NODE, &[&url, &url], &[&format!("max-bytes={MAX_BYTES}")]).await;
    let world = World::of(nodes, VISITORS).await;
    let addrs = world.nodes.addrs();
    go_on().await;
    let mut number = 0;
    // Also of what is small nothing finds room at the end.
    for bytes in [4_000, 400, 4] {
        while fill(addrs[number % 2], number, bytes).await == Answer::Acknowledged {
            number += 1;
            assert!(number < FILLINGS, "a stream of {MAX_BYTES} bytes takes no end of them");
        }
    }
    assert_eq!(fill(addrs[0], number, 4_000).await, Answer::Refused, "what is full is said");
    go_on().await;
    server.set_max_bytes("test-log", 10 * MAX_BYTES).await;
    assert_eq!(fill(addrs[1], number, 4_000).await, Answer::Acknowledged, "there is room again");
    go_on().await;
    world.converge("a full stream").await;
}

async fn fill(node: SocketAddr, number: usize, bytes: usize) -> Answer {
    publish(node, &format!("/fill/{number}/{bytes}")).await
}
