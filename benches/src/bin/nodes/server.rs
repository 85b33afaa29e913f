//! A NATS server of the benchmark's own.

use std::error::Error;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// It ends, and its store goes, with this.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
    _store: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Result<Self, Box<dyn Error>> {
        let program = std::env::var_os("NATS_SERVER").filter(|path| !path.is_empty()).unwrap_or_else(|| "nats-server".into());
        let (store, port) = (TempDir::new()?, TcpListener::bind("127.0.0.1:0")?.local_addr()?.port());
        let mut command = Command::new(&program);
        command.args(["--jetstream", "--addr", "127.0.0.1", "--port", &port.to_string(), "--store_dir"]).arg(store.path());
        let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = started.map_err(|error| {
            let program = program.display();
            format!("{program} does not start ({error}): run `cargo xtask bench nodes`, or name nats-server 2.11 or newer in NATS_SERVER")
        })?;
        let server = Self { child, port, _store: store };
        for _ in 0..200 {
            if async_nats::connect(server.url()).await.is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("nats-server takes nobody in within ten seconds".into())
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
