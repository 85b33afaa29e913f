//! The ways of a page to the server, without a browser: what goes over the wire where there is no WebSocket, and of regions that come and go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use htmx_ws_components::{Component, Counter, DomId, Hub, HubBuilder, Inbound, Live, Patch};
use htmx_ws_tests::PATIENCE;
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use http::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

#[derive(Component)]
#[component(id = "said", leaf, render = Self::markup)]
struct Said(String);

impl Said {
    fn markup(&self) -> maud::Markup {
        maud::html! { output { (self.0) } }
    }
}

#[derive(Deserialize)]
struct Say {
    text: String,
}

async fn say(message: Inbound<Say>) {
    message.hub().publish("t", &Said(message.value().text.clone()));
}

struct World {
    hub: Hub,
    addr: SocketAddr,
}

impl World {
    async fn start(builder: HubBuilder) -> Self {
        let hub = builder.on("say", say).build();
        let addr = serve(hub.routes().with_state(())).await;
        Self { hub, addr }
    }

    fn page(&self, topic: &'static str) -> String {
        socket_path(&Live::of(&self.hub).topic(topic))
    }

    fn remove(&self, topic: &'static str, id: &str) {
        self.hub.publish(topic, &Patch::remove(DomId::new(id).unwrap()));
    }

    async fn request(&self, request: http::request::Builder, path: &str, body: &str) -> Response<Body> {
        let request = request.uri(format!("http://{}{path}", self.addr)).body(Body::from(body.to_owned())).unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        client.request(request).await.unwrap().map(Body::new)
    }

    async fn stream(&self, path: &str, last: Option<&str>) -> Stream {
        let mut request = Request::get("/").header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = self.request(request, path, "").await;
        assert_eq!((response.status(), &response.headers()["content-type"]), (StatusCode::OK, &"text/event-stream".parse().unwrap()));
        Stream { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// Asks, and gives the frames and the close code of the answer.
    async fn ask(&self, path: &str) -> (Vec<String>, Option<u64>) {
        let response = self.request(Request::get("/").header("accept", "application/json"), path, "").await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let body = timeout(PATIENCE, axum::body::to_bytes(response.into_body(), 1 << 20)).await.expect("it is answered").unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let frames = answer["frames"].as_array().unwrap().iter().map(|frame| frame.as_str().unwrap().to_owned()).collect();
        (frames, answer["close"].as_u64())
    }

    async fn send(&self, origin: &str, path: &str, text: &str) -> StatusCode {
        let path = path.replace("/ws?", "/send?");
        self.request(Request::post("/").header("origin", origin), &path, text).await.status()
    }

    fn readers(&self, topic: &str) -> usize {
        self.hub.topic_stats().iter().find(|stats| stats.name() == topic).map_or(0, htmx_ws_components::TopicStats::readers)
    }

    async fn until_readers(&self, topic: &str, count: usize) {
        let reached = async {
            while self.readers(topic) != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(timeout(PATIENCE, reached).await.is_ok(), "{topic} has {} readers", self.readers(topic));
    }
}

/// An event stream, as the HTML standard has it.
struct Stream {
    body: axum::body::BodyDataStream,
    text: String,
}

impl Stream {
    /// The fields of the next event.
    async fn next(&mut self) -> Vec<(String, String)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let fields = event.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| !name.is_empty());
                let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.trim_start_matches(' ').to_owned())).collect();
                self.text = String::from(rest);
                if fields.is_empty() {
                    continue;
                }
                return fields;
            }
            let piece = timeout(PATIENCE, self.body.next()).await.expect("something comes").expect("the stream goes on").unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// The next frame that mentions `part`, and its id.
    async fn until(&mut self, part: &str) -> (String, String) {
        loop {
            let fields = self.next().await;
            let of = |name: &str| fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone()).unwrap_or_default();
            if of("data").contains(part) {
                return (of("data"), of("id"));
            }
        }
    }
}

/// Where a page stands that got this frame, for its next URL.
fn at(frame: &str) -> String {
    let place = frame.strip_prefix("<!--htmx-ws ").unwrap().split_once("-->").unwrap().0;
    format!("&at={}", place.replace(' ', "~"))
}

#[tokio::test]
async fn an_event_stream_resumes_at_its_last_id_without_our_script() {
    let world = World::start(Hub::builder()).await;
    let path = world.page("t");
    let mut stream = world.stream(&path, None).await;
    world.remove("t", "one");
    let (_, id) = stream.until("one").await;
    drop(stream);
    world.remove("t", "two");
    let mut stream = world.stream(&path, Some(&id)).await;
    world.remove("t", "three");
    let (first, _) = stream.until("htmx-ws ").await;
    assert!(first.contains("two") && !first.contains("one"), "{first}");
    stream.until("three").await;
    world.hub.complete("t").unwrap();
    let end = stream.next().await;
    assert_eq!(end, [("event".to_owned(), "end".to_owned()), ("data".to_owned(), "1000".to_owned())]);
}

#[tokio::test]
async fn questions_are_answered_at_once_or_when_there_is_something() {
    let world = World::start(Hub::builder()).await;
    let path = world.page("t");
    let (frames, close) = world.ask(&format!("{path}&at=")).await;
    assert!(matches!(&frames[..], [frame] if frame.starts_with("<!--htmx-ws-at ")), "it says where it begins: {frames:?}");
    assert_eq!(close, None);
    let held = format!("{path}&at=&hold=1");
    let (answer, ()) = tokio::join!(world.ask(&held), async {
        world.until_readers("t", 1).await;
        world.remove("t", "one");
    });
    assert!(matches!(&answer.0[..], [frame] if frame.contains("one")), "{answer:?}");
    // What was published between two questions is there with the next one.
    world.remove("t", "two");
    let (frames, _) = world.ask(&format!("{path}{}&hold=1", at(&answer.0[0]))).await;
    assert!(matches!(&frames[..], [frame] if frame.contains("two")), "{frames:?}");
    world.hub.complete("t").unwrap();
    let (_, close) = world.ask(&format!("{path}{}&hold=1", at(&frames[0]))).await;
    assert_eq!(close, Some(1000));
}

#[tokio::test]
async fn a_question_with_nothing_to_answer_is_answered_within_a_heartbeat() {
    let world = World::start(Hub::builder().heartbeat(Duration::from_secs(1), Duration::from_secs(5))).await;
    let (frames, close) = world.ask(&format!("{}&at=&hold=1", world.page("t"))).await;
    assert!(close.is_none() && frames.iter().all(|frame| frame == "<!--htmx-ws-beat fallback-->"), "{frames:?} {close:?}");
}

#[tokio::test]
async fn who_may_not_read_over_a_socket_may_not_read_otherwise() {
    let world = World::start(Hub::builder()).await;
    let (frames, close) = world.ask("/live/ws?t=nonsense&at=").await;
    assert!(close == Some(1008) && frames.iter().any(|frame| frame.starts_with("<!--htmx-ws! ")), "{frames:?} {close:?}");
    let path = world.page("t");
    for request in [Request::get("/").header("origin", "https://evil.example"), Request::get("/").header("sec-fetch-site", "cross-site")] {
        let response = world.request(request.header("accept", "application/json"), &format!("{path}&at="), "").await;
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((answer["close"].as_u64(), answer["frames"].as_array().map(Vec::len)), (Some(1008), Some(0)), "{answer}");
    }
    assert_eq!(world.hub.stats().get(Counter::OriginForeign), 2);
}

#[tokio::test]
async fn what_is_posted_is_handled_as_if_it_came_over_a_socket() {
    let world = World::start(Hub::builder()).await;
    let path = world.page("t");
    let own = format!("http://{}", world.addr);
    let text = r#"{"action":"say","text":"hello"}"#;
    assert_eq!(world.send(&own, &path, text).await, StatusCode::CONFLICT, "nobody is there");
    let mut stream = world.stream(&format!("{path}&at="), None).await;
    stream.until("htmx-ws-at").await;
    assert_eq!(world.send(&own, &path, text).await, StatusCode::NO_CONTENT);
    stream.until("hello").await;
    assert_eq!(world.send("https://evil.example", &path, text).await, StatusCode::FORBIDDEN);
    assert_eq!(world.send(&own, "/live/send?t=nonsense", text).await, StatusCode::FORBIDDEN);
    assert_eq!(world.send(&own, &path, &"x".repeat(1 << 20)).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.hub.stats().get(Counter::InboundTooLarge), 1);
    // The stream is none the worse.
    assert_eq!(world.send(&own, &path, &text.replace("hello", "again")).await, StatusCode::NO_CONTENT);
    stream.until("again").await;
}

#[tokio::test]
async fn regions_join_and_leave_an_open_socket() {
    let world = World::start(Hub::builder()).await;
    let [one, other] = ["one", "other"].map(|topic| world.page(topic));
    let ticket = other.split_once("t=").unwrap().1;
    let mut socket = Socket::open(world.addr, &format!("{one}&at=")).await;
    assert!(socket.text().await.starts_with("<!--htmx-ws-at one~"));
    world.remove("other", "before");
    socket.send(&format!(r#"{{"htmx-ws":"{one},!{ticket}&at="}}"#)).await;
    let said = socket.text().await;
    assert!(said.starts_with("<!--htmx-ws-at ") && said.contains("other~"), "{said}");
    assert!(socket.text().await.contains("before"), "from its own rendering on");
    world.remove("one", "both");
    assert!(socket.text().await.contains("both"));
    assert_eq!((world.readers("one"), world.readers("other")), (1, 1));
    socket.send(&format!(r#"{{"htmx-ws":"{one}&at="}}"#)).await;
    world.until_readers("other", 0).await;
    world.remove("one", "still");
    loop {
        let text = socket.text().await;
        if text.contains("still") {
            break;
        }
        assert!(text.starts_with("<!--htmx-ws-at "), "{text}");
    }
    // A ticket that is none joins nothing, and the page is told to load anew.
    socket.send(&format!(r#"{{"htmx-ws":"{one},nonsense&at="}}"#)).await;
    let (texts, code, _) = socket.closed().await;
    assert!(code == 1008 && texts.iter().any(|text| text.starts_with("<!--htmx-ws! ")), "{code} {texts:?}");
}
