//! What carries publications between nodes: it takes records, puts those of a topic into one order, keeps them, and tells them to every node that follows the topic.
//!
//! What is in a record is the hub's business. A hub applies the log's rule to the records in their order, so all nodes hold the same log; from time to time one of them has
//! the log itself kept, and a node that comes late begins there.

#[cfg(test)]
#[cfg(any(feature = "nats", feature = "redis"))]
mod certificates;
#[cfg(any(feature = "nats", feature = "redis"))]
pub(crate) mod connect_error;
#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
mod following;
pub(crate) mod handle;
pub(crate) mod memory;
#[cfg(feature = "nats")]
pub(crate) mod nats;
#[cfg(feature = "redis")]
pub(crate) mod redis;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

/// A place in the order of all records: that of a record is greater than those of all that were taken before it, of whatever topic. The first is 1; 0 is before all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Position(pub(crate) u64);

/// An engine.
pub(crate) trait Engine: Debug + Send + Sync {
    /// The life of the order that this is connected to: the same for as long as this is there. Positions of another one say nothing.
    fn epoch(&self) -> Epoch;

    /// Connects to the life that follows this one, which is of another epoch, and begins it where no other node has. To be called where something was lost; this one takes nothing any more then.
    fn renewed(&self) -> BoxFuture<'_, Result<Arc<dyn Engine>, Unavailable>>;

    /// The largest record, in bytes. A state to be kept may be larger.
    fn max_bytes(&self) -> usize;

    /// Takes a record behind the topic's record at `last` (0: behind nothing); refused as overtaken where that is not the topic's last one. So a record that was given up, and arrives late, does no
    /// harm. Returns when the record is as durable as the engine makes it. Cancelled, it may have been taken or not.
    fn append(&self, topic: &Topic, record: Bytes, last: Position) -> BoxFuture<'_, Result<Position, AppendError>>;

    /// The position of the newest record of all topics: everything whose `append` has returned anywhere before this is called is at or before it.
    fn newest(&self) -> BoxFuture<'_, Result<Position, Unavailable>>;

    /// The position of a topic's newest record, or 0: as current as [`newest`](Self::newest). Where an engine forgets records by their age, that of one that is gone is 0, too.
    fn last(&self, topic: &Topic) -> BoxFuture<'_, Result<Position, Unavailable>>;

    /// Keeps the state of a topic behind its record at `position`; records up to there need not be kept, but the last one is. An older state than the one that is kept changes nothing.
    fn keep(&self, topic: &Topic, position: Position, state: Bytes) -> BoxFuture<'_, Result<(), Unavailable>>;

    /// Tells what is kept of a topic and all that comes, each record once and in order, until the stream is dropped. It ends with an error only where the topic cannot be followed any more in
    /// this life of the order. Nothing is asked before the stream is polled.
    fn follow(&self, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>>;
}

/// What a node is told of a topic that it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The topic as it was behind a position: in place of all records up to there, and of all that was told before. First, and again where somebody had the topic kept further on before the records up
    /// to there had been told here, and they are gone.
    Kept {
        position: Position,
        state: Bytes,
    },
    Record(Record),
    /// All that was there when this was asked has been told: once in the beginning, and again behind each `Stale`.
    Present,
    /// From now on something may be missing, as the engine cannot be reached.
    Stale,
}

/// What was appended to a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) position: Position,
    /// When the engine took it, by its clock: the same on every node.
    pub(crate) at: SystemTime,
    pub(crate) bytes: Bytes,
}

/// Why a record was not taken, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AppendError {
    /// Somebody else's record is the last one by now. Nothing was taken.
    #[error("another record is the topic's last one, that at {}", last.0)]
    Overtaken { last: Position },
    /// Nothing was taken.
    #[error("the backplane does not take it: {0}")]
    Refused(String),
    /// No answer came: it may have been taken, or may yet be.
    #[error("the backplane has not acknowledged it: {0}")]
    Unknown(String),
}

/// The engine cannot be reached, or does not answer in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the backplane cannot be reached: {0}")]
pub(crate) struct Unavailable(pub(crate) String);

/// What was told of a topic does not fit what is there: the engine has lost records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the backplane has lost what it had taken: {0}")]
pub(crate) struct Lost(pub(crate) String);
