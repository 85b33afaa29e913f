//! All topics of a process, and the one order of what is published to them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use crate::html::dom_id::DomId;
use crate::hub::clock::{Clock, Moment};
use crate::hub::fanout::Passes;
use crate::hub::log::{Gap, Latest, Log, Retention};
use crate::hub::presence::Presences;
use crate::hub::producer::Producers;
use crate::hub::publish::PublishError;
use crate::hub::reader::Reader;
use crate::hub::readers::Readers;
use crate::hub::replica::feed::Feed;
use crate::hub::replica::nodes::Nodes;
use crate::hub::room::{Ledger, Weight};
use crate::hub::snapshot::{Call, Snapshots};
use crate::hub::stats::Counters;
use crate::hub::sweep::NextSweep;
use crate::hub::sync::{AtomicBool, AtomicU64, Mutex, MutexGuard, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::message::cursor::{Cursor, Epoch, Version};
use crate::message::envelope::Envelope;
use crate::message::topic::Topic;

/// What the topics may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TopicLimits {
    pub(crate) retention: Retention,
    pub(crate) topics: usize,
    pub(crate) patch_bytes: usize,
    /// The memory of all topics together.
    pub(crate) bytes: usize,
    /// How long a topic is kept that has no readers and is not used.
    pub(crate) forget_idle_after: Duration,
    /// The least time between the beginnings of two passes over a topic's readers.
    pub(crate) pass_interval: Duration,
}

/// Places for the versions of topics that were given up. One is enough to try races with, and loom makes each of them anew for every order of steps.
const GIVEN_UP_PLACES: usize = if cfg!(htmx_ws_loom) { 1 } else { 1024 };
pub(super) type ByName = HashMap<Topic, Arc<TopicState>>;

/// Envelopes kept of one topic: readers stand at few different cursors at a time, and stragglers cost an encoding each.
const CACHED_ENVELOPES: usize = 16;

/// A cheap handle on the process's topics.
#[derive(Debug, Clone)]
pub(crate) struct Topics(pub(super) Arc<Shared>);

#[derive(Debug)]
pub(super) struct Shared {
    /// This life of the logs. Another one begins where a backplane has lost what it had: then all topics are given up, and the version begins anew before the epoch does.
    epoch: AtomicU64,
    /// The last version given out. It is taken while the topic's lock is held: whoever reads it and takes the lock of a topic then (registering does) finds all of that topic up to it. `races.rs` has the tests.
    pub(super) version: AtomicU64,
    /// Held only to look a topic up, to make one, or to give idle ones up.
    by_name: RwLock<ByName>,
    /// The newest versions of topics that were given up: a new topic may be one of them, so its log does not reach back further. Many topics share a place: what
    /// that costs is a refresh.
    given_up: Box<[AtomicU64]>,
    pub(super) limits: TopicLimits,
    pub(super) counters: Arc<Counters>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) clock: Clock,
    pub(super) next_sweep: NextSweep,
    /// There where other nodes have the same topics.
    pub(super) nodes: Option<Nodes>,
    /// Set when the hub is there, which the tasks of the producers know.
    pub(super) producers: OnceLock<Producers>,
    pub(super) snapshots: OnceLock<Snapshots>,
    pub(super) presences: OnceLock<Presences>,
}

/// One topic.
#[derive(Debug)]
pub(crate) struct TopicState {
    name: Topic,
    /// The version of the newest change, to see without the lock whether there is something to read.
    pub(super) last: AtomicU64,
    /// Whether nothing more is to come: set under the lock.
    pub(super) is_complete: AtomicBool,
    /// Whether it is of a life of the backplane that is over: its readers look it up again. Set under the lock.
    is_past: AtomicBool,
    /// What it takes is noted here.
    ledger: Arc<Ledger>,
    /// A short lock: no rendering, no encoding and no await happens under it.
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) log: Log,
    /// What readers at a cursor lack, until the next change.
    pub(super) envelopes: Vec<(Cursor, Arc<Envelope>)>,
    pub(super) readers: Readers,
    pub(super) passes: Passes,
    /// How far it is with what the nodes have, where there are some.
    pub(super) feed: Option<Box<Feed>>,
    /// Set when the topic was given up: whoever still holds it looks it up again.
    pub(super) is_given_up: bool,
    /// When it was last published to, had a reader, or was asked for what it retains.
    pub(super) used: Moment,
    /// When it last changed, if it ever has.
    pub(super) changed: Option<Moment>,
    /// What it holds, as the ledger has it.
    pub(super) weight: Weight,
}

impl Topics {
    pub(crate) fn new(epoch: Epoch, limits: TopicLimits, counters: Arc<Counters>) -> Self {
        Self::with(epoch, limits, counters, None)
    }

    /// Topics that other nodes have as well.
    pub(crate) fn of_nodes(nodes: Nodes, limits: TopicLimits, counters: Arc<Counters>) -> Self {
        Self::with(nodes.life().engine.epoch(), limits, counters, Some(nodes))
    }

    fn with(epoch: Epoch, limits: TopicLimits, counters: Arc<Counters>, nodes: Option<Nodes>) -> Self {
        let (version, given_up) = (AtomicU64::new(0), (0..GIVEN_UP_PLACES).map(|_| AtomicU64::new(0)).collect());
        let (ledger, clock, next_sweep) = (Arc::new(Ledger::new(limits.bytes)), Clock::start(), NextSweep::default());
        let by_name = RwLock::new(ByName::new());
        let (producers, snapshots, presences) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self(Arc::new(Shared {
            epoch: AtomicU64::new(epoch.0),
            version,
            by_name,
            given_up,
            limits,
            counters,
            ledger,
            clock,
            next_sweep,
            nodes,
            producers,
            snapshots,
            presences,
        }))
    }

    pub(crate) fn set_producers(&self, producers: Producers) {
        let _ = self.0.producers.set(producers);
    }

    /// This life of the logs.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.0.epoch.load(Ordering::Acquire))
    }

    /// Another life, in which nothing has been published. Called with the lock on all topics, when there are none.
    pub(super) fn begin_life(&self, epoch: Epoch) {
        self.0.version.store(0, Ordering::Release);
        // Behind that: whoever has the new epoch has no version of the old one.
        self.0.epoch.store(epoch.0, Ordering::Release);
    }

    /// Readers of the topic have come or gone. Called without its lock.
    pub(crate) fn readers_changed(&self, topic: &Arc<TopicState>) {
        if let Some(producers) = self.0.producers.get()
            && !topic.name().is_private()
        {
            producers.readers_changed(topic);
        }
    }

    /// The place behind everything that was published until now.
    pub(crate) fn cursor(&self) -> Cursor {
        let epoch = self.epoch();
        Cursor::new(epoch, Version(self.0.version.load(Ordering::Acquire)))
    }

    /// Whether there is a topic of this name here.
    pub(crate) fn is_there(&self, name: &Topic) -> bool {
        self.find(name).is_some()
    }

    pub(crate) fn count(&self) -> usize {
        self.read_lock().len()
    }

    /// A topic that wakes `reader` at every change from now on, and the number to call [`TopicState::forget`] with.
    pub(crate) fn read(&self, topic: &Topic, reader: &Arc<Reader>) -> Result<(Arc<TopicState>, usize), PublishError> {
        let now = self.sweep();
        loop {
            let state = self.topic(topic)?;
            if let Some(number) = state.wake_at_changes(reader, now) {
                self.make_room();
                self.readers_changed(&state);
                return Ok((state, number));
            }
        }
    }

    /// As [`Topics::read`], of a topic that nobody has to publish to first; none where there is none, and a gap where there was one that was given up behind `cursor`.
    pub(crate) fn read_if_any(
        &self,
        topic: &Topic,
        cursor: &Cursor,
        reader: &Arc<Reader>,
    ) -> Result<Option<(Arc<TopicState>, usize)>, Gap> {
        let now = self.sweep();
        loop {
            let Some(state) = self.find(topic) else {
                if self.0.nodes.is_some() {
                    // What was given up here is with the other nodes.
                    return Ok(None);
                }
                // Asked behind the look-up: whoever gives a topic up says so before it can no longer be found.
                let is_past = self.given_up(topic).load(Ordering::Acquire) > cursor.version.0;
                return if is_past { Err(Gap) } else { Ok(None) };
            };
            if let Some(number) = state.wake_at_changes(reader, now) {
                return Ok(Some((state, number)));
            }
        }
    }

    /// The newest version of the topics that were given up, of those that share their place with this one.
    pub(super) fn given_up(&self, topic: &Topic) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        topic.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % GIVEN_UP_PLACES as u64).unwrap_or_default();
        &self.0.given_up[place]
    }

    /// What the topic retains of a leaf.
    pub(crate) fn latest(&self, topic: &Topic, id: &DomId) -> Latest {
        let now = self.sweep();
        let Some(state) = self.find(topic) else { return Latest::Unknown };
        let mut inner = state.lock();
        inner.used = now;
        inner.log.latest(id)
    }

    /// The topic of this name; it is made where there is none.
    pub(super) fn topic(&self, name: &Topic) -> Result<Arc<TopicState>, PublishError> {
        if let Some(state) = self.find(name) {
            return Ok(state);
        }
        let mut gone = 0;
        let made = self.make(name, &mut gone);
        if gone > 0 {
            tracing::debug!(name: "htmx_ws.topics_given_up", target: "htmx_ws", topics = gone, "topics without readers went for a new one");
        }
        made
    }

    /// As [`Topics::topic`]; counts the topics that went for it.
    fn make(&self, name: &Topic, gone: &mut usize) -> Result<Arc<TopicState>, PublishError> {
        let limit = self.0.limits.topics;
        let mut by_name = self.write();
        if by_name.len() >= limit && !by_name.contains_key(name) {
            // So many that this is not needed again soon.
            let share = (limit / 16).max(1);
            *gone = self.give_up_idle(&mut by_name, |count| count < share);
        }
        if by_name.len() >= limit && !by_name.contains_key(name) {
            return Err(PublishError::TooManyTopics { topic: name.clone(), limit });
        }
        let make = || {
            // What the nodes have comes back as it was.
            let floor = if self.0.nodes.is_some() { 0 } else { self.given_up(name).load(Ordering::Acquire) };
            let state = Arc::new(TopicState::new(name.clone(), Log::new(self.0.limits.retention, Version(floor)), &self.0));
            if let Some(nodes) = &self.0.nodes {
                // Under the lock: the first thing that is told may be there at once.
                let mut inner = state.lock();
                inner.feed = Some(Box::new(Feed::of(nodes.follow(&self.0, &state))));
            }
            state
        };
        Ok(Arc::clone(by_name.entry(name.clone()).or_insert_with(make)))
    }

    /// All of them, to be looked at one after the other without a lock on the others.
    pub(super) fn all(&self) -> Vec<Arc<TopicState>> {
        self.read_lock().values().cloned().collect()
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, ByName> {
        self.0.by_name.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// While it is held, no topic comes or goes.
    pub(super) fn read_lock(&self) -> RwLockReadGuard<'_, ByName> {
        self.0.by_name.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, name: &Topic) -> Option<Arc<TopicState>> {
        self.read_lock().get(name).cloned()
    }
}

impl TopicState {
    fn new(name: Topic, log: Log, shared: &Shared) -> Self {
        let (last, used, ledger) = (AtomicU64::new(log.last().0), shared.clock.now(), Arc::clone(&shared.ledger));
        let mut inner = Inner {
            log,
            envelopes: Vec::new(),
            readers: Readers::default(),
            passes: Passes::default(),
            feed: None,
            is_given_up: false,
            used,
            changed: None,
            weight: Weight::default(),
        };
        inner.weigh(&ledger);
        let (is_complete, is_past) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { name, last, is_complete, is_past, ledger, inner: Mutex::new(inner) }
    }

    /// A panic under the lock could only come from the allocator; the log is whole at every step that may allocate.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn name(&self) -> &Topic {
        &self.name
    }

    /// The version of the newest change.
    pub(crate) fn last(&self) -> Version {
        Version(self.last.load(Ordering::Acquire))
    }

    /// Wakes `reader` at every change from now on; none when the topic was given up.
    fn wake_at_changes(&self, reader: &Arc<Reader>, now: Moment) -> Option<usize> {
        let mut inner = self.lock();
        if inner.is_given_up {
            return None;
        }
        inner.used = now;
        inner.passes.reader_came();
        self.ledger.reader_came();
        Some(inner.readers.add(Arc::clone(reader)))
    }

    /// Whether nothing more is to come.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete.load(Ordering::Acquire)
    }

    /// Whether it is of a life that is over.
    pub(crate) fn is_past(&self) -> bool {
        self.is_past.load(Ordering::Acquire)
    }

    /// Gives it up with the life that it was of; those who wait for what comes no more.
    pub(super) fn pass(&self) -> Vec<Arc<Call>> {
        let mut inner = self.lock();
        inner.is_given_up = true;
        inner.weigh(&self.ledger);
        self.is_past.store(true, Ordering::Release);
        inner.feed.take().map(|feed| feed.end()).unwrap_or_default()
    }

    /// Below this its log does not reach back.
    pub(crate) fn floor(&self) -> Version {
        self.lock().log.floor()
    }

    /// How many readers there are.
    pub(crate) fn readers(&self) -> usize {
        self.lock().readers.len()
    }

    pub(crate) fn forget(&self, number: usize) {
        if self.lock().readers.remove(number) {
            self.ledger.reader_left();
        }
    }

    /// Every reader looks for itself.
    pub(super) fn wake_all(&self) {
        self.lock().readers.iter().for_each(|reader| reader.wake());
    }

    /// The next part of what a reader at `cursor` lacks; none when it lacks nothing.
    pub(crate) fn unread(&self, cursor: &Cursor) -> Result<Option<Arc<Envelope>>, Gap> {
        let mut inner = self.lock();
        if let Some((_, envelope)) = inner.envelopes.iter().find(|(from, _)| from == cursor) {
            return Ok(Some(Arc::clone(envelope)));
        }
        let Some(replay) = inner.log.replay(cursor)? else { return Ok(None) };
        let envelope = Arc::new(Envelope::new(self.name.clone(), *cursor, replay));
        if self.ledger.has_room_for(envelope.bytes()) {
            if inner.envelopes.len() == CACHED_ENVELOPES {
                inner.envelopes.remove(0);
            }
            inner.envelopes.push((*cursor, Arc::clone(&envelope)));
            inner.weigh(&self.ledger);
        }
        Ok(Some(envelope))
    }
}
