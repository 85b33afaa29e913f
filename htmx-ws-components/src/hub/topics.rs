//! All topics of a process, and the one order of what is published to them.

pub(crate) mod look;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::Notify;

use crate::html::dom_id::DomId;
use crate::hub::log::look::Weight;
use crate::hub::log::{Gap, Latest, Log, Publication, Put, Retention};
use crate::hub::publish::{PublishError, Published};
use crate::hub::stats::{Counter, Counters};
use crate::message::cursor::{Cursor, Epoch, Version};
use crate::message::envelope::Envelope;
use crate::message::recipient::PageId;
use crate::message::topic::Topic;

/// What the topics may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TopicLimits {
    pub(crate) retention: Retention,
    pub(crate) topics: usize,
    pub(crate) patch_bytes: usize,
}

/// Places for the versions of topics that were given up.
const GIVEN_UP_PLACES: usize = 1024;

/// Envelopes kept of one topic: readers stand at few different cursors at a time, and stragglers cost an encoding each.
const CACHED_ENVELOPES: usize = 16;

/// A cheap handle on the process's topics.
#[derive(Debug, Clone)]
pub(crate) struct Topics(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    epoch: Epoch,
    began: Instant,
    /// The last version given out. It is taken while the topic's lock is held, so a reader that holds that lock sees every version up to it.
    version: AtomicU64,
    /// Held only to look a topic up, to make one, or to give idle ones up.
    by_name: RwLock<HashMap<Topic, Arc<TopicState>>>,
    /// The newest versions of topics that were given up: a new topic may be one of them, so its log does not reach back further. Many topics share a place: what
    /// that costs is a refresh.
    given_up: Box<[AtomicU64]>,
    limits: TopicLimits,
    counters: Arc<Counters>,
}

/// One topic.
#[derive(Debug)]
pub(crate) struct TopicState {
    name: Topic,
    /// The version of the newest change, to see without the lock whether there is something to read.
    last: AtomicU64,
    /// When that was, in milliseconds from the beginning of the topics; 0 before the first.
    changed: AtomicU64,
    counters: Arc<Counters>,
    /// A short lock: no rendering, no encoding and no await happens under it.
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    log: Log,
    /// What readers at a cursor lack, until the next change.
    envelopes: Vec<(Cursor, Arc<Envelope>)>,
    /// Those to wake at a change.
    readers: HashMap<u64, Arc<Notify>>,
    next_reader: u64,
    /// What the totals know of the log.
    weighed: Weight,
    /// Set when the topic was given up: whoever still holds it looks it up again.
    is_given_up: bool,
}

impl Topics {
    pub(crate) fn new(epoch: Epoch, limits: TopicLimits, counters: Arc<Counters>) -> Self {
        let (version, given_up) = (AtomicU64::new(0), (0..GIVEN_UP_PLACES).map(|_| AtomicU64::new(0)).collect());
        Self(Arc::new(Shared { epoch, began: Instant::now(), version, by_name: RwLock::default(), given_up, limits, counters }))
    }

    /// The place behind everything that was published until now.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor::new(self.0.epoch, Version(self.0.version.load(Ordering::Acquire)))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.by_name.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Publishes all of it at once: nobody else's falls in between, and readers are woken once. The page `origin` has it already.
    pub(crate) fn publish(&self, topic: &Topic, publications: Vec<Publication>, origin: Option<PageId>) -> Result<Published, PublishError> {
        for patch in publications.iter().map(Publication::patch) {
            let (size, limit) = (patch.size(), self.0.limits.patch_bytes);
            if size > limit {
                return Err(PublishError::TooLarge { id: patch.id().map(ToString::to_string).unwrap_or_default(), size, limit });
            }
        }
        loop {
            let state = self.topic(topic)?;
            let mut inner = state.lock();
            if !inner.is_given_up {
                let floor = inner.log.floor();
                let published = self.publish_to(&state, &mut inner, publications, origin);
                let evicted = Some(inner.log.floor()).filter(|raised| *raised > floor);
                // Whoever is told may publish as well.
                drop(inner);
                if let Some(floor) = evicted {
                    tracing::trace!(name: "htmx_ws.evicted", target: "htmx_ws", topic = %topic.shown(), %floor, "a log reaches less far back");
                }
                return Ok(published);
            }
        }
    }

    fn publish_to(&self, state: &TopicState, inner: &mut Inner, publications: Vec<Publication>, origin: Option<PageId>) -> Published {
        let mut next_version = || Version(self.0.version.fetch_add(1, Ordering::AcqRel) + 1);
        let floor = inner.log.floor();
        let mut is_change = false;
        for publication in publications {
            is_change |= inner.log.publish(publication, origin, &mut next_version) == Put::Changed;
        }
        if inner.log.floor() > floor {
            self.0.counters.count(Counter::LogEvicted);
        }
        let version = is_change.then(|| {
            inner.envelopes.clear();
            let version = inner.log.last();
            state.last.store(version.0, Ordering::Release);
            self.weigh(state, inner);
            inner.readers.values().for_each(|reader| reader.notify_one());
            version
        });
        Published { version, readers: inner.readers.len() }
    }

    /// A topic that wakes `reader` at every change from now on, and the number to call [`TopicState::forget`] with.
    pub(crate) fn read(&self, topic: &Topic, reader: &Arc<Notify>) -> Result<(Arc<TopicState>, u64), PublishError> {
        loop {
            let state = self.topic(topic)?;
            if let Some(number) = state.wake_at_changes(reader) {
                return Ok((state, number));
            }
        }
    }

    /// As [`Topics::read`], of a topic that nobody has to publish to first; none where there is none, and a gap where there was one that was given up behind `cursor`.
    pub(crate) fn read_if_any(&self, topic: &Topic, cursor: &Cursor, reader: &Arc<Notify>) -> Result<Option<(Arc<TopicState>, u64)>, Gap> {
        loop {
            let Some(state) = self.find(topic) else {
                // Asked behind the look-up: whoever gives a topic up says so before it can no longer be found.
                let is_past = self.given_up(topic).load(Ordering::Acquire) > cursor.version.0;
                return if is_past { Err(Gap) } else { Ok(None) };
            };
            if let Some(number) = state.wake_at_changes(reader) {
                return Ok(Some((state, number)));
            }
        }
    }

    /// The newest version of the topics that were given up, of those that share their place with this one.
    fn given_up(&self, topic: &Topic) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        topic.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % GIVEN_UP_PLACES as u64).unwrap_or_default();
        &self.0.given_up[place]
    }

    /// What the topic retains of a leaf.
    pub(crate) fn latest(&self, topic: &Topic, id: &DomId) -> Latest {
        match self.find(topic) {
            Some(state) => state.lock().log.latest(id),
            None => Latest::Unknown,
        }
    }

    /// The topic of this name; it is made where there is none.
    fn topic(&self, name: &Topic) -> Result<Arc<TopicState>, PublishError> {
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
        let mut by_name = self.0.by_name.write().unwrap_or_else(PoisonError::into_inner);
        if by_name.len() >= limit && !by_name.contains_key(name) {
            let before = by_name.len();
            self.give_up_idle(&mut by_name);
            *gone = before - by_name.len();
        }
        if by_name.len() >= limit && !by_name.contains_key(name) {
            return Err(PublishError::TooManyTopics { topic: name.clone(), limit });
        }
        let make = || {
            let floor = Version(self.given_up(name).load(Ordering::Acquire));
            Arc::new(TopicState::new(name.clone(), Log::new(self.0.limits.retention, floor), Arc::clone(&self.0.counters)))
        };
        Ok(Arc::clone(by_name.entry(name.clone()).or_insert_with(make)))
    }

    /// Gives up the topics without readers that changed longest ago, so many that this is not needed again soon.
    fn give_up_idle(&self, by_name: &mut HashMap<Topic, Arc<TopicState>>) {
        let mut idle: Vec<Arc<TopicState>> = by_name.values().filter(|state| state.lock().readers.is_empty()).cloned().collect();
        let share = (by_name.len() / 16).max(1).min(idle.len());
        idle.sort_unstable_by_key(|state| state.last());
        for state in idle.into_iter().take(share) {
            let mut inner = state.lock();
            if inner.readers.is_empty() {
                inner.is_given_up = true;
                state.leave(&mut inner);
                self.given_up(&state.name).fetch_max(inner.log.last().0, Ordering::AcqRel);
                by_name.remove(&state.name);
                self.0.counters.count(Counter::TopicsGivenUp);
            }
        }
    }

    fn find(&self, name: &Topic) -> Option<Arc<TopicState>> {
        self.0.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

impl TopicState {
    fn new(name: Topic, log: Log, counters: Arc<Counters>) -> Self {
        let last = AtomicU64::new(log.last().0);
        let inner =
            Inner { log, envelopes: Vec::new(), readers: HashMap::new(), next_reader: 0, weighed: Weight::default(), is_given_up: false };
        Self { name, last, changed: AtomicU64::new(0), counters, inner: Mutex::new(inner) }
    }

    /// A panic under the lock could only come from the allocator; the log is whole at every step that may allocate.
    fn lock(&self) -> MutexGuard<'_, Inner> {
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
    fn wake_at_changes(&self, reader: &Arc<Notify>) -> Option<u64> {
        let mut inner = self.lock();
        if inner.is_given_up {
            return None;
        }
        let number = inner.next_reader;
        inner.next_reader += 1;
        inner.readers.insert(number, Arc::clone(reader));
        self.counters.totals.readers.fetch_add(1, Ordering::Relaxed);
        Some(number)
    }

    pub(crate) fn forget(&self, number: u64) {
        if self.lock().readers.remove(&number).is_some() {
            self.counters.totals.readers.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The next part of what a reader at `cursor` lacks; none when it lacks nothing.
    pub(crate) fn unread(&self, cursor: &Cursor) -> Result<Option<Arc<Envelope>>, Gap> {
        let mut inner = self.lock();
        if let Some((_, envelope)) = inner.envelopes.iter().find(|(from, _)| from == cursor) {
            return Ok(Some(Arc::clone(envelope)));
        }
        let Some(replay) = inner.log.replay(cursor)? else { return Ok(None) };
        let envelope = Arc::new(Envelope::new(self.name.clone(), *cursor, replay));
        if inner.envelopes.len() < CACHED_ENVELOPES {
            inner.envelopes.push((*cursor, Arc::clone(&envelope)));
        }
        Ok(Some(envelope))
    }
}
