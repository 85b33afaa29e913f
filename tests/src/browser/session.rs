//! The one session of a browser, which its tabs take turns in.

use super::{command::Vendor, driver::Driver, engine::Engine};
use fantoccini::{Client, ClientBuilder, error::CmdError, wd::WindowHandle};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use std::{
    fmt::{self, Write as _},
    ops::Deref,
    sync::Mutex,
};
use tokio::sync::MutexGuard;

/// An open session. The driver and its browser end with it.
#[derive(Debug)]
pub(super) struct Session {
    client: Client,
    /// The window that commands go to now, or none where that is not known. Held for as long as a turn lasts.
    current: tokio::sync::Mutex<Option<WindowHandle>>,
    /// The window that was there at the start. No tab ever gets it: it keeps the session open when the last tab is closed.
    home: WindowHandle,
    console: Mutex<Console>,
    driver: Driver,
}

#[derive(Debug, Default)]
struct Console {
    /// Everything that was logged since the browser started.
    messages: Vec<Message>,
    /// How many of the messages were looked at for errors.
    seen: usize,
}

#[derive(Debug, Deserialize)]
struct Message {
    level: String,
    source: String,
    #[serde(rename = "message")]
    text: String,
}

impl Session {
    /// Starts the driver, and a browser with one empty window.
    pub(super) async fn open(engine: Engine) -> Self {
        let mut driver = Driver::start(engine).await;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(driver.capabilities())
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("{} does not start: {error}\n{}", engine.name(), driver.output()));
        let id = client.session_id().await.expect("the session can be asked").expect("the session is open");
        let pid = client.capabilities().and_then(|capabilities| capabilities.get("goog:processID")?.as_u64());
        driver.opened(id, pid);
        let home = client.window().await.expect("a new session has a window");
        let current = tokio::sync::Mutex::new(Some(home.clone()));
        Self { client, current, home, console: Mutex::default(), driver }
    }

    /// Opens one more window, with an empty page.
    pub(super) async fn new_window(&self) -> Result<WindowHandle, CmdError> {
        Ok(self.turn(&self.home).await?.new_window(false).await?.handle)
    }

    /// The client with its commands going to `window`, for nobody else until it is dropped.
    pub(super) async fn turn(&self, window: &WindowHandle) -> Result<Turn<'_>, CmdError> {
        let mut current = self.current.lock().await;
        if current.as_ref() != Some(window) {
            // Not known while the switch is under way: this future may be dropped in the middle of it.
            *current = None;
            self.client.switch_to_window(window.clone()).await?;
            *current = Some(window.clone());
        }
        Ok(Turn { client: &self.client, current })
    }

    /// Errors logged since this was last asked.
    pub(super) async fn new_errors(&self) -> Result<Vec<String>, CmdError> {
        self.read_console().await?;
        let mut console = self.console.lock().unwrap();
        let new = console.messages[console.seen..].iter().filter(|message| message.is_error_of_a_page());
        let errors = new.map(ToString::to_string).collect();
        console.seen = console.messages.len();
        Ok(errors)
    }

    /// Everything logged since the browser started, a message a line; best effort, because the browser may be gone.
    pub(super) async fn whole_console(&self) -> String {
        let _ = self.read_console().await;
        self.console.lock().unwrap().messages.iter().fold(String::new(), |mut text, message| {
            let _ = writeln!(text, "  {message}");
            text
        })
    }

    async fn read_console(&self) -> Result<(), CmdError> {
        // The log is that of all windows, but it can only be asked for from one that is open.
        let messages = self.turn(&self.home).await?.issue_cmd(Vendor::console()).await?;
        let messages: Vec<Message> = serde_json::from_value(messages)?;
        self.console.lock().unwrap().messages.extend(messages);
        Ok(())
    }

    /// What the driver wrote, for the message of a failure.
    pub(super) fn driver_output(&self) -> String {
        self.driver.output()
    }
}

impl Message {
    /// The icon that the browser asks for by itself is no page's mistake.
    fn is_error_of_a_page(&self) -> bool {
        self.level == "SEVERE" && !(self.source == "network" && self.text.contains("/favicon.ico - "))
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) {}", self.level, self.source, self.text)
    }
}

/// A window's turn at the session.
pub(super) struct Turn<'session> {
    client: &'session Client,
    current: MutexGuard<'session, Option<WindowHandle>>,
}

impl Turn<'_> {
    /// Closes the window, and with it the turn.
    pub(super) async fn close(mut self) -> Result<(), CmdError> {
        *self.current = None;
        self.client.close_window().await
    }
}

impl Deref for Turn<'_> {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client
    }
}
