//! An engine with a server of the benchmark's own, and what the engine does without us.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use htmx_ws_components::{Backplane, Nats, Redis};
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use crate::{BYTES, Failed};

/// How often a server that has been started is asked whether it is there, and how long it is waited for between.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);
/// What a stream of the floor keeps, so that it does not grow for as long as it is measured.
const KEPT: u32 = 10_000;

/// The server ends, and its store goes, with this.
#[derive(Debug)]
pub(crate) struct Engine {
    kind: Kind,
    port: u16,
    child: Child,
    _store: TempDir,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Nats,
    Redis,
}

impl Engine {
    pub(crate) async fn nats() -> Result<Self, Failed> {
        let arguments = |port: &str| ["--jetstream", "--addr", "127.0.0.1", "--port", port, "--store_dir"].map(str::to_owned).to_vec();
        Self::start(Kind::Nats, "NATS_SERVER", "nats-server", arguments).await
    }

    /// As durable as the other one: on the disk within its interval.
    pub(crate) async fn redis() -> Result<Self, Failed> {
        let arguments = |port: &str| {
            ["--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--dir"]
                .map(str::to_owned)
                .to_vec()
        };
        Self::start(Kind::Redis, "REDIS_SERVER", "redis-server", arguments).await
    }

    /// The last of the arguments is followed by the folder of its store.
    async fn start(kind: Kind, variable: &str, name: &str, arguments: impl FnOnce(&str) -> Vec<String>) -> Result<Self, Failed> {
        let program = std::env::var_os(variable).filter(|path| !path.is_empty()).unwrap_or_else(|| name.into());
        let (store, port) = (TempDir::new()?, TcpListener::bind("127.0.0.1:0")?.local_addr()?.port());
        let mut command = Command::new(&program);
        command.args(arguments(&port.to_string())).arg(store.path());
        let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = started.map_err(|error| {
            let program = program.display();
            format!("{program} does not start ({error}): run `cargo xtask bench nodes`, or name a {name} in {variable}")
        })?;
        let engine = Self { kind, port, child, _store: store };
        for _ in 0..TRIES {
            if engine.is_there().await {
                return Ok(engine);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(format!("{name} takes nobody in within ten seconds").into())
    }

    async fn is_there(&self) -> bool {
        match self.kind {
            Kind::Nats => async_nats::connect(self.url()).await.is_ok(),
            Kind::Redis => self.redis_connection().await.is_ok(),
        }
    }

    async fn redis_connection(&self) -> redis::RedisResult<MultiplexedConnection> {
        redis::Client::open(self.url())?.get_multiplexed_async_connection().await
    }

    fn url(&self) -> String {
        match self.kind {
            Kind::Nats => format!("nats://127.0.0.1:{}", self.port),
            Kind::Redis => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Nats => "NATS",
            Kind::Redis => "Redis",
        }
    }

    /// What an acknowledgement of the server says, as it was started.
    pub(crate) fn settings(&self) -> &'static str {
        match self.kind {
            Kind::Nats => "NATS: a stream on files, written to the disk by the server's own interval of two minutes.",
            Kind::Redis => "Redis: an append-only file, written to the disk every second.",
        }
    }

    pub(crate) async fn backplane(&self) -> Result<Backplane, Failed> {
        Ok(match self.kind {
            Kind::Nats => Nats::new(self.url(), "bench").connect().await?,
            Kind::Redis => Redis::new(self.url(), "bench").connect().await?,
        })
    }

    pub(crate) async fn raw(&self) -> Result<Raw, Failed> {
        match self.kind {
            Kind::Nats => Ok(Raw::Nats(stream(&self.url()).await?)),
            Kind::Redis => Ok(Raw::Redis(self.redis_connection().await?)),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The engine alone, without us: a connection over which each write waits for its acknowledgement.
pub(crate) enum Raw {
    Nats(async_nats::Client),
    Redis(MultiplexedConnection),
}

impl Raw {
    pub(crate) async fn publish(&self, topic: usize) -> Result<(), Failed> {
        let bytes = "x".repeat(BYTES);
        match self {
            Self::Nats(client) => drop(client.request(format!("raw.{topic}"), bytes.into()).await?),
            Self::Redis(connection) => {
                let mut add = redis::cmd("XADD");
                add.arg(format!("raw:{topic}")).arg("MAXLEN").arg("~").arg(KEPT).arg("*").arg("bytes").arg(bytes);
                add.query_async::<()>(&mut connection.clone()).await?;
            }
        }
        Ok(())
    }
}

/// Who is connected to a stream for all subjects below `raw`.
async fn stream(url: &str) -> Result<async_nats::Client, Failed> {
    let client = async_nats::connect(url).await?;
    let stream = serde_json::json!({
        "name": "raw", "subjects": ["raw.>"], "retention": "limits", "storage": "file", "max_msgs": KEPT, "max_bytes": -1,
        "max_consumers": -1, "max_age": 0, "discard": "old", "num_replicas": 1,
    });
    let answer = client.request("$JS.API.STREAM.CREATE.raw", stream.to_string().into()).await?;
    let answer = String::from_utf8_lossy(&answer.payload);
    if answer.contains("\"error\"") {
        return Err(answer.into_owned().into());
    }
    Ok(client)
}
