//! A real server for a test: its own process, port and folder.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;
use std::{env, fs};

use tempfile::TempDir;

use super::{Nats, Node};
use crate::backplane::Engine;
use crate::backplane::contract::{Loses, Rig};

const PATIENCE: Duration = Duration::from_secs(20);
const CONFIGURATION: &str = "server.conf";

pub(crate) struct Server {
    running: Mutex<Option<Child>>,
    folder: TempDir,
    port: u16,
}

impl Server {
    pub(super) fn start() -> Self {
        Self::start_with("")
    }

    /// With this in its configuration.
    pub(super) fn start_with(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CONFIGURATION), configuration).unwrap();
        let (child, port) = run(&folder, None);
        Self { running: Mutex::new(Some(child)), folder, port }
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

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Again, on the same port and folder.
    pub(super) fn start_again(&self) {
        let (child, _) = run(&self.folder, Some(self.port));
        *self.running.lock().unwrap() = Some(child);
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(super) fn options(&self) -> Nats {
        Nats::new(self.url(), "test")
    }

    pub(super) async fn nats(&self) -> Node {
        self.options().node().await.unwrap()
    }

    pub(super) async fn client(&self) -> async_nats::Client {
        async_nats::connect(self.url()).await.unwrap()
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
        Arc::new(self.nats().await)
    }
}

impl Loses for Server {
    fn lose_all(&self) {
        self.kill();
        fs::remove_dir_all(self.folder().join("jetstream")).unwrap();
        self.start_again();
    }
}

/// Runs it until it says on which port it is ready.
fn run(folder: &TempDir, port: Option<u16>) -> (Child, u16) {
    let program = env::var_os("NATS_SERVER").filter(|path| !path.is_empty()).unwrap_or_else(|| "nats-server".into());
    let mut command = Command::new(&program);
    command.args(["--jetstream", "--addr", "127.0.0.1", "--port", &port.map_or("-1".to_owned(), |port| port.to_string()), "--store_dir"]);
    command.arg(folder.path()).arg("--config").arg(folder.path().join(CONFIGURATION));
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap_or_else(|error| {
        panic!(
            "{} does not start ({error}): run the tests with `cargo xtask test`, or name nats-server 2.11 or newer in NATS_SERVER",
            program.display()
        )
    });
    let log = BufReader::new(child.stderr.take().unwrap());
    let (told, ready) = mpsc::channel();
    // To its end: a server that nobody listens to would stand still.
    thread::spawn(move || {
        let (mut port, mut said) = (None, String::new());
        for line in log.lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("Listening for client connections on 127.0.0.1:") {
                port = address.trim().parse().ok();
            }
            if line.contains("Server is ready") {
                let _ = told.send(Ok(port.unwrap()));
            }
            said.push_str(&line);
            said.push('\n');
        }
        let _ = told.send(Err(said));
    });
    match ready.recv_timeout(PATIENCE) {
        Ok(Ok(port)) => (child, port),
        Ok(Err(said)) => panic!("{} has ended:\n{said}", program.display()),
        Err(_) => {
            let _ = child.kill();
            panic!("{} is not ready", program.display());
        }
    }
}
