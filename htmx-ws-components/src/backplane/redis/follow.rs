//! A topic, told from what is stored and from what is told of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use redis::Value;

use super::Node;
use super::ears::Place;
use super::message::Linked;
use super::names::TopicKeys;
use super::wire::{Failure, READ, Up, number, parts, unreadable};
use crate::backplane::{Lost, Position, Told};
use crate::message::topic::Topic;

/// A part of a topic that is read at once: the server answers nobody else meanwhile.
const PART_RECORDS: usize = 256;
const PART_BYTES: usize = 1024 * 1024;
/// Until it is read again where the server does not answer.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn follow(redis: Node, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>> {
    let follower = Follower {
        keys: redis.core.keys.topic(topic),
        topic: topic.clone(),
        redis,
        place: None,
        connection: 0,
        at: 0,
        ready: VecDeque::new(),
        has_begun: false,
        is_present: false,
        standing: Standing::Behind,
    };
    stream::unfold(follower, |mut follower| async move { Some((follower.next().await?, follower)) }).boxed()
}

struct Follower {
    redis: Node,
    topic: Topic,
    keys: TopicKeys,
    /// Where new records are heard of; from the first read on.
    place: Option<Place>,
    /// The number of the connection that everything up to `at` came by.
    connection: u64,
    /// The last record that is in `ready` or has been told.
    at: u64,
    ready: VecDeque<Told>,
    /// A part of the topic has been read.
    has_begun: bool,
    /// `Present` has been told, and no `Stale` behind it.
    is_present: bool,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// There is something to read.
    Behind,
    Listening,
    Ended,
}

/// Why a topic was not read.
enum Trouble {
    Lost(Lost),
    /// It passes.
    Failed,
}

impl From<Failure> for Trouble {
    fn from(_: Failure) -> Self {
        Self::Failed
    }
}

/// What a follower hears.
enum News {
    Record(Arc<Linked>),
    /// The connection is another one, or none.
    Cut,
    /// There is a record that was not heard.
    Missed,
}

impl Follower {
    async fn next(&mut self) -> Option<Result<Told, Lost>> {
        loop {
            if let Some(told) = self.ready.pop_front() {
                return Some(Ok(told));
            }
            let done = match self.standing {
                Standing::Ended => return None,
                Standing::Behind => self.catch_up().await,
                Standing::Listening => self.listen().await,
            };
            if let Err(lost) = done {
                self.standing = Standing::Ended;
                self.place = None;
                return Some(Err(lost));
            }
        }
    }

    /// Reads one part.
    async fn catch_up(&mut self) -> Result<(), Lost> {
        match self.read().await {
            Ok(()) => {}
            Err(Trouble::Lost(lost)) => return Err(lost),
            Err(Trouble::Failed) if self.is_present => self.stale(),
            Err(Trouble::Failed) => tokio::time::sleep(PAUSE).await,
        }
        if self.standing == Standing::Listening && !self.is_present {
            self.is_present = true;
            self.ready.push_back(Told::Present);
        }
        Ok(())
    }

    fn stale(&mut self) {
        self.is_present = false;
        self.standing = Standing::Behind;
        self.ready.push_back(Told::Stale);
    }

    /// Reads a part of what is there behind `at`. The subscription is there first, so what comes behind the reading is heard.
    async fn read(&mut self) -> Result<(), Trouble> {
        let up = self.heard_by().await?;
        let core = Arc::clone(&self.redis.core);
        // It is never closed.
        let _read = core.wire.reads.acquire().await;
        let mode: &[u8] = if self.has_begun { b"further" } else { b"first" };
        let (epoch, at) = (core.epoch.0.to_string(), self.at.to_string());
        let limits = [PART_RECORDS, PART_BYTES].map(|limit| limit.to_string());
        let arguments: [&[u8]; 7] = [
            epoch.as_bytes(),
            up.reign.as_bytes(),
            self.topic.as_str().as_bytes(),
            at.as_bytes(),
            mode,
            limits[0].as_bytes(),
            limits[1].as_bytes(),
        ];
        let keys = [&*core.keys.life, &core.keys.last, &self.keys.log, &self.keys.kept];
        let part = Part::of(core.wire.ask(&up, READ.with(&keys, &arguments)).await?)?;
        self.take(part, up.number)
    }

    fn take(&mut self, part: Part, connection: u64) -> Result<(), Trouble> {
        let (mut at, mut ready) = (self.at, Vec::new());
        if let Some(state) = part.state {
            at = part.begin;
            ready.push(Told::Kept { position: Position(at), state });
        }
        for linked in part.records {
            if linked.behind != at {
                return Err(Trouble::Lost(self.lost(at)));
            }
            at = linked.position();
            ready.push(Told::Record(linked.record));
        }
        if !self.redis.core.ears.seen.saw(connection, at) {
            return Err(Trouble::Failed);
        }
        // What is not behind the last one now is read next.
        if at >= part.last {
            if at > part.last && ready.is_empty() {
                return Err(Trouble::Lost(self.lost(at)));
            }
            self.standing = Standing::Listening;
        } else if ready.is_empty() {
            return Err(Trouble::Lost(self.lost(at)));
        }
        (self.at, self.connection, self.has_begun) = (at, connection, true);
        self.ready.extend(ready);
        Ok(())
    }

    fn lost(&self, at: u64) -> Lost {
        Lost(format!("records of the topic `{}` at or behind {at} are gone", self.topic.shown()))
    }

    /// Waits for a connection that hears what is told of the topic.
    async fn heard_by(&mut self) -> Result<Arc<Up>, Trouble> {
        let core = &self.redis.core;
        let place = self.place.get_or_insert_with(|| Place::new(&core.ears, &self.topic, &self.keys));
        let (mut link, mut lost) = (core.wire.link.subscribe(), core.lost.subscribe());
        loop {
            if let Some(lost) = &*lost.borrow_and_update() {
                return Err(Trouble::Lost(lost.clone()));
            }
            let now = link.borrow_and_update().clone();
            let heard_by = place.known.borrow_and_update().connection;
            if let Some(up) = now.filter(|up| up.number == heard_by) {
                return Ok(up);
            }
            // None of them is closed while the engine is held here.
            tokio::select! {
                _ = link.changed() => {}
                _ = lost.changed() => {}
                _ = place.known.changed() => {}
            }
        }
    }

    async fn listen(&mut self) -> Result<(), Lost> {
        let Some(place) = &mut self.place else {
            self.standing = Standing::Behind;
            return Ok(());
        };
        let core = &self.redis.core;
        let (connection, at) = (self.connection, self.at);
        let (mut link, mut lost) = (core.wire.link.subscribe(), core.lost.subscribe());
        // In this order: what has been heard is told before that there may be more.
        let news = tokio::select! {
            biased;
            Some(linked) = place.heard.recv() => News::Record(linked),
            Ok(lost) = lost.wait_for(Option::is_some) => match &*lost {
                Some(lost) => return Err(lost.clone()),
                None => News::Cut,
            },
            _ = link.wait_for(|link| link.as_ref().is_none_or(|up| up.number != connection)) => News::Cut,
            _ = place.known.wait_for(|known| known.there > at) => News::Missed,
        };
        match news {
            News::Record(linked) if linked.position() <= at => {}
            News::Record(linked) if linked.behind == at => {
                self.at = linked.position();
                self.ready.push_back(Told::Record(Arc::unwrap_or_clone(linked).record));
            }
            News::Record(_) | News::Missed => self.standing = Standing::Behind,
            News::Cut => self.stale(),
        }
        Ok(())
    }
}

/// A part of a topic, as it was read.
struct Part {
    /// The topic's last record.
    last: u64,
    /// Where this part begins.
    begin: u64,
    /// The state behind the record there, where it is told.
    state: Option<Bytes>,
    records: Vec<Linked>,
}

impl Part {
    fn of(answer: Value) -> Result<Self, Failure> {
        let mut parts = parts(answer)?.skip(1);
        let mut part = || parts.next().ok_or_else(unreadable);
        let last = number(&part()?).ok_or_else(unreadable)?;
        let begin = number(&part()?).ok_or_else(unreadable)?;
        let state = match part()? {
            Value::BulkString(state) => Some(state.into()),
            _ => None,
        };
        let Value::Array(messages) = part()? else { return Err(unreadable()) };
        let read = |message| match message {
            Value::BulkString(message) => Linked::parse(&message.into()),
            _ => None,
        };
        let records = messages.into_iter().map(read).collect::<Option<_>>().ok_or_else(unreadable)?;
        Ok(Self { last, begin, state, records })
    }
}
