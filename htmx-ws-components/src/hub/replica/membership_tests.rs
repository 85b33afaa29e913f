//! Nodes that talk to each other, in paused time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use crate::backplane::memory::Memory;
use crate::hub::replica::cluster::{Effect, NodeId, Notice};
use crate::hub::replica::membership::Membership;
use crate::hub::stats::{Counter, Counters};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

struct Node {
    members: Membership,
    counters: Arc<Counters>,
    heard: Arc<Mutex<Vec<Effect>>>,
}

fn node(memory: &Memory, me: u64) -> Node {
    let counters: Arc<Counters> = Arc::default();
    let members = Membership::new(NodeId(me), Arc::new(memory.clone()), Handle::current(), Arc::clone(&counters));
    let heard: Arc<Mutex<Vec<Effect>>> = Arc::default();
    let listener = Arc::clone(&heard);
    let is_news = |effect: &Effect| !matches!(effect, Effect::Anew | Effect::Forgotten | Effect::Speaks | Effect::Moved);
    members.begin(Arc::new(move |effect| listener.lock().unwrap().extend(Some(effect).filter(is_news))));
    Node { members, counters, heard }
}

fn topic() -> Topic {
    Topic::new("t").unwrap()
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(1), what).await.expect("it is so soon")
}

async fn seconds(count: u64) {
    sleep(Duration::from_secs(count)).await;
}

#[tokio::test(start_paused = true)]
async fn what_one_says_all_hear_once() {
    let memory = Memory::new(Epoch(1));
    let nodes = [node(&memory, 1), node(&memory, 2)];
    let ann = Topic::private("user", &"ann").unwrap();
    soon(nodes[0].members.say(Notice::Call(ann.to_string()))).await.unwrap().unwrap();
    seconds(5).await;
    for node in &nodes {
        assert_eq!((&node.heard.lock().unwrap()[..], node.members.nodes()), (&[Effect::Called(ann.clone())][..], 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_goes_to_the_next_who_wants_it_when_it_is_dropped() {
    let memory = Memory::new(Epoch(1));
    let [one, other] = [node(&memory, 1), node(&memory, 2)];
    let first = one.members.claim(&topic());
    soon(first.held()).await;
    let second = other.members.claim(&topic());
    assert!(timeout(Duration::from_secs(60), second.held()).await.is_err());
    // One node's own producers may overlap.
    let again = one.members.claim(&topic());
    soon(again.held()).await;
    drop(first);
    assert!(timeout(Duration::from_secs(60), second.held()).await.is_err());
    drop(again);
    soon(second.held()).await;
}

#[tokio::test(start_paused = true)]
async fn who_cannot_reach_the_backplane_stops_before_another_one_begins() {
    let memory = Memory::new(Epoch(1));
    let one = node(&memory, 1);
    let claim = one.members.claim(&topic());
    soon(claim.held()).await;
    memory.go_away();
    seconds(5).await;
    assert!(timeout(Duration::ZERO, claim.lost()).await.is_err(), "nobody takes it for gone yet");
    seconds(2).await;
    soon(claim.lost()).await;
    memory.come_back();
    soon(claim.held()).await;
    assert_eq!(one.counters.get(Counter::BackplaneAway), 1);
}

#[tokio::test(start_paused = true)]
async fn rights_that_were_taken_back_while_it_is_away_are_said_when_it_is_back() {
    let memory = Memory::new(Epoch(1));
    let [one, other] = [node(&memory, 1), node(&memory, 2)];
    seconds(1).await;
    memory.go_away();
    let ann = Topic::private("user", &"ann").unwrap();
    let (at, until) = (Duration::from_secs(7), Duration::from_secs(1 << 40));
    one.members.revoke(&ann, at, until);
    seconds(60).await;
    memory.come_back();
    seconds(1).await;
    assert_eq!(other.heard.lock().unwrap()[..], [Effect::Reach, Effect::Revoked { whom: ann.clone(), at, until }, Effect::Reach]);
    // Behind so many records that those before are gone.
    seconds(600).await;
    let late = node(&memory, 3);
    seconds(1).await;
    assert_eq!(late.heard.lock().unwrap()[..], [Effect::Revoked { whom: ann, at, until }]);
}

#[tokio::test(start_paused = true)]
async fn its_tasks_end_with_the_last_handle() {
    let memory = Memory::new(Epoch(1));
    let one = node(&memory, 1);
    seconds(1).await;
    drop(one);
    seconds(1).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test(start_paused = true)]
async fn behind_a_loss_the_nodes_hear_of_each_other_again() {
    let memory = Memory::new(Epoch(1));
    let [one, other] = [node(&memory, 1), node(&memory, 2)];
    let claims = [one.members.claim(&topic()), other.members.claim(&topic())];
    let holders = || claims.iter().filter(|claim| claim.held().now_or_never().is_some()).count();
    seconds(5).await;
    assert_eq!(holders(), 1);
    memory.lose_all(Epoch(2));
    seconds(1).await;
    for node in [&one, &other] {
        let is_told = matches!(node.heard.lock().unwrap().last(), Some(Effect::Lost(Epoch(1), _)));
        assert!(is_told);
        node.members.cut_off();
        node.members.begin_anew(Arc::new(memory.present()));
    }
    assert!(one.members.is_away() && holders() == 0, "nobody is heard yet");
    seconds(5).await;
    assert_eq!((holders(), one.members.nodes(), one.members.is_away()), (1, 2, false));
}
