//! Hubs that share their topics, on every engine.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::backplane::Engine;
use crate::backplane::contract::{Loses, Rig, within};
use crate::backplane::memory::Memory;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::log::{Latest, Publication, Retention};
use crate::hub::publish::PublishError;
use crate::hub::replica::cluster::NodeId;
use crate::hub::replica::nodes::Nodes;
use crate::hub::stats::Counters;
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

const RETENTION: Retention = Retention {
    states: 100,
    state_bytes: 1 << 20,
    fences: 100,
    fence_bytes: 1 << 20,
    fences_for: Duration::from_secs(3600),
    part_patches: 40,
    part_bytes: 1 << 16,
};

async fn node(engine: &impl Rig) -> Topics {
    on(engine.node().await)
}

pub(super) fn on(backplane: Arc<dyn Engine>) -> Topics {
    nodes_on(backplane, |nodes| nodes)
}

fn nodes_on(backplane: Arc<dyn Engine>, more: impl FnOnce(Nodes) -> Nodes) -> Topics {
    let counters: Arc<Counters> = Arc::default();
    let limits = TopicLimits {
        retention: RETENTION,
        topics: 10,
        patch_bytes: 1000,
        bytes: 1 << 20,
        forget_idle_after: Duration::from_secs(3600),
        pass_interval: Duration::ZERO,
    };
    Topics::of_nodes(more(Nodes::new(backplane, Handle::current(), Arc::clone(&counters), 1 << 20)), limits, counters)
}

pub(super) fn topic() -> Topic {
    Topic::new("t").unwrap()
}

async fn publish(node: &Topics, state: usize) {
    let fragment = Fragment::new(DomId::new("a").unwrap(), format!("<p>{state}</p>"), Nesting::Leaf).unwrap();
    node.post(&topic(), &[Publication::Patch(Patch::Replace(fragment))], None).unwrap().unwrap().1.await.unwrap().unwrap();
}

fn reader(node: &Topics) -> Subscriptions {
    Subscriptions::new(node, [(topic(), node.cursor())]).unwrap()
}

/// Returns the HTML of what a reader gets next.
async fn next(reader: &mut Subscriptions) -> String {
    loop {
        if let Some(envelope) = reader.unread(0).unwrap() {
            let frame = envelope.frames(crate::dialect::Htmx::V4)[0].clone();
            reader.advance(0, frame.cursor);
            return String::from_utf8(frame.text.to_vec()).unwrap();
        }
        timeout(Duration::from_secs(10), reader.changed()).await.expect("there is something to read");
    }
}

async fn what_one_node_publishes_is_read_on_the_other(engine: &impl Rig) {
    let [one, other] = [node(engine).await, node(engine).await];
    let mut reader = reader(&other);
    publish(&one, 1).await;
    assert!(next(&mut reader).await.contains(">1</p>"));
    publish(&other, 2).await;
    assert!(next(&mut reader).await.contains(">2</p>"));
}

async fn the_end_of_a_topic_comes_to_all_nodes_behind_what_was_published_before_it(engine: &impl Rig) {
    let [one, other] = [node(engine).await, node(engine).await];
    let mut reading = reader(&other);
    publish(&one, 1).await;
    one.complete(&topic()).unwrap();
    assert!(next(&mut reading).await.contains(">1</p>"));
    while !reading.leave_complete() {
        timeout(Duration::from_secs(10), reading.changed()).await.expect("the end is told");
    }
    // Whoever publishes again means that it goes on.
    publish(&one, 2).await;
    let late = node(engine).await;
    let mut reading = reader(&late);
    publish(&other, 3).await;
    while !next(&mut reading).await.contains(">3</p>") {}
    assert!(!reading.leave_complete());
}

async fn a_late_node_has_what_is_retained(engine: &impl Rig) {
    let one = node(engine).await;
    // More than there are records between two logs that are kept.
    for state in 0..50 {
        publish(&one, state).await;
    }
    let late = node(engine).await;
    late.catch_up().await.unwrap();
    assert_eq!(late.cursor(), {
        one.catch_up().await.unwrap();
        one.cursor()
    });
    let _reader = reader(&late);
    let a = DomId::new("a").unwrap();
    let has_it = async {
        while !matches!(late.latest(&topic(), &a), Latest::State(state) if state.html().contains("49")) {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), has_it).await.expect("it comes");
}

/// The log as it is, in full.
fn log(node: &Topics) -> String {
    node.find(&topic()).map_or_else(String::new, |state| serde_json::to_string(&state.lock().log.to_kept()).unwrap())
}

async fn nodes_that_publish_at_once_and_one_that_comes_late_hold_the_same_log(engine: &impl Rig) {
    let nodes = [node(engine).await, node(engine).await, node(engine).await];
    let _readers = nodes.each_ref().map(reader);
    let (mut told, mut late) = (Vec::new(), None);
    for n in 0..300_usize {
        let id = |of: &str| DomId::new(of).unwrap();
        let leaf = |of: &str| Fragment::new(id(of), format!("<p>{n}</p>"), Nesting::Leaf).unwrap();
        let publication = Publication::Patch(match n % 5 {
            0 => Patch::append(id("list"), leaf(&format!("item-{n}"))),
            1 => Patch::Upsert { list: id("list"), fragment: leaf("a") },
            2 => Patch::remove(id("b")),
            _ => Patch::Replace(leaf(["a", "b", "c"][n % 3])),
        });
        told.push(nodes[n % 3].post(&topic(), &[publication], None).unwrap().unwrap().1);
        if n == 150 {
            late = Some(node(engine).await);
        }
    }
    let late = late.unwrap();
    let _reader = reader(&late);
    for told in told {
        told.await.unwrap().unwrap();
    }
    publish(&nodes[0], 1000).await;
    let are_the_same = async {
        while !log(&late).contains("1000") || nodes.iter().any(|node| log(node) != log(&late)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(20), are_the_same).await.expect("all have the same log in the end");
}

async fn behind_a_loss_pages_begin_anew(engine: &impl Loses) {
    let [one, other] = [node(engine).await, node(engine).await];
    let before = one.cursor().epoch();
    // Who follows nothing finds nothing.
    let (_follows, mut old) = (reader(&one), reader(&other));
    publish(&one, 1).await;
    assert!(next(&mut old).await.contains(">1</p>"));
    engine.lose_all();
    while one.cursor().epoch() == before || other.cursor().epoch() == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!((one.cursor().epoch(), one.cursor().version().get()), (other.cursor().epoch(), 0));
    assert!(old.unread(0).is_err() && old.ask(0).is_err(), "what it has may be gone, and there is no snapshot");
    let mut reading = reader(&other);
    publish(&one, 2).await;
    assert!(next(&mut reading).await.contains(">2</p>"));
    assert!(old.unread(0).is_err());
}

macro_rules! on_each_engine {
    ($($test:ident),* $(,)?) => {
        mod memory {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::within(super::$test(&<super::Memory as super::Rig>::start())).await;
                }
            )*
        }

        #[cfg(feature = "nats")]
        mod nats {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::within(super::$test(&<crate::backplane::nats::server::Server as super::Rig>::start())).await;
                }
            )*
        }

        #[cfg(feature = "redis")]
        mod redis {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::within(super::$test(&<crate::backplane::redis::server::Server as super::Rig>::start())).await;
                }
            )*
        }
    };
}

on_each_engine! {
    what_one_node_publishes_is_read_on_the_other,
    the_end_of_a_topic_comes_to_all_nodes_behind_what_was_published_before_it,
    a_late_node_has_what_is_retained,
    nodes_that_publish_at_once_and_one_that_comes_late_hold_the_same_log,
    behind_a_loss_pages_begin_anew,
}

#[tokio::test]
async fn what_the_backplane_does_not_take_is_told_to_whoever_published() {
    let memory = Memory::new(Epoch(1));
    let node = on(Arc::new(memory.clone()));
    memory.go_away();
    let (_, told) = node.post(&topic(), &[Publication::Patch(Patch::Refresh)], None).unwrap().unwrap();
    let error = told.await.unwrap().unwrap_err();
    assert!(matches!(PublishError::of(&topic(), &error), PublishError::Refused { .. }));
    let large = Patch::update(DomId::new("a").unwrap(), &maud::PreEscaped("x".repeat(2000)));
    assert!(matches!(node.post(&topic(), &[Publication::Patch(large)], None), Some(Err(PublishError::TooLarge { .. }))));
}

#[tokio::test]
async fn what_is_for_somebody_is_settled_when_all_nodes_will_hear_of_it() {
    let memory: Arc<dyn Engine> = Arc::new(Memory::new(Epoch(1)));
    let node = nodes_on(memory, |nodes| nodes.with_members(NodeId(1)));
    let ann = Topic::private("user", &"ann").unwrap();
    let (_, mut told) = node.post(&ann, &[Publication::Patch(Patch::Refresh)], None).unwrap().unwrap();
    let mut settled = std::pin::pin!(node.settled());
    assert!(timeout(Duration::from_millis(50), &mut settled).await.is_err(), "nothing is said to the nodes yet");
    node.members().unwrap().begin(Arc::new(drop));
    settled.await;
    assert!(told.try_recv().unwrap().is_ok());
}
