//! A drain against connections that come, in every order of their steps.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loom::thread;

use crate::transport::connections::{Connections, NotAdmitted};
use crate::transport::registry::Shares;

const SHARES: Shares = Shares { per_user: 1, per_address: 1 };

#[test]
fn a_drain_against_an_admission() {
    loom::model(|| {
        let connections = Connections::new(10, SHARES, Duration::ZERO);
        let coming = {
            let connections = connections.clone();
            thread::spawn(move || connections.admit().map(|admission| drop((connections.open(), admission))).is_ok())
        };
        connections.begin_drain();
        let ended = std::pin::pin!(connections.all_ended());
        // Under loom what waits blocks.
        assert_eq!(ended.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
        let served_later = connections.admit().is_ok();
        coming.join().unwrap();
        assert!(!served_later && connections.open() == 0);
    });
}

#[test]
fn a_drain_waits_for_whom_it_did_not_refuse() {
    loom::model(|| {
        let connections = Connections::new(10, SHARES, Duration::ZERO);
        let served = std::sync::Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let coming = {
            let (connections, served) = (connections.clone(), std::sync::Arc::clone(&served));
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
        let ended = std::pin::pin!(connections.all_ended());
        assert_eq!(ended.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(()));
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
