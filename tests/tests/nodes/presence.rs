//! Who reads a topic, all over the nodes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use htmx_ws_tests::PATIENCE;
use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::people::lists;
use htmx_ws_tests::nodes::post::get;
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::nodes::watcher::{Heard, Watcher};

use crate::NODE;

/// As long as a producer takes to move, and the grace time of a user.
const LEAVES: Duration = Duration::from_secs(13);

/// Finds that the list is this one.
fn shows(names: &str) -> impl Fn(&Heard) -> Option<()> {
    move |heard| (lists(heard).last()? == names).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readers_of_all_nodes_are_one_list_and_those_of_a_node_that_is_killed_leave_it() {
    let server = NatsServer::start().await;
    let url = server.url();
    let mut nodes = Nodes::start(NODE, &[&url, &url, &url], &[]).await;
    let addrs = nodes.addrs();
    // One after the other, so the order of the list is known.
    let mut pages = Vec::new();
    for ((node, user), list) in addrs.iter().zip(["ann", "bob", "cem"]).zip(["ann", "ann bob", "ann bob cem"]) {
        pages.push(Watcher::open(*node, &format!("/document/{user}")).await);
        join_all(pages.iter().map(|page| page.until(list, shows(list)))).await;
    }
    known(&addrs, "ann bob cem").await;
    nodes.node(2).kill();
    let killed = Instant::now();
    pages.pop();
    let told: Vec<usize> = pages.iter().map(|page| lists(&page.heard()).len()).collect();
    join_all(pages.iter().map(|page| page.until("cem has left", shows("ann bob")))).await;
    let took = killed.elapsed();
    println!("who was at a node that was killed has left after {took:.1?}");
    assert!(took < LEAVES, "who was at a node that was killed has left after {took:?}");
    known(&addrs[..2], "ann bob").await;
    for (page, told) in pages.iter().zip(told) {
        assert_eq!(lists(&page.heard())[told..], ["ann bob"], "the others stay, and are told once");
        assert!(!page.heard().is_refreshed());
    }
    nodes.node(2).restart().await;
    pages.push(Watcher::open(addrs[2], "/document/cem").await);
    join_all(pages.iter().map(|page| page.until("cem is back", shows("ann bob cem")))).await;
    known(&addrs, "ann bob cem").await;
}

/// Waits until each of these nodes knows of all of them: a page may be told before another node has counted.
async fn known(nodes: &[SocketAddr], names: &str) {
    let knows = async |node: &SocketAddr| {
        while get(*node, "/readers").await.unwrap() != names {
            tokio::task::yield_now().await;
        }
    };
    let all = join_all(nodes.iter().map(knows));
    assert!(tokio::time::timeout(PATIENCE, all).await.is_ok(), "not all nodes know of {names}");
}
