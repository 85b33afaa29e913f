//! Nodes that append, follow and keep, while connections break and the server crashes: all come to the same, and everything that was acknowledged is in it once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::Node;
use super::server::{DURABLE, Server};
use crate::backplane::contract::{topic, within};
use crate::backplane::{AppendError, Engine as _, Position, Told};
use crate::message::topic::Topic;

const NODES: usize = 3;
const TOPICS: usize = 2;
/// The faults of a run, and what is acknowledged between two of them.
const ROUNDS: usize = 16;
const ACKNOWLEDGED: usize = 40;
/// Records between two states that a node has kept.
const KEPT_EVERY: usize = 10;

/// Appends its own texts until it is told to stop; which of them were acknowledged.
async fn append(redis: Node, topic: Topic, who: String, acknowledged: Arc<AtomicUsize>, stop: Arc<AtomicBool>) -> Vec<String> {
    let (mut taken, mut last) = (Vec::new(), Position(0));
    for number in 0.. {
        let text = format!("{who}:{number};");
        let outcome = loop {
            match redis.append(&topic, text.clone().into(), last).await {
                Err(AppendError::Overtaken { last: newer }) => last = newer,
                // Surely not taken: it may be tried again.
                Err(AppendError::Refused(_)) if !stop.load(Ordering::Relaxed) => {}
                outcome => break outcome,
            }
        };
        if let Ok(position) = outcome {
            last = position;
            taken.push(text);
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    taken
}

/// Follows until there is a record with this text; what it has been told then, in one.
async fn follow(redis: Node, topic: Topic, end: &'static str) -> String {
    let (mut told, mut state, mut behind) = (redis.follow(&topic), Vec::new(), 0);
    while let Some(next) = told.next().await {
        match next.unwrap() {
            Told::Kept { state: kept, .. } => state = kept.to_vec(),
            Told::Record(record) => {
                state.extend_from_slice(&record.bytes);
                behind += 1;
                if behind % KEPT_EVERY == 0 {
                    // Another time, where it fails.
                    let _ = redis.keep(&topic, record.position, Bytes::from(state.clone())).await;
                }
            }
            Told::Present | Told::Stale => {}
        }
        if state.ends_with(end.as_bytes()) {
            break;
        }
    }
    String::from_utf8(state).unwrap()
}

async fn disturb(server: &Server, round: usize) {
    match round % 4 {
        0 => drop(server.tell("CLIENT KILL TYPE pubsub").await),
        1 => drop(server.tell("CLIENT KILL TYPE normal").await),
        2 => {
            server.signal("STOP");
            tokio::time::sleep(Duration::from_millis(50)).await;
            server.signal("CONT");
        }
        _ => {
            server.kill();
            server.start_again();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_come_to_the_same_whatever_happens() {
    let server = Server::start_with(&DURABLE);
    let (acknowledged, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (mut writers, mut followers) = (Vec::new(), Vec::new());
    let topics: Vec<Topic> = (0..TOPICS).map(|number| topic(&format!("t{number}"))).collect();
    for node in 0..NODES {
        let redis = server.options().answer_timeout(Duration::from_secs(2)).node().await.unwrap();
        for topic in &topics {
            let written = append(redis.clone(), topic.clone(), format!("{node}"), Arc::clone(&acknowledged), Arc::clone(&stop));
            writers.push((topic, tokio::spawn(written)));
            followers.push((topic, tokio::spawn(follow(redis.clone(), topic.clone(), "end"))));
        }
    }
    for round in 0..ROUNDS {
        let goal = acknowledged.load(Ordering::Relaxed) + ACKNOWLEDGED;
        within(async {
            while acknowledged.load(Ordering::Relaxed) < goal {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        disturb(&server, round).await;
    }
    stop.store(true, Ordering::Relaxed);
    let taken: Vec<(&Topic, Vec<String>)> =
        within(join_all(writers.into_iter().map(async |(topic, written)| (topic, written.await.unwrap())))).await;
    let last = server.redis().await;
    for topic in &topics {
        crate::backplane::contract::append_behind_all(&last, topic, &Bytes::from_static(b"end"), Position(0)).await;
        followers.push((topic, tokio::spawn(follow(last.clone(), topic.clone(), "end"))));
    }
    let told = |(topic, told): (_, JoinHandle<String>)| async move { (topic, told.await.unwrap()) };
    let told: Vec<(&Topic, String)> = within(join_all(followers.into_iter().map(told))).await;
    for topic in &topics {
        let mut all = told.iter().filter(|(of, _)| of == &topic).map(|(_, told)| told);
        let first = all.next().unwrap();
        assert!(all.all(|other| other == first), "{told:#?}");
        for text in taken.iter().filter(|(of, _)| of == &topic).flat_map(|(_, taken)| taken) {
            // A writer's texts begin behind those of others.
            assert_eq!(format!(";{first}").matches(&format!(";{text}")).count(), 1, "{text} in {first}");
        }
    }
}
