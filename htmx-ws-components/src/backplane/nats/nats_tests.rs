//! What a network and an operator do to the engine.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use async_nats::RequestErrorKind;
use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::server::Server;
use super::{ConnectError, Nats, Node};
use crate::backplane::contract::{self, Following, record, topic, within};
use crate::backplane::{AppendError, Engine as _, Position, Told};
use crate::message::topic::Topic;

contract::suite!(Server);

/// As long as a test takes, so that nothing is found by it.
const NEVER: Duration = Duration::from_secs(600);
const SOON: Duration = Duration::from_millis(100);

async fn api(server: &Server, question: &str, body: &Value) -> Value {
    let answer = server.client().await.request(format!("$JS.API.{question}"), body.to_string().into()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.payload).unwrap();
    assert!(answer["error"].is_null(), "{answer}");
    answer
}

/// Has the stream tell what it takes, or not: so a record is missed.
async fn tell(server: &Server, republish: Value) -> Value {
    let mut config = api(server, "STREAM.INFO.test-log", &json!({})).await["config"].take();
    let before = config["republish"].take();
    config["republish"] = republish;
    api(server, "STREAM.UPDATE.test-log", &config).await;
    before
}

/// Appends numbers until it is told to stop; as a hub does it, again where it is not known whether one was taken.
pub(super) async fn append_numbers(
    nats: Node,
    topic: Topic,
    count: watch::Sender<usize>,
    stop: watch::Receiver<bool>,
) -> Vec<(Position, Bytes)> {
    let mut taken: Vec<(Position, Bytes)> = Vec::new();
    let mut is_unknown = false;
    while !*stop.borrow() || is_unknown {
        let bytes = record(&taken.len().to_string());
        let last = taken.last().map_or(Position(0), |(position, _)| *position);
        match nats.append(&topic, bytes.clone(), last).await {
            Ok(position) => taken.push((position, bytes)),
            // Nobody else appends: it is its own.
            Err(AppendError::Overtaken { last }) if is_unknown => taken.push((last, bytes)),
            Err(AppendError::Overtaken { .. }) => panic!("by nobody"),
            Err(AppendError::Refused(_)) => continue,
            Err(AppendError::Unknown(_)) => {
                is_unknown = true;
                continue;
            }
        }
        is_unknown = false;
        count.send_replace(taken.len());
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_outlives_a_crash_and_is_told_once() {
    let server = Server::start();
    let nats = server.options().connection_timeout(SOON).answer_timeout(Duration::from_secs(2)).node().await.unwrap();
    let topic = topic("jobs");
    let node = server.nats().await;
    let mut follower = Following::of(&node, &topic);
    follower.until_present().await;
    let ((count, mut counted), (stop, stopped)) = (watch::channel(0), watch::channel(false));
    let appending = tokio::spawn(append_numbers(nats, topic.clone(), count, stopped));
    for _ in 0..3 {
        let goal = *counted.borrow() + 50;
        within(counted.wait_for(|count| *count >= goal)).await.unwrap();
        server.kill();
        while follower.next().await != Told::Stale {}
        server.start_again();
        follower.until_present().await;
    }
    stop.send_replace(true);
    let taken = within(appending).await.unwrap();
    follower.until(taken.last().unwrap().0).await;
    assert_eq!(follower.records(), taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_connection_a_record_is_refused_and_never_comes() {
    let server = Server::start();
    let nats = server.options().connection_timeout(SOON).node().await.unwrap();
    let topic = topic("jobs");
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    server.kill();
    assert_eq!(follower.next().await, Told::Stale);
    let start = Instant::now();
    let refused = nats.append(&topic, record("no"), Position(0)).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert!(nats.newest().await.is_err() && nats.keep(&topic, Position(1), record("no")).await.is_err());
    assert!(start.elapsed() < Duration::from_secs(5));
    server.start_again();
    follower.until_present().await;
    let first = nats.append(&topic, record("yes"), Position(0)).await.unwrap();
    follower.until(first).await;
    assert_eq!(follower.records(), [(Position(1), record("yes"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_does_not_answer_is_unknown() {
    let server = Server::start();
    let nats = server.options().answer_timeout(SOON * 3).node().await.unwrap();
    let topic = topic("jobs");
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    server.signal("STOP");
    let unknown = nats.append(&topic, record("1"), Position(0)).await;
    server.signal("CONT");
    assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{unknown:?}");
    follower.until(Position(1)).await;
    assert_eq!(nats.append(&topic, record("1"), Position(0)).await, Err(AppendError::Overtaken { last: Position(1) }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_stream_takes_no_more_until_a_state_stands_for_what_is_there() {
    let server = Server::start();
    let nats = server.options().max_bytes(100_000).node().await.unwrap();
    let topic = topic("jobs");
    let large = Bytes::from(vec![7; 30_000]);
    let mut last = Position(0);
    let refused = loop {
        match nats.append(&topic, large.clone(), last).await {
            Ok(position) => last = position,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, AppendError::Refused("maximum bytes exceeded".to_owned()));
    assert_eq!(last, Position(3));
    nats.keep(&topic, last, record("all of it")).await.unwrap();
    nats.append(&topic, large, last).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_are_there_otherwise_are_an_error() {
    let server = Server::start();
    let first = server.nats().await;
    let error = server.options().max_age(Duration::from_secs(3600)).node().await.unwrap_err();
    let text = "the stream `test-kept` is there with `max_age` 0, and not 3600000000000; change it there or here";
    assert!(matches!(&error, ConnectError::Contradiction { setting, .. } if setting == "max_age"));
    assert_eq!(error.to_string(), text);
    tell(&server, Value::Null).await;
    let error = server.options().node().await.unwrap_err();
    assert!(matches!(&error, ConnectError::Contradiction { setting, .. } if setting == "republish"), "{error}");
    drop(first);
    server.kill();
    assert!(matches!(server.options().node().await, Err(ConnectError::Unreachable(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_share_their_streams() {
    let server = Server::start();
    let nodes = join_all((0..8).map(|_| server.nats())).await;
    let topic = topic("jobs");
    for (node, before) in nodes.iter().zip(0..) {
        assert_eq!(node.epoch(), nodes[0].epoch());
        assert_eq!(node.0.last_of("test.log.jobs").await, Ok(before));
        node.append(&topic, record("x"), Position(before)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_there_is_no_server_for_is_an_error() {
    let server = Server::start();
    let error = async |options: Nats| options.node().await.unwrap_err().to_string();
    let replicas = error(server.options().replicas(3)).await;
    assert!(replicas.starts_with("there is no stream `test-kept`: replicas > 1"), "{replicas}");
    assert!(error(server.options().credentials_file("/nowhere/a.creds")).await.starts_with("/nowhere/a.creds"));
    assert!(error(server.options().nkey_file("/nowhere/a.nk")).await.starts_with("/nowhere/a.nk"));
    assert!(error(server.options().root_certificates("/nowhere/a.pem")).await.starts_with("/nowhere/a.pem"));
    assert!(error(Nats::new("nats://127.0.0.1:1", "a.b")).await.starts_with("`a.b` is not the name of an application"));
    // Of several servers one is enough.
    let url = server.url();
    Nats::new("nats://127.0.0.1:1", "test").url(url).node().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_made_anew_is_another_life() {
    let server = Server::start();
    let nats = server.options().audit(SOON).node().await.unwrap();
    let topic = topic("jobs");
    let first = nats.append(&topic, record("1"), Position(0)).await.unwrap();
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    api(&server, "STREAM.DELETE.test-log", &json!({})).await;
    let anew = server.nats().await;
    follower.until_lost().await;
    assert_ne!(anew.epoch(), nats.epoch());
    assert!(matches!(nats.append(&topic, record("2"), first).await, Err(AppendError::Refused(_))));
    Following::of(&nats, &topic).until_lost().await;
    let mut of_anew = Following::of(&anew, &topic);
    of_anew.until_present().await;
    assert!(of_anew.records().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_played_back_is_found() {
    let server = Server::start();
    let nats = server.options().audit(NEVER).node().await.unwrap();
    let topic = topic("jobs");
    let first = nats.append(&topic, record("1"), Position(0)).await.unwrap();
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    server.kill();
    let backup = tempfile::tempdir().unwrap();
    copy(server.folder(), backup.path());
    server.start_again();
    while follower.next().await != Told::Present {}
    nats.append(&topic, record("2"), first).await.unwrap();
    server.kill();
    fs::remove_dir_all(server.folder().join("jetstream")).unwrap();
    copy(backup.path(), server.folder());
    server.start_again();
    follower.until_lost().await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_nobody_was_told_of_is_found() {
    let server = Server::start();
    let nats = server.options().audit(SOON).node().await.unwrap();
    let topic = topic("jobs");
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    tell(&server, Value::Null).await;
    let first = nats.append(&topic, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
    let second = nats.append(&topic, record("2"), first).await.unwrap();
    follower.until(second).await;
    assert_eq!(follower.records(), [(first, record("1")), (second, record("2"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_filled_when_the_next_record_comes() {
    let server = Server::start();
    let nats = server.options().audit(NEVER).node().await.unwrap();
    let topic = topic("jobs");
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    let republish = tell(&server, Value::Null).await;
    let first = nats.append(&topic, record("1"), Position(0)).await.unwrap();
    tell(&server, republish.clone()).await;
    let second = nats.append(&topic, record("2"), first).await.unwrap();
    follower.until(second).await;
    assert_eq!(follower.records(), [(first, record("1")), (second, record("2"))]);
    // And where what was missed is gone, the state that stands for it is told.
    tell(&server, Value::Null).await;
    let third = nats.append(&topic, record("3"), second).await.unwrap();
    let fourth = nats.append(&topic, record("4"), third).await.unwrap();
    nats.keep(&topic, fourth, record("1234")).await.unwrap();
    tell(&server, republish).await;
    let fifth = nats.append(&topic, record("5"), fourth).await.unwrap();
    assert_eq!(follower.next().await, Told::Kept { position: fourth, state: record("1234") });
    follower.until(fifth).await;
    assert_eq!(follower.records(), [(fifth, record("5"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_whose_records_are_too_old_goes_on() {
    let server = Server::start();
    let nats = server.options().max_age(Duration::from_secs(3600)).node().await.unwrap();
    let topic = topic("jobs");
    let first = nats.append(&topic, record("1"), Position(0)).await.unwrap();
    let mut follower = Following::of(&nats, &topic);
    follower.until_present().await;
    api(&server, "STREAM.PURGE.test-log", &json!({})).await;
    let second = nats.append(&topic, record("2"), first).await.unwrap();
    follower.until(second).await;
    assert_eq!(follower.records(), [(first, record("1")), (second, record("2"))]);
    let mut late = Following::of(&nats, &topic);
    late.until_present().await;
    assert_eq!(late.records(), [(second, record("2"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_dropped_ends_what_it_took() {
    let server = Server::start();
    let nats = server.nats().await;
    let topic = topic("jobs");
    let mut followers: Vec<Following> = (0..20).map(|_| Following::of(&nats, &topic)).collect();
    for follower in &mut followers {
        follower.until_present().await;
    }
    // One in the middle of its first read, too.
    server.signal("STOP");
    let mut first_read = nats.follow(&topic);
    while nats.0.followers.len() == followers.len() {
        assert!(first_read.next().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    std::thread::spawn(move || drop(first_read)).join().unwrap();
    server.signal("CONT");
    assert_eq!(nats.0.followers.len(), followers.len());
    // Also outside of the runtime.
    std::thread::spawn(move || drop(followers)).join().unwrap();
    assert_eq!(nats.0.followers.len(), 0);
    let client = server.client().await;
    let nobody_hears = async {
        loop {
            let request = async_nats::Request::new().payload(Bytes::new()).timeout(Some(SOON));
            let answer = client.send_request("test.live.jobs", request).await;
            if answer.is_err_and(|error| error.kind() == RequestErrorKind::NoResponders) {
                return;
            }
        }
    };
    within(nobody_hears).await;
}
