//! What this node publishes to the topics of a backplane, in its order for each topic.
//!
//! A record says behind which other one it is to stand, so one is on its way for each topic at a time, and what is published meanwhile shares the next. Whoever publishes much to one topic so
//! has fewer, larger records, not a longer wait.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::backplane::{AppendError, Engine, Position};
use crate::hub::publish::PublishError;
use crate::hub::replica::record::{Joined, Post};
use crate::hub::stats::{Counter, Counters};
use crate::message::topic::Topic;

/// Topics of which the last position is remembered while nothing is on its way.
const REMEMBERED: usize = 4096;

/// A cheap handle.
#[derive(Debug, Clone)]
pub(crate) struct Outbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    backplane: Arc<dyn Engine>,
    runtime: Handle,
    counters: Arc<Counters>,
    /// What may wait, over all topics.
    max_bytes: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    by_topic: HashMap<Topic, Queue>,
    /// What waits.
    bytes: usize,
    /// All that was posted since somebody last waited for what was posted has a clone of the first: the second ends when all of it is settled.
    unsettled: (mpsc::Sender<Infallible>, mpsc::Receiver<Infallible>),
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// A task has it in hand.
    is_taken: bool,
    /// The topic's last record, as far as is known here.
    last: Position,
}

#[derive(Debug)]
struct Waiting {
    post: Post,
    done: oneshot::Sender<Result<Position, AppendError>>,
    _unsettled: mpsc::Sender<Infallible>,
}

impl Outbox {
    /// Records are appended by tasks of `runtime`; at most so many bytes wait for that.
    pub(crate) fn new(backplane: Arc<dyn Engine>, runtime: Handle, counters: Arc<Counters>, max_bytes: usize) -> Self {
        let inner = Inner { by_topic: HashMap::new(), bytes: 0, unsettled: mpsc::channel(1) };
        Self(Arc::new(Shared { backplane, runtime, counters, max_bytes, inner: Mutex::new(inner) }))
    }

    /// Appends it behind all that was posted to the topic before. The receiver is told what became of it; dropped, nobody is.
    ///
    /// # Errors
    /// Where it is too large for a record, or too much waits already: nothing is appended then.
    pub(crate) fn post(&self, topic: &Topic, post: Post) -> Result<oneshot::Receiver<Result<Position, AppendError>>, AppendError> {
        let limit = self.0.backplane.max_bytes();
        if !Joined::new(limit).take(&post) {
            let bytes = post.bytes();
            return Err(AppendError::Refused(format!("{bytes} bytes are more than the {limit} of a record; publish smaller components")));
        }
        let (done, told) = oneshot::channel();
        let mut inner = self.0.lock();
        if inner.bytes + post.bytes() > self.0.max_bytes {
            return Err(AppendError::Refused(format!("{} bytes wait for the backplane already", inner.bytes)));
        }
        inner.bytes += post.bytes();
        let unsettled = inner.unsettled.0.clone();
        let queue = inner.by_topic.entry(topic.clone()).or_default();
        queue.waiting.push_back(Waiting { post, done, _unsettled: unsettled });
        if !std::mem::replace(&mut queue.is_taken, true) {
            self.0.runtime.spawn(Arc::clone(&self.0).send(topic.clone()));
        }
        Ok(told)
    }

    /// The bytes that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.0.lock().bytes
    }

    /// As long as this is there, not all is settled that was posted before it was taken.
    pub(crate) fn unsettled(&self) -> mpsc::Sender<Infallible> {
        self.0.lock().unsettled.0.clone()
    }

    /// Returns when it is known what became of all that was posted before.
    pub(crate) async fn settled(&self) {
        let (_, mut unsettled) = std::mem::replace(&mut self.0.lock().unsettled, mpsc::channel(1));
        // Nothing is ever sent: it ends with the last of them.
        while unsettled.recv().await.is_some() {}
    }
}

impl Shared {
    /// Short: nothing is awaited under it.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(self: Arc<Self>, topic: Topic) {
        while let Some((record, waiting, last)) = self.next(&topic) {
            let outcome = self.append(&topic, record, last).await;
            if let (Ok(position), Some(queue)) = (&outcome, self.lock().by_topic.get_mut(&topic)) {
                queue.last = *position;
            }
            if let Err(error) = &outcome {
                let error = PublishError::of(&topic, error);
                for _ in &waiting {
                    self.counters.count(Counter::PublishFailed);
                }
                tracing::error!(name: "htmx_ws.publish_failed", target: "htmx_ws", %error, "nothing was published, or that is not known");
            }
            for Waiting { done, .. } in waiting {
                // Whoever does not wait for it does not hear of it.
                let _ = done.send(outcome.clone());
            }
        }
    }

    /// What goes into the next record; none when there is nothing, and then the queue is nobody's.
    fn next(&self, topic: &Topic) -> Option<(Bytes, Vec<Waiting>, Position)> {
        let mut inner = self.lock();
        let Inner { by_topic, bytes, .. } = &mut *inner;
        let queue = by_topic.get_mut(topic)?;
        let (mut joined, mut taken) = (Joined::new(self.backplane.max_bytes()), Vec::new());
        while queue.waiting.front().is_some_and(|waiting| joined.take(&waiting.post)) {
            taken.extend(queue.waiting.pop_front());
        }
        *bytes -= taken.iter().map(|waiting: &Waiting| waiting.post.bytes()).sum::<usize>();
        if taken.is_empty() {
            queue.is_taken = false;
            if by_topic.len() > REMEMBERED {
                by_topic.retain(|_, queue| queue.is_taken);
            }
            return None;
        }
        let last = queue.last;
        Some((joined.into_record(), taken, last))
    }

    /// Tries until it stands behind the last record: each time that it does not, somebody else's was taken.
    async fn append(&self, topic: &Topic, record: Bytes, mut last: Position) -> Result<Position, AppendError> {
        loop {
            match self.backplane.append(topic, record.clone(), last).await {
                Err(AppendError::Overtaken { last: other }) => last = other,
                outcome => return outcome,
            }
        }
    }
}
