//! The process of a browser's driver, and what it leaves behind.

use super::{
    display::Display,
    engine::{Engine, Started},
};
use crate::POLL_INTERVAL;
use serde_json::{Map, Value};
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

/// How long the browser gets to close before it is killed.
const CLOSING_TIME: Duration = Duration::from_secs(5);

/// A running driver with room for one session.
#[derive(Debug)]
pub(super) struct Driver {
    started: Started,
    profile: PathBuf,
    /// Set once, when the session is open.
    session: Option<OpenSession>,
}

#[derive(Debug)]
struct OpenSession {
    id: String,
    /// Where the driver says which process the browser is.
    browser_pid: Option<u64>,
}

impl Driver {
    /// Starts the driver of this browser.
    pub(super) async fn start(engine: Engine) -> Self {
        let profile = new_profile();
        Self { started: engine.start(&profile).await, profile, session: None }
    }

    /// Where it listens for commands.
    pub(super) fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.started.port)
    }

    /// What to ask for in a new session.
    pub(super) fn capabilities(&self) -> Map<String, Value> {
        self.started.capabilities.clone()
    }

    /// Notes the session that has to be closed at the end.
    pub(super) fn opened(&mut self, id: String, browser_pid: Option<u64>) {
        self.session = Some(OpenSession { id, browser_pid });
    }

    /// What the driver and the display wrote, for the message of a failure.
    pub(super) fn output(&self) -> String {
        let display = self.started.display.as_ref().map(Display::output);
        self.started.process.output() + &display.unwrap_or_default()
    }

    /// Asks the driver to close the session, which ends the browser. Blocking, because it is called from a drop.
    fn close(&self, session: &OpenSession) -> std::io::Result<()> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.started.port))?;
        stream.set_read_timeout(Some(CLOSING_TIME))?;
        write!(stream, "DELETE /session/{} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", session.id)?;
        // The answer comes when the browser has ended; what it says does not matter.
        stream.read_exact(&mut [0])
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(session) = &self.session
            && self.close(session).is_err()
            && let Some(pid) = session.browser_pid
        {
            let _ = Command::new("sh").args(["-c", "kill -s KILL \"$0\" 2>&-"]).arg(pid.to_string()).status();
        }
        self.started.process.kill();
        remove(&self.profile);
    }
}

/// The browser's own children may still be writing when it has ended, so removing its profile may take more than one go.
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
