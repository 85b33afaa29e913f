//! Readers that stop reading, over real sockets: what they cost the hub, what they cost the others, and what they get when they read again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use htmx_ws_components::{Component, Counter, Hub, HubBuilder, Live};
use htmx_ws_tests::process::resident_bytes;
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use maud::{Markup, html};

const GAUGES: u32 = 50;
/// A hundred thousand patches.
const ROUNDS: u32 = 2_000;

/// Half a kilobyte, as a component of a real page.
#[derive(Component)]
#[component(id = "gauge-{number}", leaf, render = Self::markup)]
struct Gauge {
    number: u32,
    round: u32,
}

impl Gauge {
    fn markup(&self) -> Markup {
        html! { p title=("-".repeat(400)) data-value=(self.round) { "gauge " (self.number) } }
    }
}

/// What a page shows: the value of each gauge.
#[derive(Default)]
struct Page {
    shown: HashMap<String, u32>,
    frames: usize,
    bytes: usize,
}

impl Page {
    /// Reads until every gauge shows `round`.
    async fn read_until(&mut self, socket: &mut Socket, round: u32) {
        while self.shown.len() < GAUGES as usize || self.shown.values().any(|shown| *shown != round) {
            let frame = socket.text().await;
            self.frames += 1;
            self.bytes += frame.len();
            for gauge in frame.split("id=\"gauge-").skip(1) {
                let (number, rest) = gauge.split_once('"').unwrap();
                let (_, value) = rest.split_once("data-value=\"").unwrap();
                self.shown.insert(number.to_owned(), value.split_once('"').unwrap().0.parse().unwrap());
            }
        }
    }
}

struct World {
    hub: Hub,
    addr: SocketAddr,
    path: String,
}

impl World {
    async fn new(builder: HubBuilder) -> Self {
        let hub = builder.build();
        let addr = serve(hub.routes().with_state(())).await;
        Self { path: socket_path(&Live::of(&hub).topic("gauges")), hub, addr }
    }

    async fn open(&self) -> Socket {
        Socket::open(self.addr, &self.path).await
    }

    /// As many states of each gauge.
    async fn publish(&self, rounds: u32) {
        for round in 1..=rounds {
            for number in 0..GAUGES {
                self.hub.publish("gauges", &Gauge { number, round });
            }
            // Readers and writers share the runtime.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_stall_cost_nothing_and_wake_up_to_the_final_state() {
    // However long it takes here: that a reader which stalls for too long is cut is another test.
    let forever = Duration::from_secs(600);
    let world = World::new(Hub::builder().write_stall(forever).heartbeat(forever, forever)).await;
    let mut stalled = Vec::new();
    for _ in 0..8 {
        stalled.push(world.open().await);
    }
    let neighbours: Vec<_> = std::iter::repeat_with(|| world.open()).take(32).collect();
    let neighbours = futures_util::future::join_all(neighbours).await.into_iter().map(|mut socket| {
        tokio::spawn(async move {
            let mut page = Page::default();
            page.read_until(&mut socket, ROUNDS).await;
            page
        })
    });
    let neighbours: Vec<_> = neighbours.collect();
    let before = resident_bytes();
    world.publish(ROUNDS).await;
    let grown = resident_bytes().saturating_sub(before);
    for neighbour in neighbours {
        let page = neighbour.await.unwrap();
        assert!(page.frames > 100, "a neighbour of stalled readers saw {} frames only", page.frames);
    }
    // They have missed 50 MB each. What the hub keeps is one state of each gauge, and what the readers are about to get.
    assert!(world.hub.stats().bytes() < 1_000_000, "{}", world.hub.stats().bytes());
    assert!(grown < 20_000_000, "the process grew by {grown} bytes");
    for mut socket in stalled {
        let mut page = Page::default();
        page.read_until(&mut socket, ROUNDS).await;
        println!("a stalled reader got {} bytes in {} frames", page.bytes, page.frames);
        assert!(page.bytes < 400_000, "{} bytes in {} frames", page.bytes, page.frames);
    }
    println!("the process grew by {grown} bytes");
    assert_eq!(world.hub.stats().get(Counter::CutStalled), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stalls_for_too_long_is_cut_and_comes_back_to_the_final_state() {
    let world = World::new(Hub::builder().write_stall(Duration::from_millis(500))).await;
    let stalled = world.open().await;
    let rounds = 200;
    world.publish(rounds).await;
    while world.hub.stats().connections() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.hub.stats().get(Counter::CutStalled), 1);
    drop(stalled);
    let mut page = Page::default();
    page.read_until(&mut world.open().await, rounds).await;
    assert!(page.bytes < 100_000 && page.frames < 10, "{} bytes in {} frames", page.bytes, page.frames);
}
