//! A wire that fails on command: a TCP proxy between a browser and a server.

mod connection;
mod lane;
mod request;
#[cfg(test)]
mod tests;
mod wire;

use crate::PATIENCE;
use std::{net::SocketAddr, ops::RangeInclusive, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};

use connection::accept;
pub use request::Kind;
use wire::{Delay, Wire};

/// Forwards TCP connections from a port of its own on loopback to a target, until told to fail.
///
/// Faults add up; [`restore`](Self::restore) ends them all, but what is lost stays lost. It ends, with every connection through it, when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    wire: Arc<Wire>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy in front of `target`, which need not listen yet.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let addr = listener.local_addr().expect("a bound listener has an address");
        let wire = Arc::new(Wire::new(target));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&wire)));
        Self { addr, wire, accepting }
    }

    /// Where to connect instead of to the target.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of `path` (with its leading slash) through this proxy.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// Sends connections to another target from now on; those that are open stay where they are.
    pub fn set_target(&self, target: SocketAddr) {
        self.wire.target.send_replace(target);
    }

    /// How many connections from clients are open.
    pub fn connections(&self) -> usize {
        self.wire.open.borrow().len()
    }

    /// Waits until exactly `count` connections from clients are open.
    pub async fn until_connections(&self, count: usize) {
        let mut open = self.wire.open.subscribe();
        let reached = timeout(PATIENCE, open.wait_for(|open| open.len() == count)).await.is_ok();
        assert!(reached, "{} connections are open, and not {count}", self.connections());
    }

    /// Drops every connection, and closes new ones at once. When it returns, nothing moves any more.
    pub async fn cut(&self) {
        self.wire.faults.send_modify(|faults| faults.is_cut = true);
        self.until_connections(0).await;
    }

    /// Ends every fault: new connections are let through, bytes move again, and those that waited move first.
    pub fn restore(&self) {
        self.wire.disarm();
        self.wire.faults.send_modify(|faults| *faults = faults.restored());
    }

    /// Keeps every connection open and accepts new ones, but moves no byte in either direction.
    pub fn stall(&self) {
        self.wire.faults.send_modify(|faults| faults.is_stalled = true);
    }

    /// Moves bytes again after [`stall`](Self::stall), those that waited first.
    pub fn resume(&self) {
        self.restore();
    }

    /// Sends bytes to every client that no server sent. Where a message was on its way, they stand in its middle.
    pub fn inject(&self, bytes: Vec<u8>) {
        self.wire.injected.send_replace(bytes);
    }

    /// Moves each piece later by a time of `times`, which the seed decides; their order stays.
    pub fn delay(&self, times: RangeInclusive<Duration>, seed: u64) {
        self.wire.faults.send_modify(|faults| faults.delay = Some(Delay { times, seed }));
    }

    /// Forgets every open connection, as a NAT does: from now on their bytes vanish in both directions, and neither end is told, also not when the other one
    /// closes. New connections work. No [`restore`](Self::restore) brings a forgotten connection back.
    pub fn half_open(&self) {
        let last = self.wire.last();
        self.wire.faults.send_modify(|faults| faults.forgotten_to = last);
    }

    /// Cuts what the server sends next, on whichever connection that is: the client gets `percent` of a hundred of its bytes, though at least one and not all
    /// where there are two, and then a reset (RST).
    pub fn reset_in_the_middle(&self, percent: u64) {
        self.wire.arm(percent);
    }

    /// How many connections were [reset in the middle](Self::reset_in_the_middle).
    pub fn resets(&self) -> u64 {
        self.wire.resets()
    }

    /// Holds back what is on its way on the connections that are open, also their ends; new ones work. So after [`restore`](Self::restore), the bytes of
    /// an old connection come behind those of a newer one.
    pub fn hold_open_connections(&self) {
        let last = self.wire.last();
        self.wire.faults.send_modify(|faults| faults.held_to = last);
    }

    /// Accepts new connections, but lets them through to the server only after [`restore`](Self::restore), and then the last one first.
    pub fn hold_new_connections(&self) {
        self.wire.faults.send_modify(|faults| faults.is_door_shut = true);
    }

    /// Ends every open connection for its client now, but for the server only after it has answered on a newer one.
    pub async fn end_late(&self) {
        let last = self.wire.last();
        self.wire.faults.send_modify(|faults| faults.ended_to = last);
        let mut open = self.wire.open.subscribe();
        let ended = timeout(PATIENCE, open.wait_for(|open| open.first().is_none_or(|oldest| *oldest > last))).await.is_ok();
        assert!(ended, "connections are open that have ended");
    }

    /// From now on, requests of this kind are answered with 502, and open connections that carry one are cut.
    pub fn block(&self, kind: Kind) {
        self.wire.faults.send_modify(|faults| faults.set_blocked(kind, true));
    }

    /// Lets requests of this kind through again.
    pub fn unblock(&self, kind: Kind) {
        self.wire.faults.send_modify(|faults| faults.set_blocked(kind, false));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
