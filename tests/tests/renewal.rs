//! Tickets that are renewed while their pages are open, and those that are not: over real sockets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use htmx_ws_components::{Counter, Hub, HubBuilder, Live, LiveSocket, Patch, Renewal, To};
use htmx_ws_tests::socket::{Socket, serve, socket_path};

/// As short as tickets can be, which count in whole seconds.
fn builder() -> HubBuilder {
    Hub::builder().ticket_lifetime(Duration::from_secs(2))
}

async fn start(builder: HubBuilder) -> (Hub, SocketAddr) {
    let hub = builder.build();
    let addr = serve(hub.routes().with_state(())).await;
    (hub, addr)
}

/// The next ticket that the page is given.
async fn ticket(socket: &mut Socket) -> String {
    loop {
        if let Some(ticket) = socket.text().await.strip_prefix("<!--htmx-ws-ticket ") {
            let (_page, ticket) = ticket.strip_suffix("-->").unwrap().split_once(' ').unwrap();
            return ticket.to_owned();
        }
    }
}

async fn until(socket: &mut Socket, end: &str) {
    while !socket.text().await.contains(end) {}
}

#[tokio::test]
async fn a_page_stays_connected_beyond_its_ticket_and_comes_back_with_the_newest() {
    let (hub, addr) = start(builder().renew_tickets(async |page: Renewal| page.user() == Some("ann"))).await;
    let (ann, bob) = (Live::of(&hub).topic("t").user("ann"), Live::of(&hub).topic("t").user("bob"));
    let path = socket_path(&ann);
    let mut socket = Socket::open(addr, &path).await;
    let mut of_bob = Socket::open(addr, &socket_path(&bob)).await;
    let (texts, code, _) = of_bob.closed().await;
    assert!(code == 4401 && texts.len() == 1, "who is not renewed gets nothing but the word to refresh: {texts:?}");
    // The first one of both has expired by now, or does before it is tried.
    let first = ticket(&mut socket).await;
    while Socket::open(addr, &path).await.closed().await.1 != 4401 {}
    hub.publish("t", &Patch::title("still there"));
    until(&mut socket, "still there").await;
    let newest = ticket(&mut socket).await;
    drop(socket);
    assert_ne!(first, newest);
    // It is the same page, of the same user, from the same place on.
    hub.publish(To::page(ann.page()), &Patch::title("for the page"));
    hub.publish(To::user("ann"), &Patch::title("for ann"));
    let mut back = Socket::open(addr, &format!("/live/ws?t={newest}")).await;
    let texts = [back.text().await, back.text().await, back.text().await].concat();
    assert!(["still there", "for the page", "for ann"].iter().all(|title| texts.contains(title)), "{texts}");
    assert_eq!(hub.stats().get(Counter::TicketNotRenewed), 1);
    assert!(hub.stats().get(Counter::TicketRenewed) >= 2);
}

#[tokio::test]
async fn no_ticket_is_renewed_beyond_the_longest_time_or_where_nobody_decides_or_that_panics() {
    let yes = async |_: Renewal| true;
    let no_panic = async |page: Renewal| -> bool { panic!("as it was told, of {}", page.page()) };
    let cases = [
        (builder(), [0, 0, 0]),
        (builder().renew_tickets(yes).renew_tickets_for(Duration::from_secs(2)), [0, 1, 0]),
        (builder().renew_tickets(yes).renew_tickets_for(Duration::from_secs(3)), [1, 1, 0]),
        (builder().renew_tickets(no_panic), [0, 0, 1]),
    ];
    let cases = cases.map(|(builder, expected)| {
        tokio::spawn(async move {
            let (hub, addr) = start(builder).await;
            let mut socket = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
            assert_eq!(socket.closed().await.1, 4401);
            let counters = [Counter::TicketRenewed, Counter::TicketNotRenewed, Counter::TicketRenewalPanicked];
            let counts = counters.map(|counter| hub.stats().get(counter));
            assert_eq!(counts, expected);
        })
    });
    for case in cases {
        case.await.unwrap();
    }
}

#[tokio::test]
async fn a_renewed_ticket_grants_no_more_than_the_old_one_and_is_revoked_with_it() {
    let hub = builder().renew_tickets(async |page: Renewal| page.topics().len() == 2 && page.user() == Some("ann")).build();
    let own = any(async |socket: LiveSocket| socket.topic("granted here only").user("ann").serve());
    let addr = serve(Router::new().route("/own", own).merge(hub.routes()).with_state(hub.clone())).await;
    let live = Live::of(&hub).topic("t");
    let url = socket_path(&live).replace("/live/ws", "/own");
    let mut socket = Socket::open(addr, &url).await;
    let renewed = ticket(&mut socket).await;
    let mut elsewhere = Socket::open(addr, &format!("/live/ws?t={renewed}")).await;
    hub.publish("granted here only", &Patch::title("secret"));
    hub.publish(To::user("ann"), &Patch::title("for ann"));
    hub.publish("t", &Patch::title("for all"));
    assert!(elsewhere.text().await.contains("for all"));
    let texts = [socket.text().await, socket.text().await, socket.text().await].concat();
    assert!(["secret", "for ann", "for all"].iter().all(|title| texts.contains(title)), "{texts}");
    // The right of the page, whoever has its ticket.
    hub.revoke(To::page(live.page())).unwrap();
    assert_eq!(elsewhere.closed().await.1, 1008);
    assert_eq!(socket.closed().await.1, 1008);
    assert_eq!(Socket::open(addr, &format!("/live/ws?t={renewed}")).await.closed().await.1, 1008);
}

#[tokio::test]
async fn a_page_that_came_without_a_ticket_gets_none_and_stays() {
    let hub = builder().renew_tickets(async |_: Renewal| true).build();
    let own = any(async |socket: LiveSocket| socket.topic("t").serve());
    let addr = serve(Router::new().route("/own", own).with_state(hub.clone())).await;
    let mut socket = Socket::open(addr, "/own").await;
    while hub.stats().get(Counter::TicketRenewed) < 2 {
        tokio::task::yield_now().await;
    }
    hub.publish("t", &Patch::title("still there"));
    assert!(socket.text().await.contains("still there"));
}
