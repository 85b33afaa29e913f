//! A page that follows what is published, as our script does.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::message::envelope::place_of;
use crate::testing::client::{Client, encoded, text};
use crate::testing::line::{Line, Message};
use crate::testing::page::{Failure, Page, held};

/// How long something is waited for, in the runtime's time.
const PATIENCE: Duration = Duration::from_secs(10);
/// A page of which nothing came for so long has all that there was: more than a flush interval, and than a wake of a task on a busy machine.
const QUIET: Duration = Duration::from_millis(200);
/// How long a page waits until it tries again.
const RETRY: Duration = Duration::from_secs(1);

/// A page that follows its live handle: it takes frames as our script and htmx do, and everything of a [`Page`] can be asserted of it.
///
/// **It reads only while one of its methods is awaited**, so a test decides when the page changes. [`LivePage::wait_for_text`] and [`LivePage::settle`] read. Where the server ends the
/// connection so that a browser comes back, the page does; where the server says that it should load itself anew, it does. Use it under `#[tokio::test(start_paused = true)]`
/// (tokio's feature `test-util`): time passes as soon as everybody waits, and no test ever sleeps.
///
/// It is connected by an event stream, as a browser is whose network lets no WebSocket through. Live regions that come by a frame are not connected.
#[derive(Debug)]
pub struct LivePage {
    client: Client,
    path: String,
    page: Page,
    /// Of the regions, with the name of each; a region that nothing was read with begins where it was rendered.
    tickets: Vec<Ticket>,
    /// Where the page stands in each topic, as the server encodes both.
    places: BTreeMap<String, String>,
    line: Option<Line>,
    /// As the attribute `data-live` of a browser's page has it.
    state: String,
    is_offline: bool,
    is_stalled: bool,
    /// It was told to load itself anew.
    is_stale: bool,
    pace: Duration,
    reloads: usize,
}

#[derive(Debug)]
struct Ticket {
    page: String,
    text: String,
    is_joined: bool,
}

impl Deref for LivePage {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl LivePage {
    pub(super) fn new(client: Client, path: String, html: &str) -> Self {
        let page = Page::new(client.htmx, html);
        let page = if client.is_lenient { page.lenient() } else { page };
        let tickets = page.tickets().into_iter().map(|(page, text)| Ticket { page, text, is_joined: false }).collect();
        Self {
            client,
            path,
            page,
            tickets,
            places: BTreeMap::new(),
            line: None,
            state: String::new(),
            is_offline: true,
            is_stalled: false,
            is_stale: false,
            pace: Duration::ZERO,
            reloads: 0,
        }
    }

    /// Whether the page has something that connects.
    pub fn is_live(&self) -> bool {
        !self.tickets.is_empty()
    }

    /// The state of its connection, as a browser's page says it in `data-live`: `fallback` while it is open, since it is an event stream.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The topics that it reads, as the server named them when the page connected: percent-encoded, and without those that are for this page alone.
    pub fn topics(&self) -> Vec<&str> {
        // What is for one page, user or session has a name that none of the application's has.
        self.places.keys().map(String::as_str).filter(|topic| !topic.starts_with("%01")).collect()
    }

    /// How often it has loaded itself anew because the server told it to.
    pub fn reloads(&self) -> usize {
        self.reloads
    }

    /// Reads until the only element that matches `css` says `expected`.
    ///
    /// # Panics
    /// When it does not within ten seconds, or a frame is one that the page cannot take.
    pub async fn wait_for_text(&mut self, css: &str, expected: &str) {
        let wanted = |page: &Page| page.check_text(css, expected);
        self.wait(wanted).await;
    }

    /// Reads until an element matches `css`.
    ///
    /// # Panics
    /// As [`LivePage::wait_for_text`].
    pub async fn wait_for(&mut self, css: &str) {
        self.wait(|page| page.check_has(css)).await;
    }

    /// Reads all that there is: until nothing has come for 200 milliseconds.
    ///
    /// # Panics
    /// When it does not end within ten seconds, or a frame is one that the page cannot take.
    pub async fn settle(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.is_offline {
            self.revive().await;
            if timeout(QUIET + self.pace, self.read()).await.is_err() {
                return;
            }
            assert!(Instant::now() < deadline, "something comes all the time: the page does not settle\n{}", self.shown());
        }
    }

    /// The line is cut: nothing is read before [`LivePage::reconnect`].
    pub fn disconnect(&mut self) {
        self.line = None;
        self.is_offline = true;
        "offline".clone_into(&mut self.state);
    }

    /// Connects (again), and says how far the page came: it gets what it has not seen.
    ///
    /// # Panics
    /// When the page has nothing that connects, or cannot connect within ten seconds.
    pub async fn reconnect(&mut self) {
        assert!(self.is_live(), "the page is not live: is `live.connect()` in it?\n{}", self.shown());
        self.line = None;
        self.is_offline = false;
        self.state.clear();
        let deadline = Instant::now() + PATIENCE;
        while !self.is_offline && (self.line.is_none() || self.state.is_empty()) {
            self.revive().await;
            let begun = timeout_at(deadline, self.read()).await;
            assert!(begun.is_ok(), "the server does not say from where on frames come\n{}", self.shown());
        }
    }

    /// The page reads nothing any more, and the connection stays open: a browser that is too busy, a network that is stuck.
    pub fn stall(&mut self) {
        self.is_stalled = true;
    }

    /// The page reads on.
    pub fn unstall(&mut self) {
        self.is_stalled = false;
    }

    /// From now on, each message takes so long to arrive.
    pub fn slow(&mut self, pace: Duration) {
        self.pace = pace;
    }

    /// Another tab is in front of it: on htmx 4 the connection ends, on htmx 2 nothing changes.
    pub fn hide(&mut self) {
        if self.page.pauses() {
            self.disconnect();
            "paused".clone_into(&mut self.state);
        }
    }

    /// It is looked at again.
    ///
    /// # Panics
    /// As [`LivePage::reconnect`].
    pub async fn show(&mut self) {
        if self.state == "paused" {
            self.reconnect().await;
        }
    }

    /// It comes back with a ticket that the server does not take any more, and so loads itself anew.
    ///
    /// # Panics
    /// As [`LivePage::reconnect`].
    pub async fn expire(&mut self) {
        for ticket in &mut self.tickets {
            // Without its signature: to the page, that is the same as one behind its time.
            ticket.text = ticket.text.split('.').next().unwrap_or_default().to_owned() + ".expired";
        }
        self.reconnect().await;
    }

    /// Loads the page anew, as its reader does, and connects it.
    ///
    /// # Panics
    /// As [`Client::get`].
    pub async fn reload(&mut self) {
        self.load().await;
        if self.is_live() {
            self.reconnect().await;
        }
    }

    /// Sends a message to the handler of this action, as a form with `ws-send` does: `page.submit("vote", &json!({ "option": "a" }))`.
    ///
    /// # Panics
    /// When the fields are no struct or map, the page is not connected, or the server refuses it. What the handler answers comes with what is read next.
    pub async fn submit(&mut self, action: &str, fields: &impl Serialize) {
        let Ok(Value::Object(mut message)) = serde_json::to_value(fields) else { panic!("the fields of a message have names") };
        message.insert("action".to_owned(), action.into());
        message.insert("HEADERS".to_owned(), json!({ "HX-Request": "true" }));
        let path = format!("{}?{}", self.page.send_path(), self.query());
        let answer = self.client.ask(Method::POST, &path, &[("content-type", "text/plain")], Value::Object(message).to_string()).await;
        let status = answer.status();
        let why = match status {
            StatusCode::CONFLICT => "; the page is not connected, or sends faster than it is handled",
            StatusCode::FORBIDDEN => "; its ticket is not valid",
            _ => "",
        };
        assert!(status.is_success(), "the server does not take `{action}`: {status}{why}\n{}", text(answer).await);
    }

    async fn wait(&mut self, wanted: impl Fn(&Page) -> Result<(), Failure>) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(why) = wanted(&self.page) {
            if !self.is_offline {
                self.revive().await;
            }
            let is_reading = !self.is_offline && timeout_at(deadline, self.read()).await.is_ok();
            assert!(is_reading, "waited in vain: {why}{}", self.circumstances());
        }
    }

    /// Where the page stands, for whoever waits in vain.
    fn circumstances(&self) -> String {
        let state = if self.is_stalled { "stalled" } else { &self.state };
        let topics = self.topics().iter().map(|topic| format!("`{topic}`")).collect::<Vec<_>>();
        let topics = if topics.is_empty() { "no topic".to_owned() } else { topics.join(", ") };
        format!("  the connection is `{state}`, the page reads {topics}\n")
    }

    fn shown(&self) -> String {
        self.page.show_body() + &self.circumstances()
    }

    /// Connects where the page has no connection and should have one.
    async fn revive(&mut self) {
        if self.is_stale {
            // As our script, which does not load pages in a circle without a pause.
            sleep(RETRY).await;
            self.reloads += 1;
            self.load().await;
        }
        if self.line.is_some() || self.is_offline {
            return;
        }
        if self.state == "reconnecting" {
            sleep(RETRY).await;
        }
        let path = self.page.connect_path();
        let separator = if path.contains('?') { '&' } else { '?' };
        let headers = [("accept", "text/event-stream"), ("sec-fetch-site", "same-origin")];
        let answer = self.client.ask(Method::GET, &format!("{path}{separator}{}", self.query()), &headers, String::new()).await;
        if answer.status().is_success() {
            self.line = Some(Line::new(answer.into_body()));
            self.state.clear();
        } else {
            "reconnecting".clone_into(&mut self.state);
        }
    }

    /// What stands in the URL of a connection.
    fn query(&self) -> String {
        let tickets = self.tickets.iter().map(|ticket| format!("{}{}", if ticket.is_joined { "" } else { "!" }, ticket.text));
        let at = self.places.iter().map(|(topic, cursor)| format!("{topic}~{cursor}")).collect::<Vec<_>>().join(",");
        format!("t={}&at={}", tickets.collect::<Vec<_>>().join(","), encoded(&at))
    }

    /// Takes the next message.
    async fn read(&mut self) {
        if self.is_stalled {
            return std::future::pending().await;
        }
        let Some(line) = &mut self.line else { return sleep(RETRY).await };
        if !self.pace.is_zero() {
            sleep(self.pace).await;
        }
        match line.next().await {
            // Not here: whoever waits for this may stop to.
            Message::Frame(frame) if frame.starts_with("<!--htmx-ws! ") => self.is_stale = true,
            Message::Frame(frame) => held(self.take(&frame)),
            Message::End(code) => self.end(code),
        }
    }

    fn end(&mut self, code: u16) {
        self.line = None;
        let state = match code {
            1000 => "complete",
            1008 => "closed",
            _ => "reconnecting",
        };
        self.is_offline = state != "reconnecting";
        state.clone_into(&mut self.state);
    }

    async fn load(&mut self) {
        let (client, reloads) = (self.client.clone(), self.reloads);
        let (path, html) = client.load(&self.path).await;
        let (is_stalled, pace) = (self.is_stalled, self.pace);
        *self = Self { reloads, is_stalled, pace, is_offline: false, ..Self::new(client, path, &html) };
        self.is_offline = !self.is_live();
    }

    /// As `take` of our script does.
    fn take(&mut self, frame: &str) -> Result<(), Failure> {
        if let Some(own) = frame.strip_prefix("<!--htmx-ws-") {
            let mut words = own.trim_end_matches("-->").split(' ');
            let (word, what, more) = (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
            match word {
                Some("at") => self.begin(what, more),
                Some("beat") => what.clone_into(&mut self.state),
                Some("ticket") => {
                    for ticket in self.tickets.iter_mut().filter(|ticket| ticket.page == what) {
                        more.clone_into(&mut ticket.text);
                    }
                }
                _ => {}
            }
            return Ok(());
        }
        let Some((topic, cursor)) = place_of(frame) else { return self.complain(frame) };
        let Some(had) = self.places.get(topic) else {
            return Err(format!("a frame of `{topic}` came, a topic that the page does not read\n    {frame}\n{}", self.circumstances()));
        };
        if is_behind(cursor, had) {
            return Ok(());
        }
        self.page.try_apply(frame)?;
        self.places.insert(topic.to_owned(), cursor.to_owned());
        Ok(())
    }

    /// What is of no topic: an answer to what the page sent.
    fn complain(&mut self, frame: &str) -> Result<(), Failure> {
        match serde_json::from_str::<Value>(frame) {
            Ok(json) if json["htmx-ws"]["error"].is_string() => {
                Err(format!("the server did not handle what the page sent: {}", json["htmx-ws"]["message"]))
            }
            _ => self.page.try_apply(frame),
        }
    }

    fn begin(&mut self, places: &str, state: &str) {
        for (topic, cursor) in places.split(',').filter_map(|place| place.split_once('~')) {
            self.places.insert(topic.to_owned(), cursor.to_owned());
        }
        for ticket in &mut self.tickets {
            ticket.is_joined = true;
        }
        state.clone_into(&mut self.state);
    }
}

/// Whether a frame that goes up to `cursor` brings nothing new where the page stands at `had`: see `apply` in our script.
fn is_behind(cursor: &str, had: &str) -> bool {
    let parts = |cursor: &str| cursor.split('-').map(str::to_owned).collect::<Vec<_>>();
    let (new, old) = (parts(cursor), parts(had));
    let number = |text: Option<&String>| text.and_then(|text| text.parse::<u64>().ok());
    let end = number(new.get(2)).or_else(|| number(new.get(1)));
    new.first() == old.first() && number(old.get(1)).zip(end).is_some_and(|(version, end)| version >= end)
}
