//! Pages that the log cannot serve, and an application that says what they show: over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use htmx_ws_components::{Counter, DomId, Hub, HubBuilder, Live, Patch, Snapshot, To, Topic};
use htmx_ws_tests::socket::{Socket, serve, socket_path};

const SECRET: &[u8] = b"the same thirty-two bytes in every process of the application";

/// The state of an application that outlives its processes.
#[derive(Clone, Default)]
struct Data {
    count: Arc<AtomicU32>,
    reads: Arc<AtomicU32>,
}

impl Data {
    /// A process of the application: its hub begins empty.
    fn hub(&self, configure: impl FnOnce(HubBuilder) -> HubBuilder) -> Hub {
        let data = self.clone();
        let builder = Hub::builder().secret(SECRET).snapshot(move |topic: &Topic| {
            let kind = topic.user().map(|user| format!("mail of {user}")).or((topic.as_str() == "count").then(|| "count".to_owned()))?;
            let data = data.clone();
            Some(async move {
                data.reads.fetch_add(1, Ordering::SeqCst);
                match data.count.load(Ordering::SeqCst) {
                    0 => Err("the database is not there"),
                    count => Ok(Snapshot::of(&count_of(&kind, count))),
                }
            })
        });
        configure(builder).build()
    }

    fn set(&self, hub: &Hub, count: u32) {
        self.count.store(count, Ordering::SeqCst);
        hub.publish("count", &count_of("count", count));
    }
}

fn count_of(what: &str, count: u32) -> Patch {
    Patch::update(DomId::new("count").unwrap(), &maud::PreEscaped(format!("{what} {count}")))
}

async fn until(socket: &mut Socket, end: &str) -> String {
    loop {
        let text = socket.text().await;
        assert!(!text.starts_with("<!--htmx-ws! "), "the page is told to refresh");
        if text.contains(end) {
            return text;
        }
    }
}

#[tokio::test]
async fn a_page_of_before_a_restart_gets_a_snapshot_and_goes_on() {
    let data = Data::default();
    let before = data.hub(|builder| builder);
    let addr = serve(before.routes().with_state(())).await;
    let path = socket_path(&Live::of(&before).topic("count").user("ann"));
    let mut socket = Socket::open(addr, &path).await;
    data.set(&before, 7);
    let last = until(&mut socket, "count 7").await;
    let place = last.strip_prefix("<!--htmx-ws ").unwrap().split_once("-->").unwrap().0.replace(' ', "~");

    let after = data.hub(|builder| builder);
    let addr = serve(after.routes().with_state(())).await;
    data.count.store(8, Ordering::SeqCst);
    // One that has seen something, and one that has not.
    let mut seen = Socket::open(addr, &format!("{path}&at={place}")).await;
    let mut unseen = Socket::open(addr, &path).await;
    for socket in [&mut seen, &mut unseen] {
        // Between two topics there is no order.
        let both = [until(socket, " 8").await, until(socket, " 8").await].concat();
        assert!(both.contains("count 8") && both.contains("mail of ann 8"), "{both}");
    }
    assert_eq!(data.reads.load(Ordering::SeqCst), 2, "once for the topic, once for the user");
    data.set(&after, 9);
    after.publish(To::user("ann"), &Patch::title("for ann"));
    for socket in [&mut seen, &mut unseen] {
        let last = until(socket, "count 9").await;
        let epoch = after.cursor().to_string();
        let epoch = epoch.split('-').next().unwrap();
        assert!(last.starts_with(&format!("<!--htmx-ws count {epoch}-")), "it has a place in the new log: {last}");
    }
    until(&mut seen, "for ann").await;
    assert_eq!((after.stats().get(Counter::GapFilled), after.stats().get(Counter::Gap)), (4, 0));
}

#[tokio::test]
async fn a_page_that_was_away_for_too_long_gets_a_snapshot() {
    let data = Data::default();
    let hub = data.hub(|builder| builder.retain_ordered(2, 1 << 20));
    let addr = serve(hub.routes().with_state(())).await;
    let path = socket_path(&Live::of(&hub).topic("count"));
    for count in 1..=10 {
        data.set(&hub, count);
    }
    let mut socket = Socket::open(addr, &path).await;
    assert!(socket.text().await.contains("count 10"), "and nothing of what came before");
    data.set(&hub, 11);
    assert!(socket.text().await.contains("count 11"));
    assert_eq!(data.reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn where_the_source_fails_or_there_is_none_the_page_refreshes() {
    let data = Data::default();
    let before = data.hub(|builder| builder);
    let after = data.hub(|builder| builder);
    let addr = serve(after.routes().with_state(())).await;
    for (live, failures) in [(Live::of(&before).topic("count"), 1), (Live::of(&before).topic("other"), 1), (Live::of(&before), 1)] {
        let (texts, code, _) = Socket::open(addr, &socket_path(&live)).await.closed().await;
        assert!(code == 4409 && texts.last().unwrap().starts_with("<!--htmx-ws! "));
        assert_eq!(after.stats().get(Counter::SnapshotsFailed), failures);
    }
    assert_eq!(after.stats().get(Counter::Gap), 3);
}
