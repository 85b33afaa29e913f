//! The backplane of many nodes: NATS `JetStream`.
//!
//! A stream has the records, a subject for each topic, and tells each that it takes to whoever listens; another one has the last kept state of each topic. What tells them is heard at most once, so it
//! only says when to look: a record names the one before it, a hole in that is filled from the stream, and so is what a connection that broke has missed.

mod audit;
#[cfg(test)]
mod cluster_tests;
mod follow;
mod keep;
mod login;
#[cfg(test)]
mod login_tests;
#[cfg(test)]
mod loss_tests;
mod names;
#[cfg(test)]
mod nats_tests;
pub(crate) mod options;
#[cfg(test)]
pub(crate) mod server;
mod streams;
mod time;
#[cfg(test)]
mod tls_tests;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::HeaderMap;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;

use super::connect_error::ConnectError;
use super::{AppendError, Engine, Lost, Position, Told, Unavailable};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;
use audit::Followers;
use names::{Names, Subjects};
use options::Nats;
use streams::Info;
use wire::{Failure, Wire, answer_of};

/// The oldest server that answers all questions that are asked here.
const OLDEST_SERVER: (i64, i64, i64) = (2, 11, 0);
/// What of a message is not a record's: its headers.
const HEADER_BYTES: usize = 1024;
/// The record that a record is behind.
const BEHIND: &str = "Htmx-Ws-Behind";
/// When a record was taken, as the server says it.
const TIME_STAMP: &str = "Nats-Time-Stamp";
/// A record is taken only where the last one on its subject has this sequence.
const EXPECTED: &str = "Nats-Expected-Last-Subject-Sequence";
/// What the server says where another one is the last: with its sequence, or, of a stream with replicas, without.
const WRONG_LAST_SEQUENCE: [u64; 2] = [10_071, 10_164];
/// There is no message on the subject.
const NO_MESSAGE: u64 = 10_037;

/// A node's connection to the engine, in one life of its streams: where they were deleted, or have lost records, nothing goes any more, and the node connects anew.
#[derive(Debug, Clone)]
pub(crate) struct Node(Arc<Shared>);

struct Shared {
    options: Nats,
    wire: Wire,
    names: Names,
    epoch: Epoch,
    has_replicas: bool,
    forgets: bool,
    /// The newest sequence that was seen: where the stream has a smaller last one, it has lost records.
    seen: AtomicU64,
    followers: Followers,
    /// The last connection that led to the streams that this began with; set by the audit.
    sound: watch::Sender<u64>,
    /// Why nothing goes any more; set by the audit, once.
    lost: watch::Sender<Option<Lost>>,
}

impl Node {
    async fn connect(options: Nats) -> Result<Self, ConnectError> {
        let names = Names::of(&options.app).ok_or_else(|| ConnectError::App(options.app.clone()))?;
        let wire = options.wire().await?;
        let (major, minor, patch) = OLDEST_SERVER;
        if !wire.client.is_server_compatible(major, minor, patch) {
            return Err(ConnectError::TooOld { found: wire.client.server_info().version, needed: "2.11 or newer" });
        }
        let log = allowed(&wire, &names, streams::found_or_made(&wire, &names, &options.limits)).await?;
        let life = wire.link.borrow().life;
        let shared = Arc::new(Shared {
            wire,
            names,
            epoch: log.epoch(),
            has_replicas: options.limits.replicas > 1,
            forgets: options.limits.max_age.is_some(),
            options,
            seen: AtomicU64::new(log.last_sequence()),
            followers: Followers::default(),
            sound: watch::Sender::new(life),
            lost: watch::Sender::new(None),
        });
        tokio::spawn(audit::run(Arc::downgrade(&shared), shared.wire.link.clone(), shared.options.audit));
        Ok(Self(shared))
    }

    /// In the next life. Where the streams are still those of this one, it begins here.
    async fn renewed(&self) -> Result<Self, String> {
        let connect = async || Self::connect(self.0.options.clone()).await.map_err(|error| error.to_string());
        let node = connect().await?;
        if node.0.epoch != self.0.epoch {
            return Ok(node);
        }
        streams::begin_life(&node.0.wire, &node.0.names).await?;
        connect().await
    }
}

/// What `asked` comes to, where we may listen as well: nobody would answer that we must not, and what is told would come by the audit only.
async fn allowed<T>(wire: &Wire, names: &Names, asked: impl Future<Output = Result<T, ConnectError>>) -> Result<T, ConnectError> {
    let live = names.topic(&Topic::of_nodes()).live;
    let denied = wire.denied(&live);
    let listening = wire.listen(live).await.map_err(|failure| ConnectError::Unreachable(failure.to_string()))?;
    // The server says so before it answers questions that are asked later.
    let answer = asked.await?;
    drop(listening);
    match denied.now_or_never() {
        Some(failure) => Err(ConnectError::Denied(failure.to_string())),
        None => Ok(answer),
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("names", &self.names).field("epoch", &self.epoch).field("lost", &self.lost).finish_non_exhaustive()
    }
}

impl Shared {
    fn max_bytes(&self) -> usize {
        self.wire.client.max_payload().saturating_sub(HEADER_BYTES)
    }

    fn saw(&self, sequence: u64) {
        self.seen.fetch_max(sequence, Ordering::Relaxed);
    }

    fn not_lost(&self) -> Result<(), Lost> {
        self.lost.borrow().clone().map_or(Ok(()), Err)
    }

    async fn append(&self, topic: &Topic, record: Bytes, last: u64) -> Result<u64, AppendError> {
        self.not_lost().map_err(|lost| AppendError::Refused(lost.to_string()))?;
        if record.len() > self.max_bytes() {
            return Err(AppendError::Refused(format!("{} bytes are more than {}", record.len(), self.max_bytes())));
        }
        let subjects = self.names.topic(topic);
        let true_last = match self.put(&subjects, record.clone(), last, last).await? {
            Ok(taken) => return Ok(taken),
            Err(true_last) => true_last,
        };
        // A record that is too old is gone, also where it is the last one: nothing is behind it all the same, if the stream has been there.
        let is_forgotten = self.forgets && true_last < last && last <= self.seen.load(Ordering::Relaxed);
        let put = if is_forgotten { self.put(&subjects, record, last, true_last).await? } else { Err(true_last) };
        put.map_err(|last| AppendError::Overtaken { last: Position(last) })
    }

    /// Takes a record, or says which the last one is.
    async fn put(&self, subjects: &Subjects, record: Bytes, behind: u64, expected: u64) -> Result<Result<u64, u64>, AppendError> {
        let mut headers = HeaderMap::new();
        headers.insert(EXPECTED, expected.to_string());
        headers.insert(BEHIND, behind.to_string());
        match self.publish(subjects.log.clone(), headers, record).await {
            Ok(sequence) => {
                self.saw(sequence);
                Ok(Ok(sequence))
            }
            Err(Failure::Refused { code, description }) if WRONG_LAST_SEQUENCE.contains(&code) => {
                let said = description.rsplit(' ').next().and_then(|last| last.parse().ok());
                let last = match said {
                    Some(last) => Ok(last),
                    None => self.last_of(&subjects.log).await,
                };
                // Whatever comes of that, the record was not taken.
                last.map(Err).map_err(|failure| AppendError::Refused(format!("another record is the last one; which: {failure}")))
            }
            Err(failure @ (Failure::Refused { .. } | Failure::Denied(_) | Failure::NotSent)) => {
                Err(AppendError::Refused(failure.to_string()))
            }
            Err(failure @ Failure::Unanswered(_)) => Err(AppendError::Unknown(failure.to_string())),
        }
    }

    /// Its sequence, when it is stored.
    async fn publish(&self, subject: String, headers: HeaderMap, payload: Bytes) -> Result<u64, Failure> {
        #[derive(Deserialize)]
        struct Stored {
            seq: u64,
        }
        answer_of(&self.wire.ask(subject, headers, payload).await?).map(|stored: Stored| stored.seq)
    }

    /// The last sequence on a subject of a record, from the stream's leader.
    async fn last_of(&self, subject: &str) -> Result<u64, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            message: Message,
        }
        #[derive(Deserialize)]
        struct Message {
            seq: u64,
        }
        let question = format!("STREAM.MSG.GET.{}", self.names.log);
        match self.wire.api(&question, &json!({ "last_by_subj": subject })).await {
            Ok(Answer { message: Message { seq } }) => Ok(seq),
            Err(Failure::Refused { code: NO_MESSAGE, .. }) => Ok(0),
            Err(failure) => Err(failure),
        }
    }

    async fn newest(&self) -> Result<u64, Failure> {
        let newest = Info::of(&self.wire, &self.names.log).await?.last_sequence();
        self.saw(newest);
        Ok(newest)
    }
}

fn unavailable(reason: &impl ToString) -> Unavailable {
    Unavailable(reason.to_string())
}

impl Engine for Node {
    /// That of the stream when this was connected.
    fn epoch(&self) -> Epoch {
        self.0.epoch
    }

    fn renewed(&self) -> BoxFuture<'_, Result<Arc<dyn Engine>, Unavailable>> {
        async move { self.renewed().await.map(|node| Arc::new(node) as Arc<dyn Engine>).map_err(Unavailable) }.boxed()
    }

    fn max_bytes(&self) -> usize {
        self.0.max_bytes()
    }

    fn append(&self, topic: &Topic, record: Bytes, last: Position) -> BoxFuture<'_, Result<Position, AppendError>> {
        let topic = topic.clone();
        async move { self.0.append(&topic, record, last.0).await.map(Position) }.boxed()
    }

    fn newest(&self) -> BoxFuture<'_, Result<Position, Unavailable>> {
        async move {
            self.0.not_lost().map_err(|reason| unavailable(&reason))?;
            self.0.newest().await.map(Position).map_err(|reason| unavailable(&reason))
        }
        .boxed()
    }

    fn last(&self, topic: &Topic) -> BoxFuture<'_, Result<Position, Unavailable>> {
        let subject = self.0.names.topic(topic).log;
        async move {
            self.0.not_lost().map_err(|reason| unavailable(&reason))?;
            self.0.last_of(&subject).await.map(Position).map_err(|reason| unavailable(&reason))
        }
        .boxed()
    }

    fn keep(&self, topic: &Topic, position: Position, state: Bytes) -> BoxFuture<'_, Result<(), Unavailable>> {
        let topic = topic.clone();
        async move {
            self.0.not_lost().map_err(|reason| unavailable(&reason))?;
            self.0.keep(&topic, position.0, &state).await.map_err(|reason| unavailable(&reason))
        }
        .boxed()
    }

    fn follow(&self, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>> {
        follow::follow(Arc::clone(&self.0), topic)
    }
}
