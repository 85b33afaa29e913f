//! What a network and an operator do to the engine.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{FutureExt as _, StreamExt as _};
use redis::Value;
use tokio::sync::watch;

use super::Node;
use super::server::{DURABLE, Server, followed};
use super::wire::APPEND;
use crate::backplane::contract::{self, Following, record, topic, within};
use crate::backplane::{AppendError, Engine as _, Position, Told};
use crate::message::topic::Topic;

contract::suite!(Server);

/// As long as a test takes, so that nothing is found by it.
const NEVER: Duration = Duration::from_secs(600);
const SOON: Duration = Duration::from_millis(100);

/// Appends numbers until it is told to stop; as a hub does it, again where it is not known whether one was taken.
async fn append_numbers(redis: Node, topic: Topic, count: watch::Sender<usize>, stop: watch::Receiver<bool>) -> Vec<(Position, Bytes)> {
    let mut taken: Vec<(Position, Bytes)> = Vec::new();
    let mut is_unknown = false;
    while !*stop.borrow() || is_unknown {
        let bytes = record(&taken.len().to_string());
        let last = taken.last().map_or(Position(0), |(position, _)| *position);
        match redis.append(&topic, bytes.clone(), last).await {
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

/// Appends without telling anybody, as where a message is lost on its way.
async fn append_unheard(server: &Server, node: &Node, topic: &Topic, text: &str, last: Position) -> Position {
    let script = APPEND.code.replace("redis.call('PUBLISH'", "redis.call('ECHO'").replace("ARGV[5], message", "message");
    let keys = node.core.keys.topic(topic);
    let up = node.core.wire.connected().await.unwrap();
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(3).arg(&node.core.keys.life).arg(&node.core.keys.last).arg(&keys.log);
    command.arg(node.core.epoch.0.to_string()).arg(&up.reign).arg(topic.as_str()).arg(last.0).arg(&keys.channel).arg(text);
    let (taken, position): (String, u64) = command.query_async(&mut server.client().await).await.unwrap();
    assert_eq!(taken, "taken");
    Position(position)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_outlives_a_crash_and_is_told_once() {
    let server = Server::start_with(&DURABLE);
    let redis = server.options().connection_timeout(SOON).answer_timeout(Duration::from_secs(2)).node().await.unwrap();
    let topic = topic("jobs");
    let node = server.redis().await;
    let mut follower = Following::of(&node, &topic);
    follower.until_present().await;
    let ((count, mut counted), (stop, stopped)) = (watch::channel(0), watch::channel(false));
    let appending = tokio::spawn(append_numbers(redis, topic.clone(), count, stopped));
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
    let server = Server::start_with(&DURABLE);
    let (redis, topic, mut follower) = followed(server.options().connection_timeout(SOON)).await;
    server.kill();
    assert_eq!(follower.next().await, Told::Stale);
    let start = Instant::now();
    let refused = redis.append(&topic, record("no"), Position(0)).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert!(redis.newest().await.is_err() && redis.keep(&topic, Position(1), record("no")).await.is_err());
    assert!(start.elapsed() < Duration::from_secs(5));
    server.start_again();
    follower.until_present().await;
    let first = redis.append(&topic, record("yes"), Position(0)).await.unwrap();
    follower.until(first).await;
    assert_eq!(follower.records(), [(Position(1), record("yes"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_does_not_answer_is_unknown() {
    let server = Server::start();
    let (redis, topic, mut follower) = followed(server.options().answer_timeout(SOON * 3)).await;
    let first = redis.append(&topic, record("1"), Position(0)).await.unwrap();
    server.signal("STOP");
    let unknown = redis.append(&topic, record("2"), first).await;
    server.signal("CONT");
    assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{unknown:?}");
    let second = Position(first.0 + 1);
    follower.until(second).await;
    assert_eq!(redis.append(&topic, record("2"), first).await, Err(AppendError::Overtaken { last: second }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_silent_only_is_given_up() {
    let server = Server::start();
    let redis = server.options().answer_timeout(SOON).audit(SOON).node().await.unwrap();
    let mut follower = Following::of(&redis, &topic("jobs"));
    follower.until_present().await;
    server.signal("STOP");
    assert_eq!(follower.next().await, Told::Stale);
    server.signal("CONT");
    follower.until_present().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_server_takes_no_more_until_a_state_stands_for_what_is_there() {
    let server = Server::start();
    let redis = server.redis().await;
    let topic = topic("jobs");
    let large = Bytes::from(vec![7; 100_000]);
    let mut last = redis.append(&topic, record("1"), Position(0)).await.unwrap();
    server.tell("CONFIG SET maxmemory 6mb").await;
    let refused = loop {
        match redis.append(&topic, large.clone(), last).await {
            Ok(position) => last = position,
            Err(error) => break error,
        }
    };
    assert!(matches!(&refused, AppendError::Refused(reason) if reason.starts_with("OOM ")), "{refused:?}");
    assert!(last > Position(2));
    redis.keep(&topic, last, record("all of it")).await.unwrap();
    redis.append(&topic, large, last).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_connection_that_broke_has_missed_is_told() {
    let server = Server::start();
    let (_redis, topic, mut follower) = followed(server.options().audit(NEVER)).await;
    let other = server.redis().await;
    let mut last = Position(0);
    for round in 0..20 {
        if round % 5 == 2 {
            server.tell("CLIENT KILL TYPE pubsub").await;
        }
        last = other.append(&topic, record(&round.to_string()), last).await.unwrap();
    }
    follower.until(last).await;
    let told: Vec<Bytes> = follower.records().iter().map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(told, (0..20).map(|round: usize| record(&round.to_string())).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_nobody_was_told_of_is_found() {
    let server = Server::start();
    let (redis, topic, mut follower) = followed(server.options().audit(SOON)).await;
    let first = append_unheard(&server, &redis, &topic, "1", Position(0)).await;
    follower.until(first).await;
    let second = append_unheard(&server, &redis, &topic, "2", first).await;
    follower.until(second).await;
    assert_eq!(follower.records(), [(first, record("1")), (second, record("2"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_filled_when_the_next_record_comes() {
    let server = Server::start();
    let (redis, topic, mut follower) = followed(server.options().audit(NEVER)).await;
    let first = append_unheard(&server, &redis, &topic, "1", Position(0)).await;
    let second = redis.append(&topic, record("2"), first).await.unwrap();
    follower.until(second).await;
    assert_eq!(follower.records(), [(first, record("1")), (second, record("2"))]);
    // And where what was missed is gone, the state that stands for it is told.
    let third = append_unheard(&server, &redis, &topic, "3", second).await;
    let fourth = append_unheard(&server, &redis, &topic, "4", third).await;
    redis.keep(&topic, fourth, record("1234")).await.unwrap();
    let fifth = redis.append(&topic, record("5"), fourth).await.unwrap();
    assert_eq!(follower.next().await, Told::Kept { position: fourth, state: record("1234") });
    follower.until(fifth).await;
    assert_eq!(follower.records(), [(fifth, record("5"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_listen_for_a_while_reads_the_rest() {
    let server = Server::start();
    let redis = server.options().audit(NEVER).node().await.unwrap();
    let topic = topic("jobs");
    let mut slow = Following::of(&redis, &topic);
    slow.until_present().await;
    let mut quick = Following::of(&redis, &topic);
    let mut taken = Vec::new();
    for number in 0..300 {
        let last = taken.last().map_or(Position(0), |(position, _)| *position);
        let bytes = record(&number.to_string());
        taken.push((redis.append(&topic, bytes.clone(), last).await.unwrap(), bytes));
    }
    for follower in [&mut quick, &mut slow] {
        follower.until(taken.last().unwrap().0).await;
        assert_eq!(follower.records(), taken);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_topics_are_followed_by_two_connections() {
    let server = Server::start();
    let redis = server.redis().await;
    let topics: Vec<Topic> = (0..2000).map(|number| topic(&format!("t{number}"))).collect();
    let mut followers: Vec<Following> = topics.iter().map(|topic| Following::of(&redis, topic)).collect();
    join_all(followers.iter_mut().map(Following::until_present)).await;
    let Value::BulkString(clients) = server.tell("CLIENT LIST").await else { panic!() };
    // Those of the node, and who asks.
    assert_eq!(String::from_utf8(clients).unwrap().lines().count(), 3);
    server.tell("CLIENT KILL TYPE pubsub").await;
    join_all(followers.iter_mut().map(Following::until_present)).await;
    let last = redis.append(&topics[1999], record("1"), Position(0)).await.unwrap();
    followers[1999].until(last).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_dropped_ends_what_it_took() {
    let server = Server::start();
    let redis = server.redis().await;
    let topic = topic("jobs");
    let mut followers: Vec<Following> = (0..20).map(|_| Following::of(&redis, &topic)).collect();
    for follower in &mut followers {
        follower.until_present().await;
    }
    // One in the middle of its first read, too.
    server.signal("STOP");
    let mut first_read = redis.follow(&topic);
    while redis.core.ears.len() == followers.len() {
        assert!(first_read.next().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    std::thread::spawn(move || drop(first_read)).join().unwrap();
    server.signal("CONT");
    drop(followers);
    assert_eq!(redis.core.ears.len(), 0);
    let is_quiet = async {
        while server.tell("PUBSUB CHANNELS *").await != Value::Array(Vec::new()) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    within(is_quiet).await;
    // And what tends the connections ends with the last who has the engine.
    let core = Arc::downgrade(&redis.core);
    drop(redis);
    let is_gone = async {
        while core.strong_count() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    within(is_gone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_forgotten_the_scripts_is_told_them_again() {
    let server = Server::start();
    let redis = server.redis().await;
    let topic = topic("jobs");
    let first = redis.append(&topic, record("1"), Position(0)).await.unwrap();
    server.tell("SCRIPT FLUSH").await;
    let second = redis.append(&topic, record("2"), first).await.unwrap();
    let mut follower = Following::of(&redis, &topic);
    follower.until(second).await;
}
