//! A topic, told from the streams and from what is told of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_nats::Message;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::audit::Place;
use super::keep::Kept;
use super::names::Subjects;
use super::wire::{Failure, Live, Stored, header, number};
use super::{BEHIND, Shared, TIME_STAMP, time};
use crate::backplane::{Lost, Position, Record, Told};
use crate::message::topic::Topic;

/// How often a topic is read again at once because what was read does not fit together: records went, or have not come, while it was read.
const ATTEMPTS: usize = 3;
/// Until it is read again where the server does not answer.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn follow(shared: Arc<Shared>, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>> {
    let follower = Follower {
        subjects: shared.names.topic(topic),
        forgives: shared.forgets,
        shared,
        ears: None,
        life: 0,
        at: 0,
        taken: None,
        target: 0,
        ready: VecDeque::new(),
        has_begun: false,
        is_present: false,
        standing: Standing::Behind,
    };
    stream::unfold(follower, |mut follower| async move { Some((follower.next().await?, follower)) }).boxed()
}

struct Follower {
    shared: Arc<Shared>,
    subjects: Subjects,
    /// From the first read on.
    ears: Option<Ears>,
    /// The connection that everything up to `at` came by.
    life: u64,
    /// The last record that is in `ready` or has been told.
    at: u64,
    /// When that was taken. Another record may have its place where the stream has lost some.
    taken: Option<SystemTime>,
    /// A record that is known to be there.
    target: u64,
    ready: VecDeque<Told>,
    /// The topic has been read once.
    has_begun: bool,
    /// What is there first may begin with a hole: older records went by their age, or by somebody's hand.
    forgives: bool,
    /// `Present` has been told, and no `Stale` behind it.
    is_present: bool,
    standing: Standing,
}

#[derive(PartialEq, Eq)]
enum Standing {
    /// There is something to read.
    Behind,
    Listening,
    Ended,
}

/// Where new records are heard of.
struct Ears {
    live: Live,
    place: Place,
}

/// What a follower hears.
enum News {
    Message(Message),
    /// The connection is another one, or none.
    Cut,
    /// The audit has found a record.
    Missed(u64),
    /// The subscription has ended.
    Deaf,
}

/// Why a topic was not read.
enum Trouble {
    Lost(Lost),
    /// It passes.
    Failed,
    /// What was read has a hole.
    Hole,
    /// A record that is there was not among it.
    Short,
}

impl From<Failure> for Trouble {
    fn from(_: Failure) -> Self {
        Self::Failed
    }
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
                return Some(Err(lost));
            }
        }
    }

    async fn catch_up(&mut self) -> Result<(), Lost> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.read().await {
                Ok(()) => break,
                Err(Trouble::Short) if attempts >= ATTEMPTS => self.target = self.at,
                Err(Trouble::Hole) if attempts >= ATTEMPTS && !self.has_begun => self.forgives = true,
                Err(Trouble::Hole) if attempts >= ATTEMPTS => return Err(Lost(format!("records behind {} are gone", self.at))),
                Err(Trouble::Hole | Trouble::Short) => {}
                Err(Trouble::Lost(lost)) => return Err(lost),
                Err(Trouble::Failed) if self.is_present => {
                    self.stale();
                    return Ok(());
                }
                Err(Trouble::Failed) => {
                    attempts = 0;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.standing = Standing::Listening;
        if !self.is_present {
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

    /// Reads what is there behind `at`. The order is what makes it whole. The subscription is there first, so what comes behind the reading is heard. The records are read next and the kept state last: records that
    /// went before they were read, or while they were, went because a state stands for them that was kept before, and so is found.
    async fn read(&mut self) -> Result<(), Trouble> {
        let life = self.connected().await.map_err(Trouble::Lost)?;
        if self.ears.is_none() {
            let place = Place::new(&self.shared, self.subjects.log.clone());
            let live = self.shared.wire.listen(self.subjects.live.clone()).await?;
            self.ears = Some(Ears { live, place });
        }
        if self.shared.has_replicas {
            // The replica that is read from may not have all that has been taken.
            self.target = self.target.max(self.shared.last_of(&self.subjects.log).await?);
        }
        let mut records = self.shared.wire.read_all(&self.shared.names.log, &self.subjects.log, self.at.max(1)).await?;
        self.look_back(&mut records).await?;
        let (mut at, mut taken, mut ready) = (self.at, self.taken, Vec::new());
        let begins_elsewhere = !self.has_begun || records.first().is_some_and(|first| behind(&first.message) > at);
        if begins_elsewhere && let Some(kept) = self.kept().await? {
            (at, taken) = (kept.position, kept.taken);
            ready.push(Told::Kept { position: Position(at), state: kept.state });
        }
        let may_have_holes = self.forgives && !self.has_begun;
        for stored in records {
            if stored.sequence <= at {
                continue;
            }
            if behind(&stored.message) != at && !may_have_holes {
                return Err(Trouble::Hole);
            }
            let record = record(stored);
            (at, taken) = (record.position.0, Some(record.at));
            ready.push(Told::Record(record));
        }
        if at < self.target {
            return Err(Trouble::Short);
        }
        (self.at, self.taken, self.life, self.has_begun) = (at, taken, life, true);
        self.shared.saw(at);
        self.ready.extend(ready);
        Ok(())
    }

    /// Looks whether the record at `at` is still the one that was told, and takes it out.
    async fn look_back(&self, records: &mut Vec<Stored>) -> Result<(), Trouble> {
        let is_gone = match records.first() {
            _ if self.at == 0 => false,
            Some(first) if first.sequence == self.at => taken(&records.remove(0).message) != self.taken,
            // A state stands for it that was kept further on, or it was too old: the next one says whether anything is between.
            Some(_) => false,
            None => !self.shared.forgets && self.shared.last_of(&self.subjects.log).await? < self.at,
        };
        if is_gone { Err(Trouble::Lost(Lost(format!("the record at {} is gone", self.at)))) } else { Ok(()) }
    }

    /// The kept state, where it is further than `at`.
    async fn kept(&self) -> Result<Option<Kept>, Trouble> {
        let Some(kept) = self.shared.kept(&self.subjects).await?.filter(|kept| kept.position > self.at) else { return Ok(None) };
        if self.shared.forgets || self.shared.is_behind_what_is_there(&self.subjects, &kept).await? {
            return Ok(Some(kept));
        }
        // Another one was kept meanwhile, or it is of what is lost.
        if self.forgives && !self.has_begun { Ok(None) } else { Err(Trouble::Hole) }
    }

    /// Waits for a connection to the streams that this began with.
    async fn connected(&self) -> Result<u64, Lost> {
        let (mut link, mut sound, mut lost) = (self.shared.wire.link.clone(), self.shared.sound.subscribe(), self.shared.lost.subscribe());
        loop {
            if let Some(lost) = &*lost.borrow_and_update() {
                return Err(lost.clone());
            }
            let now = *link.borrow_and_update();
            if now.is_up && *sound.borrow_and_update() >= now.life {
                return Ok(now.life);
            }
            let is_closed = tokio::select! {
                changed = link.changed() => changed.is_err(),
                _ = sound.changed() => false,
                _ = lost.changed() => false,
            };
            if is_closed {
                return Err(closed());
            }
        }
    }

    async fn listen(&mut self) -> Result<(), Lost> {
        let Some(Ears { live, place }) = &mut self.ears else {
            self.standing = Standing::Behind;
            return Ok(());
        };
        let (life, at) = (self.life, self.at);
        let (mut link, mut lost) = (self.shared.wire.link.clone(), self.shared.lost.subscribe());
        // In this order: what has been heard is told before that there may be more.
        let news = tokio::select! {
            biased;
            message = live.next() => message.map_or(News::Deaf, News::Message),
            lost = lost.wait_for(Option::is_some) => {
                return Err(lost.ok().and_then(|lost| lost.clone()).unwrap_or_else(closed));
            }
            _ = link.wait_for(|link| !link.is_up || link.life != life) => News::Cut,
            Ok(there) = place.there.wait_for(|there| *there > at) => News::Missed(*there),
        };
        match news {
            News::Message(message) => self.hear(message),
            News::Cut => self.stale(),
            News::Missed(there) => {
                self.target = there;
                self.standing = Standing::Behind;
            }
            News::Deaf => {
                self.ears = None;
                self.standing = Standing::Behind;
            }
        }
        Ok(())
    }

    fn hear(&mut self, message: Message) {
        let Some(sequence) = number(&message, "Nats-Sequence").filter(|sequence| *sequence > self.at) else { return };
        self.shared.saw(sequence);
        if behind(&message) == self.at {
            let record = record(Stored { sequence, message });
            (self.at, self.taken) = (sequence, Some(record.at));
            self.ready.push_back(Told::Record(record));
        } else {
            self.target = sequence;
            self.standing = Standing::Behind;
        }
    }
}

fn closed() -> Lost {
    Lost("the connection was closed".to_owned())
}

/// Where the record is that a record is behind.
fn behind(message: &Message) -> u64 {
    number(message, BEHIND).unwrap_or(0)
}

fn taken(message: &Message) -> Option<SystemTime> {
    header(message, TIME_STAMP).and_then(time::parse)
}

fn record(stored: Stored) -> Record {
    let at = taken(&stored.message).unwrap_or(SystemTime::UNIX_EPOCH);
    Record { position: Position(stored.sequence), at, bytes: stored.message.payload }
}
