//! What a connection may read: what the page may, and the regions that have joined it.

use std::fmt::Debug;
use std::task::{Context, Poll};

use tokio::task::JoinError;
use tokio::time::Instant;

use crate::hub::subscription::{Joined, NotJoined, Subscriptions};
use crate::message::cursor::Cursor;
use crate::message::recipient::PageId;
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::registry::{Reach, Registration};
use crate::transport::renewal::{Renewed, Term};

/// The right of one ticket.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Its name: each rendering has its own.
    pub(crate) page: PageId,
    /// The topics, those of the page, the user and the session among them, and from where on they are read.
    pub(crate) starts: Vec<(Topic, Cursor)>,
    pub(crate) term: Term,
}

/// Says what the regions of a page may read.
pub(crate) trait Gate: Debug + Send + Sync {
    /// The regions of this URL, and the rights of those that are not among `known`. An error where the page has to go.
    fn admit(&self, url: &str, known: &[PageId]) -> Result<Regions, Close>;
}

/// The regions of a page.
#[derive(Debug)]
pub(crate) struct Regions {
    pub(crate) pages: Vec<PageId>,
    pub(crate) new: Vec<Grant>,
}

/// The rights of one connection, those of its page first.
#[derive(Debug, Default)]
pub(crate) struct Grants(Vec<Held>);

#[derive(Debug)]
struct Held {
    page: PageId,
    topics: Box<[Topic]>,
    term: Term,
    /// None for the first: that is what the connection is registered with.
    _reach: Option<Box<Reach>>,
}

impl Grants {
    /// Holds one more, whose topics are read already.
    pub(crate) fn hold(&mut self, grant: Grant, registration: &Registration) {
        let Grant { page, starts, term } = grant;
        // From references: what is made of the list itself keeps its memory.
        let topics: Box<[Topic]> = starts.iter().map(|(topic, _)| topic.clone()).collect();
        let private = topics.iter().filter(|topic| topic.is_private()).cloned().collect();
        let reach = (!self.0.is_empty()).then(|| Box::new(registration.reach(private)));
        self.0.reserve_exact(1);
        self.0.push(Held { page, topics, term, _reach: reach });
    }

    /// Reads what one more grants: those of its topics that were not read before.
    pub(crate) fn join(
        &mut self,
        grant: Grant,
        registration: &Registration,
        subscriptions: &mut Subscriptions,
    ) -> Result<Vec<(Topic, Cursor)>, NotJoined> {
        let starts = grant.starts.clone();
        // Held first: whoever publishes to a private topic from now on calls the connection.
        self.hold(grant, registration);
        let mut begun = Vec::new();
        for (topic, start) in starts {
            if subscriptions.join(topic.clone(), start)? == Joined::New {
                begun.push((topic, start));
            }
        }
        Ok(begun)
    }

    /// Keeps those of these pages; what nobody reads any more is left.
    pub(crate) fn retain(&mut self, pages: &[PageId], subscriptions: &mut Subscriptions) {
        let left: Vec<Held> = self.0.extract_if(.., |held| !pages.contains(&held.page)).collect();
        for topic in left.iter().flat_map(|held| &held.topics) {
            if !self.0.iter().any(|held| held.topics.contains(topic)) {
                subscriptions.leave(topic);
            }
        }
    }

    pub(crate) fn pages(&self) -> Vec<PageId> {
        self.0.iter().map(|held| held.page).collect()
    }

    /// When the first of them ends, and the connection with it.
    pub(crate) fn ends(&self) -> Option<Instant> {
        self.0.iter().map(|held| held.term.ends()).min()
    }

    /// When [`Grants::ask`] is to be called.
    pub(crate) fn asks(&self) -> Option<Instant> {
        self.0.iter().filter_map(|held| held.term.asks()).min()
    }

    /// Asks for more time where that is due.
    pub(crate) fn ask(&mut self, now: Instant) {
        self.0.iter_mut().for_each(|held| held.term.ask(now));
    }

    /// Whether one of them, at this index, has more time, once that was decided.
    pub(crate) fn poll_decided(&mut self, context: &mut Context<'_>) -> Poll<(usize, Result<Option<Renewed>, JoinError>)> {
        let decision = self.0.iter_mut().enumerate().find_map(|(index, held)| match held.term.poll_decided(context) {
            Poll::Ready(decision) => Some((index, decision)),
            Poll::Pending => None,
        });
        decision.map_or(Poll::Pending, Poll::Ready)
    }

    /// The one at `index` has more time.
    pub(crate) fn begin(&mut self, index: usize, lifetime: std::time::Duration) {
        if let Some(held) = self.0.get_mut(index) {
            held.term.begin(lifetime);
        }
    }
}
