//! Everything at once, at random.
//!
//! `NODES_SEED` sets the seed, `NODES_SECONDS` how long it goes on. When things happen is not the seed's alone, so what fails once may need a few more tries.

use std::env;
use std::str::FromStr;
use std::time::{Duration, Instant};

use htmx_ws_tests::nodes::Nodes;
use htmx_ws_tests::nodes::server::NatsServer;
use htmx_ws_tests::proxy::Proxy;
use htmx_ws_tests::random::Random;
use tokio::sync::RwLock;

use crate::{NODE, World};

const VISITORS: usize = 60;
const SECONDS: u64 = 20;
/// How long a fault lasts, and how long nothing is done behind it.
const FAULT_MS: std::ops::RangeInclusive<u64> = 50..=2_000;

#[derive(Debug, Clone, Copy)]
enum NodeFault {
    Kill,
    Terminate,
    Pause,
}

#[derive(Debug, Clone, Copy)]
enum WayFault {
    Stall,
    Cut,
    Reset,
    Late,
    KillServer,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_whatever_happens() {
    let seed = variable("NODES_SEED").unwrap_or_else(Random::any_seed);
    let end = Instant::now() + Duration::from_secs(variable("NODES_SECONDS").unwrap_or(SECONDS));
    println!("NODES_SEED={seed}");
    let mut server = NatsServer::start().await;
    let proxies = [Proxy::start(server.addr()).await, Proxy::start(server.addr()).await, Proxy::start(server.addr()).await];
    let urls = proxies.each_ref().map(|proxy| format!("nats://{}", proxy.addr()));
    let mut world = World::of(Nodes::start(NODE, &urls.each_ref().map(String::as_str), &[]).await, VISITORS).await;
    // A node does not start where it cannot reach the server.
    let is_whole = RwLock::new(());
    let nodes = break_nodes(&mut world.nodes, &is_whole, Random::new(seed), end);
    let ways = break_ways(&mut server, &proxies, &is_whole, Random::new(seed + 1), end);
    tokio::join!(nodes, ways);
    let reloads = world.end(&format!("everything at once, NODES_SEED={seed}")).await;
    // Who comes to a node that cannot ask the server whether there is more than it knows is told to load anew.
    println!("{reloads} pages were loaded anew");
}

async fn break_nodes(nodes: &mut Nodes, is_whole: &RwLock<()>, mut random: Random, end: Instant) {
    while Instant::now() < end {
        let (number, fault) = (random.of(0..=2), random.pick(&[NodeFault::Kill, NodeFault::Terminate, NodeFault::Pause]));
        let node = nodes.node(usize::try_from(number).unwrap());
        println!("node {number}: {fault:?}");
        match fault {
            NodeFault::Kill => node.kill(),
            NodeFault::Terminate => _ = node.terminate().await,
            NodeFault::Pause => node.process().pause(),
        }
        pause(&mut random).await;
        if matches!(fault, NodeFault::Pause) {
            node.process().go_on();
        } else {
            let _whole = is_whole.read().await;
            node.restart().await;
        }
        pause(&mut random).await;
    }
}

async fn break_ways(server: &mut NatsServer, proxies: &[Proxy], is_whole: &RwLock<()>, mut random: Random, end: Instant) {
    use WayFault::{Cut, KillServer, Late, Reset, Stall};
    while Instant::now() < end {
        let whole = is_whole.write().await;
        let (number, fault) = (random.of(0..=2), random.pick(&[Stall, Cut, Reset, Late, KillServer]));
        let proxy = &proxies[usize::try_from(number).unwrap()];
        println!("way {number}: {fault:?}");
        match fault {
            Stall => proxy.stall(),
            Cut => proxy.cut().await,
            Reset => proxy.reset_in_the_middle(random.of(0..=100)),
            Late => proxy.delay(Duration::ZERO..=Duration::from_millis(300), random.number()),
            KillServer => server.kill(),
        }
        pause(&mut random).await;
        proxy.restore();
        if matches!(fault, KillServer) {
            server.restart().await;
        }
        drop(whole);
        pause(&mut random).await;
    }
}

async fn pause(random: &mut Random) {
    tokio::time::sleep(Duration::from_millis(random.of(FAULT_MS))).await;
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok()?.parse().ok()
}
