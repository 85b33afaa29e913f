//! A topic with a producer: one node of all runs it, whatever happens to that node.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::clock::{Tick, ticks};
use htmx_ws_tests::nodes::post::get;
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::nodes::watcher::{Heard, Watcher};
use htmx_ws_tests::proxy::Proxy;

use crate::NODE;

/// A node is gone that was silent for eight seconds. The others hear of that with what one of them says next, which is two seconds later at the most; and a busy machine takes its time.
const TAKEOVER: Duration = Duration::from_secs(12);
/// So many ticks that a second producer would be seen between them: a second of them.
const SOME: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn where_the_node_that_produces_is_killed_one_other_goes_on() {
    let server = NatsServer::start().await;
    let url = server.url();
    let mut nodes = Nodes::start(NODE, &[&url, &url, &url], &[]).await;
    let addrs = nodes.addrs();
    let mut pages = join_all(addrs.iter().map(|node| Watcher::open(*node, "/clock"))).await;
    let first = pages[0].until("somebody produces", |heard| ticks(heard).nth(SOME)).await.node;
    let number = addrs.iter().position(|node| node.port() == first).unwrap();
    assert_eq!(producing(&addrs).await, [first], "one node of all produces");
    nodes.node(number).kill();
    let killed = Instant::now();
    let gone = pages.remove(number);
    let next = taken_over(&pages[0], first, killed).await;
    drop(gone);
    for page in &pages {
        page.until("it goes on", |heard| ticks(heard).filter(|tick| tick.node == next).nth(SOME)).await;
    }
    let others: Vec<SocketAddr> = addrs.into_iter().filter(|node| node.port() != first).collect();
    assert_eq!(producing(&others).await, [next], "one node of the others produces");
    agree(&pages, &[first, next]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_cut_off_has_stopped_before_another_one_produces() {
    let server = NatsServer::start().await;
    let proxy = Proxy::start(server.addr()).await;
    let nodes = Nodes::start(NODE, &[&format!("nats://{}", proxy.addr()), &server.url(), &server.url()], &[]).await;
    let addrs = nodes.addrs();
    // The first who wants to produce does.
    let mut pages = vec![Watcher::open(addrs[0], "/clock").await];
    let first = pages[0].until("it produces", |heard| ticks(heard).next()).await.node;
    pages.extend(join_all(addrs[1..].iter().map(|node| Watcher::open(*node, "/clock"))).await);
    for page in &pages {
        page.until("it hears the first", |heard| ticks(heard).nth(SOME)).await;
    }
    proxy.stall();
    let next = taken_over(&pages[1], first, Instant::now()).await;
    assert_eq!(producing(&addrs).await, [next], "the node that is cut off does not produce any more");
    let says = |heard: &Heard, state: &str| {
        heard.frames.iter().rev().find_map(|frame| frame.strip_prefix("<!--htmx-ws-beat ")).is_some_and(|said| said.starts_with(state))
    };
    pages[0].until("it says that what it shows may be old", |heard| says(heard, "stale").then_some(())).await;
    // What it had sent meanwhile arrives now.
    proxy.restore();
    pages[0].until("it says that all has come", |heard| says(heard, "open").then_some(())).await;
    for page in &pages {
        page.until("it goes on", |heard| ticks(heard).filter(|tick| tick.node == next).nth(2 * SOME)).await;
    }
    assert_eq!(producing(&addrs).await, [next], "the other one keeps it");
    agree(&pages, &[first, next]);
}

/// The node that goes on, in time.
async fn taken_over(page: &Watcher, before: u16, since: Instant) -> u16 {
    let next = page.until("another node produces", |heard| ticks(heard).find(|tick| tick.node != before)).await.node;
    let took = since.elapsed();
    println!("another node produces after {took:.1?}");
    assert!(took < TAKEOVER, "another node produces after {took:?}");
    next
}

/// The ports of those that run a producer at this moment.
async fn producing(nodes: &[SocketAddr]) -> Vec<u16> {
    let counts = join_all(nodes.iter().map(|node| get(*node, "/producers"))).await;
    let counts = counts.into_iter().map(|count| count.unwrap().parse::<usize>().unwrap());
    nodes.iter().zip(counts).flat_map(|(node, count)| vec![node.port(); count]).collect()
}

/// No page was loaded anew, each was told every tick once and in the order of their times, and `nodes` have produced one after the other.
fn agree(pages: &[Watcher], nodes: &[u16]) {
    let all: Vec<Vec<Tick>> = pages.iter().map(|page| ticks(&page.heard()).collect()).collect();
    // Each page as long as all of them were there.
    let begin = all.iter().map(|ticks| ticks[0].time).max().unwrap();
    let end = all.iter().map(|ticks| ticks[ticks.len() - 1].time).min().unwrap();
    let common = |ticks: &[Tick]| -> Vec<Tick> { ticks.iter().copied().filter(|tick| (begin..=end).contains(&tick.time)).collect() };
    for (page, ticks) in pages.iter().zip(&all) {
        let heard = page.heard();
        assert!(!heard.is_refreshed() && heard.end.is_none(), "a page goes on, and is not loaded anew");
        assert!(ticks.is_sorted_by(|one, next| one.time < next.time), "a tick came twice, or behind a later one: {ticks:?}");
        let mut told: Vec<u16> = ticks.iter().map(|tick| tick.node).collect();
        told.dedup();
        assert_eq!(told, nodes, "never two produce at once");
        assert_eq!(common(ticks), common(&all[0]), "all pages are told the same");
    }
}
