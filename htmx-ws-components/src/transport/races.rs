//! What comes from outside against connections that come, in every order of their steps.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loom::thread;

use crate::html::patch::Patch;
use crate::hub::log::{Publication, Retention};
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::Epoch;
use crate::message::recipient::PageId;
use crate::message::topic::Topic;
use crate::transport::connections::{Connections, NotAdmitted};
use crate::transport::registry::{Identity, Registry, Shares};

const SHARES: Shares = Shares { per_user: 1, per_address: 1 };

/// Under loom what waits blocks, so one poll is enough.
fn wait(future: impl Future<Output = ()>) {
    assert_eq!(std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
}

#[test]
fn a_drain_against_an_admission() {
    loom::model(|| {
        let connections = Connections::new(10, SHARES, Duration::ZERO);
        let coming = {
            let connections = connections.clone();
            thread::spawn(move || connections.admit().map(|admission| drop((connections.open(), admission))).is_ok())
        };
        connections.begin_drain();
        wait(connections.all_ended());
        let served_later = connections.admit().is_ok();
        coming.join().unwrap();
        assert!(!served_later && connections.open() == 0);
    });
}

#[test]
fn a_drain_waits_for_whom_it_did_not_refuse() {
    loom::model(|| {
        let connections = Connections::new(10, SHARES, Duration::ZERO);
        let served = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let coming = {
            let (connections, served) = (connections.clone(), Arc::clone(&served));
            thread::spawn(move || {
                if let Ok(admission) = connections.admit() {
                    served.fetch_add(1, loom::sync::atomic::Ordering::SeqCst);
                    thread::yield_now();
                    served.fetch_sub(1, loom::sync::atomic::Ordering::SeqCst);
                    drop(admission);
                    return true;
                }
                false
            })
        };
        connections.begin_drain();
        wait(connections.all_ended());
        let is_served = served.load(loom::sync::atomic::Ordering::SeqCst);
        // It may come to be served only if it had its token before, and then the drain waited.
        assert_eq!(is_served, 0);
        coming.join().unwrap();
        assert_eq!(served.load(loom::sync::atomic::Ordering::SeqCst), 0);
    });
}

#[test]
fn two_admissions_for_one_place() {
    loom::model(|| {
        let connections = Connections::new(1, SHARES, Duration::ZERO);
        let other = {
            let connections = connections.clone();
            thread::spawn(move || connections.admit())
        };
        let own = connections.admit();
        let other = other.join().unwrap();
        let admitted = [&own, &other].iter().filter(|admission| admission.is_ok()).count();
        assert_eq!(admitted, 1);
        assert!([&own, &other].iter().all(|admission| !matches!(admission, Err(NotAdmitted::Draining))));
        drop((own, other));
        assert!(connections.admit().is_ok(), "the place is free again");
    });
}

const RETENTION: Retention = Retention {
    states: 9,
    state_bytes: 1 << 20,
    fences: 9,
    fence_bytes: 1 << 20,
    fences_for: Duration::MAX,
    part_patches: 9,
    part_bytes: 1 << 16,
};
const LIMITS: TopicLimits = TopicLimits {
    retention: RETENTION,
    topics: 9,
    patch_bytes: 1 << 20,
    bytes: 1 << 30,
    forget_idle_after: Duration::MAX,
    pass_interval: Duration::ZERO,
};

#[test]
fn the_first_publish_to_a_user_against_a_page_of_theirs_that_connects() {
    loom::model(|| {
        let topics = Topics::new(Epoch(1), LIMITS, Arc::default());
        let registry = Arc::new(Registry::default());
        let private = Topic::private("user", &"ann").unwrap();
        let start = topics.cursor();
        let publisher = {
            let (topics, registry, private) = (topics.clone(), Arc::clone(&registry), private.clone());
            thread::spawn(move || {
                topics.publish(&private, vec![Publication::Patch(Patch::Refresh)], None).unwrap();
                registry.of(&private).iter().for_each(|handle| handle.call());
            })
        };
        let identity = Identity { page: PageId(7), user: None, session: None, address: None, private: [private.clone()].into() };
        let registration = registry.register(identity, SHARES).unwrap();
        let mut subscriptions =
            Subscriptions::woken(Arc::clone(registration.handle.reader()), &topics, []).unwrap().with_private(vec![(private, start)]);
        // One that is neither seen nor called waits for ever, which loom reports.
        while !subscriptions.look().unwrap() {
            wait(poll_fn(|context| registration.handle.reader().poll_woken(context)));
        }
        // The topic is there a moment before what is published to it.
        while subscriptions.unread(0).unwrap().is_none() {
            wait(subscriptions.changed());
        }
        publisher.join().unwrap();
    });
}
