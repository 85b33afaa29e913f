//! Each race between threads on the topics, in every order of its steps. What may not happen is that a reader waits for a change that is there, or
//! takes what it has for everything.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loom::thread;

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::patch::Patch;
use crate::hub::log::{Publication, Retention};
use crate::hub::reader::{Outlet, Reader, Taken, Traffic};
use crate::hub::snapshot::{Call, Outcome};
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::{Cursor, Epoch, Version};
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

const RETENTION: Retention = Retention {
    states: 100,
    state_bytes: 1 << 20,
    fences: 100,
    fence_bytes: 1 << 20,
    fences_for: Duration::MAX,
    part_patches: 40,
    part_bytes: 1 << 16,
};
const LIMITS: TopicLimits = TopicLimits {
    retention: RETENTION,
    topics: 10,
    patch_bytes: 1 << 20,
    bytes: 1 << 30,
    forget_idle_after: Duration::MAX,
    pass_interval: Duration::ZERO,
};

fn topics(limits: TopicLimits) -> Topics {
    Topics::new(Epoch(1), limits, Arc::default())
}

fn name(name: &str) -> Topic {
    Topic::new(name).unwrap()
}

/// Its version, if there was room for the topic.
fn publish(topics: &Topics, topic: &str, id: &str) -> Option<Version> {
    let patch = Patch::remove(DomId::new(id).unwrap());
    topics.publish(&name(topic), vec![Publication::Patch(patch)], None).ok()?.version()
}

/// As [`publish`], in a thread.
fn publisher(topics: &Topics, topic: &'static str, ids: &'static [&str]) -> thread::JoinHandle<Option<Version>> {
    let topics = topics.clone();
    thread::spawn(move || ids.iter().filter_map(|id| publish(&topics, topic, id)).last())
}

fn subscribe(topics: &Topics, names: &[&str], cursor: Cursor) -> Subscriptions {
    Subscriptions::new(topics, names.iter().map(|topic| (name(topic), cursor))).unwrap()
}

/// What the topic has for the reader, and where the reader then is. None where it has nothing.
fn read(subscriptions: &mut Subscriptions, index: usize) -> Option<(usize, Cursor)> {
    let part = subscriptions.unread(index).expect("nothing was evicted")?;
    let frames = part.frames(Htmx::V4);
    let cursor = frames.last().unwrap().cursor;
    subscriptions.advance(index, cursor);
    Some((frames.len(), cursor))
}

/// As a connection does: reads what there is, and else waits to be woken. One that is not woken is a deadlock, which loom reports.
fn read_up_to(subscriptions: &mut Subscriptions, mut reached: Version, end: Version) {
    while reached < end {
        match read(subscriptions, 0) {
            Some((_, cursor)) => reached = cursor.version(),
            None => wait(subscriptions.changed()),
        }
    }
}

/// Under loom what waits blocks, so one poll is enough.
fn wait(future: impl Future<Output = ()>) {
    assert_eq!(std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
}

#[test]
fn a_publish_against_a_subscribe() {
    loom::model(|| {
        let topics = topics(LIMITS);
        let publisher = publisher(&topics, "a", &["x"]);
        let cursor = topics.cursor();
        read_up_to(&mut subscribe(&topics, &["a"], cursor), cursor.version(), Version(1));
        publisher.join().unwrap();
    });
}

#[test]
fn a_publish_between_the_end_of_a_replay_and_the_wait() {
    loom::model(|| {
        let topics = topics(LIMITS);
        let cursor = topics.cursor();
        publish(&topics, "a", "x");
        let mut subscriptions = subscribe(&topics, &["a"], cursor);
        let publisher = publisher(&topics, "a", &["y", "z"]);
        read_up_to(&mut subscriptions, cursor.version(), Version(3));
        assert!(read(&mut subscriptions, 0).is_none());
        publisher.join().unwrap();
    });
}

/// Takes everything, and has the reader woken.
#[derive(Debug, Default)]
struct Taking(loom::sync::Mutex<usize>);

impl Outlet for Taking {
    fn take(&self, envelope: &Envelope, _: tokio::time::Instant, _: &Traffic) -> Taken {
        *self.0.lock().unwrap() += envelope.frames(Htmx::V4).len();
        Taken::Kept
    }
}

#[test]
fn publishes_against_a_reader_that_rests_and_resumes() {
    loom::model(|| {
        let topics = topics(LIMITS);
        let cursor = topics.cursor();
        let mut subscriptions = subscribe(&topics, &["a"], cursor);
        let publisher = publisher(&topics, "a", &["x", "y"]);
        let outlet = Arc::new(Taking::default());
        let mut frames = 0;
        while frames + *outlet.0.lock().unwrap() < 2 {
            match read(&mut subscriptions, 0) {
                Some((count, _)) => frames += count,
                None => {
                    subscriptions.rest(Arc::clone(&outlet) as Arc<dyn Outlet>);
                    wait(subscriptions.changed());
                    subscriptions.resume();
                }
            }
        }
        publisher.join().unwrap();
        assert_eq!(frames + *outlet.0.lock().unwrap(), 2, "each is handed over once");
        assert!(read(&mut subscriptions, 0).is_none());
    });
}

#[test]
fn two_readers_and_the_end_of_one() {
    loom::model(|| {
        let topics = topics(LIMITS);
        let cursor = topics.cursor();
        let leaving = subscribe(&topics, &["a"], cursor);
        let publisher = publisher(&topics, "a", &["x"]);
        let mut staying = subscribe(&topics, &["a"], cursor);
        drop(leaving);
        read_up_to(&mut staying, cursor.version(), Version(1));
        publisher.join().unwrap();
    });
}

#[test]
fn a_topic_given_up_against_a_subscribe() {
    let limits = TopicLimits { topics: 1, ..LIMITS };
    loom::model(move || {
        let topics = topics(limits);
        let cursor = topics.cursor();
        publish(&topics, "a", "x");
        // It takes the place of the other, where that has no reader.
        let publisher = publisher(&topics, "b", &["y"]);
        let subscriptions = subscribe(&topics, &["a"], cursor);
        assert!(!matches!(subscriptions.unread(0), Ok(None)), "what was published is read, or missed with a word");
        publisher.join().unwrap();
        assert!(!matches!(subscriptions.unread(0), Ok(None)));
        publish(&topics, "a", "z");
        wait(subscriptions.changed());
    });
}

#[test]
fn a_topic_given_up_against_a_publish_to_it() {
    let limits = TopicLimits { topics: 1, ..LIMITS };
    loom::model(move || {
        let topics = topics(limits);
        let cursor = topics.cursor();
        publish(&topics, "a", "x");
        let publisher = publisher(&topics, "b", &["y"]);
        let version = publish(&topics, "a", "z");
        publisher.join().unwrap();
        let subscriptions = subscribe(&topics, &["a"], cursor);
        // Whatever became of it, a page that was there before has it, or a gap.
        assert!(version.is_some() && !matches!(subscriptions.unread(0), Ok(None)));
    });
}

#[test]
fn an_eviction_for_memory_against_a_reader() {
    // There is room for the topic, and for little in it.
    let limits = TopicLimits { bytes: 2000, ..LIMITS };
    loom::model(move || {
        let topics = topics(limits);
        let cursor = topics.cursor();
        let mut subscriptions = subscribe(&topics, &["a"], cursor);
        let publisher = publisher(&topics, "a", &["x", "y", "z"]);
        let mut read = (0, cursor.version());
        while read.1 < Version(3) {
            match subscriptions.unread(0) {
                Err(_) => break,
                Ok(None) => wait(subscriptions.changed()),
                Ok(Some(part)) => {
                    let frames = part.frames(Htmx::V4);
                    let cursor = frames.last().unwrap().cursor;
                    subscriptions.advance(0, cursor);
                    read = (read.0 + frames.len(), cursor.version());
                }
            }
        }
        assert!(read.0 == 3 || subscriptions.unread(0).is_err(), "who has no gap has everything");
        publisher.join().unwrap();
    });
}

#[test]
fn a_cursor_of_the_hub_against_publishes_to_two_topics() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let topics = topics(LIMITS);
        let begin = topics.cursor();
        let publishers = [publisher(&topics, "a", &["x"]), publisher(&topics, "b", &["y"])];
        let cursor = topics.cursor();
        // Whoever took a version up to the cursor held a topic's lock, which registering waits for.
        let mut subscriptions = subscribe(&topics, &["a", "b"], begin);
        let read: usize = (0..2).filter_map(|index| read(&mut subscriptions, index)).map(|(frames, _)| frames).sum();
        assert!(read as u64 >= cursor.version().get(), "{read} of {cursor}");
        for publisher in publishers {
            publisher.join().unwrap();
        }
    });
}

#[test]
fn a_cursor_of_the_hub_under_the_lock_of_a_topic() {
    loom::model(|| {
        let topics = topics(LIMITS);
        publish(&topics, "a", "w");
        let state = topics.all().pop().unwrap();
        let publishers = [publisher(&topics, "a", &["x"]), publisher(&topics, "b", &["y"])];
        let (cursor, last) = {
            let inner = state.lock();
            (topics.cursor().version(), inner.log.last())
        };
        let [of_a, _] = publishers.map(|publisher| publisher.join().unwrap().unwrap());
        assert!(of_a > cursor || of_a <= last, "what a topic has up to the cursor is in its log");
    });
}

#[test]
fn the_end_of_a_topic_behind_its_last_patch_against_a_reader() {
    loom::model(|| {
        let topics = topics(LIMITS);
        let cursor = topics.cursor();
        let mut subscriptions = subscribe(&topics, &["a"], cursor);
        let publisher = {
            let topics = topics.clone();
            thread::spawn(move || {
                publish(&topics, "a", "x");
                topics.complete(&name("a")).unwrap();
            })
        };
        let mut reached = cursor.version();
        while !subscriptions.leave_complete() {
            match read(&mut subscriptions, 0) {
                Some((_, cursor)) => reached = cursor.version(),
                None => wait(subscriptions.changed()),
            }
        }
        assert_eq!(reached, Version(1), "who leaves a topic that is complete has all of it");
        publisher.join().unwrap();
    });
}

#[test]
fn the_end_of_a_call_against_a_reader_that_comes_to_wait_for_it() {
    loom::model(|| {
        let call = Arc::new(Call::new(Cursor::new(Epoch(1), Version(0))));
        let source = {
            let call = Arc::clone(&call);
            thread::spawn(move || call.end(None))
        };
        let reader = Arc::<Reader>::default();
        call.wake_when_over(&reader);
        while matches!(call.outcome(), Outcome::Pending) {
            wait(poll_fn(|context| reader.poll_woken(context)));
        }
        source.join().unwrap();
    });
}
