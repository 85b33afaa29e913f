//! A server that has lost what it had acknowledged.

use htmx_ws_tests::nodes::server::NatsServer;

use crate::{World, go_on};

const VISITORS: usize = 30;

/// Nobody goes on as if nothing was gone: each page is loaded anew, and not again and again.
async fn all_begin_anew(world: World, name: &str) {
    go_on().await;
    let reloads = world.end(name).await;
    assert!((VISITORS..=3 * VISITORS).contains(&reloads), "{reloads} of {VISITORS} pages were loaded anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_server_that_has_nothing_any_more_all_nodes_begin_anew() {
    let mut server = NatsServer::start().await;
    let world = World::start(&server, VISITORS).await;
    go_on().await;
    server.kill();
    server.wipe();
    server.restart().await;
    all_begin_anew(world, "the server's disk lost").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_server_that_has_lost_its_newest_records_all_nodes_begin_anew() {
    let mut server = NatsServer::start().await;
    let world = World::start(&server, VISITORS).await;
    go_on().await;
    server.kill();
    let backup = server.backup();
    server.restart().await;
    go_on().await;
    server.kill();
    server.restore(&backup);
    server.restart().await;
    all_begin_anew(world, "a backup played back").await;
}
