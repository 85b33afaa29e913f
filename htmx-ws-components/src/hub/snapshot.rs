//! What a topic shows now, from the application: for readers that its log cannot serve.
//!
//! A snapshot is no part of the log. It is the page rendered again, as far as the topic goes: a cursor is taken, *then* the source looks, and a reader gets what it gave and behind
//! it everything that was published since that cursor. So what is published while a source runs is neither lost nor overtaken by an older state, and a snapshot serves
//! every reader, whenever it came, as long as the log reaches back to that cursor.
//!
//! It is sent as a replay of a log of its own, with an epoch of its own: a page that is cut off in the middle comes back with a cursor that no hub knows, and asks again.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::hub::clock::Moment;
use crate::hub::log::{Gap, Log, Publication};
use crate::hub::reader::Reader;
use crate::hub::room::{Ledger, Weight};
use crate::hub::stats::{Counter, Counters};
use crate::hub::sync::{Mutex, MutexGuard};
use crate::hub::topics::Topics;
use crate::message::cursor::{Cursor, Version};
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

/// Begins to take a snapshot of a topic, if it is one that has them. What went wrong is a text for the log of the application.
pub(crate) type Source = Arc<dyn Fn(&Topic) -> Option<BoxFuture<'static, Result<Vec<Publication>, String>>> + Send + Sync>;

/// How snapshots are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SnapshotLimits {
    /// How long a source may take.
    pub(crate) timeout: Duration,
    /// How long a snapshot serves readers that come later, and a failure is not tried again.
    pub(crate) reuse_for: Duration,
    /// Sources that run at the same time.
    pub(crate) at_once: usize,
}

/// The snapshot sources of a hub: one call for each topic at a time, however many readers wait for it.
#[derive(Clone)]
pub(crate) struct Snapshots(Arc<Shared>);

struct Shared {
    sources: Vec<Source>,
    limits: SnapshotLimits,
    counters: Arc<Counters>,
    permits: Semaphore,
    calls: Mutex<HashMap<Topic, Arc<Call>>>,
}

/// One call of a source, for all who wait for it.
#[derive(Debug)]
pub(crate) struct Call {
    /// Taken before the source looked.
    from: Cursor,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    /// Those to wake when there is an answer.
    Pending(Vec<Arc<Reader>>),
    /// None where the source failed.
    Over(Option<Arc<Snapshot>>),
}

/// What became of a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    Pending,
    Failed,
    Ready(Arc<Snapshot>),
}

/// What a source gave, ready to be sent.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Where the log goes on behind it.
    pub(crate) end: Cursor,
    /// Each with where a reader stands in front of it. One at least, which may be of no frame.
    parts: Vec<(Cursor, Arc<Envelope>)>,
    /// What it takes is noted there as long as a reader needs it.
    ledger: Arc<Ledger>,
    bytes: usize,
}

impl Snapshots {
    pub(crate) fn new(sources: Vec<Source>, limits: SnapshotLimits, counters: Arc<Counters>) -> Self {
        let permits = Semaphore::new(limits.at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self(Arc::new(Shared { sources, limits, counters, permits, calls: Mutex::new(HashMap::new()) }))
    }

    /// A call whose snapshot a log with this floor can go on from, and that wakes `reader` when it is over. None where the topic has no source.
    pub(super) fn ask(&self, topics: &Topics, topic: &Topic, floor: Version, reader: &Arc<Reader>) -> Option<Arc<Call>> {
        let epoch = topics.epoch();
        let goes_on = |from: Cursor| from.epoch == epoch && from.version >= floor;
        let running = |calls: &HashMap<Topic, Arc<Call>>| calls.get(topic).filter(|call| goes_on(call.from)).cloned();
        let call = running(&self.calls());
        let call = if let Some(call) = call {
            call
        } else {
            // Before the source can look; and it is the application's, so it is begun without a lock.
            let from = topics.cursor();
            let source = self.source(topic)?;
            let mut calls = self.calls();
            // Another reader may have asked meanwhile.
            running(&calls).unwrap_or_else(|| {
                let call = Arc::new(Call::new(from));
                calls.insert(topic.clone(), Arc::clone(&call));
                tokio::spawn(self.clone().answer(topics.clone(), topic.clone(), source, Arc::clone(&call)));
                call
            })
        };
        call.wake_when_over(reader);
        Some(call)
    }

    /// From the first source that has snapshots of the topic. One that panics has none.
    fn source(&self, topic: &Topic) -> Option<BoxFuture<'static, Result<Vec<Publication>, String>>> {
        let begin = |source: &Source| std::panic::catch_unwind(AssertUnwindSafe(|| source(topic)));
        self.0.sources.iter().find_map(|source| {
            begin(source).unwrap_or_else(|_| {
                self.fail(Counter::SnapshotsPanicked, topic, "it panicked");
                None
            })
        })
    }

    /// Calls the source, and serves what it gave for a while.
    async fn answer(self, topics: Topics, topic: Topic, source: BoxFuture<'static, Result<Vec<Publication>, String>>, call: Arc<Call>) {
        let publications = self.call(&topic, source).await;
        let snapshot = publications.and_then(|publications| match topics.snapshot(&topic, publications, call.from) {
            Ok(snapshot) => {
                self.0.counters.count(Counter::SnapshotsTaken);
                Some(Arc::new(snapshot))
            }
            Err(problem) => {
                self.fail(Counter::SnapshotsFailed, &topic, &problem);
                None
            }
        });
        drop(topics);
        call.end(snapshot);
        sleep(self.0.limits.reuse_for).await;
        let mut calls = self.calls();
        if calls.get(&topic).is_some_and(|current| Arc::ptr_eq(current, &call)) {
            calls.remove(&topic);
        }
    }

    async fn call(&self, topic: &Topic, source: BoxFuture<'static, Result<Vec<Publication>, String>>) -> Option<Vec<Publication>> {
        // It is never closed.
        let _permit = self.0.permits.acquire().await.ok()?;
        let (counter, problem) = match timeout(self.0.limits.timeout, AssertUnwindSafe(source).catch_unwind()).await {
            Ok(Ok(Ok(publications))) => return Some(publications),
            Ok(Ok(Err(problem))) => (Counter::SnapshotsFailed, problem),
            Ok(Err(_)) => (Counter::SnapshotsPanicked, "it panicked".to_owned()),
            Err(_) => (Counter::SnapshotsTimedOut, format!("it took longer than {:?}", self.0.limits.timeout)),
        };
        self.fail(counter, topic, &problem);
        None
    }

    fn fail(&self, counter: Counter, topic: &Topic, problem: &str) {
        self.0.counters.count(counter);
        tracing::error!(name: "htmx_ws.snapshot_failed", target: "htmx_ws", topic = %topic.shown(), problem, "the snapshot source of a topic failed, so its pages refresh");
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<Topic, Arc<Call>>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    pub(super) fn new(from: Cursor) -> Self {
        Self { from, state: Mutex::new(State::Pending(Vec::new())) }
    }

    pub(super) fn wake_when_over(&self, reader: &Arc<Reader>) {
        if let State::Pending(readers) = &mut *self.lock() {
            readers.push(Arc::clone(reader));
        }
    }

    pub(super) fn end(&self, snapshot: Option<Arc<Snapshot>>) {
        // Whoever looks from now on sees it; whoever has looked before is woken.
        let before = std::mem::replace(&mut *self.lock(), State::Over(snapshot));
        if let State::Pending(readers) = before {
            for reader in readers {
                reader.wake();
            }
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match &*self.lock() {
            State::Pending(_) => Outcome::Pending,
            State::Over(None) => Outcome::Failed,
            State::Over(Some(snapshot)) => Outcome::Ready(Arc::clone(snapshot)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Snapshot {
    /// Of what a source gave, in a log of its own that was empty.
    pub(super) fn new(topic: &Topic, log: &Log, end: Cursor, ledger: Arc<Ledger>) -> Result<Self, Gap> {
        let mut parts = Vec::new();
        let mut from = end.of_snapshot();
        let mut next = log.replay(&from)?;
        while let Some(mut part) = next {
            next = log.replay(&part.to)?;
            if next.is_none() {
                part.to = end;
            }
            let to = part.to;
            parts.push((from, Arc::new(Envelope::new(topic.clone(), from, part))));
            from = to;
        }
        if parts.is_empty() {
            parts.push((from, Arc::new(Envelope::empty(topic.clone(), from, end))));
        }
        let bytes = parts.iter().map(|(_, envelope)| envelope.bytes()).sum();
        ledger.charge(Weight::default(), Weight { entries: 0, bytes });
        Ok(Self { end, parts, ledger, bytes })
    }

    /// What a reader gets next that stands there; none where nobody can stand.
    pub(super) fn part(&self, from: &Cursor) -> Option<Arc<Envelope>> {
        self.parts.iter().find(|(place, _)| place == from).map(|(_, envelope)| Arc::clone(envelope))
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.ledger.charge(Weight { entries: 0, bytes: self.bytes }, Weight::default());
    }
}

impl Topics {
    pub(crate) fn set_snapshots(&self, snapshots: Snapshots) {
        let _ = self.0.snapshots.set(snapshots);
    }

    /// Asks the application for what the topic shows now; none where it has no source of that. `reader` is woken when there is an answer.
    pub(super) fn ask(&self, topic: &Topic, floor: Version, reader: &Arc<Reader>) -> Option<Arc<Call>> {
        self.0.snapshots.get()?.ask(self, topic, floor, reader)
    }

    /// What a source gave, as a snapshot behind which the log goes on at `end`. It may have as much as a topic may have.
    pub(super) fn snapshot(&self, topic: &Topic, publications: Vec<Publication>, end: Cursor) -> Result<Snapshot, String> {
        self.check_sizes(&publications).map_err(|error| error.to_string())?;
        let mut log = Log::new(self.0.limits.retention, Version(0));
        let mut version = 0;
        for publication in publications {
            log.publish(publication, None, Moment::default(), &mut || {
                version += 1;
                Version(version)
            });
        }
        let snapshot = Snapshot::new(topic, &log, end, Arc::clone(&self.0.ledger));
        snapshot.map_err(|Gap| "it gave more than a topic may retain".to_owned())
    }
}

impl Debug for Snapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshots").field("sources", &self.0.sources.len()).field("calls", &self.calls().len()).finish()
    }
}
