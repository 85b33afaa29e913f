//! A wire that fails on command: a TCP proxy between a browser and a server.

use crate::PATIENCE;
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// Forwards TCP connections from a port of its own on loopback to a target, until told to fail.
///
/// It ends, with every connection through it, when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    wire: Arc<Wire>,
    accepting: JoinHandle<()>,
}

/// What the handle and the connections share. Each value is written by [`Proxy`]'s methods and watched by every connection, but for
/// `open`, which the connections count themselves.
#[derive(Debug)]
struct Wire {
    state: watch::Sender<State>,
    target: watch::Sender<SocketAddr>,
    open: watch::Sender<usize>,
    /// Bytes that no server sent.
    injected: watch::Sender<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    Stalled,
    Cut,
}

impl Proxy {
    /// Starts a proxy in front of `target`, which need not listen yet.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let addr = listener.local_addr().expect("a bound listener has an address");
        let wire = Arc::new(Wire {
            state: watch::Sender::new(State::Whole),
            target: watch::Sender::new(target),
            open: watch::Sender::new(0),
            injected: watch::Sender::default(),
        });
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
        *self.wire.open.borrow()
    }

    /// Waits until exactly `count` connections from clients are open.
    pub async fn until_connections(&self, count: usize) {
        let mut open = self.wire.open.subscribe();
        let reached = timeout(PATIENCE, open.wait_for(|open| *open == count)).await.is_ok();
        assert!(reached, "{} connections are open, and not {count}", self.connections());
    }

    /// Drops every connection, and closes new ones at once. When it returns, nothing moves any more.
    pub async fn cut(&self) {
        self.wire.state.send_replace(State::Cut);
        self.until_connections(0).await;
    }

    /// Lets connections through again after [`cut`](Self::cut).
    pub fn restore(&self) {
        self.wire.state.send_replace(State::Whole);
    }

    /// Keeps every connection open and accepts new ones, but moves no byte in either direction.
    pub fn stall(&self) {
        self.wire.state.send_replace(State::Stalled);
    }

    /// Sends bytes to every client that no server sent. Where a message was on its way, they stand in its middle.
    pub fn inject(&self, bytes: Vec<u8>) {
        self.wire.injected.send_replace(bytes);
    }

    /// Moves bytes again after [`stall`](Self::stall), those that waited first.
    pub fn resume(&self) {
        self.restore();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, wire: Arc<Wire>) {
    // Owns the connections: aborting this task drops them.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    // Counted before its task first runs, so that no cut can miss it.
                    connections.spawn(carry(client, Open::count(&wire)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection's life.
async fn carry(client: TcpStream, open: Open) {
    let wire = &open.0;
    let mut state = wire.state.subscribe();
    tokio::select! {
        biased;
        // Closed by the drop of both streams.
        _ = state.wait_for(|state| *state == State::Cut) => {}
        () = forward(client, wire) => {}
    }
}

async fn forward(client: TcpStream, wire: &Wire) {
    until_whole(&mut wire.state.subscribe()).await;
    let target = *wire.target.borrow();
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    // Frames are small and their time matters.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Nothing is injected on the way to the server: this channel stays as it is.
    let nothing = watch::Sender::default();
    tokio::join!(
        pump(from_client, to_server, wire.state.subscribe(), nothing.subscribe()),
        pump(from_server, to_client, wire.state.subscribe(), wire.injected.subscribe())
    );
}

/// Moves bytes one way while the wire is whole; a side that stops sending closes only its own direction.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>, mut injected: watch::Receiver<Vec<u8>>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        until_whole(&mut state).await;
        let length = tokio::select! {
            read = from.read(&mut buffer) => match read {
                Ok(length @ 1..) => length,
                Ok(0) | Err(_) => return,
            },
            Ok(()) = injected.changed() => {
                let bytes = injected.borrow_and_update().clone();
                buffer[..bytes.len()].copy_from_slice(&bytes);
                bytes.len()
            }
            _ = state.changed() => continue,
        };
        let mut rest = &buffer[..length];
        while !rest.is_empty() {
            // Again before each write: a stall that comes between the read and the write holds the bytes back.
            until_whole(&mut state).await;
            tokio::select! {
                written = to.write(rest) => match written {
                    Ok(length @ 1..) => rest = &rest[length..],
                    Ok(0) | Err(_) => return,
                },
                _ = state.changed() => {}
            }
        }
    }
}

async fn until_whole(state: &mut watch::Receiver<State>) {
    // The sender lives as long as the connections do.
    let _ = state.wait_for(|state| *state == State::Whole).await;
}

/// One open connection in the count, for as long as it lives.
struct Open(Arc<Wire>);

impl Open {
    fn count(wire: &Arc<Wire>) -> Self {
        wire.open.send_modify(|open| *open += 1);
        Self(Arc::clone(wire))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    /// A server that answers every byte with itself.
    async fn echo() -> SocketAddr {
        answer(std::convert::identity).await
    }

    /// A server that answers every byte with `reply` of it.
    async fn answer(reply: fn(u8) -> u8) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = stream.read_u8().await {
                        if stream.write_u8(reply(byte)).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        addr
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        TcpStream::connect(proxy.addr()).await.unwrap()
    }

    async fn ask(stream: &mut TcpStream, byte: u8) -> u8 {
        stream.write_u8(byte).await.unwrap();
        timeout(PATIENCE, stream.read_u8()).await.expect("an answer in time").unwrap()
    }

    async fn is_closed(stream: &mut TcpStream) -> bool {
        timeout(PATIENCE, stream.read_u8()).await.expect("a close in time").is_err()
    }

    #[tokio::test]
    async fn a_whole_wire_moves_bytes_both_ways() {
        let proxy = Proxy::start(echo().await).await;
        let mut first = connect(&proxy).await;
        let mut second = connect(&proxy).await;
        assert_eq!(ask(&mut first, 1).await, 1);
        assert_eq!(ask(&mut second, 2).await, 2);
        assert_eq!(proxy.connections(), 2);
        drop(first);
        proxy.until_connections(1).await;
    }

    #[tokio::test]
    async fn a_cut_wire_drops_old_and_new_connections_until_restored() {
        let proxy = Proxy::start(echo().await).await;
        let mut old = connect(&proxy).await;
        assert_eq!(ask(&mut old, 1).await, 1);

        proxy.cut().await;
        assert_eq!(proxy.connections(), 0);
        assert!(is_closed(&mut old).await);
        assert!(is_closed(&mut connect(&proxy).await).await);

        proxy.restore();
        assert_eq!(ask(&mut connect(&proxy).await, 3).await, 3);
    }

    #[tokio::test]
    async fn a_stalled_wire_holds_bytes_back_and_loses_none() {
        let server = echo().await;
        let proxy = Proxy::start(server).await;
        let other = Proxy::start(server).await;
        let mut old = connect(&proxy).await;
        assert_eq!(ask(&mut old, 1).await, 1);

        proxy.stall();
        let mut new = connect(&proxy).await;
        old.write_u8(2).await.unwrap();
        new.write_u8(3).await.unwrap();
        // What could have moved has moved once later bytes came back over a wire just like it.
        let mut whole = connect(&other).await;
        for byte in 0..100 {
            assert_eq!(ask(&mut whole, byte).await, byte);
        }
        assert!(old.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
        assert!(new.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));

        proxy.resume();
        assert_eq!(old.read_u8().await.unwrap(), 2);
        assert_eq!(new.read_u8().await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_stalled_connection_can_be_cut() {
        let proxy = Proxy::start(echo().await).await;
        let mut stream = connect(&proxy).await;
        assert_eq!(ask(&mut stream, 1).await, 1);
        proxy.stall();
        proxy.cut().await;
        assert!(is_closed(&mut stream).await);
    }

    #[tokio::test]
    async fn new_connections_go_to_the_new_target() {
        let proxy = Proxy::start(echo().await).await;
        let mut old = connect(&proxy).await;
        assert_eq!(ask(&mut old, 1).await, 1);
        proxy.set_target(answer(|byte| byte + 100).await);
        assert_eq!(ask(&mut old, 2).await, 2);
        assert_eq!(ask(&mut connect(&proxy).await, 2).await, 102);
    }

    #[tokio::test]
    async fn a_target_that_is_down_closes_the_connection() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let proxy = Proxy::start(nobody).await;
        assert!(is_closed(&mut connect(&proxy).await).await);
        proxy.until_connections(0).await;
    }

    #[tokio::test]
    async fn dropping_the_proxy_drops_its_connections() {
        let proxy = Proxy::start(echo().await).await;
        let mut stream = connect(&proxy).await;
        assert_eq!(ask(&mut stream, 1).await, 1);
        drop(proxy);
        assert!(is_closed(&mut stream).await);
    }
}
