//! The browsers that there are, and what each is started with.

use super::display::Display;
use crate::{PATIENCE, POLL_INTERVAL, process::Process, workspace};
use serde_json::{Map, Value, json};
use std::{
    env,
    ffi::OsString,
    fs,
    net::{Ipv4Addr, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// Which browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, which can do all that a [`Tab`](super::Tab) asks of it.
    Chromium,
    /// `WebKitGTK`, the engine of Safari, on a display that nobody sees. Its driver has no console and no `DevTools` protocol: what needs one of them panics.
    WebKit,
}

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

/// A driver that listens for commands.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) process: Process,
    pub(super) port: u16,
    /// What to ask for in a new session.
    pub(super) capabilities: Map<String, Value>,
    /// What the browser draws on, where it needs one.
    pub(super) display: Option<Display>,
}

impl Engine {
    /// Starts the driver, with the browser's files in the folder `profile`.
    pub(super) async fn start(self, profile: &Path) -> Started {
        match self {
            Self::Chromium => chromium(profile).await,
            Self::WebKit => webkit(profile).await,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::WebKit => "WebKit",
        }
    }
}

/// Starts chromedriver on a port that it picks itself.
async fn chromium(profile: &Path) -> Started {
    let chromium = locate("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]);
    let driver = locate("CHROMEDRIVER", &["chromedriver"]);
    let (process, port) = loop {
        let mut command = Command::new(&driver);
        command.arg("--port=0");
        let mut process = Process::spawn(command);
        match process.line_or_end("ChromeDriver was started successfully on port ").await {
            Ok(port) => break (process, port),
            // It binds the port that it got for IPv6 for IPv4 as well, where somebody else may have it.
            Err(_) if process.output().contains("Address already in use") => {}
            Err(why) => panic!("{why}"),
        }
    };
    let port: u16 = port.trim_end_matches('.').parse().expect("chromedriver names its port");
    let flags: Vec<String> = FLAGS.iter().map(ToString::to_string).chain([format!("--user-data-dir={}", profile.display())]).collect();
    let capabilities = json!({
        "goog:chromeOptions": { "binary": chromium, "args": flags },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    Started { process, port, capabilities: object(&capabilities), display: None }
}

/// Starts WebKit's driver, which finds the browser beneath it by itself.
async fn webkit(profile: &Path) -> Started {
    let driver = locate("WEBKIT_DRIVER", &["WebKitWebDriver"]);
    let display = Display::start(locate("XVFB", &["Xvfb"])).await;
    // It does not say which port it picks.
    let port = workspace::free_port();
    let mut command = Command::new(driver);
    command.arg(format!("--port={port}"));
    // Everything that it writes is in the profile, and it asks no desktop for anything.
    let variables: [(&str, OsString); 9] = [
        ("DISPLAY", display.name().into()),
        ("GDK_BACKEND", "x11".into()),
        ("HOME", profile.into()),
        ("XDG_CACHE_HOME", profile.into()),
        ("XDG_DATA_HOME", profile.into()),
        ("XDG_RUNTIME_DIR", profile.into()),
        ("DBUS_SESSION_BUS_ADDRESS", "disabled:".into()),
        ("GTK_A11Y", "none".into()),
        // There is no graphics card to compose with.
        ("WEBKIT_DISABLE_COMPOSITING_MODE", "1".into()),
    ];
    // What is for nobody else: GLib insists on it.
    fs::set_permissions(profile, fs::Permissions::from_mode(0o700)).expect("the folder is ours");
    command.envs(variables);
    let mut process = Process::spawn(command);
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(process.is_running() && Instant::now() < deadline, "WebKit's driver does not start\n{}", process.output());
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Started { process, port, capabilities: Map::new(), display: Some(display) }
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().expect("it is an object").clone()
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
