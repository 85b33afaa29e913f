//! Streams with replicas, on three servers: a node reads from one that may not have everything yet.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::server::Server;
use crate::backplane::Engine;
use crate::backplane::contract::{self, Rig, within};

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
