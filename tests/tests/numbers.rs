//! What a hub says of itself: its stats, over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::HashSet;
use std::time::Duration;

use htmx_ws_components::{Counter, DomId, Hub, Live, Patch, To};
use htmx_ws_tests::socket::{Socket, serve, socket_path};

fn removal(id: &str) -> Patch {
    Patch::remove(DomId::new(id).unwrap())
}

/// Returns when the hub has noticed it.
async fn until(what: impl Fn() -> bool) {
    tokio::time::timeout(htmx_ws_tests::PATIENCE, async {
        while !what() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[test]
fn every_counter_has_a_name_and_a_description_of_its_own() {
    let (names, descriptions): (HashSet<_>, HashSet<_>) =
        Counter::ALL.iter().map(|counter| (counter.name(), counter.description())).unzip();
    assert_eq!((names.len(), descriptions.len()), (Counter::ALL.len(), Counter::ALL.len()));
    for counter in Counter::ALL {
        let words: Vec<String> = counter.name().split('_').map(str::to_owned).collect();
        assert!(words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())), "{words:?}");
        // The variant and its name are the same words.
        let variant: String = words.iter().map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert_eq!(format!("{counter:?}").to_lowercase(), variant.to_lowercase());
        let text = counter.description();
        assert!(text.starts_with(char::is_uppercase) && text.ends_with('.') && !text.contains('\n'), "{text}");
    }
}

#[tokio::test]
async fn a_connection_is_seen_with_its_topics_its_traffic_and_how_far_it_is_behind() {
    // What follows the first flush waits, so that a connection lags.
    let hub = Hub::builder().flush_interval(Duration::from_secs(3600)).build();
    let addr = serve(hub.routes().with_state(())).await;
    let live = Live::of(&hub).topic("a").topic("b").user("ann");
    let page = live.page();
    let mut socket = Socket::open(addr, &socket_path(&live)).await;
    until(|| hub.stats().connections() == 1).await;
    hub.publish("a", &removal("x"));
    let first = socket.text().await;
    until(|| hub.connection_stats(9)[0].frames() == 1).await;
    let seen = hub.connection_stats(9);
    let connection = &seen[0];
    assert_eq!((seen.len(), connection.page(), connection.user()), (1, page, Some("ann")));
    assert_eq!((connection.topics(), connection.lag(), connection.bytes()), (2, 0, first.len() as u64));
    assert_eq!(connection.cursor(), Some(hub.cursor().version()));

    for id in ["x", "y", "z"] {
        hub.publish("b", &removal(id));
    }
    let now = hub.cursor().version().get();
    let behind = &hub.connection_stats(9)[0];
    assert_eq!((behind.lag(), behind.cursor().unwrap().get()), (now, 0), "it has read nothing of `b`");
    assert!(hub.connection_stats(0).is_empty());

    let stats = hub.stats();
    assert_eq!((stats.topics(), stats.readers(), stats.connections(), stats.version().get()), (2, 2, 1, now));
    let topics: Vec<_> = hub.topic_stats().iter().map(|topic| (topic.name().into_owned(), topic.readers(), topic.entries())).collect();
    assert_eq!(topics, [("a".to_owned(), 1, 1), ("b".to_owned(), 1, 3)]);
    drop(socket);
    until(|| hub.stats().readers() == 0 && hub.connection_stats(9).is_empty()).await;
}

#[test]
fn the_name_of_a_session_is_not_told() {
    let hub = Hub::new();
    for to in [To::session("secret"), To::user("ann"), To::page(Live::of(&hub).page())] {
        hub.publish(to, &removal("x"));
    }
    let names: Vec<String> = hub.topic_stats().iter().map(|topic| topic.name().into_owned()).collect();
    assert!(names.contains(&"a session".to_owned()) && names.contains(&"user ann".to_owned()), "{names:?}");
    assert!(!format!("{names:?}").contains("secret") && hub.topic_stats().iter().all(htmx_ws_components::TopicStats::is_private));
}

/// The metrics of a text, read line by line as the exposition format 0.0.4 has them: name, help, type, value.
fn metrics(text: &str) -> Vec<(String, String, String, f64)> {
    assert!(text.ends_with('\n'), "the last line ends as well");
    let is_name = |name: &str| {
        let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':');
        name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
    };
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let (name, help) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')).unwrap_or_else(|| panic!("no help: {line}"));
        let line = lines.next().unwrap();
        let (typed, kind) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')).unwrap_or_else(|| panic!("no type: {line}"));
        let (sampled, value) = lines.next().unwrap().split_once(' ').unwrap();
        assert!(is_name(name) && name == typed && name == sampled, "{name}, {typed}, {sampled}");
        assert!(["counter", "gauge"].contains(&kind), "{kind}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        found.push((name.to_owned(), help.replace("\\n", "\n").replace("\\\\", "\\"), kind.to_owned(), value.parse().unwrap()));
    }
    let names: HashSet<_> = found.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), found.len(), "each is there once");
    found
}

#[tokio::test]
async fn a_scraper_reads_every_number() {
    let hub = Hub::new();
    hub.publish("a", &removal("x"));
    hub.publish("a", &removal("x"));
    let addr = serve(axum::Router::new().route("/metrics", hub.metrics())).await;
    let request = format!("GET /metrics HTTP/1.0\r\nHost: {addr}\r\n\r\n");
    let mut stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    let found = metrics(body);

    for counter in Counter::ALL {
        let name = format!("htmx_ws_{}_total", counter.name());
        let (_, help, ..) = found.iter().find(|(found, ..)| *found == name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(help, counter.description());
    }
    let value = |name: &str| found.iter().find(|(found, ..)| found == name).map(|(.., value)| *value);
    for (name, expected) in [
        ("htmx_ws_published_total", 1.0),
        ("htmx_ws_published_unchanged_total", 1.0),
        ("htmx_ws_topics", 1.0),
        ("htmx_ws_retained_entries", 1.0),
        ("htmx_ws_version", 1.0),
        ("htmx_ws_connections", 0.0),
        ("htmx_ws_readers", 0.0),
        ("htmx_ws_producers", 0.0),
        ("htmx_ws_nodes", 1.0),
        ("htmx_ws_waiting_bytes", 0.0),
        ("htmx_ws_backplane_lag_seconds", 0.0),
    ] {
        assert_eq!(value(name), Some(expected), "{name}");
    }
    assert!(value("htmx_ws_retained_bytes").unwrap() > 0.0);
    assert_eq!(found.len(), Counter::ALL.len() + 10);
}

#[tokio::test]
async fn producers_and_topics_that_are_complete_are_seen() {
    let hub = Hub::builder().producer(|_, topic| (topic.as_str() == "made").then_some(std::future::pending())).build();
    let addr = serve(hub.routes().with_state(())).await;
    let live = Live::of(&hub).topic("made").topic("other");
    let socket = Socket::open(addr, &socket_path(&live)).await;
    until(|| hub.stats().producers() == 1).await;
    let seen = || hub.topic_stats().iter().map(|topic| (topic.has_producer(), topic.is_complete())).collect::<Vec<_>>();
    assert_eq!((seen(), hub.stats().get(Counter::ProducersStarted)), (vec![(true, false), (false, false)], 1));
    assert!(hub.stats().prometheus().contains("\nhtmx_ws_producers 1\n"));

    // Where one topic is complete, the connection stands in the other one only.
    assert_eq!((hub.stats().readers(), hub.connection_stats(1)[0].topics()), (2, 2));
    hub.complete("other").unwrap();
    until(|| hub.stats().readers() == 1).await;
    assert_eq!((seen()[1], hub.connection_stats(1)[0].topics()), ((false, true), 1));
    hub.complete("made").unwrap();
    until(|| hub.stats().get(Counter::Completed) == 1).await;
    hub.publish("other", &removal("x"));
    assert_eq!((seen(), hub.stats().readers()), (vec![(true, true), (false, false)], 0));
    drop(socket);
}
