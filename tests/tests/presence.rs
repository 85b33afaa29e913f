//! Who reads a topic: over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::time::Duration;

use htmx_ws_components::{DomId, Hub, HubBuilder, Live, Patch, Presence, ReaderList, Snapshot, Topic};
use htmx_ws_tests::socket::{Socket, serve, socket_path};

fn readers(presence: &Presence) -> Option<ReaderList> {
    presence.topic().as_str().starts_with("doc-").then(|| ReaderList::new(DomId::new("readers").unwrap(), presence.users()))
}

/// Somebody who leaves is gone at once.
fn builder() -> HubBuilder {
    Hub::builder().presence(readers).presence_grace(Duration::ZERO)
}

fn page(hub: &Hub, user: &str) -> String {
    socket_path(&Live::of(hub).topic("doc-7").user(user))
}

/// The names that the page shows next.
async fn shown(socket: &mut Socket) -> String {
    let text = socket.text().await;
    let names = text.split("class=\"hw-reader\">").skip(1).map(|name| name.split('<').next().unwrap());
    names.collect::<Vec<_>>().join(" ")
}

async fn until(socket: &mut Socket, names: &str) {
    while shown(socket).await != names {}
}

#[tokio::test]
async fn the_pages_show_who_reads_them() {
    let hub = builder().build();
    let addr = serve(hub.routes().with_state(())).await;
    let mut ann = Socket::open(addr, &page(&hub, "ann")).await;
    until(&mut ann, "ann").await;
    let bob = Socket::open(addr, &page(&hub, "bob")).await;
    until(&mut ann, "ann bob").await;
    // A second page of a user, and one of nobody.
    let bob_too = Socket::open(addr, &page(&hub, "bob")).await;
    let _nobody = Socket::open(addr, &socket_path(&Live::of(&hub).topic("doc-7"))).await;
    drop(bob);
    let _cem = Socket::open(addr, &page(&hub, "cem")).await;
    until(&mut ann, "ann bob cem").await;
    assert_eq!(hub.presence("doc-7").unwrap().users().collect::<Vec<_>>(), ["ann", "bob", "cem"]);
    drop(bob_too);
    until(&mut ann, "ann cem").await;
    assert!(hub.presence("doc-8").unwrap().users().next().is_none() && hub.presence("").is_err());
}

#[tokio::test]
async fn what_is_said_of_a_topic_that_is_complete_does_not_make_it_go_on() {
    let hub = builder().build();
    let addr = serve(hub.routes().with_state(())).await;
    let topic_alone = || socket_path(&Live::of(&hub).topic("doc-7"));
    let mut nobody = Socket::open(addr, &topic_alone()).await;
    let ann = Socket::open(addr, &page(&hub, "ann")).await;
    until(&mut nobody, "ann").await;
    hub.complete("doc-7").unwrap();
    assert_eq!(nobody.closed().await.1, 1000);
    drop(ann);
    while hub.presence("doc-7").unwrap().users().next().is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(Socket::open(addr, &topic_alone()).await.closed().await.1, 1000);
}

#[tokio::test]
async fn behind_a_restart_a_page_shows_those_who_are_there_now() {
    let secret = b"the same thirty-two bytes in every process of the application";
    let source = |topic: &Topic| {
        let title = Patch::title(topic.as_str());
        Some(async move { Ok::<_, std::convert::Infallible>(Snapshot::of(&title)) })
    };
    let before = builder().secret(secret).build();
    let after = builder().secret(secret).snapshot(source).build();
    let addr = serve(after.routes().with_state(())).await;
    let mut ann = Socket::open(addr, &page(&before, "ann")).await;
    until(&mut ann, "ann").await;
    let mut bob = Socket::open(addr, &page(&before, "bob")).await;
    until(&mut bob, "ann bob").await;
    until(&mut ann, "ann bob").await;
}
