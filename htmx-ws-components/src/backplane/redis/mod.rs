//! The backplane of many nodes: Redis 7.0 or newer, or Valkey.
//!
//! A topic has a list of its records, each with the position of the one before it. One script looks which the last one is, takes the next position, stores the record and tells it on a channel, in one
//! step that nothing comes between. What is told is heard at most once: a hole is filled from the list, and so is what a connection that broke has missed. A state that is kept stands in a hash.
//!
//! # What it cannot promise
//!
//! A server has a record in its memory when it acknowledges it, and on its disk, or on a replica, a moment later. So a crash loses what was acknowledged last, a second of it with `appendfsync everysec`,
//! nothing with `always`, everything without persistence; and a replica that takes over lacks what had not come to it, also with [`Redis::replicas`], where it is not one of those that had. That
//! is never hidden: a node that has told more than is left there finds it when it comes back, also when others have appended past it, and begins another life for all nodes. What nobody finds is a loss that
//! only browsers have seen, as their nodes went down with the server. While a primary is cut off, a node that still reaches it does not hear that another one has taken over, until it looks.
//!
//! All keys of an application have one hash tag: in a cluster they are on one server, and its speed is the limit.

mod append;
#[cfg(test)]
mod chaos_tests;
#[cfg(test)]
mod connect_tests;
mod ears;
mod follow;
mod life;
#[cfg(test)]
mod loss_tests;
mod message;
mod names;
pub(crate) mod options;
#[cfg(test)]
mod redis_tests;
#[cfg(test)]
pub(crate) mod server;
mod tend;
mod way;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::sync::watch;

use super::connect_error::ConnectError;
use super::{AppendError, Engine, Lost, Position, Told, Unavailable};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;
use append::Replication;
use ears::Ears;
use life::Trouble;
use names::Keys;
use options::Redis;
use way::Way;
use wire::{Failure, KEEP, Wire, number, parts, text, unreadable};

/// The largest record: that of the other engines, so that what works here works there.
const MAX_BYTES: usize = 1024 * 1024;

/// A node's connection to the engine, in one life of the order. Where the server has lost records, nothing goes any more, and the node connects anew.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    core: Arc<Core>,
    /// What tends the connection ends with the last of these.
    _held: Arc<watch::Sender<()>>,
}

struct Core {
    options: Redis,
    way: Way,
    wire: Wire,
    keys: Keys,
    epoch: Epoch,
    ears: Arc<Ears>,
    replication: Option<Replication>,
    answer_timeout: Duration,
    audit: Duration,
    /// Why nothing goes any more; set by the task that tends the connection, once.
    lost: watch::Sender<Option<Lost>>,
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        // Inside of a script, some versions say it in words only.
        let denied = ["NOPERM", "NOAUTH", "WRONGPASS", "The user executing the script"];
        match failure {
            Failure::Refused(reason) if denied.iter().any(|words| reason.contains(words)) => Self::Denied(reason),
            failure => Self::Unreachable(failure.to_string()),
        }
    }
}

impl Node {
    async fn connect(options: Redis) -> Result<Self, ConnectError> {
        let way = options.way()?;
        let line = way.open(1, None).await.map_err(|trouble| match trouble {
            Trouble::Not(error) => error,
            Trouble::Lost(lost) => ConnectError::Unreachable(lost.to_string()),
        })?;
        let ears = Arc::clone(&way.ears);
        let core = Arc::new(Core {
            wire: Wire::new(options.connection_timeout_of(), options.answer_timeout),
            keys: way.names.of_life(&line.life.name),
            epoch: line.life.epoch,
            ears,
            way,
            replication: options.replicas.map(Replication::new),
            answer_timeout: options.answer_timeout,
            audit: options.audit,
            options,
            lost: watch::Sender::new(None),
        });
        let (held, gone) = watch::channel(());
        tokio::spawn(tend::run(Arc::clone(&core), line, gone));
        Ok(Self { core, _held: Arc::new(held) })
    }

    /// In the next life. Where the server is still in this one, it begins here.
    async fn renewed(&self) -> Result<Self, String> {
        let connect = async || Self::connect(self.core.options.clone()).await.map_err(|error| error.to_string());
        let node = connect().await?;
        if node.core.epoch != self.core.epoch {
            return Ok(node);
        }
        node.core.begin_life().await.map_err(|failure| failure.to_string())?;
        connect().await
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("keys", &self.keys).field("epoch", &self.epoch).field("lost", &self.lost).finish_non_exhaustive()
    }
}

impl Core {
    fn not_lost(&self) -> Result<(), Lost> {
        self.lost.borrow().clone().map_or(Ok(()), Err)
    }

    /// Notes that no cursor of before is good any more, on whatever node.
    async fn begin_life(&self) -> Result<(), Failure> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| Failure::Unanswered(error.to_string()))?;
        let up = self.wire.connected().await?;
        let mut command = redis::cmd("HSET");
        command.arg(&self.keys.life).arg("epoch").arg(u64::from_le_bytes(random));
        self.wire.ask(&up, command).await.map(drop)
    }

    async fn newest(&self) -> Result<u64, Failure> {
        let up = self.wire.connected().await?;
        let mut command = redis::cmd("HMGET");
        command.arg(&self.keys.life).arg(&["epoch", "reign", "newest"]);
        let mut parts = parts(self.wire.ask(&up, command).await?)?;
        let (epoch, reign, newest) = (parts.next(), parts.next(), parts.next());
        if epoch.as_ref().and_then(number) != Some(self.epoch.0) || reign.as_ref().and_then(text) != Some(&up.reign) {
            up.cut.notify_one();
            return Err(Failure::Elsewhere);
        }
        let newest = newest.as_ref().and_then(number).ok_or_else(unreadable)?;
        if self.ears.seen.saw(up.number, newest) { Ok(newest) } else { Err(Failure::Elsewhere) }
    }

    async fn last(&self, topic: &Topic) -> Result<u64, Failure> {
        let up = self.wire.connected().await?;
        let mut command = redis::cmd("HGET");
        command.arg(&self.keys.last).arg(topic.as_str());
        let last = self.wire.ask(&up, command).await?;
        // Behind that: what was read then is of this life.
        self.newest().await?;
        if matches!(last, redis::Value::Nil) { Ok(0) } else { number(&last).ok_or_else(unreadable) }
    }

    async fn keep(&self, topic: &Topic, position: u64, state: &Bytes) -> Result<(), Failure> {
        let up = self.wire.connected().await?;
        let topic_keys = self.keys.topic(topic);
        let keys = [&*self.keys.life, &self.keys.last, &topic_keys.log, &topic_keys.kept];
        let (epoch, position) = (self.epoch.0.to_string(), position.to_string());
        let arguments = [epoch.as_bytes(), up.reign.as_bytes(), topic.as_str().as_bytes(), position.as_bytes(), state];
        self.wire.ask(&up, KEEP.with(&keys, &arguments)).await.map(drop)
    }
}

fn unavailable(reason: &impl ToString) -> Unavailable {
    Unavailable(reason.to_string())
}

impl Engine for Node {
    /// That of the life when this was connected.
    fn epoch(&self) -> Epoch {
        self.core.epoch
    }

    fn renewed(&self) -> BoxFuture<'_, Result<Arc<dyn Engine>, Unavailable>> {
        async move { self.renewed().await.map(|node| Arc::new(node) as Arc<dyn Engine>).map_err(Unavailable) }.boxed()
    }

    fn max_bytes(&self) -> usize {
        MAX_BYTES
    }

    fn append(&self, topic: &Topic, record: Bytes, last: Position) -> BoxFuture<'_, Result<Position, AppendError>> {
        let topic = topic.clone();
        async move { self.core.append(&topic, &record, last.0).await.map(Position) }.boxed()
    }

    fn newest(&self) -> BoxFuture<'_, Result<Position, Unavailable>> {
        async move {
            self.core.not_lost().map_err(|reason| unavailable(&reason))?;
            self.core.newest().await.map(Position).map_err(|reason| unavailable(&reason))
        }
        .boxed()
    }

    fn last(&self, topic: &Topic) -> BoxFuture<'_, Result<Position, Unavailable>> {
        let topic = topic.clone();
        async move {
            self.core.not_lost().map_err(|reason| unavailable(&reason))?;
            self.core.last(&topic).await.map(Position).map_err(|reason| unavailable(&reason))
        }
        .boxed()
    }

    fn keep(&self, topic: &Topic, position: Position, state: Bytes) -> BoxFuture<'_, Result<(), Unavailable>> {
        let topic = topic.clone();
        async move {
            self.core.not_lost().map_err(|reason| unavailable(&reason))?;
            self.core.keep(&topic, position.0, &state).await.map_err(|reason| unavailable(&reason))
        }
        .boxed()
    }

    fn follow(&self, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>> {
        follow::follow(self.clone(), topic)
    }
}
