//! Many processes with one hub: a [NATS server](server::NatsServer), [nodes](Nodes) of the binary `node`, [visitors](visitor::Visitors) and [watchers](watcher::Watcher) of their pages, and [publishers](publisher::Publishers).

pub mod clock;
pub mod people;
pub mod post;
pub mod publisher;
pub mod server;
pub mod visitor;
pub mod watcher;

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::process::Server;
use crate::workspace;

/// The topic of the board.
pub const TOPIC: &str = "board";

/// How many numbers are on the board.
pub const CELLS: usize = 8;

/// The nodes of a test.
#[derive(Debug)]
pub struct Nodes {
    servers: Vec<Server>,
}

impl Nodes {
    /// Starts a node for each of these URLs of a NATS server; `more` are the last arguments of each.
    pub async fn start(program: &str, urls: &[&str], more: &[&str]) -> Self {
        let mut servers = Vec::new();
        for url in urls {
            let port = workspace::free_port().to_string();
            let arguments = [port.as_str(), url].into_iter().chain(more.iter().copied());
            servers.push(Server::start(PathBuf::from(program), arguments, "listening on ").await);
        }
        Self { servers }
    }

    /// Where they listen, also while one of them is gone.
    pub fn addrs(&self) -> Vec<SocketAddr> {
        self.servers.iter().map(Server::addr).collect()
    }

    /// One of them.
    pub fn node(&mut self, number: usize) -> &mut Server {
        &mut self.servers[number]
    }
}
