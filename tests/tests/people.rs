//! Whom something is for, who may connect, and what browsers send: over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::any;
use htmx_ws_components::{Counter, DomId, Htmx, Hub, Inbound, Live, LiveSocket, Patch, Sender, To};
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use serde::Deserialize;

async fn start(hub: &Hub) -> SocketAddr {
    serve(hub.routes().with_state(())).await
}

fn title(text: &str) -> Patch {
    Patch::title(text)
}

#[tokio::test]
async fn what_is_for_a_user_a_session_or_a_page_reaches_them_only() {
    let hub = Hub::new();
    let addr = start(&hub).await;
    let live = |user: &str, session: &str| Live::of(&hub).topic("t").user(user).session(session);
    let (ann, ann_too, bob) = (live("ann", "s1"), live("ann", "s2"), live("bob", "s3"));
    let mut sockets = Vec::new();
    for live in [&ann, &ann_too, &bob] {
        sockets.push(Socket::open(addr, &socket_path(live)).await);
    }
    // Whoever was rendered before and connects afterwards has it as well.
    let late = live("ann", "s4");
    assert_eq!(hub.publish(To::user("ann"), &title("to ann")).outcome().unwrap().readers(), 2);
    hub.publish(To::session("s3"), &title("to s3"));
    hub.publish(To::page(ann_too.page()), &title("to one page"));
    hub.publish("t", &Patch::remove(DomId::new("end").unwrap()));
    sockets.push(Socket::open(addr, &socket_path(&late)).await);

    for (socket, expected) in sockets.iter_mut().zip([&["to ann"][..], &["to ann", "to one page"], &["to s3"], &["to ann"]]) {
        let (mut titles, mut has_end) = (Vec::new(), false);
        while titles.len() < expected.len() || !has_end {
            let text = socket.text().await;
            has_end |= text.contains("\"end\"");
            titles.extend(text.split("title\">").nth(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        }
        titles.sort();
        assert_eq!(titles, expected);
    }
}

#[tokio::test]
async fn what_was_for_a_user_who_was_away_is_there_when_they_are_back() {
    let hub = Hub::new();
    let addr = start(&hub).await;
    let path = socket_path(&Live::of(&hub).user(7));
    let mut socket = Socket::open(addr, &path).await;
    hub.publish(To::user(7), &title("1"));
    let first = socket.text().await;
    drop(socket);
    hub.publish(To::user(7), &title("2"));
    let place = first.strip_prefix("<!--htmx-ws ").unwrap().split_once("-->").unwrap().0;
    let mut socket = Socket::open(addr, &format!("{path}&at={}", place.replace(' ', "~").replace('%', "%25"))).await;
    assert!(socket.text().await.starts_with("<!--htmx-ws-at ") && socket.text().await.ends_with(">2</div>"));
    // A page that was rendered behind all this has nothing to catch up on.
    let mut other = Socket::open(addr, &socket_path(&Live::of(&hub).user(7))).await;
    hub.publish(To::user(7), &title("3"));
    assert!(socket.text().await.ends_with(">3</div>") && other.text().await.ends_with(">3</div>"));
}

#[tokio::test]
async fn rights_that_are_taken_back_end_the_connections_and_the_tickets() {
    let hub = Hub::new();
    let addr = start(&hub).await;
    let (ann, bob) = (Live::of(&hub).topic("t").user("ann"), Live::of(&hub).topic("t").user("bob"));
    let (ann, bob) = (socket_path(&ann), socket_path(&bob));
    let mut of_ann = Socket::open(addr, &ann).await;
    let mut of_bob = Socket::open(addr, &bob).await;
    assert_eq!(hub.revoke(To::user("ann")).unwrap(), 1);
    let refreshed = |texts: Vec<String>| texts.iter().any(|text| text.starts_with("<!--htmx-ws! "));
    let (texts, code, _) = of_ann.closed().await;
    assert!(code == 1008 && refreshed(texts));
    let (texts, code, _) = Socket::open(addr, &ann).await.closed().await;
    assert!(code == 1008 && refreshed(texts), "the ticket is no longer valid");
    hub.publish("t", &title("news"));
    assert!(of_bob.text().await.contains("news"));
    // A page that is rendered later is not concerned.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let mut again = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t").user("ann"))).await;
    hub.publish("t", &title("more"));
    assert!(again.text().await.contains("more"));
    assert_eq!(hub.stats().get(Counter::Revoked), 2);
}

#[tokio::test]
async fn a_user_has_a_share_of_the_connections() {
    let hub = Hub::builder().max_connections_per_user(2).build();
    let addr = start(&hub).await;
    let path = || socket_path(&Live::of(&hub).user("ann"));
    let first = Socket::open(addr, &path()).await;
    let _second = Socket::open(addr, &path()).await;
    assert_eq!(Socket::refused(addr, &path()).await, (429, Some("5".to_owned())));
    assert_eq!(hub.stats().get(Counter::UserConnectionsExceeded), 1);
    drop(first);
    while hub.stats().connections() > 1 {
        tokio::task::yield_now().await;
    }
    let _third = Socket::open(addr, &path()).await;
}

#[tokio::test]
async fn an_address_has_a_share_of_the_connections() {
    let hub = Hub::builder().max_connections_per_address(1).build();
    let routes: Router = hub.routes().with_state(());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>()).await });
    let path = || socket_path(&Live::of(&hub).topic("t"));
    let _first = Socket::open(addr, &path()).await;
    assert_eq!(Socket::refused(addr, &path()).await.0, 429);
    assert_eq!(hub.stats().get(Counter::AddressConnectionsExceeded), 1);
}

#[derive(Deserialize)]
struct Who {
    user: Option<u32>,
}

async fn own(Query(who): Query<Who>, socket: LiveSocket) -> Response {
    let socket = socket.topic("shared");
    match who.user {
        Some(user) => socket.topic(format!("orders-{user}")).user(user).serve(),
        None => socket.serve(),
    }
}

#[tokio::test]
async fn a_handler_of_the_application_says_what_a_page_may_read() {
    let hub = Hub::new();
    let addr = serve(Router::new().route("/own", any(own)).with_state(hub.clone())).await;
    let markup = Live::of(&hub).connect_at("/own?user=7").into_string();
    let path = markup.split("data-ws-connect=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    // Between rendering and connecting.
    hub.publish("orders-7", &title("order 7"));
    let mut socket = Socket::open(addr, &path).await;
    assert!(socket.text().await.contains("order 7"));
    hub.publish("orders-8", &title("order 8"));
    hub.publish(To::user(7), &title("to 7"));
    assert!(socket.text().await.contains("to 7"));
    // Without a ticket, from now on.
    let mut plain = Socket::open(addr, "/own").await;
    hub.publish("shared", &title("shared"));
    assert!(plain.text().await.contains("shared") && socket.text().await.contains("shared"));
    // With one that is none, as everywhere.
    assert_eq!(Socket::open(addr, "/own?t=nonsense").await.closed().await.1, 1008);
    let foreign = Socket::open_from(Some("http://elsewhere.example"), addr, "/own").await.closed().await;
    assert_eq!(foreign.1, 1008);
}

#[derive(Debug, Deserialize)]
struct Rename {
    id: u32,
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

async fn rename(message: Inbound<Rename>) -> Result<(), String> {
    let Rename { id, name, tags } = message.value();
    match name.as_str() {
        "panic" => panic!("as it was told"),
        "" => return Err(format!("{id} needs a name")),
        _ => {}
    }
    let said = format!("{id} {name} {tags:?} {:?} {:?} {:?}", message.user(), message.session(), message.header("hx-current-url"));
    message.reply(&title(&said));
    message.hub().publish("t", &title("renamed"));
    Ok(())
}

fn inbound(htmx: Htmx) -> Hub {
    Hub::builder().htmx(htmx).on("rename", rename).build()
}

/// The next frame that is for this page alone, without its comment.
async fn answer(socket: &mut Socket) -> String {
    loop {
        let text = socket.text().await;
        if let Some(private) = text.strip_prefix("<!--htmx-ws %01page%01") {
            return private.split_once("-->").unwrap().1.to_owned();
        }
    }
}

#[tokio::test]
async fn a_message_arrives_typed_and_is_answered_to_its_sender() {
    for (htmx, headers) in [(Htmx::V2, "HEADERS"), (Htmx::V4, "headers")] {
        let hub = inbound(htmx);
        let addr = start(&hub).await;
        let mut socket = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t").user("ann").session(1))).await;
        let mut neighbour = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
        socket
            .send(&format!(r#"{{"action":"rename","id":"7","name":"x","tags":["a","b"],"{headers}":{{"HX-Current-URL":"/jobs"}}}}"#))
            .await;
        let expected = r#"7 x ["a", "b"] Some("ann") Some("1") Some("/jobs")"#.replace('"', "&quot;");
        assert!(answer(&mut socket).await.contains(&expected), "{htmx:?}");
        assert!(neighbour.text().await.contains("renamed"));
        // The other generation's name of the headers is a field like any other.
        let other = if headers == "headers" { "HEADERS" } else { "headers" };
        socket.send(&format!(r#"{{"action":"rename","id":8,"name":"y","{other}":{{"HX-Current-URL":"/forged"}}}}"#)).await;
        assert!(answer(&mut socket).await.contains("8 y [] Some(&quot;ann&quot;) Some(&quot;1&quot;) None"), "{htmx:?}");
        assert_eq!(hub.stats().get(Counter::InboundHandled), 2);
    }
}

#[tokio::test]
async fn what_cannot_be_handled_is_said_to_its_sender_until_the_next_that_can() {
    let hub = inbound(Htmx::V4);
    let addr = start(&hub).await;
    let mut socket = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
    let cases = [
        (r#"{"action":"rename","id":"seven","name":"x"}"#, "id: invalid digit found in string", Counter::InboundInvalid),
        (r#"{"action":"rename","id":"7"}"#, "missing field `name`", Counter::InboundInvalid),
        (r#"{"action":"rename","id":"7","name":""}"#, "7 needs a name", Counter::InboundFailed),
        (r#"{"action":"rename","id":"7","name":"panic"}"#, "Something went wrong", Counter::InboundPanicked),
        (r#"{"action":"delete"}"#, "The message was not understood.", Counter::InboundUnhandled),
        ("not json", "The message was not understood.", Counter::InboundNotJson),
        ("[1]", "The message was not understood.", Counter::InboundNotJson),
    ];
    for (message, expected, counter) in cases {
        let before = hub.stats().get(counter);
        socket.send(message).await;
        // The same words twice are no change of the page.
        if message != "[1]" && message != "not json" {
            let shown = answer(&mut socket).await;
            assert!(shown.contains("innerHTML:#htmx-ws-errors") && shown.contains(expected), "{message}: {shown}");
        }
        while hub.stats().get(counter) == before {
            tokio::task::yield_now().await;
        }
    }
    socket.send(r#"{"action":"rename","id":"7","name":"x"}"#).await;
    let (said, gone) = (answer(&mut socket).await, answer(&mut socket).await);
    assert!(said.contains("7 x") && gone.ends_with("#htmx-ws-errors\"></div>"), "{said} {gone}");
}

#[tokio::test]
async fn a_request_names_its_page() {
    use axum::extract::FromRequestParts;
    let hub = Hub::new();
    let page = Live::of(&hub).topic("t").page();
    for (header, expected) in [(Some(page.to_string()), Some(page)), (Some("nonsense".to_owned()), None), (None, None)] {
        let mut request = axum::http::Request::builder();
        if let Some(header) = header {
            request = request.header("htmx-ws-page", header);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        assert_eq!(Sender::from_request_parts(&mut parts, &()).await.unwrap(), Sender(expected));
    }
}

#[tokio::test]
async fn a_batch_is_published_at_once_and_not_to_whom_it_came_from() {
    let hub = Hub::new();
    let addr = start(&hub).await;
    let live = Live::of(&hub).topic("t");
    let mut sender = Socket::open(addr, &socket_path(&live)).await;
    let mut other = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
    let remove = |id: &str| Patch::remove(DomId::new(id).unwrap());
    let published = hub.batch("t").with(&remove("a")).with(&remove("b")).except(live.page()).publish().outcome().unwrap();
    assert_eq!((published.is_change(), published.readers()), (true, 2));
    hub.publish("t", &title("to all"));
    let (first, second) = (other.text().await, other.text().await);
    assert!(first.contains("\"a\"") && second.contains("\"b\""), "{first} {second}");
    assert!(other.text().await.contains("to all") && sender.text().await.contains("to all"));
    // Of a batch with a mistake, nothing is published.
    let large = Patch::title(&"x".repeat(1 << 20));
    assert!(hub.batch("t").with(&remove("c")).with(&large).publish().outcome().is_err());
    assert!(!hub.batch("t").publish().outcome().unwrap().is_change());
    hub.publish("t", &title("end"));
    assert!(other.text().await.contains("end"));
}
