//! What a node wants to produce, and what of that it may.

use std::collections::HashMap;

use tokio::sync::watch;

use crate::hub::replica::cluster::{Cluster, NodeId, Notice};
use crate::hub::replica::membership::Membership;
use crate::message::topic::Topic;

/// A node's wish to produce a topic. Dropped, another node may.
#[derive(Debug)]
pub(crate) struct Claim {
    membership: Membership,
    topic: Topic,
    held: watch::Receiver<bool>,
}

impl Claim {
    pub(super) fn new(membership: Membership, topic: Topic, held: watch::Receiver<bool>) -> Self {
        Self { membership, topic, held }
    }

    /// Returns when it is this node's turn.
    pub(crate) async fn held(&self) {
        self.until(true).await;
    }

    /// Returns when it is not any more.
    pub(crate) async fn lost(&self) {
        self.until(false).await;
    }

    async fn until(&self, state: bool) {
        if self.held.clone().wait_for(|held| *held == state).await.is_err() {
            // Nobody tells any more.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.membership.unclaim(&self.topic) {
            drop(self.membership.say(Notice::Release(self.topic.to_string())));
        }
    }
}

/// All claims of a node. There may be as many as topics, so they are only gone through where something has changed.
#[derive(Debug, Default)]
pub(super) struct Claims {
    by_topic: HashMap<Topic, Wanted>,
    /// Something may be held that was not when they were gone through last, or the other way round.
    is_due: bool,
    /// Whether the node was sure then that the others hear it.
    was_sure: bool,
    /// Nobody held some of them then.
    has_free: bool,
}

#[derive(Debug, Default)]
struct Wanted {
    claims: usize,
    /// Whether it may.
    is_held: watch::Sender<bool>,
}

impl Claims {
    pub(super) fn add(&mut self, topic: &Topic) -> watch::Receiver<bool> {
        (self.is_due, self.has_free) = (true, true);
        let wanted = self.by_topic.entry(topic.clone()).or_default();
        wanted.claims += 1;
        wanted.is_held.subscribe()
    }

    /// Takes one claim back; true where it was the last one of the topic.
    pub(super) fn remove(&mut self, topic: &Topic) -> bool {
        let Some(wanted) = self.by_topic.get_mut(topic) else { return false };
        wanted.claims -= 1;
        wanted.claims == 0 && self.by_topic.remove(topic).is_some()
    }

    /// Some topic has another holder, or none any more.
    pub(super) fn moved(&mut self) {
        self.is_due = true;
    }

    /// What is wanted and nobody holds.
    pub(super) fn free<'a>(&'a self, cluster: &'a Cluster) -> impl Iterator<Item = &'a Topic> {
        self.has_free.then(|| self.by_topic.keys()).into_iter().flatten().filter(|topic| cluster.holder(topic).is_none())
    }

    /// Tells what is held and what is not any more; true where something is wanted that nobody holds.
    pub(super) fn look(&mut self, cluster: &Cluster, me: NodeId, is_sure: bool) -> bool {
        let is_due = std::mem::take(&mut self.is_due) || self.was_sure != is_sure;
        if !is_due {
            return false;
        }
        (self.was_sure, self.has_free) = (is_sure, false);
        for (topic, wanted) in &self.by_topic {
            let holder = cluster.holder(topic);
            self.has_free |= holder.is_none();
            let is_held = is_sure && holder == Some(me);
            wanted.is_held.send_if_modified(|held| std::mem::replace(held, is_held) != is_held);
        }
        self.has_free
    }
}
