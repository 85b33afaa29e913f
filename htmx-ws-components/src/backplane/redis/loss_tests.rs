//! What a server loses, and who takes its place.

use std::time::Duration;

use futures_util::future::join_all;
use tempfile::TempDir;

use super::server::{DURABLE, Server, followed};
use super::{ConnectError, Redis};
use crate::backplane::contract::{Following, record, topic, within};
use crate::backplane::{AppendError, Engine as _, Position, Told};

const SOON: Duration = Duration::from_millis(100);

/// What is on the disk now, of a server that goes on with it.
async fn backup(server: &Server, follower: &mut Following) -> TempDir {
    server.kill();
    let backup = server.backup();
    server.start_again();
    follower.until_present().await;
    backup
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_lost_everything_is_another_life() {
    let server = Server::start();
    let redis = server.redis().await;
    let jobs = topic("jobs");
    let first = redis.append(&jobs, record("1"), Position(0)).await.unwrap();
    let mut follower = Following::of(&redis, &jobs);
    follower.until_present().await;
    server.kill();
    server.start_again();
    let anew = server.redis().await;
    follower.until_lost().await;
    assert_ne!(anew.epoch(), redis.epoch());
    assert!(matches!(redis.append(&jobs, record("2"), first).await, Err(AppendError::Refused(_))));
    assert!(redis.newest().await.is_err() && redis.keep(&jobs, first, record("no")).await.is_err());
    Following::of(&redis, &jobs).until_lost().await;
    let mut of_anew = Following::of(&anew, &jobs);
    of_anew.until_present().await;
    assert!(of_anew.records().is_empty());
    anew.append(&jobs, record("1"), Position(0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_flushed_is_another_life_for_who_appends_at_once() {
    let server = Server::start();
    let (redis, jobs, mut follower) = followed(server.options()).await;
    let first = redis.append(&jobs, record("1"), Position(0)).await.unwrap();
    server.tell("FLUSHALL").await;
    assert!(matches!(redis.append(&jobs, record("2"), first).await, Err(AppendError::Refused(_))));
    follower.until_lost().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_played_back_is_found() {
    let server = Server::start_with(&DURABLE);
    let redis = server.redis().await;
    let jobs = topic("jobs");
    let first = redis.append(&jobs, record("1"), Position(0)).await.unwrap();
    let mut follower = Following::of(&redis, &jobs);
    follower.until_present().await;
    let backup = backup(&server, &mut follower).await;
    let second = redis.append(&jobs, record("2"), first).await.unwrap();
    follower.until(second).await;
    server.kill();
    server.restore(backup.path());
    server.start_again();
    follower.until_lost().await;
    assert!(matches!(redis.append(&jobs, record("3"), second).await, Err(AppendError::Refused(_))));
    // What is left is there for all who begin anew; no cursor of before is good for them.
    let anew = server.redis().await;
    assert_ne!(anew.epoch(), redis.epoch());
    let mut of_anew = Following::of(&anew, &jobs);
    of_anew.until_present().await;
    assert_eq!(of_anew.records(), [(first, record("1"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_is_found_also_when_others_have_appended_past_it() {
    let server = Server::start_with(&DURABLE);
    let redis = server.redis().await;
    let jobs = topic("jobs");
    let first = redis.append(&jobs, record("1"), Position(0)).await.unwrap();
    let mut follower = Following::of(&redis, &jobs);
    follower.until(first).await;
    let backup = backup(&server, &mut follower).await;
    let second = redis.append(&jobs, record("2"), first).await.unwrap();
    follower.until(second).await;
    server.kill();
    // The same data elsewhere, where only the others find it.
    let elsewhere = Server::start_in(backup, &DURABLE);
    let other = elsewhere.redis().await;
    assert_eq!(other.epoch(), redis.epoch(), "nobody knows yet");
    let mut last = first;
    for _ in 0..3 {
        last = other.append(&jobs, record("other"), last).await.unwrap();
    }
    assert!(last > second);
    elsewhere.kill();
    server.restore(elsewhere.backup().path());
    server.start_again();
    follower.until_lost().await;
    assert_ne!(server.redis().await.epoch(), redis.epoch());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_that_one_node_finds_is_another_life_for_all() {
    let server = Server::start_with(&DURABLE);
    let (knows, does_not) = (server.redis().await, server.options().audit(SOON).node().await.unwrap());
    let jobs = topic("jobs");
    let mut follower = Following::of(&does_not, &jobs);
    follower.until_present().await;
    let backup = backup(&server, &mut follower).await;
    // Of a topic that the other one does not follow.
    knows.append(&topic("other"), record("1"), Position(0)).await.unwrap();
    server.kill();
    server.restore(backup.path());
    server.start_again();
    follower.until_lost().await;
}

/// A primary, and a replica that has what it has.
async fn pair() -> (Server, Server) {
    let primary = Server::start_with(&["--repl-diskless-sync-delay", "0"]);
    let replica = Server::start_with(&["--replicaof", "127.0.0.1", &primary.port().to_string()]);
    let is_in_step = async {
        while redis::cmd("WAIT").arg(1).arg(10).query_async(&mut primary.client().await).await != Ok(1) {
            primary.tell("SET step 1").await;
        }
    };
    within(is_in_step).await;
    (primary, replica)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_over_with_what_it_has_acknowledged() {
    let (primary, replica) = pair().await;
    assert!(matches!(replica.options().node().await, Err(ConnectError::Replica)));
    // The replica first: it is passed over.
    let options = || Redis::new(replica.url(), "test").url(primary.url());
    let (redis, jobs, mut follower) = followed(options().replicas(1, Duration::from_secs(10))).await;
    let mut last = Position(0);
    for _ in 0..5 {
        last = redis.append(&jobs, record("x"), last).await.unwrap();
    }
    follower.until(last).await;
    let at_once = (0..8).map(|number| {
        let (redis, topic) = (redis.clone(), topic(&format!("t{number}")));
        async move { redis.append(&topic, record("x"), Position(0)).await.unwrap() }
    });
    assert_eq!(join_all(at_once).await.len(), 8);
    primary.kill();
    assert_eq!(follower.next().await, Told::Stale);
    replica.tell("REPLICAOF NO ONE").await;
    follower.until_present().await;
    // It has no replica itself yet.
    let redis = options().node().await.unwrap();
    let next = redis.append(&jobs, record("y"), last).await.unwrap();
    follower.until(next).await;
    assert_eq!(follower.records().len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_takes_over_without_the_tail_is_another_life() {
    let (primary, replica) = pair().await;
    let redis = primary.options().url(replica.url()).node().await.unwrap();
    let waiting = primary.options().replicas(1, Duration::from_secs(1)).node().await.unwrap();
    let jobs = topic("jobs");
    let mut follower = Following::of(&redis, &jobs);
    follower.until_present().await;
    let first = waiting.append(&jobs, record("1"), Position(0)).await.unwrap();
    // Cut off from the primary, it has no more.
    replica.tell("REPLICAOF NO ONE").await;
    let unknown = waiting.append(&jobs, record("2"), first).await;
    let text = "0 of 1 replicas have it within 1s".to_owned();
    assert_eq!(unknown, Err(AppendError::Unknown(text)));
    let second = Position(first.0 + 1);
    follower.until(second).await;
    primary.kill();
    follower.until_lost().await;
    let anew = replica.redis().await;
    assert_ne!(anew.epoch(), redis.epoch());
    assert_eq!(anew.newest().await, Ok(first));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_becomes_a_replica_is_left() {
    let (primary, replica) = pair().await;
    let (redis, jobs, mut follower) = followed(primary.options().url(replica.url()).replicas(1, Duration::from_secs(10))).await;
    let first = redis.append(&jobs, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
    replica.tell("REPLICAOF NO ONE").await;
    primary.tell(&format!("REPLICAOF 127.0.0.1 {}", replica.port())).await;
    let refused = redis.append(&jobs, record("2"), first).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    while follower.next().await != Told::Stale {}
    follower.until_present().await;
    let second = redis.append(&jobs, record("2"), first).await.unwrap();
    follower.until(second).await;
}
