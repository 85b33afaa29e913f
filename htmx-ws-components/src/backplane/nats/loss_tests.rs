//! What a server loses that has acknowledged it, and how its nodes find that.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::server::Server;
use crate::backplane::contract::{Following, record, topic, within};
use crate::backplane::{Engine, Position, Told};

/// So long that nobody looks by themselves.
const NEVER: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(50);
/// In the server's folder: the records alone.
const RECORDS: &str = "jetstream/$G/streams/test-log";

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

/// What a server that is killed has of its records.
fn backup(server: &Server) -> TempDir {
    server.kill();
    let backup = tempfile::tempdir().unwrap();
    copy(&server.folder().join(RECORDS), backup.path());
    backup
}

fn restore(server: &Server, backup: &TempDir) {
    server.kill();
    let records = server.folder().join(RECORDS);
    fs::remove_dir_all(&records).unwrap();
    copy(backup.path(), &records);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_that_one_node_finds_is_another_life_for_all() {
    let server = Server::start();
    let jobs = topic("jobs");
    let (knows, does_not) = (server.options().audit(NEVER).node().await.unwrap(), server.options().audit(SOON).node().await.unwrap());
    let mut follower = Following::of(&knows, &jobs);
    let mut of_the_other = Following::of(&does_not, &topic("other"));
    of_the_other.until_present().await;
    let first = knows.append(&jobs, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
    let backup = backup(&server);
    server.start_again();
    while follower.next().await != Told::Present {}
    let second = knows.append(&jobs, record("2"), first).await.unwrap();
    follower.until(second).await;
    restore(&server, &backup);
    server.start_again();
    follower.until_lost().await;
    let renewed = Engine::renewed(&knows).await.unwrap();
    assert_ne!(renewed.epoch(), knows.epoch());
    of_the_other.until_lost().await;
    let other = Engine::renewed(&does_not).await.unwrap();
    assert_eq!(other.epoch(), renewed.epoch(), "it has begun already");
    // What is left is there for all.
    let mut anew = Following::of(&*other, &jobs);
    anew.until_present().await;
    assert_eq!(anew.records(), [(first, record("1"))]);
}

/// A node has records of a topic, of which the last one is lost; others append so many to one topic before it comes back.
async fn others_append(to: &str, count: usize) {
    let server = Server::start();
    let nats = server.options().audit(NEVER).node().await.unwrap();
    let jobs = topic("jobs");
    let mut follower = Following::of(&nats, &jobs);
    let first = nats.append(&jobs, record("1"), Position(0)).await.unwrap();
    follower.until(first).await;
    let backup = backup(&server);
    server.start_again();
    follower.until_present().await;
    let second = nats.append(&jobs, record("2"), first).await.unwrap();
    follower.until(second).await;
    restore(&server, &backup);
    // The same data elsewhere, where only the others find it.
    let elsewhere = Server::start();
    elsewhere.kill();
    fs::remove_dir_all(elsewhere.folder().join("jetstream")).unwrap();
    copy(&server.folder().join("jetstream"), &elsewhere.folder().join("jetstream"));
    elsewhere.start_again();
    let other = elsewhere.nats().await;
    assert_eq!(other.epoch(), nats.epoch(), "nobody knows yet");
    let mut last = if to == "jobs" { first } else { Position(0) };
    for _ in 0..count {
        last = other.append(&topic(to), record("other"), last).await.unwrap();
    }
    assert!(last >= second, "nothing seems to be lost");
    let appended = self::backup(&elsewhere);
    restore(&server, &appended);
    server.start_again();
    within(follower.until_lost()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_is_found_where_others_have_appended_past_it() {
    others_append("jobs", 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_is_found_where_another_record_has_its_place() {
    others_append("jobs", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_is_found_where_a_record_of_another_topic_has_its_place() {
    others_append("other", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_was_kept_of_what_is_lost_is_not_told() {
    let server = Server::start();
    let nats = server.nats().await;
    let jobs = topic("jobs");
    let first = nats.append(&jobs, record("1"), Position(0)).await.unwrap();
    drop(nats);
    let backup = backup(&server);
    server.start_again();
    let nats = server.nats().await;
    let second = nats.append(&jobs, record("2"), first).await.unwrap();
    nats.keep(&jobs, second, record("12")).await.unwrap();
    let mut follower = Following::of(&nats, &jobs);
    follower.until_present().await;
    assert_eq!(follower.kept, Some((second, record("12"))));
    // The records alone: the kept state is of another stream, which has lost nothing.
    restore(&server, &backup);
    server.start_again();
    follower.until_lost().await;
    let anew = Engine::renewed(&nats).await.unwrap();
    let mut follower = Following::of(&*anew, &jobs);
    follower.until_present().await;
    assert_eq!((follower.kept.as_ref(), follower.records()), (None, &[(first, record("1"))][..]));
    let other = anew.append(&jobs, record("other"), first).await.unwrap();
    assert_eq!(other, second, "it has the place of the one that is lost");
    let mut late = Following::of(&*anew, &jobs);
    late.until_present().await;
    assert_eq!(late.all(), b"1other");
    // And another state is kept in its place.
    anew.keep(&jobs, other, record("1+other")).await.unwrap();
    let mut late = Following::of(&*anew, &jobs);
    late.until_present().await;
    assert_eq!(late.kept, Some((other, record("1+other"))));
}
