//! The chromedriver process, and what it leaves behind.

use crate::{POLL_INTERVAL, process::Process};
use serde_json::{Map, Value, json};
use std::{
    env, fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// How long Chromium gets to close before it is killed.
const CLOSING_TIME: Duration = Duration::from_secs(5);

/// What Chromium is started with. Nothing here changes how a page sees its own visibility or its timers.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    // Containers give /dev/shm 64 MB, which a page can exceed.
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A running chromedriver with room for one session.
#[derive(Debug)]
pub(super) struct Driver {
    process: Process,
    port: u16,
    chromium: PathBuf,
    profile: PathBuf,
    /// Set once, when the session is open.
    session: Option<OpenSession>,
}

#[derive(Debug)]
struct OpenSession {
    id: String,
    chromium_pid: Option<u64>,
}

impl Driver {
    /// Starts chromedriver on a port that it picks itself.
    pub(super) async fn start() -> Self {
        let chromium = locate("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]);
        let mut command = Command::new(locate("CHROMEDRIVER", &["chromedriver"]));
        command.arg("--port=0");
        let mut process = Process::spawn(command);
        let port = process.line("ChromeDriver was started successfully on port ").await;
        let port = port.trim_end_matches('.').parse().expect("chromedriver names its port");
        Self { process, port, chromium, profile: new_profile(), session: None }
    }

    /// Where it listens for commands.
    pub(super) fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// What to ask for in a new session.
    pub(super) fn capabilities(&self) -> Map<String, Value> {
        let flags: Vec<String> =
            FLAGS.iter().map(ToString::to_string).chain([format!("--user-data-dir={}", self.profile.display())]).collect();
        let capabilities = json!({
            "goog:chromeOptions": { "binary": self.chromium, "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        capabilities.as_object().expect("it is an object").clone()
    }

    /// Notes the session that has to be closed at the end.
    pub(super) fn opened(&mut self, id: String, chromium_pid: Option<u64>) {
        self.session = Some(OpenSession { id, chromium_pid });
    }

    /// What chromedriver wrote, for the message of a failure.
    pub(super) fn output(&self) -> String {
        self.process.output()
    }

    /// Asks chromedriver to close the session, which ends Chromium. Blocking, because it is called from a drop.
    fn close(&self, session: &OpenSession) -> std::io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(CLOSING_TIME))?;
        write!(stream, "DELETE /session/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", session.id)?;
        // The answer comes when Chromium has ended; what it says does not matter.
        stream.read_exact(&mut [0])
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(session) = &self.session
            && self.close(session).is_err()
            && let Some(pid) = session.chromium_pid
        {
            let _ = Command::new("sh").args(["-c", "kill -s KILL \"$0\" 2>&-"]).arg(pid.to_string()).status();
        }
        self.process.kill();
        remove(&self.profile);
    }
}

/// Chromium's own children may still be writing when it has ended, so removing its profile may take more than one go.
fn remove(profile: &PathBuf) {
    for _ in 0..50 {
        match fs::remove_dir_all(profile) {
            Ok(()) => return,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(_) => thread::sleep(POLL_INTERVAL),
        }
    }
}

fn new_profile() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let profile = env::temp_dir().join(format!("htmx-ws-browser-{}-{number}", std::process::id()));
    fs::create_dir_all(&profile).expect("the folder for temporary files can be written");
    profile
}

fn locate(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(path) = env::var_os(variable).filter(|path| !path.is_empty()) {
        return path.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|file| file.is_file()).unwrap_or_else(
        || panic!("`{}` is not installed; run `cargo xtask test`, which installs it as root on Debian, or name it in {variable}", names[0]),
    )
}
