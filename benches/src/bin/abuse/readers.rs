//! Readers who do no wrong, and how late patches come to them.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::{Result, attacks};

const READERS: usize = 20;

pub(crate) struct Readers {
    tasks: Vec<JoinHandle<Vec<Duration>>>,
    stop: watch::Sender<bool>,
}

impl Readers {
    pub(crate) async fn open(addr: SocketAddr, path: &str) -> Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        for _ in 0..READERS {
            tasks.push(tokio::spawn(read(attacks::open(addr, path).await?, stopped.clone())));
        }
        Ok(Self { tasks, stop })
    }

    /// Ends them, and says what they have measured.
    pub(crate) async fn close(self) -> Latencies {
        self.stop.send_replace(true);
        let mut all = Vec::new();
        for task in self.tasks {
            all.extend(task.await.unwrap_or_default());
        }
        all.sort_unstable();
        Latencies(all)
    }
}

/// From the publish until the frame was read, in ascending order.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The one below which so many in a hundred are; the longest time there is where nothing was read.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(index).copied().unwrap_or(Duration::MAX)
    }
}

async fn read(mut socket: WebSocketStream<MaybeTlsStream<TcpStream>>, mut stopped: watch::Receiver<bool>) -> Vec<Duration> {
    let mut latencies = Vec::new();
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            _ = stopped.changed() => return latencies,
        };
        let Some(Ok(message)) = message else { return latencies };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let published = message.to_text().ok().and_then(|text| text.split(">at ").nth(1)?.split('<').next()?.parse().ok());
        if let Some(published) = published {
            latencies.push(now.saturating_sub(Duration::from_nanos(published)));
        }
    }
}
