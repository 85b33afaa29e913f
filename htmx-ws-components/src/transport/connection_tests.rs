//! The life of a connection, without a socket and in paused time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::log::{Publication, Retention};
use crate::hub::stats::{Counter, Counters};
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::recipient::{PageId, To};
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::connection::Connection;
use crate::transport::connections::{Connections, NotAdmitted};
use crate::transport::grants::{Grant, Grants};
use crate::transport::inbound::Rate;
use crate::transport::message::{Message, SocketError};
use crate::transport::registry::{Identity, Shares};
use crate::transport::renewal::Term;
use crate::transport::server_end::ServerEnd;
use crate::transport::service::{ConnectionLimits, Rights, Script, Service};
use crate::transport::simulation::Simulated;

const LIMITS: ConnectionLimits = ConnectionLimits {
    inbound_bytes: 100,
    inbound_rate: Rate { per_second: 20, burst: 40 },
    heartbeat: Duration::from_secs(25),
    idle: Duration::from_secs(60),
    write_stall: Duration::from_secs(30),
    flush_interval: Duration::from_millis(16),
    update_time: Duration::from_millis(1),
};

/// A hub with one connection, seen from the browser.
struct World {
    topics: Topics,
    counters: Arc<Counters>,
    connections: Connections,
    to_server: Option<UnboundedSender<Result<Message, SocketError>>>,
    from_server: UnboundedReceiver<Message>,
    reads: Arc<tokio::sync::Semaphore>,
    task: JoinHandle<()>,
}

const AMPLE_READS: usize = 10_000;

fn topic() -> Topic {
    Topic::new("t").unwrap()
}

fn world(reads: usize, lifetime: Duration) -> World {
    let retention = Retention {
        states: 100,
        state_bytes: 1 << 20,
        fences: 4,
        fence_bytes: 1 << 20,
        fences_for: LONG,
        part_patches: 12,
        part_bytes: 1 << 16,
    };
    let counters = Arc::new(Counters::default());
    let pass_interval = LIMITS.flush_interval;
    let limits = TopicLimits { retention, topics: 10, patch_bytes: 1 << 20, bytes: 1 << 30, forget_idle_after: LONG, pass_interval };
    let topics = Topics::new(Epoch(1), limits, Arc::clone(&counters));
    let connections = Connections::new(10, Shares { per_user: 10, per_address: 10 }, Duration::from_secs(2));
    let (to_server, incoming) = unbounded_channel();
    let (outgoing, from_server) = unbounded_channel();
    let reads = Arc::new(tokio::sync::Semaphore::new(reads));
    let socket = ServerEnd { incoming, outgoing, reads: tokio_util::sync::PollSemaphore::new(Arc::clone(&reads)), unsent: VecDeque::new() };
    let admission = connections.admit().unwrap();
    let private = To::user("u").topic().unwrap();
    let identity = Identity { page: PAGE, user: Some("u".into()), session: None, address: None, private: [private.clone()].into() };
    let registration = connections.register(identity).unwrap();
    let subscriptions = Subscriptions::woken(Arc::clone(registration.handle.reader()), &topics, [(topic(), topics.cursor())]).unwrap();
    let mut subscriptions = subscriptions.with_private(vec![(private, topics.cursor())]);
    assert!(!subscriptions.look().unwrap());
    let service = Service {
        htmx: Htmx::V4,
        limits: LIMITS,
        counters: Arc::clone(&counters),
        inbox: None,
        simulated: Simulated::default(),
        gate: None,
    };
    let mut grants = Grants::default();
    grants.hold(Grant { page: PAGE, starts: Vec::new(), term: Term::new(lifetime, None) }, &registration);
    let rights = Rights { subscriptions, registration, grants, script: Script::Absent };
    let connection = Connection::new(Arc::new(service), rights, admission, tracing::Span::none());
    let task = tokio::spawn(connection.serve(socket));
    World { topics, counters, connections, to_server: Some(to_server), from_server, reads, task }
}

const PAGE: PageId = PageId(7);

const LONG: Duration = Duration::from_secs(24 * 3600);

impl World {
    fn publish(&self, state: u32) {
        self.publish_as("a", state);
    }

    fn publish_as(&self, id: &str, state: u32) {
        let fragment = Fragment::new(DomId::new(id).unwrap(), format!("<p>{state}</p>"), Nesting::Leaf).unwrap();
        self.topics.publish(&topic(), vec![Publication::Patch(Patch::Replace(fragment))], None).unwrap();
    }

    fn append(&self, id: &str) {
        let fragment = Fragment::new(DomId::new(id).unwrap(), "<li></li>".to_owned(), Nesting::Leaf).unwrap();
        let patch = Patch::append(DomId::new("list").unwrap(), fragment);
        self.topics.publish(&topic(), vec![Publication::Patch(patch)], None).unwrap();
    }

    fn send(&self, message: Message) {
        self.to_server.as_ref().unwrap().send(Ok(message)).unwrap();
    }

    /// The next message that is no ping, which is answered as a browser does.
    async fn next(&mut self) -> Message {
        loop {
            match self.from_server.recv().await.expect("the connection is open") {
                Message::Ping => self.send(Message::Pong),
                message => return message,
            }
        }
    }

    async fn next_text(&mut self) -> String {
        match self.next().await {
            Message::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            other => panic!("expected a text, got {other:?}"),
        }
    }

    async fn next_close(&mut self) -> Close {
        loop {
            match self.next().await {
                Message::Close(Some(close)) => return close,
                Message::Text(_) => {}
                other => panic!("expected a close, got {other:?}"),
            }
        }
    }

    /// The browser closes its side; the task must end.
    async fn leave(mut self) -> Arc<Counters> {
        self.to_server = None;
        self.task.await.unwrap();
        self.counters
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_connection_sends_at_once_and_then_at_most_every_flush_interval() {
    let mut world = world(AMPLE_READS, LONG);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    world.publish(0);
    assert!(world.next_text().await.contains("<p hx-swap-oob=\"true\" id=\"a\">0</p>"));
    assert_eq!(start.elapsed(), Duration::ZERO);
    for state in 1..=1000 {
        world.publish(state);
    }
    assert!(world.next_text().await.ends_with(">1000</p>"), "superseded states are left out");
    assert_eq!(start.elapsed(), LIMITS.flush_interval);
    let counters = world.leave().await;
    assert_eq!((counters.get(Counter::FramesSent), counters.get(Counter::Connected), counters.get(Counter::Disconnected)), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_busy_page_gets_no_more_than_it_can_show() {
    let mut world = world(AMPLE_READS, LONG);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    for id in 0..36 {
        world.publish_as(&format!("e{id}"), 0);
    }
    for part in 0..3 {
        assert_eq!(world.next_text().await.matches("<p ").count(), 12);
        assert_eq!(start.elapsed(), part * 12 * LIMITS.update_time);
    }
    // What is ordered does not become less by waiting.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    for id in 0..4 {
        world.append(&format!("o{id}"));
    }
    for _ in 0..4 {
        world.next_text().await;
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    world.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_stalled_reader_gets_what_is_current_when_it_reads_again() {
    let mut world = world(1, LONG);
    for id in ["a", "b", "c"] {
        world.append(id);
    }
    assert!(world.next_text().await.contains("id=\"a\""));
    for state in 0..10_000 {
        world.publish_as("x", state);
        if state % 1000 == 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    world.reads.add_permits(AMPLE_READS);
    let mut frames = Vec::new();
    while frames.last().is_none_or(|frame: &String| !frame.ends_with(">9999</p>")) {
        frames.push(world.next_text().await);
    }
    assert_eq!(frames.len(), 3, "{frames:?}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_to_the_end_of_a_long_replay_while_its_beginning_changes() {
    let mut world = world(0, LONG);
    for id in 0..90 {
        world.publish_as(&format!("x{id}"), 0);
    }
    let mut seen = std::collections::HashMap::new();
    for round in 1..=30 {
        for id in 0..40 {
            world.publish_as(&format!("x{id}"), round);
        }
        world.publish_as("x89", round);
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.reads.add_permits(1);
        let frame = world.next_text().await;
        for (id, states) in (0..90).filter_map(|id| Some((id, frame.split_once(&format!("id=\"x{id}\">"))?.1))) {
            seen.insert(id, states.split('<').next().unwrap().parse::<u32>().unwrap());
        }
    }
    assert_eq!(seen.len(), 90, "every element arrived");
    assert!(seen[&89] >= 25, "and is not older than a pass: {}", seen[&89]);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_no_frame_for_too_long_is_cut() {
    let world = world(0, LONG);
    world.publish(0);
    let start = Instant::now();
    let counters = world.counters.clone();
    world.task.await.unwrap();
    assert_eq!(start.elapsed(), LIMITS.write_stall);
    assert_eq!(counters.get(Counter::CutStalled), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_sign_of_life_is_cut() {
    let mut world = world(AMPLE_READS, LONG);
    let start = Instant::now();
    assert_eq!(world.from_server.recv().await, Some(Message::Ping));
    assert_eq!(start.elapsed(), LIMITS.heartbeat);
    world.send(Message::Pong);
    while world.from_server.recv().await.is_some() {}
    assert_eq!(start.elapsed(), Duration::from_secs(110), "60 seconds behind the ping that was not answered");
    assert_eq!(world.counters.get(Counter::CutIdle), 1);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_expires_closes_with_4401_and_refreshes_the_page() {
    let mut world = world(AMPLE_READS, Duration::from_secs(90));
    let start = Instant::now();
    assert!(world.next_text().await.starts_with("<!--htmx-ws! ticket expired, refresh the page-->"));
    assert_eq!(world.next().await, Message::Close(Some(Close::Expired)));
    assert_eq!(start.elapsed(), Duration::from_secs(90));
    assert_eq!(world.leave().await.get(Counter::TicketExpired), 1);
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_said() {
    let mut world = world(1, LONG);
    for n in 0..3 {
        world.append(&format!("a{n}"));
    }
    assert!(world.next_text().await.contains("a0"));
    // The second frame is on its way already; behind it the log goes on without this reader.
    for n in 3..20 {
        world.append(&format!("a{n}"));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.reads.add_permits(AMPLE_READS);
    assert_eq!(world.next_close().await, Close::Gap);
    let counters = world.leave().await;
    assert_eq!((counters.get(Counter::Gap), counters.get(Counter::LogEvicted)), (1, 16), "four of twenty are retained");
}

#[tokio::test(start_paused = true)]
async fn a_drain_closes_with_1012_within_its_window_and_admits_nobody() {
    let mut world = world(AMPLE_READS, LONG);
    let connections = world.connections.clone();
    let start = Instant::now();
    let drain = tokio::spawn(async move { connections.drain().await });
    assert_eq!(world.next_close().await, Close::Draining);
    assert!(start.elapsed() <= Duration::from_secs(2));
    assert_eq!(world.connections.admit().map(drop), Err(NotAdmitted::Draining));
    let counters = world.leave().await;
    drain.await.unwrap();
    assert_eq!(counters.get(Counter::Drained), 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_wait_for_ever() {
    let world = world(0, LONG);
    let start = Instant::now();
    world.publish(0);
    world.connections.drain().await;
    assert_eq!(start.elapsed(), Duration::from_secs(7), "the window and the grace");
}

#[track_caller]
fn error_of(answer: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(answer).unwrap();
    json["htmx-ws"]["error"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_message_that_nobody_can_read_is_answered_and_the_connection_goes_on() {
    let mut world = world(AMPLE_READS, LONG);
    world.send(Message::Text(Bytes::from_static(b"{not json")));
    assert_eq!(error_of(&world.next_text().await), "not-json");
    world.send(Message::Binary(Bytes::from_static(&[0, 1])));
    assert_eq!(error_of(&world.next_text().await), "binary");
    world.send(Message::Text(Bytes::from_static(b"{\"a\":1}")));
    assert_eq!(error_of(&world.next_text().await), "unhandled");
    world.publish(7);
    assert!(world.next_text().await.ends_with(">7</p>"));
    let counters = world.leave().await;
    let counts = [Counter::InboundNotJson, Counter::InboundBinary, Counter::InboundUnhandled].map(|counter| counters.get(counter));
    assert_eq!(counts, [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_breaks_a_limit_is_closed_with_its_code() {
    for (message, close, counter) in [
        (Ok(Message::Text(vec![b'1'; 101].into())), Close::TooLarge, Counter::InboundTooLarge),
        (Err(SocketError::TooLarge), Close::TooLarge, Counter::InboundTooLarge),
        (Err(SocketError::Broken), Close::Protocol, Counter::InboundBroken),
    ] {
        let mut world = world(AMPLE_READS, LONG);
        world.to_server.as_ref().unwrap().send(message).unwrap();
        assert_eq!(world.next_close().await, close);
        assert_eq!(world.leave().await.get(counter), 1);
    }
    let mut world = world(AMPLE_READS, LONG);
    for _ in 0..41 {
        world.send(Message::Ping);
    }
    assert_eq!(world.next_close().await, Close::Overloaded("too many messages"));
    assert_eq!(world.leave().await.get(Counter::InboundTooFast), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_for_a_user_comes_as_soon_as_there_is_any() {
    let mut world = world(AMPLE_READS, LONG);
    let private = To::user("u").topic().unwrap();
    for (title, expected) in [("1", ">1</div>"), ("2", ">2</div>")] {
        world.topics.publish(&private, vec![Publication::Patch(Patch::title(title))], None).unwrap();
        world.connections.of(&private).iter().for_each(|handle| handle.call());
        assert!(world.next_text().await.ends_with(expected));
    }
    assert!(world.connections.of(&To::user("v").topic().unwrap()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_page_has_sent_itself_is_not_sent_to_it() {
    let mut world = world(AMPLE_READS, LONG);
    let title = |title: &str| vec![Publication::Patch(Patch::title(title))];
    world.topics.publish(&topic(), title("its own"), Some(PAGE)).unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.publish(1);
    assert!(world.next_text().await.ends_with("id=\"a\">1</p>"));
    world.topics.publish(&topic(), title("another's"), Some(PageId(8))).unwrap();
    assert!(world.next_text().await.contains("another's"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_rights_are_taken_back_ends() {
    let mut world = world(AMPLE_READS, LONG);
    world.connections.of(&To::user("u").topic().unwrap()).iter().for_each(|handle| handle.close(Close::Revoked));
    assert_eq!(world.next_close().await, Close::Revoked);
    let counters = world.leave().await;
    assert_eq!((counters.get(Counter::Revoked), counters.get(Counter::Disconnected)), (1, 1));
}
