//! The backplane of one process: its hubs share it, and it is gone with them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{self, BoxFuture};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::sync::watch;

use super::{AppendError, Engine, Lost, Position, Record, Told, Unavailable};
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

/// The largest record: that of the engines on a network, so that what works here works there.
const MAX_BYTES: usize = 1024 * 1024;

/// An engine in this process. Its clones are nodes of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    state: Arc<Mutex<State>>,
    /// The life that it takes part in.
    epoch: Epoch,
}

#[derive(Debug)]
struct State {
    epoch: Epoch,
    newest: Position,
    reach: Reach,
    topics: HashMap<Topic, Log>,
    /// What becomes of the next record, where a test has said it.
    next: Option<Unacknowledged>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    There,
    /// As if a network was down.
    Away,
}

/// How an acknowledgement is lost.
#[cfg_attr(not(test), expect(dead_code, reason = "a test loses them"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unacknowledged {
    Taken,
    NotTaken,
}

#[derive(Debug)]
struct Log {
    kept: Option<(Position, Bytes)>,
    /// Ascending; without those that a kept state stands for, but with the last one.
    records: VecDeque<Linked>,
    /// Told at each change; whoever follows looks for themselves what it was.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Linked {
    /// Where the topic's record before this one is.
    behind: Position,
    record: Record,
}

impl Log {
    fn new() -> Self {
        Self { kept: None, records: VecDeque::new(), changed: watch::Sender::new(()) }
    }

    fn last(&self) -> Position {
        self.records.back().map_or(Position(0), |linked| linked.record.position)
    }

    /// What is told next behind `at`, and where that leads.
    fn next(&self, at: Position, is_first: bool) -> Option<(Told, Position)> {
        let next = self.records.get(self.records.partition_point(|linked| linked.record.position <= at));
        if let Some((position, state)) = &self.kept
            && *position > at
            && (is_first || next.is_none_or(|linked| linked.behind > at))
        {
            return Some((Told::Kept { position: *position, state: state.clone() }, *position));
        }
        next.map(|linked| (Told::Record(linked.record.clone()), linked.record.position))
    }
}

impl Memory {
    pub(crate) fn new(epoch: Epoch) -> Self {
        let state = State { epoch, newest: Position(0), reach: Reach::There, topics: HashMap::new(), next: None };
        Self { state: Arc::new(Mutex::new(state)), epoch }
    }

    /// One that takes part in the present life.
    pub(crate) fn present(&self) -> Self {
        Self { state: Arc::clone(&self.state), epoch: self.state().epoch }
    }

    /// What a panic left behind is whole: each change below is one of what cannot panic in its middle.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, where it can be reached and is still of this life.
    fn reached(&self) -> Result<MutexGuard<'_, State>, Unavailable> {
        let state = self.state();
        match state.reach {
            Reach::Away => Err(Unavailable("it is away".to_owned())),
            Reach::There if state.epoch != self.epoch => Err(Unavailable(lives_anew().to_string())),
            Reach::There => Ok(state),
        }
    }

    fn append_now(&self, topic: &Topic, bytes: Bytes, last: Position) -> Result<Position, AppendError> {
        if bytes.len() > MAX_BYTES {
            return Err(AppendError::Refused(format!("{} bytes are more than {MAX_BYTES}", bytes.len())));
        }
        let mut state = self.reached().map_err(|Unavailable(reason)| AppendError::Refused(reason))?;
        let unacknowledged = state.next.take();
        if unacknowledged == Some(Unacknowledged::NotTaken) {
            return Err(AppendError::Unknown("the acknowledgement was lost".to_owned()));
        }
        let position = Position(state.newest.0 + 1);
        let log = state.topics.entry(topic.clone()).or_insert_with(Log::new);
        if log.last() != last {
            return Err(AppendError::Overtaken { last: log.last() });
        }
        log.records.push_back(Linked { behind: last, record: Record { position, at: SystemTime::now(), bytes } });
        log.changed.send_replace(());
        state.newest = position;
        match unacknowledged {
            None => Ok(position),
            Some(_) => Err(AppendError::Unknown("the acknowledgement was lost".to_owned())),
        }
    }

    fn newest_now(&self) -> Result<Position, Unavailable> {
        Ok(self.reached()?.newest)
    }

    fn last_now(&self, topic: &Topic) -> Result<Position, Unavailable> {
        Ok(self.reached()?.topics.get(topic).map_or(Position(0), Log::last))
    }

    fn keep_now(&self, topic: &Topic, position: Position, kept: Bytes) -> Result<(), Unavailable> {
        let mut state = self.reached()?;
        let log = state.topics.entry(topic.clone()).or_insert_with(Log::new);
        if log.kept.as_ref().is_some_and(|(newer, _)| *newer >= position) {
            return Ok(());
        }
        log.kept = Some((position, kept));
        let stood_for = log.records.partition_point(|linked| linked.record.position < position);
        log.records.drain(..stood_for.min(log.records.len().saturating_sub(1)));
        Ok(())
    }
}

fn lives_anew() -> Lost {
    Lost("it lives anew".to_owned())
}

impl Engine for Memory {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn renewed(&self) -> BoxFuture<'_, Result<Arc<dyn Engine>, Unavailable>> {
        let present = self.present();
        future::ready(present.newest_now().map(|_| Arc::new(present) as Arc<dyn Engine>)).boxed()
    }

    fn max_bytes(&self) -> usize {
        MAX_BYTES
    }

    fn append(&self, topic: &Topic, record: Bytes, last: Position) -> BoxFuture<'_, Result<Position, AppendError>> {
        let topic = topic.clone();
        async move { self.append_now(&topic, record, last) }.boxed()
    }

    fn newest(&self) -> BoxFuture<'_, Result<Position, Unavailable>> {
        async move { self.newest_now() }.boxed()
    }

    fn last(&self, topic: &Topic) -> BoxFuture<'_, Result<Position, Unavailable>> {
        future::ready(self.last_now(topic)).boxed()
    }

    fn keep(&self, topic: &Topic, position: Position, state: Bytes) -> BoxFuture<'_, Result<(), Unavailable>> {
        future::ready(self.keep_now(topic, position, state)).boxed()
    }

    fn follow(&self, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>> {
        let follower = Follower { memory: self.clone(), topic: topic.clone(), at: Position(0), standing: Standing::First };
        stream::unfold(follower, |mut follower| async move { Some((follower.next().await?, follower)) }).boxed()
    }
}

/// Where a node stands in a topic.
struct Follower {
    memory: Memory,
    topic: Topic,
    at: Position,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing has been told.
    First,
    /// `Present` is still to be told.
    Behind,
    Present,
    /// `Stale` has been told.
    Stale,
    /// Nothing more can be told.
    Ended,
}

impl Follower {
    async fn next(&mut self) -> Option<Result<Told, Lost>> {
        loop {
            let mut changed = match self.look()? {
                Ok(told) => return Some(told),
                Err(changed) => changed,
            };
            // It can only fail when the topic is gone, with the memory; and that is held here.
            let _ = changed.changed().await;
        }
    }

    /// What there is to tell now, or where a change is heard.
    fn look(&mut self) -> Option<Result<Result<Told, Lost>, watch::Receiver<()>>> {
        let mut state = self.memory.state();
        let (epoch, reach) = (state.epoch, state.reach);
        let log = state.topics.entry(self.topic.clone()).or_insert_with(Log::new);
        if self.standing == Standing::Ended {
            return None;
        }
        if epoch != self.memory.epoch {
            self.standing = Standing::Ended;
            return Some(Ok(Err(lives_anew())));
        }
        if reach == Reach::Away {
            if self.standing != Standing::Present {
                return Some(Err(log.changed.subscribe()));
            }
            self.standing = Standing::Stale;
            return Some(Ok(Ok(Told::Stale)));
        }
        if let Some((told, at)) = log.next(self.at, self.standing == Standing::First) {
            self.at = at;
            if self.standing == Standing::First {
                self.standing = Standing::Behind;
            }
            return Some(Ok(Ok(told)));
        }
        if self.standing == Standing::Present {
            return Some(Err(log.changed.subscribe()));
        }
        self.standing = Standing::Present;
        Some(Ok(Ok(Told::Present)))
    }
}

/// What a network does to an engine, done by hand.
impl Memory {
    /// Nothing reaches it until it is back.
    pub(crate) fn go_away(&self) {
        self.change(|state| state.reach = Reach::Away);
    }

    pub(crate) fn come_back(&self) {
        self.change(|state| state.reach = Reach::There);
    }

    /// Nothing of what was there is any more, and it is another life.
    pub(crate) fn lose_all(&self, epoch: Epoch) {
        self.change(|state| {
            (state.epoch, state.newest) = (epoch, Position(0));
            for log in state.topics.values_mut() {
                (log.kept, log.records) = (None, VecDeque::new());
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        for log in state.topics.values() {
            log.changed.send_replace(());
        }
    }
}

#[cfg(test)]
impl Memory {
    /// The next record is answered as unknown.
    pub(crate) fn lose_acknowledgement(&self, of: Unacknowledged) {
        self.state().next = Some(of);
    }

    /// A backup is played back: what is behind `position` was never taken, and it is another life.
    pub(crate) fn lose_tail(&self, position: Position, epoch: Epoch) {
        self.change(|state| {
            state.epoch = epoch;
            state.newest = state.newest.min(position);
            for log in state.topics.values_mut() {
                log.records.retain(|linked| linked.record.position <= position);
                log.kept = log.kept.take().filter(|(kept, _)| *kept <= position);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backplane::contract::{self, Following, Loses, Rig, record, topic};

    impl Rig for Memory {
        fn start() -> Self {
            Self::new(Epoch(7))
        }

        async fn node(&self) -> Arc<dyn Engine> {
            Arc::new(self.present())
        }
    }

    impl Loses for Memory {
        fn lose_all(&self) {
            Memory::lose_all(self, Epoch(8));
        }
    }

    contract::suite!(Memory);

    #[tokio::test]
    async fn while_it_is_away_nothing_is_taken_and_behind_it_the_rest_is_told() {
        let memory = Memory::new(Epoch(7));
        let topic = topic("jobs");
        let mut following = Following::of(&memory, &topic);
        following.until_present().await;
        memory.go_away();
        assert_eq!(following.next().await, Told::Stale);
        assert!(matches!(memory.append(&topic, record("no"), Position(0)).await, Err(AppendError::Refused(_))));
        assert!(memory.newest().await.is_err() && memory.keep(&topic, Position(1), record("no")).await.is_err());
        memory.come_back();
        let first = memory.append(&topic, record("yes"), Position(0)).await.unwrap();
        following.until_present().await;
        assert_eq!(following.records(), [(first, record("yes"))]);
    }

    #[tokio::test]
    async fn a_lost_tail_is_another_life() {
        let memory = Memory::new(Epoch(7));
        let topic = topic("jobs");
        let first = memory.append(&topic, record("a"), Position(0)).await.unwrap();
        memory.append(&topic, record("b"), first).await.unwrap();
        let mut following = Following::of(&memory, &topic);
        following.until_present().await;
        memory.lose_tail(first, Epoch(8));
        following.until_lost().await;
        assert!(memory.newest().await.is_err(), "it is of the life before");
        let renewed = memory.renewed().await.unwrap();
        assert_eq!((renewed.epoch(), renewed.newest().await), (Epoch(8), Ok(first)));
        let mut anew = Following::of(&*renewed, &topic);
        anew.until_present().await;
        assert_eq!(anew.records(), [(first, record("a"))]);
    }

    #[tokio::test]
    async fn an_acknowledgement_that_is_lost_says_nothing() {
        let memory = Memory::new(Epoch(7));
        let topic = topic("jobs");
        memory.lose_acknowledgement(Unacknowledged::NotTaken);
        assert!(matches!(memory.append(&topic, record("a"), Position(0)).await, Err(AppendError::Unknown(_))));
        memory.lose_acknowledgement(Unacknowledged::Taken);
        assert!(matches!(memory.append(&topic, record("b"), Position(0)).await, Err(AppendError::Unknown(_))));
        let last = Position(1);
        assert_eq!(memory.append(&topic, record("c"), Position(0)).await, Err(AppendError::Overtaken { last }));
    }
}
