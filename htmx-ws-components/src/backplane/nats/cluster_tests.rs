//! Streams with replicas, on three servers: a node reads from one that may not have everything yet.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::nats_tests::append_numbers;
use super::server::Server;
use crate::backplane::Engine;
use crate::backplane::contract::{self, Following, Rig, topic, within};

/// Until it is tried again while the servers elect who leads them.
const PAUSE: Duration = Duration::from_millis(100);

struct Cluster {
    servers: Vec<Server>,
    nodes: AtomicUsize,
}

impl Rig for Cluster {
    fn start() -> Self {
        let listeners: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses: Vec<String> = listeners.iter().map(|listener| listener.local_addr().unwrap().to_string()).collect();
        let routes: Vec<String> = addresses.iter().map(|address| format!("nats://{address}")).collect();
        // Each must know all of them, so the ports are chosen before anybody listens.
        drop(listeners);
        let configuration = |(number, address): (usize, &String)| {
            format!(
                "server_name: s{number}\ncluster {{ name: c, listen: \"{address}\", no_advertise: true, routes: [{}] }}",
                routes.join(", ")
            )
        };
        let servers = addresses.iter().enumerate().map(configuration).map(|configuration| Server::start_with(&configuration)).collect();
        Self { servers, nodes: AtomicUsize::new(0) }
    }

    /// Each on another server.
    async fn node(&self) -> Arc<dyn Engine> {
        let server = &self.servers[self.nodes.fetch_add(1, Ordering::Relaxed) % self.servers.len()];
        let connected = async {
            loop {
                match server.options().replicas(3).node().await {
                    Ok(nats) => return nats,
                    Err(_) => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        Arc::new(within(connected).await)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_replicas_nothing_is_lost_either() {
    contract::what_is_kept_while_others_follow_and_append_loses_nothing(&Cluster::start()).await;
}

/// The number of the server that leads the stream of the records, as one that runs knows it.
async fn leader(server: &Server) -> usize {
    let client = server.client().await;
    let asked = async {
        loop {
            let answer = client.request("$JS.API.STREAM.INFO.test-log", "{}".into()).await;
            let info: Option<Value> = answer.ok().and_then(|answer| serde_json::from_slice(&answer.payload).ok());
            let leader = info.as_ref().and_then(|info| info["cluster"]["leader"].as_str()?.strip_prefix('s')?.parse().ok());
            match leader {
                Some(leader) => return leader,
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    };
    within(asked).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_server_that_leads_a_stream_dies_appends_go_on_and_nobody_misses_any() {
    let cluster = Cluster::start();
    drop(cluster.node().await);
    let (topic, first) = (topic("jobs"), leader(&cluster.servers[0]).await);
    let (second, third) = ((first + 1) % 3, (first + 2) % 3);
    let mut nodes = Vec::new();
    // One appends elsewhere, one goes elsewhere when its server is gone, and one waits for it, as it knows no other: it has the most to read then.
    for servers in [&[second, third][..], &[first, second, third], &[first]] {
        let options =
            servers[1..].iter().fold(cluster.servers[servers[0]].options(), |options, more| options.url(cluster.servers[*more].url()));
        let options = options.replicas(3).connection_timeout(Duration::from_secs(1)).answer_timeout(Duration::from_secs(2));
        nodes.push(within(options.node()).await.unwrap());
    }
    let mut followers: Vec<Following> = nodes.iter().map(|node| Following::of(node, &topic)).collect();
    for follower in &mut followers {
        follower.until_present().await;
    }
    let ((count, mut counted), (stop, stopped)) = (watch::channel(0), watch::channel(false));
    let appending = tokio::spawn(append_numbers(nodes[0].clone(), topic.clone(), count, stopped));
    let mut more = async || {
        let goal = *counted.borrow() + 100;
        within(counted.wait_for(|count| *count >= goal)).await.unwrap();
    };
    more().await;
    cluster.servers[first].kill();
    more().await;
    assert_ne!(leader(&cluster.servers[second]).await, first, "another one leads");
    cluster.servers[first].start_again();
    more().await;
    stop.send_replace(true);
    let taken = within(appending).await.unwrap();
    for follower in &mut followers {
        follower.until(taken.last().unwrap().0).await;
        assert_eq!(follower.records(), taken);
    }
}
