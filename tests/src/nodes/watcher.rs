//! A page that keeps all that it is told. It stays at its node, and never tries again.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::post::get;
use crate::PATIENCE;
use crate::socket::Socket;

/// How many frames a failure's message shows.
const SHOWN_FRAMES: usize = 5;

/// What a page was told.
#[derive(Debug, Default)]
pub struct Heard {
    /// In their order.
    pub frames: Vec<String>,
    /// The code that the connection ended with.
    pub end: Option<u16>,
}

impl Heard {
    /// Whether the page was told to load anew.
    pub fn is_refreshed(&self) -> bool {
        self.frames.iter().any(|frame| frame.starts_with("<!--htmx-ws! "))
    }

    /// How far the page came with each topic, as it says when it connects again.
    pub fn places(&self) -> String {
        let mut places = BTreeMap::new();
        for frame in &self.frames {
            let said = |prefix| frame.strip_prefix(prefix).and_then(|rest: &str| Some(rest.split_once("-->")?.0));
            // Behind them the state of the connection stands.
            let begun = said("<!--htmx-ws-at ").and_then(|said| said.split(' ').next()).unwrap_or_default();
            let all = begun.split(',').filter_map(|place| place.split_once('~'));
            places.extend(all.chain(said("<!--htmx-ws ").and_then(|place| place.split_once(' '))));
        }
        places.iter().map(|(topic, cursor)| format!("{topic}~{cursor}")).collect::<Vec<_>>().join(",").replace('%', "%25")
    }
}

/// An open page.
#[derive(Debug)]
pub struct Watcher {
    heard: watch::Receiver<Heard>,
    task: JoinHandle<()>,
}

impl Watcher {
    /// A page as this node renders it, connected there.
    pub async fn open(node: SocketAddr, page: &str) -> Self {
        Self::connect(node, &rendered(node, page).await, "").await
    }

    /// A page that was [rendered] before, perhaps by another node, and came to these [places](Heard::places).
    pub async fn connect(node: SocketAddr, path: &str, places: &str) -> Self {
        let (origin, path) = (format!("http://{node}"), format!("{path}&at={places}"));
        let attempt = Socket::attempt(Some(&origin), node, &path);
        let mut socket = timeout(PATIENCE, attempt).await.expect("a node answers in time").expect("a node takes a page");
        let (telling, heard) = watch::channel(Heard::default());
        let task = tokio::spawn(async move {
            loop {
                match socket.text_or_end().await {
                    Ok(frame) => telling.send_modify(|heard| heard.frames.push(frame)),
                    Err(code) => return telling.send_modify(|heard| heard.end = Some(code)),
                }
            }
        });
        let page = Self { heard, task };
        page.until("it is open, or was closed", |heard| (!heard.frames.is_empty() || heard.end.is_some()).then_some(())).await;
        page
    }

    /// What it was told until now.
    pub fn heard(&self) -> watch::Ref<'_, Heard> {
        self.heard.borrow()
    }

    /// Waits until `found` finds something in what the page was told; `what` says in words what that is.
    pub async fn until<T>(&self, what: &str, found: impl Fn(&Heard) -> Option<T>) -> T {
        let mut heard = self.heard.clone();
        let waited = timeout(PATIENCE, heard.wait_for(|heard| found(heard).is_some())).await;
        let seen = waited.is_ok_and(|ended| ended.is_ok());
        let heard = self.heard();
        match found(&heard) {
            Some(found) if seen => found,
            _ => {
                let last: Vec<&String> = heard.frames.iter().rev().take(SHOWN_FRAMES).collect();
                panic!("waited {PATIENCE:?} until {what}; the end: {:?}, the last frames: {last:#?}", heard.end);
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The path of the socket of a page that this node renders.
pub async fn rendered(node: SocketAddr, page: &str) -> String {
    let path = timeout(PATIENCE, get(node, page)).await.expect("a node answers in time");
    path.unwrap_or_else(|error| panic!("{page}: {error}"))
}
