//! What becomes of what a node publishes.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::backplane::memory::{Memory, Unacknowledged};
use crate::backplane::{AppendError, Engine, Position, Told};
use crate::html::patch::Patch;
use crate::hub::log::Publication;
use crate::hub::replica::outbox::Outbox;
use crate::hub::replica::record::Post;
use crate::hub::stats::{Counter, Counters};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

type Outcome = oneshot::Receiver<Result<Position, AppendError>>;

struct Node {
    outbox: Outbox,
    counters: Arc<Counters>,
}

impl Node {
    fn new(memory: &Memory, max_bytes: usize) -> Self {
        let counters: Arc<Counters> = Arc::default();
        Self { outbox: Outbox::new(Arc::new(memory.clone()), Handle::current(), Arc::clone(&counters), max_bytes), counters }
    }

    fn post(&self, text: &str) -> Result<Outcome, AppendError> {
        self.outbox.post(&topic(), Post::new(&[Publication::Patch(Patch::title(text))], None).unwrap())
    }
}

fn topic() -> Topic {
    Topic::new("t").unwrap()
}

/// The titles that were published, in their order, by record.
async fn titles(memory: &Memory) -> Vec<Vec<String>> {
    let mut told = memory.follow(&topic());
    let mut records = Vec::new();
    while let Some(Ok(Told::Record(record))) = told.next().await {
        let posts: serde_json::Value = serde_json::from_slice(&record.bytes).unwrap();
        let title = |post: &serde_json::Value| post["put"][0]["patch"]["title"].as_str().unwrap().to_owned();
        records.push(posts.as_array().unwrap().iter().map(title).collect());
    }
    records
}

const ROOM: usize = 1 << 20;

#[tokio::test]
async fn what_is_posted_while_a_record_is_on_its_way_shares_the_next_one() {
    let memory = Memory::new(Epoch(1));
    let node = Node::new(&memory, ROOM);
    let told: Vec<_> = (0..100).map(|n| node.post(&n.to_string()).unwrap()).collect();
    for told in told {
        told.await.unwrap().unwrap();
    }
    let records = titles(&memory).await;
    assert!(records.len() < 100, "{}", records.len());
    assert_eq!(records.concat(), (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn nodes_that_publish_to_one_topic_lose_and_double_nothing() {
    let memory = Memory::new(Epoch(1));
    let nodes = ["a", "b", "c"].map(|name| (name, Node::new(&memory, ROOM)));
    for n in 0..50 {
        let told = nodes.each_ref().map(|(name, node)| node.post(&format!("{name}{n:02}")).unwrap());
        if n % 7 == 0 {
            for told in told {
                told.await.unwrap().unwrap();
            }
        }
    }
    for (name, node) in &nodes {
        node.post(&format!("{name}50")).unwrap().await.unwrap().unwrap();
    }
    let titles = titles(&memory).await.concat();
    for (name, _) in nodes {
        let own: Vec<&String> = titles.iter().filter(|title| title.starts_with(name)).collect();
        let expected: Vec<String> = (0..=50).map(|n| format!("{name}{n:02}")).collect();
        assert!(own.into_iter().eq(&expected), "{name}: {titles:?}");
    }
}

#[tokio::test]
async fn an_acknowledgement_that_is_lost_is_told_as_such_and_what_follows_goes_on() {
    let memory = Memory::new(Epoch(1));
    let node = Node::new(&memory, ROOM);
    for (title, lost) in [("a", Unacknowledged::Taken), ("b", Unacknowledged::NotTaken)] {
        memory.lose_acknowledgement(lost);
        assert!(matches!(node.post(title).unwrap().await.unwrap(), Err(AppendError::Unknown(_))));
        node.post("then").unwrap().await.unwrap().unwrap();
    }
    assert_eq!(titles(&memory).await.concat(), ["a", "then", "then"]);
    assert_eq!(node.counters.get(Counter::PublishFailed), 2);
}

#[tokio::test]
async fn what_is_refused_is_not_taken_later() {
    let memory = Memory::new(Epoch(1));
    let node = Node::new(&memory, ROOM);
    memory.go_away();
    assert!(matches!(node.post("a").unwrap().await.unwrap(), Err(AppendError::Refused(_))));
    memory.come_back();
    node.post("b").unwrap().await.unwrap().unwrap();
    assert_eq!(titles(&memory).await.concat(), ["b"]);
}

#[tokio::test]
async fn what_has_no_room_is_refused_at_once() {
    let memory = Memory::new(Epoch(1));
    let node = Node::new(&memory, 100);
    assert!(matches!(node.post(&"x".repeat(memory.max_bytes())), Err(AppendError::Refused(_))));
    let told = [node.post("a").unwrap(), node.post("b").unwrap()];
    assert!(matches!(node.post("c"), Err(AppendError::Refused(_))));
    for told in told {
        told.await.unwrap().unwrap();
    }
    node.post("d").unwrap().await.unwrap().unwrap();
    assert_eq!(titles(&memory).await.concat(), ["a", "b", "d"]);
}

#[tokio::test]
async fn it_is_known_when_all_is_settled_that_was_posted_before() {
    let memory = Memory::new(Epoch(1));
    let node = Node::new(&memory, ROOM);
    node.outbox.settled().await;
    let told: Vec<_> = (0..100).map(|n| node.post(&n.to_string()).unwrap()).collect();
    node.outbox.settled().await;
    for mut told in told {
        told.try_recv().unwrap().unwrap();
    }
}
