//! What the kit tells `tracing`: every event of its documentation, and no other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use htmx_ws_components::{
    Component, DomId, Fragment, Hub, Inbound, Live, LiveSocket, MemoryBackplane, Nesting, Patch, Presence, Snapshot, To, Topic,
};
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use htmx_ws_tests::{PATIENCE, page, workspace};
use maud::Render;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// An event, or a span: its fields by their names, without the message.
#[derive(Debug, Clone)]
struct Told {
    name: &'static str,
    level: String,
    fields: BTreeMap<&'static str, String>,
    /// The fields of the innermost span around it.
    inside: Option<BTreeMap<&'static str, String>>,
}

/// What it was told, on the thread that it is the default of.
#[derive(Debug, Default, Clone)]
struct Recorder(Arc<Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    events: Mutex<Vec<Told>>,
    spans: Mutex<Vec<Told>>,
    entered: Mutex<Vec<u64>>,
    next: AtomicU64,
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != "message" {
            self.0.insert(field.name(), format!("{value:?}"));
        }
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("htmx_ws")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let (name, level) = (span.metadata().name(), span.metadata().level().to_string());
        self.0.spans.lock().unwrap().push(Told { name, level, fields: fields.0, inside: None });
        Id::from_u64(self.0.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        assert_eq!(event.metadata().target(), "htmx_ws", "{event:?}");
        let mut fields = Fields::default();
        event.record(&mut fields);
        let span = self.0.entered.lock().unwrap().last().copied();
        let index = span.map(|span| usize::try_from(span - 1).unwrap());
        let inside = index.map(|index| self.0.spans.lock().unwrap()[index].fields.clone());
        let (name, level) = (event.metadata().name(), event.metadata().level().to_string());
        self.0.events.lock().unwrap().push(Told { name, level, fields: fields.0, inside });
    }

    fn enter(&self, span: &Id) {
        self.0.entered.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        let mut entered = self.0.entered.lock().unwrap();
        let index = entered.iter().rposition(|inner| *inner == span.into_u64()).unwrap();
        entered.remove(index);
    }
}

impl Recorder {
    fn of(&self, name: &str) -> Vec<Told> {
        self.0.events.lock().unwrap().iter().filter(|told| told.name == name).cloned().collect()
    }

    /// The first event of this name, as soon as there is one.
    async fn first(&self, name: &str) -> Told {
        let seen = async {
            loop {
                if let Some(told) = self.of(name).first() {
                    return told.clone();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("nobody told {name}"))
    }
}

/// The table with this heading in the documentation of the hub: name, level, fields.
fn documented(heading: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let text = fs::read_to_string(workspace::root().join("htmx-ws-components/src/web/events.md")).unwrap();
    let table = text.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).take_while(|line| line.starts_with('|'));
    let rows = table.filter(|line| line.starts_with("| `htmx_ws."));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let mut fields: Vec<String> = cells[3].split(", ").map(|field| field.replace('`', "")).filter(|field| !field.is_empty()).collect();
        fields.sort();
        (cells[1].replace('`', ""), (cells[2].to_owned(), fields))
    };
    rows.map(row).collect()
}

#[derive(Component)]
#[component(id = "broken", leaf, render = Self::markup)]
struct Broken;

impl Broken {
    #[allow(clippy::unused_self, reason = "as a component's markup is called")]
    fn markup(&self) -> maud::Markup {
        maud::html! { "no element" }
    }
}

/// A component whose own markup lacks its id.
#[derive(Component)]
#[component(id = "nameless", leaf, render = maud::Render::render)]
struct Nameless;

impl Render for Nameless {
    fn render(&self) -> maud::Markup {
        maud::html! { p {} }
    }
}

fn removal(id: &str) -> Patch {
    Patch::remove(DomId::new(id).unwrap())
}

/// Everything that happens without a connection.
fn mistakes() {
    Hub::builder().secret(*b"short").build();
    let hub = Hub::builder().max_topics(1).retain_ordered(1, 1 << 10).build();
    hub.publish("", &removal("x"));
    let list = DomId::new("list").unwrap();
    for id in ["a", "b", "c"] {
        let item = Fragment::new(DomId::new(id).unwrap(), "<li></li>".to_owned(), Nesting::Leaf).unwrap();
        hub.publish("news", &Patch::append(&list, item));
    }
    hub.publish("other", &removal("x"));
    let _ = Live::of(&hub).topic("").connect();
    drop(Live::of(&hub).user("a\u{1}").topic("half").connect());
    Broken.render();
    Component::render_to(&Nameless, &mut String::new());
}

/// What goes because it is too old, or too much.
async fn memory() {
    let item = |id: &str| Fragment::new(DomId::new(id).unwrap(), format!("<p>{}</p>", "x".repeat(900)), Nesting::Leaf).unwrap();
    let hub = Hub::builder().max_retained_bytes(16 << 10).retain_ordered_for(Duration::from_secs(60)).build();
    for count in 0..16 {
        hub.publish(format!("t{count}"), &Patch::Replace(item("x")));
    }
    hub.publish("old", &Patch::Refresh);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(100)).await;
    tokio::time::resume();
    hub.publish("new", &Patch::Refresh);
}

/// A producer that has ended, one that panics, and a topic that does: the last one in the middle of a connection.
async fn producers(recorder: &Recorder) {
    let hub = Hub::builder().producer(|_, topic| {
        let panics = topic.as_str() == "broken";
        Some(async move { assert!(!panics, "as it was told") })
    });
    let hub = hub.build();
    let addr = serve(hub.routes().with_state(())).await;
    let live = Live::of(&hub).topic("broken").topic("sound");
    let mut socket = Socket::open(addr, &socket_path(&live)).await;
    recorder.first("htmx_ws.producer_panicked").await;
    for topic in ["broken", "sound"] {
        hub.complete(topic).unwrap();
    }
    assert_eq!(socket.closed().await.1, 1000);
    let reasons: Vec<_> = recorder.of("htmx_ws.producer_stopped").iter().map(|told| told.fields["reason"].clone()).collect();
    assert_eq!(reasons, [r#""panicked""#, r#""ended""#]);
}

/// What the application answers when the hub asks it, and does not: a snapshot, a list of readers, a ticket's renewal.
async fn answers(recorder: &Recorder) {
    let secret = "the same thirty-two bytes in both processes";
    let stale = socket_path(&Live::of(&Hub::builder().secret(secret).build()).topic("state"));
    let hub = Hub::builder()
        .secret(secret)
        .snapshot(|_: &Topic| Some(async { Err::<Snapshot, _>("the database is not there") }))
        .presence(|presence: &Presence| -> Option<Patch> { panic!("as it was told, by {}", presence.topic()) })
        .ticket_lifetime(Duration::from_secs(2))
        .renew_tickets(async |_| panic!("as it was told"))
        .build();
    let addr = serve(hub.routes().with_state(())).await;
    assert_eq!(Socket::open(addr, &stale).await.closed().await.1, 4409);
    let mut socket = Socket::open(addr, &socket_path(&Live::of(&hub).user("ann").topic("state"))).await;
    recorder.first("htmx_ws.presence_panicked").await;
    assert_eq!(socket.closed().await.1, 4401);
}

#[tokio::test]
async fn every_event_is_documented_and_every_documented_event_is_told() {
    let recorder = Recorder::default();
    let _default = tracing::subscriber::set_default(recorder.clone());
    mistakes();
    memory().await;
    producers(&recorder).await;
    answers(&recorder).await;
    backplane(&recorder).await;

    let handler = async |_: Inbound<u8>| {};
    let hub = Hub::builder().retain_states(1, 1 << 20).drain_window(Duration::ZERO).on("n", handler).build();
    let routes = axum::Router::new().route("/own", axum::routing::any(async |socket: LiveSocket| socket.topic("").serve()));
    let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
    let live = || Live::of(&hub).topic("t");
    // Refused: by a code, and by a status.
    Socket::open_from(Some("https://evil.example"), addr, &socket_path(&live())).await.closed().await;
    Socket::open(addr, "/live/ws?t=forged").await.closed().await;
    drop(Socket::open(addr, &format!("/own?{}", socket_path(&live()).split_once('?').unwrap().1)).await);

    let report = socket_path(&live()).replace("/live/ws", "/live/missing");
    tokio::task::spawn_blocking(move || page::post_text(addr, &report, r#"{"id":"gone","topic":"t"}"#)).await.unwrap();
    let (whose, stale) = (live().user("ann").session("nobody-knows"), socket_path(&live()));
    let mut socket = Socket::open(addr, &socket_path(&whose)).await;
    recorder.first("htmx_ws.connected").await;
    socket.send(r#"{"action":"none"}"#).await;
    socket.send(r#"{"action":"n","x":"y"}"#).await;
    recorder.first("htmx_ws.message_invalid").await;
    hub.revoke(To::user("ann")).unwrap();
    socket.closed().await;
    for id in ["a", "b", "c"] {
        hub.publish("t", &Patch::Replace(Fragment::new(DomId::new(id).unwrap(), "<p></p>".to_owned(), Nesting::Leaf).unwrap()));
    }
    assert_eq!(Socket::open(addr, &stale).await.closed().await.1, 4409);
    let mut last = Socket::open(addr, &socket_path(&live())).await;
    tokio::join!(hub.drain(), last.closed());
    Socket::refused(addr, &socket_path(&live())).await;
    // A drain that nobody answers takes its window and its patience.
    incomplete_drain().await;

    let table = documented("event");
    let events = recorder.0.events.lock().unwrap().clone();
    for told in &events {
        let (level, fields) = table.get(told.name).unwrap_or_else(|| panic!("{told:?} is not in the table"));
        assert_eq!(*level, told.level, "{told:?}");
        // A code that there is not, is not recorded.
        let found: Vec<&String> =
            fields.iter().filter(|field| told.fields.contains_key(field.as_str()) || field.as_str() == "code").collect();
        assert!(
            told.fields.keys().all(|field| fields.iter().any(|known| known == field)) && found.len() == fields.len(),
            "{told:?}: {fields:?}"
        );
        assert!(!format!("{told:?}").contains("nobody-knows"), "{told:?}");
    }
    let missing: Vec<_> = table.keys().filter(|name| recorder.of(name).is_empty()).collect();
    assert_eq!(missing, UNPROVOKED);
}

/// What no test can make happen, from here.
const UNPROVOKED: [&str; 2] = ["htmx_ws.drain_unsettled", "htmx_ws.socket_unbounded"];

/// A network that fails, and is mended; and a server that has lost what it had.
async fn backplane(recorder: &Recorder) {
    let backplane = MemoryBackplane::new();
    let hub = Hub::builder().backplane(backplane.clone()).build();
    // It has heard of itself.
    while hub.stats().nodes() == 0 {
        tokio::task::yield_now().await;
    }
    backplane.go_away();
    recorder.first("htmx_ws.backplane_away").await;
    backplane.come_back();
    recorder.first("htmx_ws.backplane_back").await;
    backplane.lose_all();
    recorder.first("htmx_ws.backplane_lost").await;
    backplane.go_away();
    recorder.first("htmx_ws.backplane_not_anew").await;
    backplane.come_back();
    recorder.first("htmx_ws.backplane_anew").await;
}

#[test]
fn every_event_in_the_source_has_a_name_and_is_documented() {
    let files = workspace::files(&workspace::root().join("htmx-ws-components/src"), "rs");
    let sources: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let mut names = BTreeSet::new();
    for level in ["trace", "debug", "info", "warn", "error"] {
        let macro_name = format!("tracing::{level}!(");
        let calls = sources.iter().flat_map(|source| source.split(&macro_name).skip(1));
        names.extend(calls.map(|call| {
            let name = call.trim_start().strip_prefix("name: \"").and_then(|name| name.split('"').next());
            let name = name.unwrap_or_else(|| panic!("without a name: {}", call.lines().next().unwrap_or_default()));
            (name.to_owned(), level.to_uppercase())
        }));
    }
    let table: BTreeSet<_> = documented("event").into_iter().map(|(name, (level, _))| (name, level)).collect();
    assert_eq!(names, table);
}

/// A hub with a connection that does not end.
async fn incomplete_drain() {
    let (started, stuck) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let handler = {
        let (started, stuck) = (Arc::clone(&started), Arc::clone(&stuck));
        move |_: Inbound<()>| {
            let (started, stuck) = (Arc::clone(&started), Arc::clone(&stuck));
            async move {
                started.notify_one();
                stuck.notified().await;
            }
        }
    };
    let hub = Hub::builder().drain_window(Duration::ZERO).on("wait", handler).build();
    let addr = serve(hub.routes().with_state(())).await;
    let mut socket = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
    socket.send(r#"{"action":"wait"}"#).await;
    started.notified().await;
    hub.drain().await;
    stuck.notify_one();
}

/// Every span is in the table, with its fields but for those that there is nothing to say of.
#[track_caller]
fn check_spans(recorder: &Recorder, expected: &[&str]) {
    let table = documented("span");
    let spans = recorder.0.spans.lock().unwrap().clone();
    for span in &spans {
        let (level, fields) = table.get(span.name).unwrap_or_else(|| panic!("{span:?} is not in the table"));
        assert!(*level == span.level && span.fields.keys().all(|field| fields.iter().any(|known| known == field)), "{span:?}");
    }
    let names: Vec<&str> = spans.iter().map(|span| span.name).collect();
    assert_eq!(names, expected);
    assert_eq!(table.keys().collect::<Vec<_>>(), ["htmx_ws.connection", "htmx_ws.producer"]);
}

#[tokio::test]
async fn what_a_producer_does_stands_in_its_span() {
    let recorder = Recorder::default();
    let _default = tracing::subscriber::set_default(recorder.clone());
    let hub = Hub::builder().producer(|_, _| Some(async {})).build();
    let addr = serve(hub.routes().with_state(())).await;
    let _socket = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
    let stopped = recorder.first("htmx_ws.producer_stopped").await;
    assert_eq!(stopped.inside.unwrap()["topic"], "t");
    recorder.first("htmx_ws.connected").await;
    check_spans(&recorder, &["htmx_ws.producer", "htmx_ws.connection"]);
}

#[tokio::test]
async fn what_a_connection_does_stands_in_its_span() {
    let recorder = Recorder::default();
    let _default = tracing::subscriber::set_default(recorder.clone());
    let hub = Hub::new();
    let addr = serve(hub.routes().with_state(())).await;
    let live = Live::of(&hub).topic("t").user("ann").session("nobody-knows");
    let socket = Socket::open(addr, &socket_path(&live)).await;
    recorder.first("htmx_ws.connected").await;
    drop(socket);
    let closed = recorder.first("htmx_ws.closed").await;
    assert_eq!((closed.fields["frames"].as_str(), closed.fields["bytes"].as_str()), ("0", "0"));
    let page = live.page().to_string();
    let inside = closed.inside.unwrap();
    assert_eq!((inside["page"].as_str(), inside["user"].as_str()), (page.as_str(), "true"));
    check_spans(&recorder, &["htmx_ws.connection"]);
    let spans = recorder.0.spans.lock().unwrap().clone();
    assert!(!format!("{spans:?}").contains("ann") && !format!("{spans:?}").contains("nobody-knows"), "{spans:?}");
}
