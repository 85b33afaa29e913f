//! Who reads a topic: users, each once, however many pages they have open and however often these come back.
//!
//! What is known changes at once, what is *told* in steps: the list that a page can be rendered with, and the one that is published, are the same at any time, so a page that is rendered
//! between two steps gets the next one. One task does that, as long as somebody comes or may be gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::{self, Debug};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use crate::hub::replica::cluster::{Notice, Reading};
use crate::hub::replica::membership::Membership;
use crate::hub::stats::{Counter, Counters};
use crate::hub::topics::Topics;
use crate::message::topic::Topic;

/// Is told of a topic's new list.
pub(crate) type Show = Arc<dyn Fn(&Presence) + Send + Sync>;

/// The least time between two steps: where a thousand come at once, not everyone is a list of its own.
const STEP: Duration = Duration::from_millis(50);

/// Who reads a topic, at one moment: the users whose pages do, each once, in the order in which they came. See [`Hub::presence`](crate::Hub::presence).
///
/// ```
/// use htmx_ws_components::Hub;
///
/// let presence = Hub::new().presence("doc-7")?;
/// assert_eq!(presence.users().len(), 0);
/// # Ok::<(), htmx_ws_components::InvalidTopic>(())
/// ```
#[derive(Debug, Clone)]
pub struct Presence {
    topic: Topic,
    users: Arc<[Arc<str>]>,
    joins: Vec<Arc<str>>,
    leaves: Vec<Arc<str>>,
}

impl Presence {
    /// What they read.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// The users, as [`Live::user`](crate::Live::user) named them.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &str> {
        self.users.iter().map(|user| &**user)
    }

    /// Those who have come since the last list, where this one is told of.
    pub fn joins(&self) -> impl ExactSizeIterator<Item = &str> {
        self.joins.iter().map(|user| &**user)
    }

    /// Those who have gone since the last list, where this one is told of.
    pub fn leaves(&self) -> impl ExactSizeIterator<Item = &str> {
        self.leaves.iter().map(|user| &**user)
    }
}

/// Who reads the topics of a hub.
#[derive(Clone)]
pub(crate) struct Presences(pub(in crate::hub) Arc<Shared>);

pub(in crate::hub) struct Shared {
    shows: Vec<Show>,
    grace: Duration,
    counters: Arc<Counters>,
    /// Wakes the task that tells.
    called: Notify,
    /// There where other nodes have readers as well: what is known of them comes from there, also of those of this one, so that all nodes know the same in the same order.
    pub(in crate::hub) members: Option<Membership>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
pub(in crate::hub) struct Inner {
    /// With other nodes: the subscriptions here of each user, and whom the nodes have said to be where.
    pub(in crate::hub) here: HashMap<(Topic, Arc<str>), usize>,
    pub(in crate::hub) said: HashMap<Reading, u64>,
    /// Told again, whether or not it has changed.
    pub(in crate::hub) is_retold: bool,
    pub(in crate::hub) rosters: HashMap<Topic, Roster>,
    /// What has to be told of.
    pub(in crate::hub) changed: BTreeSet<Topic>,
    /// Who is gone if they do not come back until then.
    leaving: BTreeSet<(Instant, Topic, u64)>,
    is_attended: bool,
}

/// The users who read one topic.
#[derive(Debug, Default)]
pub(in crate::hub) struct Roster {
    next: u64,
    by_number: BTreeMap<u64, Reader>,
    by_user: HashMap<Arc<str>, u64>,
    told: Arc<[Arc<str>]>,
}

#[derive(Debug)]
struct Reader {
    user: Arc<str>,
    /// Subscriptions of the user's connections.
    open: usize,
    /// Set where none is.
    leaves_at: Option<Instant>,
    is_told: bool,
}

/// A user reads a topic, with one connection. Dropped, that is over.
#[derive(Debug)]
pub(crate) struct Present {
    presences: Presences,
    topic: Topic,
    reader: Whose,
}

/// Whose presence it is.
#[derive(Debug)]
enum Whose {
    Number(u64),
    /// With other nodes.
    User(Arc<str>),
}

impl Presences {
    /// A user is gone when the last page has been for `grace`; `shows` are told.
    pub(crate) fn new(shows: Vec<Show>, grace: Duration, counters: Arc<Counters>, members: Option<Membership>) -> Self {
        Self(Arc::new(Shared { shows, grace, counters, called: Notify::new(), members, inner: Mutex::default() }))
    }

    /// The list that was told last.
    pub(crate) fn of(&self, topic: &Topic) -> Presence {
        let users = self.lock().rosters.get(topic).map(|roster| Arc::clone(&roster.told)).unwrap_or_default();
        Presence { topic: topic.clone(), users, joins: Vec::new(), leaves: Vec::new() }
    }

    pub(super) fn enter(&self, topic: &Topic, user: &str) -> Present {
        let reader = match &self.0.members {
            Some(members) => {
                let user: Arc<str> = user.into();
                let mut inner = self.lock();
                let count = inner.here.entry((topic.clone(), Arc::clone(&user))).or_default();
                *count += 1;
                if *count == 1 {
                    // Under the lock: it is said in the order in which it is so.
                    drop(members.say(Notice::Enter { topic: topic.to_string(), user: user.to_string() }));
                }
                Whose::User(user)
            }
            None => Whose::Number(self.arrive(topic, user)),
        };
        Present { presences: self.clone(), topic: topic.clone(), reader }
    }

    /// One connection, or one node, more is of the user.
    pub(in crate::hub) fn arrive(&self, topic: &Topic, user: &str) -> u64 {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let roster = inner.rosters.entry(topic.clone()).or_default();
        let number = if let Some(number) = roster.by_user.get(user).copied() {
            number
        } else {
            inner.changed.insert(topic.clone());
            roster.add(user)
        };
        if let Some(reader) = roster.by_number.get_mut(&number) {
            reader.open += 1;
            if let Some(at) = reader.leaves_at.take() {
                inner.leaving.remove(&(at, topic.clone(), number));
            }
        }
        self.attend(&mut guard);
        drop(guard);
        number
    }

    pub(in crate::hub) fn leave(&self, topic: &Topic, number: u64) {
        let mut inner = self.lock();
        let Some(reader) = inner.rosters.get_mut(topic).and_then(|roster| roster.by_number.get_mut(&number)) else { return };
        reader.open -= 1;
        if reader.open > 0 {
            return;
        }
        let at = Instant::now() + self.0.grace;
        reader.leaves_at = Some(at);
        inner.leaving.insert((at, topic.clone(), number));
        self.attend(&mut inner);
    }

    /// Somebody has come, or may be gone: there is a task that sees to it.
    pub(in crate::hub) fn attend(&self, inner: &mut Inner) {
        if inner.is_attended {
            self.0.called.notify_one();
            return;
        }
        if inner.changed.is_empty() && inner.leaving.is_empty() {
            return;
        }
        // Where a runtime ends, its connections do without one.
        if let Ok(runtime) = Handle::try_current() {
            inner.is_attended = true;
            runtime.spawn(self.clone().tell());
        }
    }

    /// Tells of every list that changes, until none can change by itself.
    async fn tell(self) {
        loop {
            let (told, next) = {
                let mut inner = self.lock();
                let told = inner.step(Instant::now());
                let next = inner.leaving.first().map(|(at, ..)| *at);
                inner.is_attended = next.is_some() || !told.is_empty();
                if !inner.is_attended {
                    return;
                }
                (told, next)
            };
            for presence in &told {
                self.show(presence);
            }
            if told.is_empty() {
                let next = async { if let Some(next) = next { sleep_until(next).await } else { std::future::pending().await } };
                tokio::select! {
                    () = next => {}
                    () = self.0.called.notified() => {}
                }
            } else {
                sleep(STEP).await;
            }
        }
    }

    fn show(&self, presence: &Presence) {
        // Every node knows it, and one says it.
        if self.0.members.as_ref().is_some_and(|members| !members.speaks()) {
            return;
        }
        for show in &self.0.shows {
            if std::panic::catch_unwind(AssertUnwindSafe(|| show(presence))).is_err() {
                self.0.counters.count(Counter::PresencePanicked);
                tracing::error!(name: "htmx_ws.presence_panicked", target: "htmx_ws", topic = %presence.topic.shown(), "what shows who reads a topic panicked");
            }
        }
    }

    pub(in crate::hub) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The lists that are others than those which were told last.
    fn step(&mut self, now: Instant) -> Vec<Presence> {
        let mut leaves: HashMap<Topic, Vec<Arc<str>>> = HashMap::new();
        while let Some((_, topic, number)) = self.leaving.first().filter(|(at, ..)| *at <= now).cloned() {
            self.leaving.pop_first();
            // One who was not told of yet was never there.
            if let Some(reader) = self.rosters.get_mut(&topic).and_then(|roster| roster.remove(number)).filter(|reader| reader.is_told) {
                leaves.entry(topic.clone()).or_default().push(reader.user);
            }
            self.changed.insert(topic);
        }
        let (changed, is_retold) = (std::mem::take(&mut self.changed), std::mem::take(&mut self.is_retold));
        let told = changed.into_iter().filter_map(|topic| {
            let roster = self.rosters.get_mut(&topic)?;
            let leaves = leaves.remove(&topic).unwrap_or_default();
            let joins = roster.tell();
            let users = Arc::clone(&roster.told);
            if roster.by_number.is_empty() {
                self.rosters.remove(&topic);
            }
            (is_retold || !joins.is_empty() || !leaves.is_empty()).then_some(Presence { topic, users, joins, leaves })
        });
        told.collect()
    }
}

impl Roster {
    fn add(&mut self, user: &str) -> u64 {
        let (number, user): (u64, Arc<str>) = (self.next, user.into());
        self.next += 1;
        self.by_user.insert(Arc::clone(&user), number);
        self.by_number.insert(number, Reader { user, open: 0, leaves_at: None, is_told: false });
        number
    }

    fn remove(&mut self, number: u64) -> Option<Reader> {
        let reader = self.by_number.remove(&number)?;
        self.by_user.remove(&reader.user);
        Some(reader)
    }

    /// The list is told: those who are new in it.
    fn tell(&mut self) -> Vec<Arc<str>> {
        let mut joins = Vec::new();
        for reader in self.by_number.values_mut().filter(|reader| !reader.is_told) {
            reader.is_told = true;
            joins.push(Arc::clone(&reader.user));
        }
        self.told = self.by_number.values().map(|reader| Arc::clone(&reader.user)).collect();
        joins
    }
}

impl Topics {
    pub(crate) fn set_presences(&self, presences: Presences) {
        let _ = self.0.presences.set(presences);
    }

    /// Who reads the topic, as it was told last.
    pub(crate) fn presence(&self, topic: &Topic) -> Presence {
        match self.0.presences.get() {
            Some(presences) => presences.of(topic),
            None => Presence { topic: topic.clone(), users: Arc::default(), joins: Vec::new(), leaves: Vec::new() },
        }
    }

    /// The user reads the topic, with one connection more.
    pub(super) fn enter(&self, topic: &Topic, user: &str) -> Option<Present> {
        self.0.presences.get().map(|presences| presences.enter(topic, user))
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        match &self.reader {
            Whose::Number(number) => self.presences.leave(&self.topic, *number),
            Whose::User(user) => self.presences.depart(&self.topic, user),
        }
    }
}

impl Debug for Presences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presences").field("topics", &self.lock().rosters.len()).finish_non_exhaustive()
    }
}
