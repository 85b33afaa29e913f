//! Processes that end without a word, or stop for a while.

use std::time::Duration;

use htmx_ws_tests::nodes::server::NatsServer;

use crate::{World, go_on};

const VISITORS: usize = 60;
/// Longer than any publish waits.
const PAUSE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_takes_nothing_with_it_that_was_acknowledged() {
    let server = NatsServer::start().await;
    let mut world = World::start(&server, VISITORS).await;
    go_on().await;
    world.nodes.node(0).kill();
    go_on().await;
    world.converge("a node killed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_has_all_that_it_acknowledged() {
    let mut server = NatsServer::start().await;
    let world = World::start(&server, VISITORS).await;
    go_on().await;
    server.kill();
    // Publishes are refused by now.
    go_on().await;
    server.restart().await;
    go_on().await;
    world.converge("the server killed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_still_goes_on_where_the_others_are() {
    let server = NatsServer::start().await;
    let mut world = World::start(&server, VISITORS).await;
    go_on().await;
    world.nodes.node(1).process().pause();
    tokio::time::sleep(PAUSE).await;
    world.nodes.node(1).process().go_on();
    go_on().await;
    world.converge("a node stopped for 4 s").await;
}
