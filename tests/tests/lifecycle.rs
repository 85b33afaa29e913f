//! Topics that end, and topics that live while someone reads them: over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::time::Duration;

use htmx_ws_components::{Counter, Hub, Live, Patch, Topic};
use htmx_ws_tests::socket::{Socket, serve, socket_path};

#[tokio::test]
async fn a_topic_that_is_complete_lets_its_pages_go_behind_its_last_patch() {
    let hub = Hub::new();
    let addr = serve(hub.routes().with_state(())).await;
    let page = |live: Live| socket_path(&live.topic("job"));
    let late = page(Live::of(&hub));
    let mut alone = Socket::open(addr, &page(Live::of(&hub))).await;
    let mut with_other = Socket::open(addr, &page(Live::of(&hub).topic("news"))).await;
    let mut of_user = Socket::open(addr, &page(Live::of(&hub).user(7))).await;
    for percent in 0..=100 {
        hub.publish("job", &Patch::title(&percent.to_string()));
    }
    assert_eq!(hub.complete("job").unwrap(), 3);
    // A page that comes later gets the end as well.
    let mut late = Socket::open(addr, &late).await;
    for socket in [&mut alone, &mut late] {
        let (texts, code, _) = socket.closed().await;
        assert!(texts.last().unwrap().ends_with(">100</div>"));
        assert_eq!(code, 1000);
    }
    hub.publish("news", &Patch::title("news"));
    hub.publish(htmx_ws_components::To::user(7), &Patch::title("for you"));
    until(&mut with_other, ">news</div>").await;
    until(&mut of_user, ">for you</div>").await;
    assert_eq!(hub.stats().get(Counter::Completed), 2);
    // It goes on.
    hub.publish("job", &Patch::title("again"));
    let mut again = Socket::open(addr, &page(Live::of(&hub))).await;
    hub.publish("job", &Patch::title("and again"));
    until(&mut again, ">and again</div>").await;
}

async fn until(socket: &mut Socket, end: &str) {
    while !socket.text().await.ends_with(end) {}
}

#[tokio::test]
async fn a_producer_publishes_while_a_page_is_there() {
    let builder = Hub::builder().producer_linger(Duration::from_millis(50)).producer(|hub: Hub, topic: &Topic| {
        let topic = topic.clone();
        topic.as_str().starts_with("price-").then_some(async move {
            for price in 0_u32.. {
                hub.publish(&topic, &Patch::title(&price.to_string()));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    });
    let hub = builder.build();
    let addr = serve(hub.routes().with_state(())).await;
    assert_eq!(hub.stats().get(Counter::ProducersStarted), 0);
    let path = socket_path(&Live::of(&hub).topic("price-tea"));
    let mut sockets = [Socket::open(addr, &path).await, Socket::open(addr, &path).await];
    for socket in &mut sockets {
        socket.text().await;
        socket.text().await;
    }
    assert_eq!(hub.stats().get(Counter::ProducersStarted), 1);
    drop(sockets);
    let published = || hub.stats().get(Counter::Published);
    let mut before = published();
    // It stops, sooner or later: two looks that are further apart than its pace find the same.
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        match published() {
            now if now == before => break,
            now => before = now,
        }
    }
    Socket::open(addr, &path).await.text().await;
    assert_eq!(hub.stats().get(Counter::ProducersStarted), 2);
}
