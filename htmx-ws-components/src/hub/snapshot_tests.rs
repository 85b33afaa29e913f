//! What readers with a gap get, and what of it the application is asked for, in paused time.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Notify as Gate;
use tokio::time::sleep;

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::log::{Publication, Retention};
use crate::hub::snapshot::{SnapshotLimits, Snapshots, Source};
use crate::hub::stats::Counter;
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::recipient::To;
use crate::message::topic::Topic;

const LONG: Duration = Duration::from_secs(1 << 20);
const LIMITS: SnapshotLimits = SnapshotLimits { timeout: Duration::from_secs(5), reuse_for: Duration::from_secs(1), at_once: 2 };
type Given = Result<Vec<Publication>, String>;

fn name(name: &str) -> Topic {
    Topic::new(name).unwrap()
}

fn state(id: &str, state: u32) -> Publication {
    let fragment = Fragment::new(DomId::new(id).unwrap(), format!("<p>{state}</p>"), Nesting::Leaf).unwrap();
    Publication::Patch(Patch::Replace(fragment))
}

/// Topics that retain four states, of which those that begin with `t` have a source.
fn topics<Fut: Future<Output = Given> + Send + 'static>(take: impl Fn() -> Fut + Send + Sync + 'static) -> Topics {
    let retention = Retention {
        states: 4,
        state_bytes: 1 << 20,
        fences: 4,
        fence_bytes: 1 << 20,
        fences_for: LONG,
        part_patches: 2,
        part_bytes: 1 << 20,
    };
    let limits =
        TopicLimits { retention, topics: 99, patch_bytes: 99, bytes: 1 << 20, forget_idle_after: LONG, pass_interval: Duration::ZERO };
    let topics = Topics::new(Epoch(1), limits, Arc::default());
    let source: Source = Arc::new(move |topic| (topic.as_str().starts_with('t') || topic.user() == Some("u")).then(|| take().boxed()));
    topics.set_snapshots(Snapshots::new(vec![source], LIMITS, Arc::clone(&topics.0.counters)));
    topics
}

fn publish(topics: &Topics, topic: &str, publication: Publication) {
    topics.publish(&name(topic), vec![publication], None).unwrap();
}

/// A reader that comes out of another life of the logs.
fn lost(topics: &Topics, names: &[&str]) -> Subscriptions {
    Subscriptions::new(topics, names.iter().map(|topic| (name(topic), "f-7".parse().unwrap()))).unwrap()
}

/// As a connection does: every state that the reader is sent until there is no more, or a word on the gap.
async fn read(subscriptions: &mut Subscriptions) -> Result<String, &'static str> {
    let mut read = Vec::new();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        match subscriptions.unread(0) {
            Err(_) => subscriptions.ask(0).map_err(|_| "gap")?,
            Ok(Some(part)) => {
                for frame in part.frames(Htmx::V4).iter() {
                    let text = std::str::from_utf8(&frame.text).unwrap();
                    read.extend(text.split("id=\"").skip(1).map(|element| element.split("</").next().unwrap().replace("\">", "")));
                    subscriptions.advance(0, frame.cursor);
                }
                subscriptions.advance(0, part.to());
            }
            Ok(None) => match tokio::time::timeout_at(deadline, subscriptions.changed()).await {
                Ok(()) => {}
                Err(_) => return Ok(read.join(" ")),
            },
        }
    }
}

#[track_caller]
fn check_counts(topics: &Topics, expected: [(Counter, u64); 2]) {
    assert_eq!(expected.map(|(counter, _)| topics.0.counters.get(counter)), expected.map(|(_, count)| count));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_readers_with_a_gap_cause_one_call() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let topics = topics(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_secs(2)).map(|()| Ok((0..3).map(|n| state(&format!("s{n}"), n)).collect()))
    });
    let mut readers: Vec<_> = (0..1000).map(|_| lost(&topics, &["t"])).collect();
    for reader in &mut readers {
        assert!(reader.unread(0).is_err() && reader.ask(0).is_ok() && reader.unread(0).unwrap().is_none());
    }
    sleep(Duration::from_millis(2500)).await;
    publish(&topics, "t", state("s0", 7));
    // One that comes behind the call, but not by much.
    readers.push(lost(&topics, &["t"]));
    let readers = readers.into_iter().map(|mut reader| tokio::spawn(async move { read(&mut reader).await }));
    for reader in readers.collect::<Vec<_>>() {
        assert_eq!(reader.await.unwrap().as_deref(), Ok("s00 s11 s22 s07"));
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    check_counts(&topics, [(Counter::GapFilled, 1001), (Counter::SnapshotsTaken, 1)]);
    // A minute later it is taken anew.
    assert_eq!(read(&mut lost(&topics, &["t"])).await.as_deref(), Ok("s00 s11 s22"), "it is newer than what was published");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_takes_memory_as_long_as_someone_may_need_it() {
    let topics = topics(|| ready(Ok(vec![state("a", 1)])));
    let mut reader = lost(&topics, &["t"]);
    let before = topics.bytes();
    reader.ask(0).unwrap();
    reader.changed().await;
    sleep(Duration::from_secs(60)).await;
    assert!(topics.bytes() > before, "it has not read it");
    assert_eq!(read(&mut reader).await.as_deref(), Ok("a1"));
    assert_eq!(topics.bytes(), before);
}

#[tokio::test(start_paused = true)]
async fn what_is_published_while_a_source_runs_comes_behind_what_it_gave() {
    let gate = Arc::new(Gate::new());
    let opened = Arc::clone(&gate);
    let topics = topics(move || {
        let gate = Arc::clone(&opened);
        async move {
            gate.notified().await;
            Ok(vec![state("a", 1), state("b", 1), state("c", 1)])
        }
    });
    let mut reader = lost(&topics, &["t"]);
    reader.ask(0).unwrap();
    publish(&topics, "t", state("b", 2));
    gate.notify_one();
    assert_eq!(read(&mut reader).await.as_deref(), Ok("a1 b1 c1 b2"));
}

#[tokio::test(start_paused = true)]
async fn a_reader_below_the_floor_is_served_as_one_of_another_life() {
    let topics = topics(|| ready(Ok(vec![state("all", 1)])));
    let start = topics.cursor();
    for n in 0..9 {
        publish(&topics, "t", state(&format!("s{n}"), n));
    }
    let from = |cursor| Subscriptions::new(&topics, [(name("t"), cursor)]).unwrap();
    assert_eq!(read(&mut from(start)).await.as_deref(), Ok("all1"));
    assert_eq!(read(&mut from(topics.cursor())).await.as_deref(), Ok(""));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_the_log_has_left_behind_is_taken_again_and_not_for_ever() {
    let calls = Arc::new(AtomicUsize::new(0));
    let (counted, hub) = (Arc::clone(&calls), Arc::new(std::sync::OnceLock::<Topics>::new()));
    let known = Arc::clone(&hub);
    let topics = topics(move || {
        let (topics, call) = (known.get().unwrap().clone(), counted.fetch_add(1, Ordering::SeqCst));
        let call = u32::try_from(call).unwrap();
        async move {
            // More than the topic retains, while the source runs.
            for n in 0..9 {
                publish(&topics, "t", state(&format!("s{n}"), call));
            }
            Ok(vec![state("all", call)])
        }
    });
    hub.set(topics.clone()).unwrap();
    assert_eq!(read(&mut lost(&topics, &["t"])).await, Err("gap"));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_leaves_the_gap_and_is_not_called_for_each_reader() {
    type Take = fn() -> futures_util::future::BoxFuture<'static, Given>;
    let cases: [(Take, Counter); 4] = [
        (|| ready(Err("no connection".to_owned())).boxed(), Counter::SnapshotsFailed),
        (|| ready(Ok((0..9).map(|n| state(&format!("s{n}"), 1)).collect())).boxed(), Counter::SnapshotsFailed),
        (|| pending().boxed(), Counter::SnapshotsTimedOut),
        (|| async { panic!("as it was told") }.boxed(), Counter::SnapshotsPanicked),
    ];
    for (take, counter) in cases {
        let topics = topics(take);
        for _ in 0..2 {
            let readers = [lost(&topics, &["t"]), lost(&topics, &["t"])];
            for reader in readers.map(|mut reader| tokio::spawn(async move { read(&mut reader).await })) {
                assert_eq!(reader.await.unwrap(), Err("gap"));
            }
        }
        check_counts(&topics, [(counter, 1), (Counter::GapFilled, 0)]);
        sleep(Duration::from_secs(2)).await;
        assert_eq!(read(&mut lost(&topics, &["t"])).await, Err("gap"));
        check_counts(&topics, [(counter, 2), (Counter::SnapshotsTaken, 0)]);
    }
    let topics = topics(|| -> std::future::Ready<Given> { panic!("at once") });
    assert_eq!(read(&mut lost(&topics, &["t"])).await, Err("gap"));
    check_counts(&topics, [(Counter::SnapshotsPanicked, 1), (Counter::SnapshotsTaken, 0)]);
    assert_eq!(read(&mut lost(&topics, &["another's"])).await, Err("gap"));
}

#[tokio::test(start_paused = true)]
async fn so_many_sources_run_at_once_and_the_others_wait_for_their_turn() {
    let running = Arc::new(AtomicUsize::new(0));
    let topics = topics(move || {
        let running = Arc::clone(&running);
        async move {
            assert!(running.fetch_add(1, Ordering::SeqCst) < LIMITS.at_once);
            sleep(Duration::from_secs(4)).await;
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(Vec::new())
        }
    });
    let readers = (0..9).map(|n| lost(&topics, &[&format!("t{n}")]));
    for reader in readers.map(|mut reader| tokio::spawn(async move { read(&mut reader).await })).collect::<Vec<_>>() {
        assert_eq!(reader.await.unwrap().as_deref(), Ok(""));
    }
    check_counts(&topics, [(Counter::SnapshotsTaken, 9), (Counter::GapFilled, 9)]);
}

#[tokio::test(start_paused = true)]
async fn a_private_topic_is_made_only_where_it_has_a_source() {
    let topics = topics(|| ready(Ok(vec![state("badge", 3)])));
    let look = |user: &str| {
        let private = vec![(To::user(user).topic().unwrap(), "f-7".parse().unwrap())];
        let mut subscriptions = lost(&topics, &[]).with_private(private);
        subscriptions.look().map(|_| subscriptions)
    };
    assert_eq!(look("v").map(drop).map_err(|gap| gap.0.user().map(str::to_owned)), Err(Some("v".to_owned())));
    assert_eq!(topics.count(), 0);
    assert_eq!(read(&mut look("u").unwrap()).await.as_deref(), Ok("badge3"));
}
