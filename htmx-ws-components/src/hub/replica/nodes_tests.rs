//! Two hubs that share their topics.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::backplane::memory::Memory;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::log::{Latest, Publication, Retention};
use crate::hub::publish::PublishError;
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

fn node(memory: &Memory) -> Topics {
    let counters: Arc<Counters> = Arc::default();
    let limits = TopicLimits {
        retention: RETENTION,
        topics: 10,
        patch_bytes: 1000,
        bytes: 1 << 20,
        forget_idle_after: Duration::from_secs(3600),
        pass_interval: Duration::ZERO,
    };
    Topics::of_nodes(Nodes::new(Arc::new(memory.clone()), Handle::current(), Arc::clone(&counters), 1 << 20), limits, counters)
}

fn topic() -> Topic {
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

#[tokio::test]
async fn what_one_node_publishes_is_read_on_the_other() {
    let memory = Memory::new(Epoch(1));
    let [one, other] = [node(&memory), node(&memory)];
    let mut reader = reader(&other);
    publish(&one, 1).await;
    assert!(next(&mut reader).await.contains(">1</p>"));
    publish(&other, 2).await;
    assert!(next(&mut reader).await.contains(">2</p>"));
}

#[tokio::test]
async fn the_end_of_a_topic_comes_to_all_nodes_behind_what_was_published_before_it() {
    let memory = Memory::new(Epoch(1));
    let [one, other] = [node(&memory), node(&memory)];
    let mut reading = reader(&other);
    publish(&one, 1).await;
    one.complete(&topic()).unwrap();
    assert!(next(&mut reading).await.contains(">1</p>"));
    while !reading.leave_complete() {
        timeout(Duration::from_secs(10), reading.changed()).await.expect("the end is told");
    }
    // Whoever publishes again means that it goes on.
    publish(&one, 2).await;
    let late = node(&memory);
    let mut reading = reader(&late);
    publish(&other, 3).await;
    while !next(&mut reading).await.contains(">3</p>") {}
    assert!(!reading.leave_complete());
}

#[tokio::test]
async fn a_late_node_has_what_is_retained() {
    let memory = Memory::new(Epoch(1));
    let one = node(&memory);
    // More than there are records between two logs that are kept.
    for state in 0..50 {
        publish(&one, state).await;
    }
    let late = node(&memory);
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

#[tokio::test]
async fn what_the_backplane_does_not_take_is_told_to_whoever_published() {
    let memory = Memory::new(Epoch(1));
    let node = node(&memory);
    memory.go_away();
    let (_, told) = node.post(&topic(), &[Publication::Patch(Patch::Refresh)], None).unwrap().unwrap();
    let error = told.await.unwrap().unwrap_err();
    assert!(matches!(PublishError::of(&topic(), &error), PublishError::Refused { .. }));
    let large = Patch::update(DomId::new("a").unwrap(), &maud::PreEscaped("x".repeat(2000)));
    assert!(matches!(node.post(&topic(), &[Publication::Patch(large)], None), Some(Err(PublishError::TooLarge { .. }))));
}
