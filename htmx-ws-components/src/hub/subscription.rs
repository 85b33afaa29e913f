//! A connection's places in its topics.

use std::sync::Arc;

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
    list: Vec<Subscription>,
    signal: Arc<Notify>,
}

/// A connection's place in one topic. Dropped, it is no reader of the topic any more.
#[derive(Debug)]
struct Subscription {
    topic: Arc<TopicState>,
    reader: u64,
    /// Moves with every frame that was handed to the socket.
    cursor: Cursor,
}

/// The log of a topic does not reach back to the connection's cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicGap(pub(crate) Topic);

impl Subscriptions {
    /// Reads each topic from its cursor on. Registered before anything is read, so no change falls in between.
    pub(crate) fn new(topics: &Topics, starts: impl IntoIterator<Item = (Topic, Cursor)>) -> Result<Self, PublishError> {
        let signal = Arc::new(Notify::new());
        let subscribe = |(name, cursor): (Topic, Cursor)| {
            let (topic, reader) = topics.read(&name, &signal)?;
            Ok(Subscription { topic, reader, cursor })
        };
        let list = starts.into_iter().map(subscribe).collect::<Result<_, PublishError>>()?;
        Ok(Self { list, signal })
    }

    /// Returns when something may have changed since the last [`Subscriptions::unread`]. Cancel-safe.
    pub(crate) async fn changed(&self) {
        self.signal.notified().await;
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
        }
    }
}

impl Subscription {
    fn unread(&self) -> Result<Option<Arc<Envelope>>, TopicGap> {
        let is_current = self.cursor.partial.is_none() && self.topic.last() <= self.cursor.version;
        if is_current {
            return Ok(None);
        }
        self.topic.unread(&self.cursor).map_err(|Gap| TopicGap(self.topic.name().clone()))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.topic.forget(self.reader);
    }
}
