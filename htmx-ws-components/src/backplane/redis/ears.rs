//! What listens for all followers of a node together: one connection, subscribed to the channels of the topics that are followed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use tokio::sync::{Notify, mpsc, watch};

use super::life::Seen;
use super::message::Linked;
use super::names::TopicKeys;
use crate::message::topic::Topic;

/// Channels of one subscription: a question that is answered at once, also where a node comes back with many.
const CHANNELS: usize = 500;
/// What may wait for a follower that is slow; what is more it reads itself.
const WAITING: usize = 64;

#[derive(Debug)]
pub(super) struct Ears {
    pub(super) seen: Arc<Seen>,
    inner: Mutex<Inner>,
    /// Told where somebody has come or gone.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    channels: HashMap<String, Channel>,
    /// Channels that somebody came to first, or left last.
    touched: HashSet<String>,
}

#[derive(Debug)]
struct Channel {
    topic: Topic,
    followers: Vec<(u64, mpsc::Sender<Arc<Linked>>)>,
    known: watch::Sender<Known>,
}

/// What all followers of a topic know of it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Known {
    /// The connection that is subscribed to it.
    pub(super) connection: u64,
    /// A record that is there, whoever has heard it.
    pub(super) there: u64,
}

/// A follower's place among them, while it has it.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    channel: String,
    ears: Arc<Ears>,
    pub(super) heard: mpsc::Receiver<Arc<Linked>>,
    pub(super) known: watch::Receiver<Known>,
}

impl Place {
    pub(super) fn new(ears: &Arc<Ears>, topic: &Topic, keys: &TopicKeys) -> Self {
        let (sender, heard) = mpsc::channel(WAITING);
        let name = keys.channel.clone();
        let (number, known) = ears.with(|inner| {
            inner.next += 1;
            let channel = inner.channels.entry(name.clone()).or_insert_with(|| {
                inner.touched.insert(name.clone());
                Channel { topic: topic.clone(), followers: Vec::new(), known: watch::Sender::default() }
            });
            channel.followers.push((inner.next, sender));
            (inner.next, channel.known.subscribe())
        });
        ears.changed.notify_one();
        Self { number, channel: name, ears: Arc::clone(ears), heard, known }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ears.with(|inner| {
            let Some(channel) = inner.channels.get_mut(&self.channel) else { return };
            channel.followers.retain(|(number, _)| *number != self.number);
            if channel.followers.is_empty() {
                inner.channels.remove(&self.channel);
                inner.touched.insert(self.channel.clone());
            }
        });
        self.ears.changed.notify_one();
    }
}

/// What the connection is to be told.
struct Changes {
    begin: Vec<String>,
    end: Vec<String>,
}

impl Ears {
    pub(super) fn new(seen: Arc<Seen>) -> Self {
        Self { seen, inner: Mutex::default(), changed: Notify::new() }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes in what was told on a channel.
    pub(super) fn hear(&self, connection: u64, channel: &str, message: &Bytes) {
        let Some(linked) = Linked::parse(message).map(Arc::new) else { return };
        if !self.seen.saw(connection, linked.position()) {
            return;
        }
        self.with(|inner| {
            let Some(channel) = inner.channels.get(channel) else { return };
            let mut all_have_it = true;
            for (_, follower) in &channel.followers {
                all_have_it &= follower.try_send(Arc::clone(&linked)).is_ok();
            }
            if !all_have_it {
                tell(&channel.known, linked.position());
            }
        });
    }

    /// Keeps the subscriptions of a new connection those that are wanted; ends when it fails.
    pub(super) async fn listen(&self, number: u64, mut connection: MultiplexedConnection, timeout: Duration) {
        let mut subscribed = HashSet::new();
        self.with(|inner| inner.touched = inner.channels.keys().cloned().collect());
        loop {
            let Some(Changes { begin, end }) = self.changes(&subscribed, number) else {
                self.changed.notified().await;
                continue;
            };
            let done = tokio::time::timeout(timeout, async {
                if !begin.is_empty() {
                    connection.subscribe(&begin).await?;
                }
                if !end.is_empty() {
                    connection.unsubscribe(&end).await?;
                }
                redis::RedisResult::Ok(())
            });
            if !matches!(done.await, Ok(Ok(()))) {
                return;
            }
            for channel in end {
                subscribed.remove(&channel);
            }
            self.with(|inner| begin.iter().filter_map(|name| inner.channels.get(name)).for_each(|channel| channel.is_heard_by(number)));
            subscribed.extend(begin);
        }
    }

    /// None where nothing has changed.
    fn changes(&self, subscribed: &HashSet<String>, number: u64) -> Option<Changes> {
        self.with(|inner| {
            let names: Vec<String> = inner.touched.iter().take(CHANNELS).cloned().collect();
            let mut changes = Changes { begin: Vec::new(), end: Vec::new() };
            for name in &names {
                inner.touched.remove(name);
                match (inner.channels.get(name), subscribed.contains(name)) {
                    (Some(channel), true) => channel.is_heard_by(number),
                    (Some(_), false) => changes.begin.push(name.clone()),
                    (None, true) => changes.end.push(name.clone()),
                    (None, false) => {}
                }
            }
            (!names.is_empty()).then_some(changes)
        })
    }

    /// The topics that are followed.
    pub(super) fn topics(&self) -> Vec<(String, Topic)> {
        self.with(|inner| inner.channels.iter().map(|(name, channel)| (name.clone(), channel.topic.clone())).collect())
    }

    /// There is a record at this position, heard or not.
    pub(super) fn tell(&self, channel: &str, position: u64) {
        self.with(|inner| {
            if let Some(channel) = inner.channels.get(channel) {
                tell(&channel.known, position);
            }
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.with(|inner| inner.channels.values().map(|channel| channel.followers.len()).sum())
    }
}

impl Channel {
    fn is_heard_by(&self, connection: u64) {
        self.known.send_modify(|known| known.connection = connection);
    }
}

fn tell(known: &watch::Sender<Known>, position: u64) {
    known.send_if_modified(|known| {
        let is_newer = position > known.there;
        known.there = known.there.max(position);
        is_newer
    });
}
