//! A new version of the application, node by node.

use std::sync::Arc;
use std::time::Duration;

use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::publisher::{Notes, Outcome};
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::nodes::visitor::Visitors;
use htmx_ws_tests::nodes::{CELLS, post};
use htmx_ws_tests::process::allow_open_files;
use htmx_ws_tests::proxy::Proxy;

use crate::{NODE, World, go_on};

const VISITORS: usize = 500;
/// From a node to the server, and back: so it ends before it is told that anything was taken, unless it waits for that.
const DISTANCE: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn all_nodes_are_restarted_one_after_the_other_and_no_page_is_loaded_anew() {
    allow_open_files(4 * VISITORS as u64);
    let server = NatsServer::start().await;
    let mut world = World::start(&server, VISITORS).await;
    go_on().await;
    for node in 0..3 {
        let status = world.nodes.node(node).terminate().await;
        assert!(status.success(), "a node ends by itself: {status}");
        world.nodes.node(node).restart().await;
    }
    go_on().await;
    world.converge("all restarted under 500 pages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waited_for_is_published_before_a_node_ends() {
    let server = NatsServer::start().await;
    let far = Proxy::start(server.addr()).await;
    let mut nodes = Nodes::start(NODE, &[&server.url(), &format!("nats://{}", far.addr())], &[]).await;
    let (addrs, notes) = (nodes.addrs(), Arc::<Notes>::default());
    let visitors = Visitors::start(1, &addrs[..1], &notes).await;
    far.delay(DISTANCE..=DISTANCE, 0);
    for key in 0..CELLS {
        post::post(addrs[1], &format!("/leave/{key}/5")).await.unwrap();
    }
    assert!(nodes.node(1).terminate().await.success());
    visitors.until_all_show(&Outcome { counts: vec![5; CELLS], ..Outcome::default() }).await;
}
