//! Passes in paused time, and what becomes of them where their runtime ends.

// There are no tasks there.
#![cfg(not(htmx_ws_loom))]

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::log::{Publication, Retention};
use crate::hub::reader::{Outlet, Taken, Traffic};
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

const INTERVAL: Duration = Duration::from_millis(16);

fn topics() -> Topics {
    let (long, large) = (Duration::from_secs(1 << 20), 1 << 30);
    let retention = Retention {
        states: 9999,
        state_bytes: large,
        fences: 9999,
        fence_bytes: large,
        fences_for: long,
        part_patches: 12,
        part_bytes: 4096,
    };
    let limits = TopicLimits { retention, topics: 9, patch_bytes: large, bytes: large, forget_idle_after: long, pass_interval: INTERVAL };
    Topics::new(Epoch(1), limits, Arc::default())
}

fn topic() -> Topic {
    Topic::new("t").unwrap()
}

fn publish(topics: &Topics, text: usize, nesting: Nesting) {
    let fragment = Fragment::new(DomId::new("x").unwrap(), format!("<p>{text}</p>"), nesting).unwrap();
    topics.publish(&topic(), vec![Publication::Patch(Patch::Replace(fragment))], None).unwrap();
}

fn subscribe(topics: &Topics) -> Subscriptions {
    Subscriptions::new(topics, [(topic(), topics.cursor())]).unwrap()
}

/// Notes when it was handed what, and answers as it is told.
#[derive(Debug)]
struct Noting {
    answer: Taken,
    handed: Mutex<Vec<(Instant, String)>>,
}

impl Noting {
    fn new(answer: Taken) -> Arc<Self> {
        Arc::new(Self { answer, handed: Mutex::default() })
    }

    fn texts(&self) -> Vec<String> {
        self.handed.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }
}

impl Outlet for Noting {
    fn take(&self, envelope: &Envelope, now: Instant, _: &Traffic) -> Taken {
        if self.answer != Taken::Nothing {
            let frames = envelope.frames(Htmx::V4);
            let texts = frames.iter().filter_map(|frame| Some(std::str::from_utf8(&frame.text).unwrap().split_once("<p")?.1.to_owned()));
            let mut handed = self.handed.lock().unwrap();
            handed.extend(texts.map(|text| (now, text.split(['>', '<']).nth(1).unwrap_or_default().to_owned())));
        }
        self.answer
    }
}

fn is_woken(subscriptions: &Subscriptions) -> bool {
    subscriptions.reader().poll_woken(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[tokio::test(start_paused = true)]
async fn who_rests_is_handed_what_is_new_and_not_woken() {
    let topics = topics();
    let readers: Vec<(Subscriptions, Arc<Noting>)> = (0..1000).map(|_| (subscribe(&topics), Noting::new(Taken::All))).collect();
    for (subscriptions, outlet) in &readers {
        subscriptions.rest(Arc::clone(outlet) as Arc<dyn Outlet>);
    }
    for text in 0..3 {
        publish(&topics, text, Nesting::Branch);
    }
    sleep(INTERVAL).await;
    for (subscriptions, outlet) in &readers {
        assert_eq!(outlet.texts(), ["0", "1", "2"]);
        assert!(!is_woken(subscriptions) && !subscriptions.is_behind());
        assert!(subscriptions.unread(0).unwrap().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_changes_all_the_time_is_passed_on_once_in_an_interval() {
    let topics = topics();
    let (subscriptions, outlet) = (subscribe(&topics), Noting::new(Taken::All));
    subscriptions.rest(Arc::clone(&outlet) as Arc<dyn Outlet>);
    let began = Instant::now();
    for text in 0..=1000 {
        publish(&topics, text, Nesting::Leaf);
        sleep(Duration::from_micros(160)).await;
    }
    sleep(INTERVAL).await;
    let handed = outlet.handed.lock().unwrap();
    assert_eq!(handed.first().map(|(at, _)| *at - began), Some(Duration::ZERO), "the first one at once");
    assert_eq!(handed.last().map(|(_, text)| text.as_str()), Some("1000"), "and the last one");
    assert!(handed.windows(2).all(|pair| pair[1].0 - pair[0].0 >= INTERVAL));
}

#[tokio::test(start_paused = true)]
async fn who_cannot_take_it_is_woken_and_goes_on_where_it_was() {
    for (answer, unread) in [(Taken::Nothing, true), (Taken::Kept, false)] {
        let topics = topics();
        let (subscriptions, outlet) = (subscribe(&topics), Noting::new(answer));
        subscriptions.rest(Arc::clone(&outlet) as Arc<dyn Outlet>);
        publish(&topics, 7, Nesting::Branch);
        poll_fn(|context| subscriptions.reader().poll_woken(context)).await;
        subscriptions.resume();
        assert_eq!(subscriptions.unread(0).unwrap().is_some(), unread);
        // Once it works itself, it is only woken.
        publish(&topics, 8, Nesting::Branch);
        poll_fn(|context| subscriptions.reader().poll_woken(context)).await;
        assert_eq!(outlet.texts().len(), usize::from(!unread));
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_topic_and_long_replays_of_states_are_the_connections_to_see_to() {
    let topics = topics();
    let (subscriptions, outlet) = (subscribe(&topics), Noting::new(Taken::All));
    subscriptions.rest(Arc::clone(&outlet) as Arc<dyn Outlet>);
    for id in 0..20 {
        let fragment = Fragment::new(DomId::new(&format!("x{id}")).unwrap(), "<p></p>".to_owned(), Nesting::Leaf).unwrap();
        topics.publish(&topic(), vec![Publication::Patch(Patch::Replace(fragment))], None).unwrap();
    }
    poll_fn(|context| subscriptions.reader().poll_woken(context)).await;
    assert!(subscriptions.is_behind(), "the first twelve were handed over, the others wait until a page can show them");
    topics.complete(&topic()).unwrap();
    assert!(is_woken(&subscriptions));
}

#[test]
fn readers_of_a_runtime_that_has_ended_are_woken() {
    let topics = topics();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let subscriptions = runtime.block_on(async { subscribe(&topics) });
    drop(runtime);
    for text in 0..2 {
        publish(&topics, text, Nesting::Branch);
        assert!(is_woken(&subscriptions));
    }
}

#[test]
fn readers_that_fell_behind_at_different_places_come_to_share() {
    let topics = topics();
    let cursors: Vec<_> = (0..400)
        .map(|text| {
            publish(&topics, text, Nesting::Branch);
            topics.cursor()
        })
        .collect();
    // Which envelopes each of them is given, of those that are not the first.
    let given = |cursor| {
        let mut subscriptions = Subscriptions::new(&topics, [(topic(), cursor)]).unwrap();
        let mut given = Vec::new();
        while let Some(envelope) = subscriptions.unread(0).unwrap() {
            subscriptions.advance(0, envelope.to());
            given.push(envelope);
        }
        given.split_off(1)
    };
    let (one, other) = (given(cursors[3]), given(cursors[11]));
    assert!(one.len() > 2 && one.len() == other.len());
    assert!(one.iter().zip(&other).all(|(one, other)| Arc::ptr_eq(one, other)));
}
