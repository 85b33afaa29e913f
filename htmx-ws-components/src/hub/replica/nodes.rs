//! The topics of a hub that shares them with other nodes.

use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::backplane::{AppendError, Engine, Position, Told, Unavailable};
use crate::hub::fanout::fan_out;
use crate::hub::log::Publication;
use crate::hub::publish::PublishError;
use crate::hub::reader::Reader;
use crate::hub::replica::cluster::{NodeId, Notice};
use crate::hub::replica::feed::News;
use crate::hub::replica::life::Life;
use crate::hub::replica::membership::Membership;
use crate::hub::replica::outbox::Outbox;
use crate::hub::replica::record::{Post, version_behind};
use crate::hub::snapshot::Call;
use crate::hub::stats::Counters;
use crate::hub::sync::Ordering;
use crate::hub::topics::{Shared, TopicState, Topics};
use crate::message::cursor::{Cursor, Version};
use crate::message::recipient::PageId;
use crate::message::topic::Topic;

/// Until a question is asked again that nobody answered.
const PAUSE: Duration = Duration::from_millis(500);

/// What became of a publish, when that is known.
pub(crate) type Acknowledged = oneshot::Receiver<Result<Position, AppendError>>;

/// The way to the other nodes.
#[derive(Debug)]
pub(crate) struct Nodes {
    /// A short lock.
    life: RwLock<Arc<Life>>,
    /// Where topics are followed.
    pub(super) runtime: Handle,
    counters: Arc<Counters>,
    /// What may wait.
    max_waiting: usize,
    /// There where the nodes talk to each other as well.
    members: Option<Membership>,
}

/// A topic is followed until this is dropped.
#[derive(Debug)]
pub(crate) struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Nodes {
    /// At most so many bytes wait for the backplane to take them.
    pub(crate) fn new(backplane: Arc<dyn Engine>, runtime: Handle, counters: Arc<Counters>, max_waiting: usize) -> Self {
        let outbox = Outbox::new(Arc::clone(&backplane), runtime.clone(), Arc::clone(&counters), max_waiting);
        let life = RwLock::new(Life::new(backplane, outbox));
        Self { life, runtime, counters, max_waiting, members: None }
    }

    /// The present one.
    pub(crate) fn life(&self) -> Arc<Life> {
        Arc::clone(&self.life.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_life(&self, engine: Arc<dyn Engine>) {
        let outbox = Outbox::new(Arc::clone(&engine), self.runtime.clone(), Arc::clone(&self.counters), self.max_waiting);
        *self.life.write().unwrap_or_else(PoisonError::into_inner) = Life::new(engine, outbox);
    }

    /// One that takes part in what the nodes tell each other, as soon as that begins.
    pub(crate) fn with_members(self, me: NodeId) -> Self {
        let engine = Arc::clone(&self.life().engine);
        let members = Membership::new(me, engine, self.runtime.clone(), Arc::clone(&self.counters));
        Self { members: Some(members), ..self }
    }

    pub(crate) fn post(&self, topic: &Topic, publications: &[Publication], origin: Option<PageId>) -> Result<Acknowledged, PublishError> {
        let refused = |reason| PublishError::Refused { topic: topic.clone(), reason };
        let post = Post::new(publications, origin).map_err(|error| refused(error.to_string()))?;
        let told = self.life().outbox.post(topic, post).map_err(|error| PublishError::of(topic, &error))?;
        Ok(match &self.members {
            Some(members) if topic.is_private() => self.called(members, topic, told),
            _ => told,
        })
    }

    /// Pages read their private topics as soon as there are any, so the nodes call them. What was published to one is acknowledged when all nodes will hear of it.
    fn called(&self, members: &Membership, topic: &Topic, told: Acknowledged) -> Acknowledged {
        let (done, waits) = oneshot::channel();
        let (members, call) = (members.clone(), Notice::Call(topic.to_string()));
        // A drain waits for the call as well.
        let unsettled = self.life().outbox.unsettled();
        self.runtime.spawn(async move {
            let Ok(outcome) = told.await else { return };
            let outcome = match outcome {
                Ok(position) => match members.say(call).await {
                    Ok(Ok(())) => Ok(position),
                    // It is there, but may come to pages only later.
                    Ok(Err(error)) => Err(AppendError::Unknown(error.to_string())),
                    Err(_) => return,
                },
                Err(error) => Err(error),
            };
            let _ = done.send(outcome);
            drop(unsettled);
        });
        waits
    }

    /// As [`Nodes::post`], where the topic goes on.
    pub(crate) fn post_aside(&self, topic: &Topic, publications: &[Publication]) -> Result<(), PublishError> {
        let refused = |reason| PublishError::Refused { topic: topic.clone(), reason };
        let post = Post::aside(publications).map_err(|error| refused(error.to_string()))?;
        self.life().outbox.post(topic, post).map(drop).map_err(|error| PublishError::of(topic, &error))
    }

    /// Says to all nodes that nothing more is to come.
    pub(crate) fn end(&self, topic: &Topic) -> Result<(), PublishError> {
        let refused = |reason| PublishError::Refused { topic: topic.clone(), reason };
        let post = Post::end().map_err(|error| refused(error.to_string()))?;
        self.life().outbox.post(topic, post).map(drop).map_err(|error| PublishError::of(topic, &error))
    }

    /// Returns when it is known what became of all that was posted.
    async fn settled(&self) {
        let life = self.life();
        life.outbox.settled().await;
    }

    /// Brings the topic what is published to it anywhere.
    pub(in crate::hub) fn follow(&self, shared: &Arc<Shared>, state: &Arc<TopicState>) -> Following {
        let life = self.life();
        Following(self.runtime.spawn(follow(Arc::downgrade(shared), Arc::downgrade(state), Arc::clone(&life.engine))).abort_handle())
    }
}

async fn follow(shared: Weak<Shared>, state: Weak<TopicState>, engine: Arc<dyn Engine>) {
    let Some(mut told) = state.upgrade().map(|state| engine.follow(state.name())) else { return };
    while let Some(told) = told.next().await {
        let (Some(shared), Some(state)) = (shared.upgrade(), state.upgrade()) else { return };
        let topics = Topics(shared);
        match told {
            Ok(told) => {
                if let Some((position, log)) = topics.take_in(&state, told) {
                    // It is kept again in a while where this fails.
                    tokio::spawn(keep(Arc::clone(&engine), state.name().clone(), position, log));
                }
            }
            Err(lost) => return topics.lost(engine.epoch(), &lost),
        }
    }
}

async fn keep(backplane: Arc<dyn Engine>, topic: Topic, position: Position, log: Bytes) {
    let _ = backplane.keep(&topic, position, log).await;
}

impl Topics {
    /// The bytes that wait for the backplane.
    pub(crate) fn waiting(&self) -> usize {
        self.0.nodes.as_ref().map_or(0, |nodes| nodes.life().outbox.waiting())
    }

    /// What the nodes tell each other, where there are some.
    pub(crate) fn members(&self) -> Option<&Membership> {
        self.0.nodes.as_ref()?.members.as_ref()
    }

    /// Has the topic here, with what it retains.
    pub(crate) fn follow(&self, topic: &Topic) -> Result<(), PublishError> {
        self.topic(topic).map(drop)
    }

    /// Wakes `reader` when a topic has, here, all that was published to it anywhere before this is called.
    pub(in crate::hub) fn caught_up(&self, topic: &Arc<TopicState>, reader: &Arc<Reader>) -> Option<Arc<Call>> {
        let nodes = self.0.nodes.as_ref()?;
        let call = Arc::new(Call::new(self.cursor()));
        call.wake_when_over(reader);
        let (life, topic, caught_up) = (nodes.life(), Arc::downgrade(topic), Arc::clone(&call));
        nodes.runtime.spawn(async move {
            while let Some(topic) = topic.upgrade() {
                if topic.is_past() {
                    return caught_up.end(None);
                }
                let Ok(last) = life.engine.last(topic.name()).await else {
                    drop(topic);
                    sleep(PAUSE).await;
                    continue;
                };
                return match &mut topic.lock().feed {
                    Some(feed) => feed.wait_for(last, caught_up),
                    None => caught_up.end(None),
                };
            }
        });
        Some(call)
    }

    /// The version up to which this node has all of a topic, where other nodes may have more. The topic is here from now on.
    pub(crate) fn heard_up_to(&self, topic: &Topic) -> Option<Version> {
        self.0.nodes.as_ref()?;
        let state = self.topic(topic).ok()?;
        let inner = state.lock();
        inner.feed.as_ref().map(|feed| feed.heard_up_to())
    }

    /// Finds out whether a private topic has something behind `start`, and then follows it and calls `found`. Whoever is called from now on has nothing to ask.
    pub(crate) fn seek(&self, topic: &Topic, start: &Cursor, found: impl FnOnce() + Send + 'static) {
        let Some(nodes) = self.0.nodes.as_ref().filter(|_| start.epoch == self.epoch() && self.find(topic).is_none()) else { return };
        let (life, shared, topic, start) = (nodes.life(), Arc::downgrade(&self.0), topic.clone(), *start);
        nodes.runtime.spawn(async move {
            let last = loop {
                if let Ok(last) = life.engine.last(&topic).await {
                    break last;
                }
                sleep(PAUSE).await;
                if life.is_over() || shared.strong_count() == 0 {
                    return;
                }
            };
            let is_there = last > Position(0) && version_behind(last.0) > start.version;
            if is_there && shared.upgrade().is_some_and(|shared| Self(shared).topic(&topic).is_ok()) {
                found();
            }
        });
    }

    /// Takes in what a followed topic was told; the log and where it ends, when it is to be kept.
    fn take_in(&self, state: &Arc<TopicState>, told: Told) -> Option<(Position, Bytes)> {
        let now = self.0.clock.now();
        let mut inner = state.lock();
        if inner.is_given_up {
            return None;
        }
        let floor = inner.log.floor();
        let mut feed = inner.feed.take()?;
        let news = feed.take(told, &mut inner.log, self.0.limits.retention);
        // Under the lock, as a version of one's own is taken.
        self.0.version.fetch_max(version_behind(feed.position().0).0, Ordering::AcqRel);
        let (due, waited) = (feed.due(&inner.log), feed.waited());
        let is_complete = feed.is_complete();
        inner.feed = Some(feed);
        let is_change = matches!(news, News::Changed | News::Cut);
        let change = is_change.then(|| self.settle(state, &mut inner, floor, true, now));
        // Behind that: whoever sees the end has seen what came before it.
        let was_complete = state.is_complete.load(Ordering::Acquire);
        state.is_complete.store(is_complete, Ordering::Release);
        if is_complete && !was_complete {
            inner.readers.iter().for_each(|reader| reader.wake());
        }
        drop(inner);
        for call in waited {
            call.end(None);
        }
        if change.is_some_and(|change| change.starts_passes) {
            fan_out(Arc::clone(state), self.0.limits.pass_interval);
        }
        self.make_room();
        due
    }

    /// Returns when it is known what became of all that was published here before, which is at once where there are no other nodes.
    pub(crate) async fn settled(&self) {
        if let Some(nodes) = &self.0.nodes {
            nodes.settled().await;
        }
    }

    /// Asks for the newest position of all, so that the hub's cursor is behind everything that was published before this is called.
    pub(crate) async fn catch_up(&self) -> Result<(), Unavailable> {
        let Some(nodes) = &self.0.nodes else { return Ok(()) };
        // Pages are not to wait for what is not there.
        let life = nodes.life();
        if life.is_over() || nodes.members.as_ref().is_some_and(Membership::is_away) {
            return Err(Unavailable("it is away".to_owned()));
        }
        let newest = life.newest.ask().await?;
        // No other life begins under it.
        let _topics = self.read_lock();
        if !Arc::ptr_eq(&life, &nodes.life()) {
            return Err(Unavailable("it has begun anew".to_owned()));
        }
        self.0.version.fetch_max(version_behind(newest.0).0, Ordering::AcqRel);
        Ok(())
    }
}
