//! A connection's places in its topics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::hub::log::Gap;
use crate::hub::publish::PublishError;
use crate::hub::topics::{TopicState, Topics};
use crate::message::cursor::Cursor;
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

/// The places of one connection in all its topics, and the one signal that wakes it.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    topics: Topics,
    list: Vec<Subscription>,
    /// Topics that need not be there, and from where on they are read as soon as they are.
    private: Vec<(Topic, Cursor)>,
    signal: Arc<Notify>,
    standings: Arc<Standings>,
}

/// A connection's place in one topic. Dropped, it is no reader of the topic any more.
#[derive(Debug)]
struct Subscription {
    standing: Arc<Standing>,
    reader: u64,
    /// Moves with every frame that was handed to the socket.
    cursor: Cursor,
}

/// Where a connection stands in one topic, seen from outside of its task.
#[derive(Debug)]
pub(crate) struct Standing {
    topic: Arc<TopicState>,
    /// That of the cursor.
    version: AtomicU64,
}

/// Where a connection stands in all its topics. The lock is held when a topic is added, and when someone looks; not when a frame is sent.
#[derive(Debug, Default)]
pub(crate) struct Standings(Mutex<Vec<Arc<Standing>>>);

impl Standings {
    fn add(&self, topic: Arc<TopicState>, cursor: &Cursor) -> Arc<Standing> {
        let standing = Arc::new(Standing { topic, version: AtomicU64::new(cursor.version.0) });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&standing));
        standing
    }

    /// Each topic, and how many versions the connection is behind it.
    pub(crate) fn lags(&self) -> Vec<(Topic, u64)> {
        let standings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        standings.iter().map(|standing| (standing.topic.name().clone(), standing.lag())).collect()
    }
}

impl Standing {
    fn lag(&self) -> u64 {
        self.topic.last().0.saturating_sub(self.version.load(Ordering::Relaxed))
    }
}

/// The log of a topic does not reach back to the connection's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicGap(pub(crate) Topic);

impl Subscriptions {
    /// Reads each topic from its cursor on. Registered before anything is read, so no change falls in between.
    pub(crate) fn new(topics: &Topics, starts: impl IntoIterator<Item = (Topic, Cursor)>) -> Result<Self, PublishError> {
        let (signal, standings) = (Arc::new(Notify::new()), Arc::<Standings>::default());
        let subscribe = |(name, cursor): (Topic, Cursor)| {
            let (topic, reader) = topics.read(&name, &signal)?;
            Ok(Subscription { standing: standings.add(topic, &cursor), reader, cursor })
        };
        let list = starts.into_iter().map(subscribe).collect::<Result<_, PublishError>>()?;
        Ok(Self { topics: topics.clone(), list, private: Vec::new(), signal, standings })
    }

    /// Reads these topics as well, as soon as somebody has published to them: see [`Subscriptions::look`].
    pub(crate) fn with_private(mut self, private: Vec<(Topic, Cursor)>) -> Self {
        self.private = private;
        self
    }

    /// Looks which of the private topics there are by now; true when one is read that was not. Who publishes to one calls whoever may read it, so nobody
    /// looks for nothing.
    pub(crate) fn look(&mut self) -> Result<bool, TopicGap> {
        let before = self.list.len();
        for (name, start) in std::mem::take(&mut self.private) {
            // What is published to a topic that is not there yet is newer than this.
            let present = self.topics.cursor();
            let found = self.topics.read_if_any(&name, &start, &self.signal).map_err(|Gap| TopicGap(name.clone()))?;
            let Some((topic, reader)) = found else {
                self.private.push((name, present));
                continue;
            };
            self.list.push(Subscription { standing: self.standings.add(topic, &start), reader, cursor: start });
        }
        Ok(self.list.len() > before)
    }

    /// Returns when something may have changed since the last [`Subscriptions::unread`]. Cancel-safe.
    pub(crate) async fn changed(&self) {
        self.signal.notified().await;
    }

    /// Where the connection stands, for whoever looks from outside.
    pub(crate) fn standings(&self) -> Arc<Standings> {
        Arc::clone(&self.standings)
    }

    /// How many topics are read.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What is unread of the topic at `index`.
    pub(crate) fn unread(&self, index: usize) -> Result<Option<Arc<Envelope>>, TopicGap> {
        self.list.get(index).map_or(Ok(None), Subscription::unread)
    }

    /// The frames up to `cursor` were handed over.
    pub(crate) fn advance(&mut self, index: usize, cursor: Cursor) {
        if let Some(subscription) = self.list.get_mut(index) {
            subscription.cursor = cursor;
            subscription.standing.version.store(cursor.version.0, Ordering::Relaxed);
        }
    }
}

impl Subscription {
    fn unread(&self) -> Result<Option<Arc<Envelope>>, TopicGap> {
        let is_current = self.cursor.partial.is_none() && self.standing.topic.last() <= self.cursor.version;
        if is_current {
            return Ok(None);
        }
        let topic = &self.standing.topic;
        topic.unread(&self.cursor).map_err(|Gap| TopicGap(topic.name().clone()))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.standing.topic.forget(self.reader);
    }
}
