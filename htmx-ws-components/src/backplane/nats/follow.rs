//! A topic, told from the streams and from what is told of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Message;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::audit::Place;
use super::names::Subjects;
use super::wire::{Failure, Live, Stored, header, number};
use super::{BEHIND, Shared, time};
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
        let records = self.shared.wire.read_all(&self.shared.names.log, &self.subjects.log, self.at + 1).await?;
        let (mut at, mut ready) = (self.at, Vec::new());
        let begins_elsewhere = !self.has_begun || records.first().is_some_and(|first| behind(&first.message) > at);
        if begins_elsewhere && let Some(kept) = self.shared.kept(&self.subjects).await?.filter(|kept| kept.position > at) {
            at = kept.position;
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
            at = stored.sequence;
            ready.push(Told::Record(record(stored)));
        }
        if at < self.target {
            return Err(Trouble::Short);
        }
        (self.at, self.life, self.has_begun) = (at, life, true);
        self.shared.saw(at);
        self.ready.extend(ready);
        Ok(())
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
            self.at = sequence;
            self.ready.push_back(Told::Record(record(Stored { sequence, message })));
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

fn record(stored: Stored) -> Record {
    let at = header(&stored.message, "Nats-Time-Stamp").and_then(time::parse).unwrap_or(std::time::SystemTime::UNIX_EPOCH);
    Record { position: Position(stored.sequence), at, bytes: stored.message.payload }
}
