//! Bad input over a real socket: each has an answer that the client can act on and a counter, and disturbs nobody else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::net::SocketAddr;
use std::time::Duration;

use htmx_ws_components::{Counter, DomId, Hub, HubBuilder, Live, Patch};
use htmx_ws_tests::socket::{Socket, serve, socket_path};

struct World {
    hub: Hub,
    addr: SocketAddr,
    /// A page that does nothing wrong.
    neighbour: Socket,
}

impl World {
    async fn new(builder: HubBuilder) -> Self {
        let hub = builder.build();
        let addr = serve(hub.routes().with_state(())).await;
        let mut world = Self { neighbour: Socket::open(addr, &page(&hub)).await, hub, addr };
        world.check_neighbour().await;
        world
    }

    async fn open(&self, path: &str) -> Socket {
        Socket::open(self.addr, path).await
    }

    /// What was wrong counted once, and the neighbour's connection works.
    async fn check(mut self, counter: Counter) {
        assert_eq!(self.hub.stats().get(counter), 1, "{}", counter.name());
        self.check_neighbour().await;
    }

    async fn check_neighbour(&mut self) {
        let id = format!("n{}", self.hub.cursor().version());
        self.hub.publish("news", &Patch::remove(DomId::new(&id).unwrap()));
        assert!(self.neighbour.text().await.contains(&id));
    }
}

fn page(hub: &Hub) -> String {
    socket_path(&Live::of(hub).topic("news"))
}

const REFRESH: &str = "<!--htmx-ws! ";

#[tokio::test]
async fn a_forged_or_altered_ticket_is_refused_and_the_page_refreshes() {
    let paths = |hub: &Hub| {
        let own = page(hub);
        let foreign = page(&Hub::new());
        let altered = own.replace("?t=e", "?t=f");
        assert_ne!(own, altered);
        [altered, foreign, "/live/ws?t=nonsense".to_owned(), "/live/ws".to_owned()]
    };
    for index in 0..4 {
        let world = World::new(Hub::builder()).await;
        let (texts, code, reason) = world.open(&paths(&world.hub)[index]).await.closed().await;
        assert_eq!((code, reason.as_str()), (1008, "ticket not valid here, refresh the page"));
        assert!(texts[0].starts_with(REFRESH), "{texts:?}");
        world.check(Counter::TicketForged).await;
    }
}

#[tokio::test]
async fn an_expired_ticket_is_refused_and_the_page_refreshes() {
    // Whole seconds: a ticket for none is behind its time when it is signed.
    let hub = Hub::builder().ticket_lifetime(Duration::ZERO).build();
    let addr = serve(hub.routes().with_state(())).await;
    let (texts, code, reason) = Socket::open(addr, &page(&hub)).await.closed().await;
    assert_eq!((code, reason.as_str()), (4401, "ticket expired, refresh the page"));
    assert!(texts[0].starts_with(REFRESH), "{texts:?}");
    assert_eq!(hub.stats().get(Counter::TicketExpired), 1);
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused() {
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let world = World::new(Hub::builder()).await;
        let (texts, code, reason) = Socket::open_from(origin, world.addr, &page(&world.hub)).await.closed().await;
        assert_eq!((code, reason.as_str()), (1008, "pages of another origin may not connect"));
        assert_eq!(texts, Vec::<String>::new(), "a foreign page is not told to refresh");
        world.check(Counter::OriginForeign).await;
    }
}

#[tokio::test]
async fn a_cursor_of_another_epoch_or_of_the_future_is_a_gap() {
    let world = World::new(Hub::builder()).await;
    let first = epoch(&world.hub);
    let future = world.hub.cursor().to_string().replace("-1", "-4");
    let partial = format!("{}-1-18446744073709551615-7", epoch(&world.hub));
    for cursor in ["abc-1".to_owned(), future, partial] {
        let world = World::new(Hub::builder()).await;
        let cursor = cursor.replace(&first, &epoch(&world.hub));
        let (texts, code, reason) = world.open(&format!("{}&at=news~{cursor}", page(&world.hub))).await.closed().await;
        assert_eq!((code, reason.as_str()), (4409, "too far behind, refresh the page"));
        assert!(texts.last().unwrap().starts_with(REFRESH), "{texts:?}");
        world.check(Counter::Gap).await;
    }
}

fn epoch(hub: &Hub) -> String {
    hub.cursor().to_string().split_once('-').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    for at in ["news~x", "news"] {
        let world = World::new(Hub::builder()).await;
        let (_, code, reason) = world.open(&format!("{}&at={at}", page(&world.hub))).await.closed().await;
        assert_eq!((code, reason.as_str()), (1008, "cursors not valid"));
        world.check(Counter::ResumeInvalid).await;
    }
}

#[tokio::test]
async fn an_oversized_message_closes_with_1009() {
    for bytes in [17 << 10, 1 << 20] {
        let world = World::new(Hub::builder()).await;
        let mut socket = world.open(&page(&world.hub)).await;
        socket.send(&"x".repeat(bytes)).await;
        let (_, code, reason) = socket.closed().await;
        assert_eq!((code, reason.as_str()), (1009, "message too large"));
        world.check(Counter::InboundTooLarge).await;
    }
}

#[tokio::test]
async fn a_binary_message_and_one_that_is_not_json_are_answered() {
    let world = World::new(Hub::builder()).await;
    let mut socket = world.open(&page(&world.hub)).await;
    socket.send("{").await;
    assert!(socket.text().await.contains(r#""error":"not-json""#));
    socket.send_binary(&[1, 2, 3]).await;
    assert!(socket.text().await.contains(r#""error":"binary""#));
    assert_eq!(world.hub.stats().get(Counter::InboundNotJson), 1);
    world.check(Counter::InboundBinary).await;
}

#[tokio::test]
async fn a_flood_of_messages_closes_with_1013() {
    let world = World::new(Hub::builder().inbound_rate(1, 3)).await;
    let mut socket = world.open(&page(&world.hub)).await;
    for _ in 0..4 {
        socket.send("{}").await;
    }
    let (_, code, reason) = socket.closed().await;
    assert_eq!((code, reason.as_str()), (1013, "too many messages"));
    world.check(Counter::InboundTooFast).await;
}

#[tokio::test]
async fn a_connection_over_the_limit_is_answered_with_503() {
    let world = World::new(Hub::builder().max_connections(1)).await;
    assert_eq!(Socket::refused(world.addr, &page(&world.hub)).await, (503, Some("5".to_owned())));
    world.check(Counter::ConnectionsExceeded).await;
}

#[tokio::test]
async fn a_url_that_cannot_be_read_has_no_ticket() {
    let world = World::new(Hub::builder()).await;
    let (_, code, _) = world.open("/live/ws?t=a&t=b").await.closed().await;
    assert_eq!(code, 1008);
    world.check(Counter::TicketForged).await;
}

#[tokio::test]
async fn a_topic_too_many_takes_the_place_of_an_idle_one() {
    let world = World::new(Hub::builder().max_topics(2)).await;
    let remove = |id: &str| Patch::remove(DomId::new(id).unwrap());
    let stale = socket_path(&Live::of(&world.hub).topic("idle"));
    assert!(world.hub.publish("idle", &remove("a")).outcome().is_ok());
    assert!(world.hub.publish("new", &remove("a")).outcome().is_ok());
    // The page of the topic that was given up cannot know what it missed.
    let (_, code, _) = world.open(&stale).await.closed().await;
    assert_eq!(code, 4409);
    assert_eq!(world.hub.stats().get(Counter::TopicsGivenUp), 2, "`idle` for `new`, and `new` for the page of `idle`");
    world.check(Counter::Gap).await;
}

#[tokio::test]
async fn a_topic_that_nobody_has_published_to_is_read_from_its_first_patch_on() {
    let world = World::new(Hub::builder()).await;
    let mut socket = world.open(&socket_path(&Live::of(&world.hub).topic("unheard of"))).await;
    world.hub.publish("unheard of", &Patch::remove(DomId::new("first").unwrap()));
    let frame = socket.text().await;
    assert!(frame.starts_with("<!--htmx-ws unheard%20of ") && frame.contains("first"), "{frame}");
}

#[tokio::test]
async fn a_drain_closes_open_sockets_with_1012_and_answers_later_ones_with_503() {
    let hub = Hub::builder().drain_window(Duration::ZERO).build();
    let addr = serve(hub.routes().with_state(())).await;
    let mut socket = Socket::open(addr, &page(&hub)).await;
    hub.publish("news", &Patch::remove(DomId::new("a").unwrap()));
    socket.text().await;
    let draining = hub.clone();
    let drain = tokio::spawn(async move { draining.drain().await });
    assert_eq!(socket.closed().await.1, 1012);
    drop(socket);
    drain.await.unwrap();
    assert_eq!(hub.stats().connections(), 0);
    assert_eq!(Socket::refused(addr, &page(&hub)).await.0, 503);
    assert_eq!(hub.stats().get(Counter::DrainRefused), 1);
}
