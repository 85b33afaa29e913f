//! A real server for a test: its own process, port and folder.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use std::{env, fs};

use redis::Value;
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

use super::{Node, Redis};
use crate::backplane::Engine;
use crate::backplane::certificates::Root;
use crate::backplane::contract::{Following, Loses, Rig, topic};
use crate::message::topic::Topic;

const PATIENCE: Duration = Duration::from_secs(20);
/// What is on the disk before anything is acknowledged.
pub(super) const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

/// The setting that a server has where its port is encrypted.
const CERTIFICATE: &str = "--tls-cert-file";

pub(crate) struct Server {
    running: Mutex<Option<Child>>,
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
}

impl Server {
    /// It forgets everything when it ends.
    pub(super) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(super) fn start_with(settings: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings)
    }

    pub(super) fn start_in(folder: TempDir, settings: &[&str]) -> Self {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        // Another process may have the port already.
        for _ in 0..20 {
            let port = any_port();
            if let Some(child) = run(folder.path(), port, &settings) {
                return Self { running: Mutex::new(Some(child)), folder, port, settings };
            }
        }
        panic!("there is no port for it");
    }

    /// Encrypted, with a certificate of this root.
    pub(super) fn start_with_tls(root: &Root) -> Self {
        let [certificate, key] = root.server("127.0.0.1").map(|file| file.display().to_string());
        Self::start_with(&[CERTIFICATE, &certificate, "--tls-key-file", &key, "--tls-auth-clients", "no"])
    }

    /// As a crash does: nothing is put in order.
    pub(super) fn kill(&self) {
        if let Some(mut child) = self.running.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(super) fn signal(&self, name: &str) {
        let pid = self.running.lock().unwrap().as_ref().unwrap().id();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap().success());
    }

    /// Again, on the same port and folder.
    pub(super) fn start_again(&self) {
        let child = run(self.folder.path(), self.port, &self.settings).expect("it has had the port before");
        *self.running.lock().unwrap() = Some(child);
    }

    /// What is on its disk.
    pub(super) fn backup(&self) -> TempDir {
        let backup = tempfile::tempdir().unwrap();
        copy(self.folder.path(), backup.path());
        backup
    }

    pub(super) fn restore(&self, backup: &Path) {
        for entry in fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
        copy(backup, self.folder.path());
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        let scheme = if is_encrypted(&self.settings) { "rediss" } else { "redis" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    pub(super) fn options(&self) -> Redis {
        Redis::new(self.url(), "test")
    }

    pub(super) async fn redis(&self) -> Node {
        self.options().node().await.unwrap()
    }

    pub(super) async fn client(&self) -> MultiplexedConnection {
        redis::Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    /// A command as an operator gives it, its words between spaces.
    pub(super) async fn tell(&self, command: &str) -> Value {
        let mut words = command.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        command.arg(words.collect::<Vec<_>>());
        command.query_async(&mut self.client().await).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Rig for Server {
    fn start() -> Self {
        Server::start()
    }

    async fn node(&self) -> Arc<dyn Engine> {
        Arc::new(self.redis().await)
    }
}

impl Loses for Server {
    fn lose_all(&self) {
        self.kill();
        self.start_again();
    }
}

/// A node, a topic of it, and who follows that and has been told that there is nothing yet.
pub(super) async fn followed(options: Redis) -> (Node, Topic, Following) {
    let (redis, topic) = (options.node().await.unwrap(), topic("jobs"));
    let mut follower = Following::of(&redis, &topic);
    follower.until_present().await;
    (redis, topic, follower)
}

/// Below those that connections are made from: a client that looks for a server that is away must not find itself.
fn any_port() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).unwrap();
    20_000 + u16::from_le_bytes(bytes) % 12_000
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

fn is_encrypted(settings: &[String]) -> bool {
    settings.iter().any(|setting| setting == CERTIFICATE)
}

fn program() -> OsString {
    let named = env::var_os("REDIS_SERVER").filter(|path| !path.is_empty());
    named.unwrap_or_else(|| "redis-server".into())
}

/// Runs it until it says that it is ready; none where another process has the port.
fn run(folder: &Path, port: u16, settings: &[String]) -> Option<Child> {
    let program = program();
    let mut command = Command::new(&program);
    command.args(["--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder).args(settings);
    if is_encrypted(settings) {
        command.args(["--port", "0", "--tls-port"])
    } else {
        command.arg("--port")
    };
    command.arg(port.to_string());
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = started.unwrap_or_else(|error| {
        panic!(
            "{} does not start ({error}): run the tests with `cargo xtask test`, or name redis-server 7.0 or newer, or valkey-server, built with TLS, in REDIS_SERVER",
            program.display()
        )
    });
    let log = BufReader::new(child.stdout.take().unwrap());
    let (told, ready) = mpsc::channel();
    // To its end: a server that nobody listens to would stand still.
    thread::spawn(move || {
        let mut said = String::new();
        for line in log.lines().map_while(Result::ok) {
            if line.contains("Ready to accept connections") {
                let _ = told.send(Ok(()));
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _ = told.send(Err(said));
    });
    match ready.recv_timeout(PATIENCE) {
        Ok(Ok(())) => Some(child),
        Ok(Err(said)) => {
            child.wait().unwrap();
            assert!(said.contains("Address already in use"), "{} has ended:\n{said}", program.display());
            None
        }
        Err(_) => {
            let _ = child.kill();
            panic!("{} is not ready", program.display());
        }
    }
}
