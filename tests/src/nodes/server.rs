//! A real NATS server in a process of its own, on a port and in a folder that it comes back to.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::process::Process;
use crate::{PATIENCE, POLL_INTERVAL, workspace};

/// The server, which `NATS_SERVER` names; else it is `nats-server` on the path.
#[derive(Debug)]
pub struct NatsServer {
    process: Process,
    folder: TempDir,
    port: u16,
}

impl NatsServer {
    /// Starts it with `JetStream`, and with every write on its disk before it is acknowledged.
    pub async fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().expect("there is a temporary folder"), workspace::free_port());
        let store = json!({ "jetstream": { "store_dir": folder.path(), "sync_interval": "always" } });
        fs::write(folder.path().join("server.conf"), store.to_string()).expect("a temporary folder can be written");
        let mut server = Self { process: run(&folder, port), folder, port };
        server.until_ready().await;
        server
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// How a node comes to it.
    pub fn url(&self) -> String {
        format!("nats://{}", self.addr())
    }

    /// Ends it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again, with what it has on its disk.
    pub async fn restart(&mut self) {
        self.process.kill();
        self.process = run(&self.folder, self.port);
        self.until_ready().await;
    }

    /// Throws away what it has on its disk. It must not run.
    pub fn wipe(&self) {
        fs::remove_dir_all(self.store()).expect("its store can be removed");
    }

    /// What it has on its disk. It must not run.
    pub fn backup(&self) -> TempDir {
        let backup = tempfile::tempdir().expect("there is a temporary folder");
        copy(&self.store(), backup.path());
        backup
    }

    /// Plays a backup back. It must not run.
    pub fn restore(&self, backup: &TempDir) {
        self.wipe();
        copy(backup.path(), &self.store());
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("jetstream")
    }

    /// Asks the server's own interface, `$JS.API`.
    pub async fn api(&self, question: &str, body: &Value) -> Value {
        let asked = timeout(PATIENCE, self.try_api(question, body)).await.expect("the NATS server answers in time");
        let answer = asked.expect("the NATS server is there");
        assert!(answer["error"].is_null(), "{question}: {answer}");
        answer
    }

    /// Lets a stream have more bytes, or fewer.
    pub async fn set_max_bytes(&self, stream: &str, bytes: u64) {
        let mut config = self.api(&format!("STREAM.INFO.{stream}"), &json!({})).await["config"].take();
        config["max_bytes"] = bytes.into();
        self.api(&format!("STREAM.UPDATE.{stream}"), &config).await;
    }

    /// The protocol is lines of text, so one question needs no client.
    async fn try_api(&self, question: &str, body: &Value) -> std::io::Result<Value> {
        let body = body.to_string();
        let mut stream = BufReader::new(TcpStream::connect(self.addr()).await?);
        let asked = format!(
            "CONNECT {{\"verbose\":false}}\r\nSUB _INBOX.test 1\r\nPUB $JS.API.{question} _INBOX.test {}\r\n{body}\r\n",
            body.len()
        );
        stream.write_all(asked.as_bytes()).await?;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            if let Some(message) = line.strip_prefix("MSG ") {
                let length = message.split_whitespace().next_back().and_then(|length| length.parse().ok()).unwrap_or(0);
                let mut answer = vec![0; length];
                stream.read_exact(&mut answer).await?;
                return Ok(serde_json::from_slice(&answer)?);
            }
            assert!(!line.is_empty() && !line.starts_with("-ERR"), "{question}: {line}");
        }
    }

    /// It listens last, when its store is open.
    async fn until_ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.try_api("INFO", &json!({})).await.is_err() {
            let output = self.process.output();
            assert!(self.process.is_running() && Instant::now() < deadline, "the NATS server does not start\n{output}");
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read").map(|entry| entry.expect("it has a name")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("a file can be copied");
        }
    }
}

fn run(folder: &TempDir, port: u16) -> Process {
    let program: PathBuf = env::var_os("NATS_SERVER").filter(|path| !path.is_empty()).unwrap_or_else(|| "nats-server".into()).into();
    let is_there = Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success());
    let remedy = "run the tests with `cargo xtask test`, or name nats-server 2.11 or newer in NATS_SERVER";
    assert!(is_there, "{} does not start: {remedy}", program.display());
    let mut command = Command::new(program);
    command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--config"]).arg(folder.path().join("server.conf"));
    Process::spawn(command)
}
