//! The attacks.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::Result;

/// How many attackers there are at a time, where one alone would not be enough.
const ATTACKERS: usize = 50;

#[derive(Clone, Copy)]
pub(crate) enum Attack {
    Nothing,
    ReadLoad,
    StallUnderLoad,
    SlowHandshakes,
    TinyMessages,
    EmptyFragments,
    Pings,
    HugeMessages,
    OpensAndCloses,
}

pub(crate) const ALL: [Attack; 9] = [
    Attack::Nothing,
    Attack::ReadLoad,
    Attack::StallUnderLoad,
    Attack::SlowHandshakes,
    Attack::TinyMessages,
    Attack::EmptyFragments,
    Attack::Pings,
    Attack::HugeMessages,
    Attack::OpensAndCloses,
];

impl Attack {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing happens",
            Self::ReadLoad => "40 more readers of a busy topic",
            Self::StallUnderLoad => "40 that connect to it and never read",
            Self::SlowHandshakes => "2,000 handshakes, a byte a second",
            Self::TinyMessages => "tiny messages, as fast as they go",
            Self::EmptyFragments => "empty fragments of one message",
            Self::Pings => "pings, as fast as they go",
            Self::HugeMessages => "messages of 8 MB",
            Self::OpensAndCloses => "10,000 opens and closes",
        }
    }

    /// Attacks until `end`, and says how it went.
    pub(crate) async fn run(self, addr: SocketAddr, path: &str, busy: &str, end: Instant) -> String {
        match self {
            Self::Nothing => {
                sleep(end.saturating_duration_since(Instant::now())).await;
                "-".to_owned()
            }
            Self::ReadLoad => load(addr, busy, end, true).await,
            Self::StallUnderLoad => load(addr, busy, end, false).await,
            Self::SlowHandshakes => slow_handshakes(addr, path, end).await,
            Self::TinyMessages => flood(addr, path, end, &[0x81, 0x81, 0, 0, 0, 0, b'x']).await,
            Self::EmptyFragments => flood(addr, path, end, &[0x00, 0x80, 0, 0, 0, 0]).await,
            Self::Pings => flood(addr, path, end, &[0x89, 0x80, 0, 0, 0, 0]).await,
            Self::HugeMessages => huge(addr, path, end).await,
            Self::OpensAndCloses => opens(addr, path).await,
        }
    }
}

/// Opens a socket as a page does.
pub(crate) async fn open(addr: SocketAddr, path: &str) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>> {
    let mut request = format!("ws://{addr}{path}").into_client_request()?;
    request.headers_mut().insert("origin", format!("http://{addr}").parse()?);
    Ok(connect_async(request).await?.0)
}

/// The body of a page.
pub(crate) async fn get(addr: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned())
}

/// Readers of the busy topic, who read it or do not.
async fn load(addr: SocketAddr, busy: &str, end: Instant, reads: bool) -> String {
    let mut readers = JoinSet::new();
    for _ in 0..40 {
        let busy = busy.to_owned();
        readers.spawn(async move {
            let Ok(mut socket) = open(addr, &busy).await else { return 0 };
            if !reads {
                sleep(end.saturating_duration_since(Instant::now())).await;
            }
            // Those who did not read get what they find in half a second.
            let until = if reads { end } else { Instant::now() + Duration::from_millis(500) };
            let mut bytes = 0;
            while let Ok(Some(Ok(message))) = timeout_at(until.into(), socket.next()).await {
                bytes += message.len();
            }
            bytes
        });
    }
    let bytes: usize = readers.join_all().await.into_iter().sum();
    format!("{} KB read by each", bytes / 40_000)
}

async fn slow_handshakes(addr: SocketAddr, path: &str, end: Instant) -> String {
    let mut streams = Vec::new();
    for _ in 0..2_000 {
        if let Ok(stream) = TcpStream::connect(addr).await {
            streams.push(stream);
        }
    }
    let request = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n");
    for byte in request.as_bytes() {
        if Instant::now() >= end {
            break;
        }
        for stream in &mut streams {
            // One that the server has closed is no attacker any more.
            let _ = stream.write_all(&[*byte]).await;
        }
        sleep(Duration::from_secs(1)).await;
    }
    format!("{} were half open", streams.len())
}

/// Sends a frame as often as it can, from many connections, each of which comes back when it is thrown out.
async fn flood(addr: SocketAddr, path: &str, end: Instant, frame: &'static [u8]) -> String {
    let mut attackers = JoinSet::new();
    for _ in 0..ATTACKERS {
        let path = path.to_owned();
        attackers.spawn(async move {
            let (mut sent, mut opened) = (0_u64, 0_u64);
            while Instant::now() < end {
                let Ok(socket) = open(addr, &path).await else {
                    sleep(Duration::from_millis(10)).await;
                    continue;
                };
                opened += 1;
                let MaybeTlsStream::Plain(mut stream) = socket.into_inner() else { break };
                // Fragments need a beginning: a text that does not end.
                let start: &[u8] = if frame[0] == 0 { &[0x01, 0x80, 0, 0, 0, 0] } else { &[] };
                let chunk = [start, &frame.repeat(1_000)].concat();
                let again = frame.repeat(1_000);
                let mut next = &chunk;
                while Instant::now() < end && timeout_at(end.into(), stream.write_all(next)).await.is_ok_and(|written| written.is_ok()) {
                    sent += 1_000;
                    next = &again;
                }
            }
            (sent, opened)
        });
    }
    let (sent, opened) = attackers.join_all().await.into_iter().fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    format!("{} thousand frames on {opened} connections", sent / 1_000)
}

async fn huge(addr: SocketAddr, path: &str, end: Instant) -> String {
    let message = Message::Text(String::from("x").repeat(8_000_000).into());
    let mut attackers = JoinSet::new();
    for _ in 0..8 {
        let (path, message) = (path.to_owned(), message.clone());
        attackers.spawn(async move {
            let mut sent = 0_u64;
            while Instant::now() < end {
                let Ok(mut socket) = open(addr, &path).await else { continue };
                sent += 1;
                // It breaks off in the middle.
                let _ = timeout_at(end.into(), socket.send(message.clone())).await;
            }
            sent
        });
    }
    format!("{} were sent", attackers.join_all().await.into_iter().sum::<u64>())
}

async fn opens(addr: SocketAddr, path: &str) -> String {
    let started = Instant::now();
    let mut attackers = JoinSet::new();
    for _ in 0..ATTACKERS {
        let path = path.to_owned();
        attackers.spawn(async move {
            let mut opened = 0;
            for _ in 0..10_000 / ATTACKERS {
                let Ok(mut socket) = open(addr, &path).await else { continue };
                opened += 1;
                // Half of them say goodbye.
                if opened % 2 == 0 {
                    let _ = socket.send(Message::Ping(Bytes::new())).await;
                    let _ = socket.close(None).await;
                    while let Some(Ok(_)) = socket.next().await {}
                }
            }
            opened
        });
    }
    let opened: usize = attackers.join_all().await.into_iter().sum();
    format!("{opened} in {:.1} s", started.elapsed().as_secs_f64())
}
