//! Hubs that share a backplane are one hub, whichever of them somebody publishes to, reads from, or asks to take rights back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::FromRequestParts as _;
use htmx_ws_components::{
    Component, Counter, DomId, Fragment, Hub, HubBuilder, Live, MemoryBackplane, Nesting, Patch, Presence, PublishError, Snapshot, To,
    Topic,
};
use htmx_ws_tests::PATIENCE;
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use maud::{Markup, html};
use tokio::time::{sleep, timeout};

/// Builders of hubs that are nodes of one application.
fn builder(backplane: &MemoryBackplane) -> HubBuilder {
    Hub::builder().secret("the same thirty-two bytes on all nodes").backplane(backplane.clone())
}

struct Node {
    hub: Hub,
    addr: SocketAddr,
}

impl Node {
    async fn start(builder: HubBuilder) -> Self {
        let hub = builder.build();
        let addr = serve(hub.routes().with_state(())).await;
        Self { hub, addr }
    }

    async fn open(&self, live: &Live) -> Socket {
        Socket::open(self.addr, &socket_path(live)).await
    }
}

async fn nodes<const N: usize>(backplane: &MemoryBackplane) -> [Node; N] {
    let mut nodes = Vec::new();
    for _ in 0..N {
        nodes.push(Node::start(builder(backplane)).await);
    }
    nodes.try_into().unwrap_or_else(|_| unreachable!("that many were started"))
}

async fn until(is_so: impl Fn() -> bool) {
    let waits = async {
        while !is_so() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, waits).await.expect("it becomes so in time");
}

async fn next_title(socket: &mut Socket) -> String {
    let text = socket.text().await;
    let (_, rest) = text.split_once("title\">").unwrap_or_else(|| panic!("no title in {text}"));
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_for_somebody_reaches_their_pages_on_every_node() {
    let [one, other] = nodes(&MemoryBackplane::new()).await;
    let ann = Live::of(&other.hub).user("ann");
    let (on_one, on_other) = (Live::of(&one.hub).user("ann"), Live::of(&other.hub).user("ann"));
    let mut sockets = [one.open(&on_one).await, other.open(&on_other).await];
    one.hub.publish(To::user("ann"), &Patch::title("1")).await.unwrap();
    other.hub.publish(To::user("ann"), &Patch::title("2")).await.unwrap();
    for socket in &mut sockets {
        while next_title(socket).await != "2" {}
    }
    // A page that was rendered before and connects afterwards, to a node that has had nobody of that name yet.
    let late = Node::start(builder(&MemoryBackplane::new())).await;
    let elsewhere = Live::of(&late.hub).user("ann");
    assert!(Socket::open(one.addr, &socket_path(&elsewhere)).await.closed().await.1 == 4409, "another backplane is another life");
    let mut socket = one.open(&ann).await;
    assert_eq!(next_title(&mut socket).await, "2");
}

#[tokio::test]
async fn a_page_that_connects_to_a_node_that_has_never_heard_of_its_user_gets_what_it_lacks() {
    let backplane = MemoryBackplane::new();
    let [one] = nodes(&backplane).await;
    let live = Live::of(&one.hub).user("ann");
    one.hub.publish(To::user("ann"), &Patch::title("1")).await.unwrap();
    let [late] = nodes(&backplane).await;
    let mut socket = late.open(&live).await;
    assert_eq!(next_title(&mut socket).await, "1");
}

#[tokio::test]
async fn rights_that_one_node_takes_back_end_on_all_and_on_those_that_come_later() {
    let backplane = MemoryBackplane::new();
    let [one, other] = nodes(&backplane).await;
    let path = socket_path(&Live::of(&other.hub).user("ann").topic("t"));
    let mut socket = Socket::open(other.addr, &path).await;
    one.hub.revoke(To::user("ann")).unwrap();
    assert_eq!(socket.closed().await.1, 1008);
    let [late] = nodes(&backplane).await;
    until(|| late.hub.stats().nodes() == 3).await;
    assert_eq!(Socket::open(late.addr, &path).await.closed().await.1, 1008);
}

#[tokio::test]
async fn one_node_produces_a_topic_and_another_one_when_nobody_reads_it_there_any_more() {
    let (backplane, running) = (MemoryBackplane::new(), Arc::new(AtomicUsize::new(0)));
    let started = Arc::new(AtomicUsize::new(0));
    let with_producer = || {
        let (running, started) = (Arc::clone(&running), Arc::clone(&started));
        let task = move |hub: Hub, _: &htmx_ws_components::Topic| {
            let (running, started) = (Arc::clone(&running), Arc::clone(&started));
            Some(async move {
                let count = started.fetch_add(1, Ordering::SeqCst) + 1;
                assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
                let _guard = Guard(running);
                hub.publish("t", &Patch::title(&count.to_string()));
                std::future::pending::<()>().await;
            })
        };
        builder(&backplane).producer_linger(Duration::from_millis(50)).producer(task)
    };
    let [one, other] = [Node::start(with_producer()).await, Node::start(with_producer()).await];
    let of = |node: &Node| Live::of(&node.hub).topic("t");
    let mut first = one.open(&of(&one)).await;
    assert_eq!(next_title(&mut first).await, "1");
    let mut second = other.open(&of(&other)).await;
    sleep(Duration::from_millis(200)).await;
    assert_eq!((one.hub.stats().producers(), other.hub.stats().producers()), (1, 0));
    drop(first);
    while next_title(&mut second).await != "2" {}
    assert_eq!((one.hub.stats().producers(), other.hub.stats().producers()), (0, 1));
}

struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn who_reads_a_topic_is_known_on_every_node_and_told_once() {
    let (backplane, told) = (MemoryBackplane::new(), Arc::new(AtomicUsize::new(0)));
    let with_list = || {
        let told = Arc::clone(&told);
        let list = move |presence: &Presence| {
            told.fetch_add(1, Ordering::SeqCst);
            Some(Patch::title(&presence.users().collect::<Vec<_>>().join(" ")))
        };
        builder(&backplane).presence_grace(Duration::from_millis(100)).presence(list)
    };
    let [one, other] = [Node::start(with_list()).await, Node::start(with_list()).await];
    let of = |node: &Node, user: &str| Live::of(&node.hub).user(user).topic("t");
    let mut ann = one.open(&of(&one, "ann")).await;
    while next_title(&mut ann).await != "ann" {}
    let bob = other.open(&of(&other, "bob")).await;
    while next_title(&mut ann).await != "ann bob" {}
    let again = other.open(&of(&other, "ann")).await;
    let late = Node::start(with_list()).await;
    until(|| late.hub.presence("t").unwrap().users().eq(["ann", "bob"])).await;
    assert!(one.hub.presence("t").unwrap().users().eq(["ann", "bob"]));
    drop(bob);
    while next_title(&mut ann).await != "ann" {}
    // Three lists, and one again from a node that speaks for all from then on.
    assert!(told.load(Ordering::SeqCst) <= 6, "one of three nodes says each");
    drop((ann, again));
    until(|| late.hub.presence("t").unwrap().users().len() == 0).await;
}

#[tokio::test]
async fn while_the_backplane_is_away_publishes_fail_and_afterwards_all_is_well() {
    let backplane = MemoryBackplane::new();
    let [one, other] = nodes(&backplane).await;
    let live = Live::of(&other.hub).topic("t");
    let mut socket = other.open(&live).await;
    backplane.go_away();
    let refused = one.hub.publish("t", &Patch::title("1")).await;
    assert!(matches!(refused, Err(PublishError::Refused { .. })), "{refused:?}");
    until(|| other.hub.stats().get(Counter::BackplaneAway) == 1).await;
    let lag = other.hub.stats().backplane_lag();
    backplane.come_back();
    let published = one.hub.publish("t", &Patch::title("2")).await.unwrap();
    assert!(published.version().is_some() && one.hub.stats().waiting_bytes() == 0);
    assert_eq!(next_title(&mut socket).await, "2");
    assert!(lag < Duration::from_secs(1), "{lag:?}");
}

#[tokio::test]
async fn while_the_backplane_is_away_pages_know_that_what_they_show_may_be_old() {
    let backplane = MemoryBackplane::new();
    let [node] = nodes(&backplane).await;
    let path = format!("{}&at=", socket_path(&Live::of(&node.hub).topic("t")));
    let mut socket = Socket::open(node.addr, &path).await;
    assert!(socket.text().await.ends_with(" open-->"));
    backplane.go_away();
    assert_eq!(socket.text().await, "<!--htmx-ws-beat stale-->");
    let mut late = Socket::open(node.addr, &path).await;
    assert!(late.text().await.ends_with(" stale-->"));
    backplane.come_back();
    for socket in [&mut socket, &mut late] {
        assert_eq!(socket.text().await, "<!--htmx-ws-beat open-->");
    }
}

#[tokio::test]
async fn behind_a_loss_of_the_backplane_all_begins_anew_and_no_page_goes_on_as_if_nothing_was_gone() {
    let backplane = MemoryBackplane::new();
    let running = Arc::new(AtomicUsize::new(0));
    let with_all = || {
        let running = Arc::clone(&running);
        let produce = move |hub: Hub, topic: &Topic| {
            let (topic, running) = (Some(topic.clone()).filter(|topic| topic.as_str() == "made")?, Arc::clone(&running));
            Some(async move {
                running.fetch_add(1, Ordering::SeqCst);
                let _guard = Guard(running);
                for number in 0_u32.. {
                    let _ = hub.publish(&topic, &Patch::title(&number.to_string())).await;
                    sleep(Duration::from_millis(20)).await;
                }
            })
        };
        let snapshot = |topic: &Topic| (topic.as_str() == "t").then(|| ready(Ok::<_, Infallible>(Snapshot::of(&Patch::title("snapshot")))));
        builder(&backplane).snapshot(snapshot).producer(produce).producer_linger(Duration::from_millis(100))
    };
    let [one, other] = [Node::start(with_all()).await, Node::start(with_all()).await];
    let mut of_t = other.open(&Live::of(&other.hub).user("ann").topic("t")).await;
    let mut of_made = other.open(&Live::of(&other.hub).topic("made")).await;
    one.hub.publish("t", &Patch::title("before")).await.unwrap();
    while next_title(&mut of_t).await != "before" {}
    next_title(&mut of_made).await;
    one.hub.revoke(To::user("bob")).unwrap();
    let bob = socket_path(&Live::of(&other.hub).user("bob"));
    until(|| other.hub.presence("t").unwrap().users().eq(["ann"])).await;

    let before = one.hub.cursor().epoch();
    backplane.lose_all();
    until(|| one.hub.cursor().epoch() != before && other.hub.cursor().epoch() != before).await;
    for node in [&one, &other] {
        assert_eq!(node.hub.stats().get(Counter::BackplaneLost), 1);
    }
    // There is no snapshot of what is made.
    assert_eq!(of_made.closed().await.1, 4409);
    while next_title(&mut of_t).await != "snapshot" {}
    one.hub.publish("t", &Patch::title("behind")).await.unwrap();
    while next_title(&mut of_t).await != "behind" {}
    let late = Node::start(with_all()).await;
    until(|| late.hub.presence("t").unwrap().users().eq(["ann"])).await;
    let mut of_made = one.open(&Live::of(&one.hub).topic("made")).await;
    let (first, second) = (next_title(&mut of_made).await, next_title(&mut of_made).await);
    assert_ne!(first, second, "it is made again");
    assert_eq!(running.load(Ordering::SeqCst), 1, "by one node");
    // The nodes have said again whose rights they know to be taken back.
    until(|| late.hub.stats().nodes() == 3).await;
    assert_eq!(Socket::open(late.addr, &bob).await.closed().await.1, 1008);
}

#[tokio::test]
async fn a_page_of_a_node_that_knows_nothing_of_its_topic_gets_the_states_and_no_insertion_twice() {
    let backplane = MemoryBackplane::new();
    let [one] = nodes(&backplane).await;
    let leaf = |id: &str, text: &str| Fragment::new(DomId::new(id).unwrap(), format!("<p>{text}</p>"), Nesting::Leaf).unwrap();
    let list = DomId::new("list").unwrap();
    one.hub.publish("t", &Patch::append(&list, leaf("item-1", "first"))).await.unwrap();
    one.hub.publish("t", &State("newest")).await.unwrap();
    // As its `Live` is extracted, in front of a handler that reads the items from a database.
    let [late] = nodes(&backplane).await;
    until(|| late.hub.stats().nodes() == 2).await;
    one.hub.publish("other", &Patch::Refresh).await.unwrap();
    let live = extracted(&late.hub).await.topic("t");
    assert!(live.latest(&State("at first")).into_string().contains("at first"));
    let mut socket = late.open(&live).await;
    let states = socket.text().await;
    assert!(states.contains("newest") && !states.contains("first"), "{states}");
    one.hub.publish("t", &Patch::append(&list, leaf("item-2", "second"))).await.unwrap();
    assert!(socket.text().await.contains("second"));
    // Known by now: nothing is said twice.
    let live = extracted(&late.hub).await.topic("t");
    assert!(live.latest(&State("at first")).into_string().contains("newest"));
    let mut again = late.open(&live).await;
    one.hub.publish("t", &State("newer")).await.unwrap();
    assert!(again.text().await.contains("newer"));
}

#[tokio::test]
async fn a_page_that_is_further_than_a_node_that_is_cut_off_comes_back_later_and_does_not_load_anew() {
    let backplane = MemoryBackplane::new();
    let [one, other] = nodes(&backplane).await;
    one.hub.publish("t", &Patch::title("1")).await.unwrap();
    let path = socket_path(&extracted(&one.hub).await.topic("t"));
    backplane.go_away();
    assert_eq!(Socket::open(other.addr, &path).await.closed().await.1, 1013);
    assert_eq!(other.hub.stats().get(Counter::NodeBehind), 1);
    backplane.come_back();
    let mut socket = Socket::open(other.addr, &path).await;
    one.hub.publish("t", &Patch::title("2")).await.unwrap();
    while next_title(&mut socket).await != "2" {}
}

#[derive(Component)]
#[component(id = "state", leaf, render = Self::markup)]
struct State(&'static str);

impl State {
    fn markup(&self) -> Markup {
        html! { p { (self.0) } }
    }
}

async fn extracted(hub: &Hub) -> Live {
    let (mut parts, ()) = axum::http::Request::new(()).into_parts();
    let Ok(live) = Live::from_request_parts(&mut parts, hub).await;
    live
}

#[tokio::test]
async fn what_ends_a_topic_ends_it_on_all_nodes() {
    let [one, other] = nodes(&MemoryBackplane::new()).await;
    let mut socket = other.open(&Live::of(&other.hub).topic("t")).await;
    one.hub.publish("t", &Patch::remove(DomId::new("a").unwrap())).await.unwrap();
    one.hub.complete("t").unwrap();
    let (texts, code, _) = socket.closed().await;
    assert_eq!((texts.len(), code), (1, 1000));
}
