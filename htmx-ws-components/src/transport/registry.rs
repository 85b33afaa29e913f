//! Who is connected.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::hub::reader::Reader;
use crate::hub::standing::Place;
use crate::hub::sync::{Mutex, MutexGuard};
use crate::message::recipient::PageId;
use crate::message::topic::Topic;
use crate::transport::close::Close;

/// Whose a connection is.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) page: PageId,
    pub(crate) user: Option<String>,
    pub(crate) session: Option<String>,
    pub(crate) address: Option<IpAddr>,
    /// The topics of the page, the user and the session, which it reads as soon as there are any.
    pub(crate) private: Box<[Topic]>,
}

/// How many connections may be of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    pub(crate) per_user: usize,
    pub(crate) per_address: usize,
}

/// Of which there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    User,
    Address,
}

/// All connections that know whose they are. Its lock is held for a look-up only.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    /// The oldest first.
    by_number: BTreeMap<u64, Arc<Handle>>,
    /// How often each connection has each: by two tickets, where one would do.
    by_private: BTreeMap<(Topic, u64), u32>,
    by_user: HashMap<String, usize>,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection, seen from outside of its task.
#[derive(Debug)]
pub(crate) struct Handle {
    number: u64,
    pub(crate) identity: Identity,
    /// Wakes the connection, also when a topic has changed.
    reader: Arc<Reader>,
    is_called: AtomicBool,
    is_draining: AtomicBool,
    end: Mutex<Option<Close>>,
    /// Whether the page was told of something that went wrong.
    shows_problem: AtomicBool,
    began: Instant,
    /// Where requests put what the page sends, when it has no socket for that.
    posts: OnceLock<mpsc::Sender<Bytes>>,
}

/// A place in the registry. Dropped, the connection is in it no more.
#[derive(Debug)]
pub(crate) struct Registration {
    registry: Arc<Registry>,
    pub(crate) handle: Arc<Handle>,
}

/// Further private topics of a connection. Dropped, it has them no more.
#[derive(Debug)]
pub(crate) struct Reach {
    registry: Arc<Registry>,
    number: u64,
    topics: Vec<Topic>,
}

impl Registry {
    pub(crate) fn register(self: &Arc<Self>, identity: Identity, shares: Shares) -> Result<Registration, Share> {
        let mut inner = self.lock();
        let held = |count: Option<&usize>| count.copied().unwrap_or_default();
        if identity.user.as_ref().is_some_and(|user| held(inner.by_user.get(user)) >= shares.per_user) {
            return Err(Share::User);
        }
        if identity.address.is_some_and(|address| held(inner.by_address.get(&address)) >= shares.per_address) {
            return Err(Share::Address);
        }
        let number = inner.next;
        inner.next += 1;
        inner.reach(number, &identity.private);
        if let Some(user) = &identity.user {
            *inner.by_user.entry(user.clone()).or_default() += 1;
        }
        if let Some(address) = identity.address {
            *inner.by_address.entry(address).or_default() += 1;
        }
        let handle = Arc::new(Handle::new(number, identity));
        inner.by_number.insert(number, Arc::clone(&handle));
        Ok(Registration { registry: Arc::clone(self), handle })
    }

    /// The connections that read this private topic, or would if there were one.
    pub(crate) fn of(&self, private: &Topic) -> Vec<Arc<Handle>> {
        let inner = self.lock();
        let theirs = inner.by_private.range((private.clone(), 0)..=(private.clone(), u64::MAX));
        theirs.filter_map(|((_, number), _)| inner.by_number.get(number).cloned()).collect()
    }

    /// Those that are open, the oldest first, `limit` at the most.
    pub(crate) fn first(&self, limit: usize) -> Vec<Arc<Handle>> {
        self.lock().by_number.values().take(limit).cloned().collect()
    }

    /// The connection of this number, if it is open.
    pub(crate) fn get(&self, number: u64) -> Option<Arc<Handle>> {
        self.lock().by_number.get(&number).cloned()
    }

    fn remove(&self, handle: &Handle) {
        let mut inner = self.lock();
        inner.by_number.remove(&handle.number);
        inner.forget(handle.number, &handle.identity.private);
        if let Some(user) = &handle.identity.user {
            release(&mut inner.by_user, user);
        }
        if let Some(address) = &handle.identity.address {
            release(&mut inner.by_address, address);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn reach(&mut self, number: u64, topics: &[Topic]) {
        for topic in topics {
            *self.by_private.entry((topic.clone(), number)).or_default() += 1;
        }
    }

    /// Takes each of them away once: another ticket may have the same.
    fn forget(&mut self, number: u64, topics: &[Topic]) {
        for topic in topics {
            let key = (topic.clone(), number);
            if let Some(count) = self.by_private.get_mut(&key) {
                *count -= 1;
                if *count == 0 {
                    self.by_private.remove(&key);
                }
            }
        }
    }
}

fn release<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Handle {
    fn new(number: u64, identity: Identity) -> Self {
        Self {
            number,
            identity,
            reader: Arc::default(),
            is_called: AtomicBool::new(false),
            is_draining: AtomicBool::new(false),
            end: Mutex::new(None),
            shows_problem: AtomicBool::new(false),
            began: Instant::now(),
            posts: OnceLock::new(),
        }
    }

    /// What the page sends comes by requests of its own, which put it here.
    pub(crate) fn takes_posts(&self, posts: mpsc::Sender<Bytes>) {
        let _ = self.posts.set(posts);
    }

    /// Takes a message that came by a request: false where the connection has a socket for that, has ended, or has too many that wait.
    pub(crate) fn post(&self, text: Bytes) -> bool {
        self.posts.get().is_some_and(|posts| posts.try_send(text).is_ok())
    }

    /// Its place in the order in which connections came.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// How long it is there.
    pub(crate) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Where it stands in its topics.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.reader.places()
    }

    /// The frames that were handed to the socket, and their bytes.
    pub(crate) fn traffic(&self) -> (u64, u64) {
        self.reader.traffic.get()
    }

    /// The connection looks whether there is something of its private topics.
    pub(crate) fn call(&self) {
        self.is_called.store(true, Ordering::Release);
        self.reader.wake();
    }

    /// The connection ends.
    pub(crate) fn close(&self, close: Close) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(close);
        self.call();
    }

    /// What wakes the connection.
    pub(crate) fn reader(&self) -> &Arc<Reader> {
        &self.reader
    }

    /// Whether the connection was called since it asked last.
    pub(crate) fn was_called(&self) -> bool {
        self.is_called.swap(false, Ordering::AcqRel)
    }

    /// The connection is to end with all others.
    pub(crate) fn drain(&self) {
        self.is_draining.store(true, Ordering::Release);
        self.call();
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Acquire)
    }

    /// Notes whether the page shows a problem; true when it did.
    pub(crate) fn shows_problem(&self, shows: bool) -> bool {
        self.shows_problem.swap(shows, Ordering::Relaxed)
    }

    /// How the connection is to end, if it is.
    pub(crate) fn end(&self) -> Option<Close> {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registration {
    /// Has these private topics as well.
    pub(crate) fn reach(&self, topics: Vec<Topic>) -> Reach {
        let number = self.handle.number;
        self.registry.lock().reach(number, &topics);
        Reach { registry: Arc::clone(&self.registry), number, topics }
    }
}

impl Drop for Reach {
    fn drop(&mut self) {
        self.registry.lock().forget(self.number, &self.topics);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.registry.remove(&self.handle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: Shares = Shares { per_user: 2, per_address: 3 };

    fn identity(page: u64, user: Option<&str>) -> Identity {
        let private = user.map(|user| Topic::private("user", &user).unwrap()).into_iter().collect();
        Identity { page: PageId(page), user: user.map(str::to_owned), session: None, address: Some([127, 0, 0, 1].into()), private }
    }

    #[test]
    fn a_user_and_an_address_have_their_shares_and_get_them_back() {
        let registry = Arc::new(Registry::default());
        let first = registry.register(identity(1, Some("a")), SHARES).unwrap();
        let _second = registry.register(identity(2, Some("a")), SHARES).unwrap();
        assert_eq!(registry.register(identity(3, Some("a")), SHARES).map(drop), Err(Share::User));
        let _third = registry.register(identity(3, None), SHARES).unwrap();
        assert_eq!(registry.register(identity(4, None), SHARES).map(drop), Err(Share::Address));
        drop(first);
        assert!(registry.register(identity(4, Some("a")), SHARES).is_ok());
    }

    #[test]
    fn those_whom_something_is_for_are_found_until_they_leave() {
        let registry = Arc::new(Registry::default());
        let topic = Topic::private("user", &"a").unwrap();
        let registrations: Vec<_> = (1..=2).map(|page| registry.register(identity(page, Some("a")), SHARES).unwrap()).collect();
        let pages: Vec<_> = registry.of(&topic).iter().map(|handle| handle.identity.page).collect();
        assert_eq!(pages, [PageId(1), PageId(2)]);
        drop(registrations);
        assert!(registry.of(&topic).is_empty());
        let inner = registry.lock();
        assert!(inner.by_number.is_empty() && inner.by_private.is_empty() && inner.by_user.is_empty() && inner.by_address.is_empty());
    }
}
