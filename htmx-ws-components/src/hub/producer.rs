//! Tasks that run only while a topic has readers.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::Instrument;

use crate::hub::replica::claim::Claim;
use crate::hub::replica::membership::Membership;
use crate::hub::stats::{Counter, Counters};
use crate::hub::topics::TopicState;
use crate::message::topic::Topic;

/// Makes the task of a topic, if it is one that has a task.
pub(crate) type Factory = Arc<dyn Fn(&Topic) -> Option<BoxFuture<'static, ()>> + Send + Sync>;

/// The wait before a task that panicked starts again, from the first time on.
const BACKOFF: Duration = Duration::from_secs(1);
/// The longest such wait.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// The producers of a hub: one task at most for each topic, however many readers come at once.
#[derive(Clone)]
pub(crate) struct Producers(Arc<Shared>);

struct Shared {
    factories: Vec<Factory>,
    /// How long a task goes on without a reader: longer than a page takes to load anew.
    linger: Duration,
    counters: Arc<Counters>,
    /// There where other nodes have the same topics: one of them runs the task of each.
    members: Option<Membership>,
    /// The topics with a task.
    supervised: Mutex<HashMap<Topic, Arc<Supervised>>>,
    /// The tasks that run now: without those that wait to start again, and those that have come to their end.
    running: AtomicUsize,
}

/// A topic with a task.
struct Supervised {
    /// As it is in this life of the backplane.
    topic: Mutex<Arc<TopicState>>,
    /// Wakes the supervisor when readers come or go.
    called: Notify,
}

impl Supervised {
    fn topic(&self) -> Arc<TopicState> {
        Arc::clone(&self.topic.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who leaves a topic of a life that is over says nothing of the present one.
    fn readers_changed(&self, topic: &Arc<TopicState>) {
        if !topic.is_past() {
            *self.topic.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(topic);
        }
        self.called.notify_one();
    }
}

/// A task runs.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Producers {
    pub(crate) fn new(factories: Vec<Factory>, linger: Duration, counters: Arc<Counters>, members: Option<Membership>) -> Self {
        Self(Arc::new(Shared { factories, linger, counters, members, supervised: Mutex::default(), running: AtomicUsize::new(0) }))
    }

    /// How many tasks run.
    pub(crate) fn running(&self) -> usize {
        self.0.running.load(Ordering::Relaxed)
    }

    /// Whether the topic has a task.
    pub(crate) fn have(&self, topic: &Topic) -> bool {
        !self.0.factories.is_empty() && self.supervised().contains_key(topic)
    }

    /// Readers of the topic have come or gone. Called without the topic's lock, by whoever it was; so what counts is what the supervisor sees then.
    pub(crate) fn readers_changed(&self, topic: &Arc<TopicState>) {
        if self.0.factories.is_empty() {
            return;
        }
        let mut supervised = self.supervised();
        if let Some(supervisor) = supervised.get(topic.name()) {
            supervisor.readers_changed(topic);
            return;
        }
        if topic.readers() == 0 {
            return;
        }
        let Some(task) = self.task(topic.name()) else { return };
        let it = Arc::new(Supervised { topic: Mutex::new(Arc::clone(topic)), called: Notify::new() });
        supervised.insert(topic.name().clone(), Arc::clone(&it));
        let (producers, name) = (self.clone(), topic.name().clone());
        tokio::spawn(async move {
            let span = tracing::debug_span!(target: "htmx_ws", "htmx_ws.producer", topic = %name);
            producers.supervise(name, it, task).instrument(span).await;
        });
    }

    /// The task of a topic, out of the first factory that has one. A factory that panics has none.
    fn task(&self, topic: &Topic) -> Option<BoxFuture<'static, ()>> {
        let make = |factory: &Factory| {
            std::panic::catch_unwind(AssertUnwindSafe(|| factory(topic))).unwrap_or_else(|_| {
                self.0.counters.count(Counter::ProducersPanicked);
                None
            })
        };
        self.0.factories.iter().find_map(make)
    }

    /// Runs the task of a topic until nobody reads it any more.
    async fn supervise(self, name: Topic, it: Arc<Supervised>, first: BoxFuture<'static, ()>) {
        let claim = self.0.members.as_ref().map(|members| members.claim(&name));
        let mut backoff = BACKOFF;
        let mut task = Some(first);
        while let Some(current) = task {
            let began = Instant::now();
            let outcome = self.run(current, &name, &it, claim.as_ref()).await;
            match outcome {
                None => {}
                // It has come to its end: it is not wanted again before readers come anew.
                Some(Ok(())) => self.until_unread(&it).await,
                Some(Err(_)) => {
                    self.0.counters.count(Counter::ProducersPanicked);
                    backoff = if began.elapsed() > MAX_BACKOFF { BACKOFF } else { backoff };
                    tracing::error!(name: "htmx_ws.producer_panicked", target: "htmx_ws", topic = %name, retry = ?backoff, "the producer of a topic panicked");
                    tokio::select! {
                        () = sleep(backoff) => {}
                        () = self.until_unread(&it) => {}
                    }
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
            }
            // Under the lock of those who start one: a reader that comes now either is seen here, or finds no supervisor and starts the next.
            let mut supervised = self.supervised();
            if it.topic().readers() == 0 {
                supervised.remove(&name);
                return;
            }
            drop(supervised);
            task = self.task(&name);
        }
        self.supervised().remove(&name);
    }

    /// Runs the task once, as soon as it is this node's turn: to its end, until it panics, or, with no outcome, until nobody reads the topic here any more or another node runs it.
    async fn run(
        &self,
        task: BoxFuture<'static, ()>,
        name: &Topic,
        it: &Supervised,
        claim: Option<&Claim>,
    ) -> Option<std::thread::Result<()>> {
        tokio::select! {
            () = until_held(claim) => {}
            () = self.until_unread(it) => return None,
        }
        self.0.counters.count(Counter::ProducersStarted);
        tracing::debug!(name: "htmx_ws.producer_started", target: "htmx_ws", topic = %name, "the producer of a topic starts");
        let running = Running::begin(&self.0.running);
        let (outcome, reason) = tokio::select! {
            outcome = AssertUnwindSafe(task).catch_unwind() => {
                let reason = if outcome.is_ok() { "ended" } else { "panicked" };
                (Some(outcome), reason)
            }
            () = self.until_unread(it) => (None, "unread"),
            () = until_lost(claim) => (None, "moved"),
        };
        drop(running);
        tracing::debug!(name: "htmx_ws.producer_stopped", target: "htmx_ws", topic = %name, reason, "the producer of a topic stops");
        outcome
    }

    /// Returns when nobody has read the topic for as long as a task lingers.
    async fn until_unread(&self, it: &Supervised) {
        loop {
            if it.topic().readers() > 0 {
                it.called.notified().await;
                continue;
            }
            let deadline = Instant::now() + self.0.linger;
            tokio::select! {
                () = sleep_until(deadline) => if it.topic().readers() == 0 { return },
                () = it.called.notified() => {}
            }
        }
    }

    fn supervised(&self) -> MutexGuard<'_, HashMap<Topic, Arc<Supervised>>> {
        self.0.supervised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns when the task is this node's to run: at once where there are no others.
async fn until_held(claim: Option<&Claim>) {
    if let Some(claim) = claim {
        claim.held().await;
    }
}

/// Returns when another node may run it: never where there are no others.
async fn until_lost(claim: Option<&Claim>) {
    match claim {
        Some(claim) => claim.lost().await,
        None => std::future::pending().await,
    }
}

impl Debug for Producers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producers").field("factories", &self.0.factories.len()).field("running", &self.running()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use super::*;
    use crate::hub::log::Retention;
    use crate::hub::subscription::Subscriptions;
    use crate::hub::topics::{TopicLimits, Topics};
    use crate::message::cursor::Epoch;

    const LINGER: Duration = Duration::from_secs(10);

    /// How many tasks run now, and how many were started.
    #[derive(Clone, Default)]
    struct Tasks {
        running: Arc<AtomicUsize>,
        counters: Arc<Counters>,
    }

    struct Alive(Arc<AtomicUsize>);

    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Tasks {
        /// A hub with a producer for the topics that begin with `t`, which does `then` as soon as it runs.
        fn hub<Fut: Future<Output = ()> + Send>(&self, then: impl Fn() -> Fut + Clone + Send + Sync + 'static) -> Topics {
            let retention = Retention {
                states: 9,
                state_bytes: 999,
                fences: 9,
                fence_bytes: 999,
                fences_for: LINGER,
                part_patches: 9,
                part_bytes: 999,
            };
            let topics = Topics::new(
                Epoch(1),
                TopicLimits {
                    retention,
                    topics: 9,
                    patch_bytes: 999,
                    bytes: 1 << 20,
                    forget_idle_after: 1000 * LINGER,
                    pass_interval: Duration::ZERO,
                },
                Arc::clone(&self.counters),
            );
            let running = Arc::clone(&self.running);
            let factory: Factory = Arc::new(move |topic| {
                let (running, then) = (Arc::clone(&running), then.clone());
                topic.as_str().starts_with('t').then(|| {
                    async move {
                        running.fetch_add(1, Ordering::SeqCst);
                        let _alive = Alive(running);
                        then().await;
                    }
                    .boxed()
                })
            });
            topics.set_producers(Producers::new(vec![factory], LINGER, Arc::clone(&self.counters), None));
            topics
        }

        async fn after(&self, seconds: u64) -> (usize, u64) {
            sleep(Duration::from_secs(seconds)).await;
            tokio::task::yield_now().await;
            (self.running.load(Ordering::SeqCst), self.counters.get(Counter::ProducersStarted))
        }
    }

    fn read(topics: &Topics, name: &str) -> Subscriptions {
        Subscriptions::new(topics, [(Topic::new(name).unwrap(), topics.cursor())]).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_one_task_while_there_are_readers_and_for_a_while_behind_the_last() {
        let tasks = Tasks::default();
        let topics = tasks.hub(std::future::pending);
        let readers: Vec<_> = (0..100).map(|_| read(&topics, "t")).collect();
        let other = read(&topics, "another's");
        assert_eq!(tasks.after(1).await, (1, 1));
        drop(readers);
        assert_eq!(tasks.after(9).await, (1, 1), "it lingers");
        let back = read(&topics, "t");
        assert_eq!(tasks.after(60).await, (1, 1), "the reader who came back found it");
        drop((back, other));
        assert_eq!(tasks.after(11).await, (0, 1));
        let _again = read(&topics, "t");
        assert_eq!(tasks.after(0).await, (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_panics_starts_again_later_and_later() {
        let tasks = Tasks::default();
        let topics = tasks.hub(|| async { panic!("as it was told") });
        let reader = read(&topics, "t");
        // At 0, 1, 3, 7, 15, 31 and 63 seconds, and then every minute.
        for (seconds, started) in [(0, 1), (2, 2), (2, 3), (4, 4), (24, 6), (40, 7), (60, 8)] {
            assert_eq!(tasks.after(seconds).await, (0, started));
        }
        assert_eq!(tasks.counters.get(Counter::ProducersPanicked), 8);
        drop(reader);
        assert_eq!(tasks.after(600).await, (0, 8));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_has_ended_is_not_started_again_for_the_same_readers() {
        let tasks = Tasks::default();
        let topics = tasks.hub(|| std::future::ready(()));
        let reader = read(&topics, "t");
        assert_eq!(tasks.after(600).await, (0, 1));
        drop(reader);
        assert_eq!(tasks.after(11).await, (0, 1));
        let _again = read(&topics, "t");
        assert_eq!(tasks.after(1).await, (0, 2));
    }
}
