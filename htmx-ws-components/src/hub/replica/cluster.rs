//! What the nodes tell each other that is no application's: each applies the same notices in the same order, and so knows the same of all. Pure.
//!
//! A node that says nothing for [`DEAD_AFTER`] is gone, by the time of the order: so all nodes agree on that with the same record, whatever their clocks say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::backplane::Lost;
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

/// A node is gone that was silent for so long.
pub(crate) const DEAD_AFTER: Duration = Duration::from_secs(8);

/// The name of a node, for as long as its process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct NodeId(pub(crate) u64);

/// Something that a node says. Said twice, it says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    /// There is something in a private topic: whoever may read it has to look.
    Call(String),
    /// Rights of an earlier time are no longer valid; both times in milliseconds since 1970.
    Revoke { whom: String, at: u64, until: u64 },
    /// The node wants to run the producer of a topic.
    Claim(String),
    /// It does not want to any more.
    Release(String),
    /// A user reads a topic at the node.
    Enter { topic: String, user: String },
    /// And does not any more.
    Leave { topic: String, user: String },
}

/// What a notice is to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    Called(Topic),
    /// Both times since 1970.
    Revoked {
        whom: Topic,
        at: Duration,
        until: Duration,
    },
    Entered(Reading),
    Left(Reading),
    /// Nobody reads anything: who does, comes next.
    Anew,
    /// The others took this node for gone, and nobody reads there; or what it said is lost.
    Forgotten,
    /// Other nodes than before may hold some topics.
    Moved,
    /// It is this node from now on that says what is said once for all.
    Speaks,
    /// Nothing comes from the others any more, or comes again: [`Membership::is_away`](super::membership::Membership::is_away) says which.
    Reach,
    /// What was said in the life of this epoch is lost, or part of it.
    Lost(Epoch, Lost),
}

/// A user reads a topic at a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    pub(crate) node: NodeId,
    pub(crate) topic: Topic,
    pub(crate) user: Arc<str>,
}

#[derive(Debug, Serialize)]
struct Record<'a> {
    node: NodeId,
    said: &'a [Notice],
}

/// As it is read: what this version does not know is passed over, so that nodes of two versions go together.
#[derive(Debug, Deserialize)]
struct ReadRecord {
    node: NodeId,
    said: Vec<serde_json::Value>,
}

/// What all nodes know of each other.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// When each was heard of last.
    nodes: BTreeMap<u64, u64>,
    /// Which node runs the producer of a topic.
    holders: BTreeMap<String, NodeId>,
    /// Who reads each topic, in the order in which they came, and where.
    readers: BTreeMap<String, Vec<(String, Vec<NodeId>)>>,
    /// From when on, and until when that has to be known.
    revoked: BTreeMap<String, (u64, u64)>,
}

/// A record that says this. Without a notice it says that the node is there.
pub(crate) fn record(node: NodeId, said: &[Notice]) -> Bytes {
    // Numbers and texts have a JSON form.
    serde_json::to_vec(&Record { node, said }).unwrap_or_default().into()
}

impl Cluster {
    /// Takes in a record. One that cannot be read says nothing.
    pub(crate) fn take(&mut self, record: &[u8], at: SystemTime) -> Vec<Effect> {
        let at = millis(at.duration_since(UNIX_EPOCH).unwrap_or_default());
        let Ok(ReadRecord { node, said }) = serde_json::from_slice(record) else { return Vec::new() };
        self.nodes.insert(node.0, at);
        let mut effects = self.bury(at);
        effects.extend(said.into_iter().filter_map(|notice| self.hear(node, serde_json::from_value(notice).ok()?)));
        effects
    }

    /// What went before the time that this says is not known any more: nodes that are gone, with what they held, and rights that have ended by themselves.
    fn bury(&mut self, at: u64) -> Vec<Effect> {
        self.revoked.retain(|_, (_, until)| *until > at);
        let is_gone = |heard: u64| heard + millis(DEAD_AFTER) < at;
        let gone: Vec<NodeId> = self.nodes.iter().filter(|(_, heard)| is_gone(**heard)).map(|(node, _)| NodeId(*node)).collect();
        self.nodes.retain(|_, heard| !is_gone(*heard));
        if gone.is_empty() {
            return Vec::new();
        }
        self.holders.retain(|_, holder| !gone.contains(holder));
        let left = self.readings().filter(|(.., node)| gone.contains(node));
        let left: Vec<(String, String, NodeId)> = left.map(|(topic, user, node)| (topic.to_owned(), user.to_owned(), node)).collect();
        let left = left.into_iter().filter_map(|(topic, user, node)| self.leave(node, &topic, &user));
        left.chain([Effect::Moved]).collect()
    }

    /// The topic, the user and the node of everybody who reads.
    fn readings(&self) -> impl Iterator<Item = (&str, &str, NodeId)> {
        self.readers.iter().flat_map(|(topic, users)| {
            users.iter().flat_map(move |(user, nodes)| nodes.iter().map(move |node| (topic.as_str(), user.as_str(), *node)))
        })
    }

    fn enter(&mut self, node: NodeId, topic: String, user: String) -> Option<Effect> {
        let effect = reading(node, &topic, &user).map(Effect::Entered);
        let users = self.readers.entry(topic).or_default();
        match users.iter_mut().find(|(known, _)| *known == user) {
            Some((_, nodes)) if nodes.contains(&node) => return None,
            Some((_, nodes)) => nodes.push(node),
            None => users.push((user, vec![node])),
        }
        effect
    }

    fn leave(&mut self, node: NodeId, topic: &str, user: &str) -> Option<Effect> {
        let users = self.readers.get_mut(topic)?;
        let index = users.iter().position(|(known, _)| known == user)?;
        let nodes = &mut users[index].1;
        let at = nodes.iter().position(|at| *at == node)?;
        nodes.remove(at);
        if nodes.is_empty() {
            users.remove(index);
        }
        if users.is_empty() {
            self.readers.remove(topic);
        }
        reading(node, topic, user).map(Effect::Left)
    }

    fn hear(&mut self, node: NodeId, notice: Notice) -> Option<Effect> {
        match notice {
            Notice::Call(topic) => Topic::read(&topic).map(Effect::Called),
            Notice::Revoke { whom, at, until } => {
                let effect = revoked(&whom, at, until);
                self.revoked.insert(whom, (at, until));
                effect
            }
            Notice::Claim(topic) => {
                self.holders.entry(topic).or_insert(node);
                Some(Effect::Moved)
            }
            Notice::Release(topic) => {
                if self.holders.get(&topic) == Some(&node) {
                    self.holders.remove(&topic);
                }
                Some(Effect::Moved)
            }
            Notice::Enter { topic, user } => self.enter(node, topic, user),
            Notice::Leave { topic, user } => self.leave(node, &topic, &user),
        }
    }

    /// Whether the others know of a node.
    pub(crate) fn knows(&self, node: NodeId) -> bool {
        self.nodes.contains_key(&node.0)
    }

    /// The node that says what is said once for all of them.
    pub(crate) fn speaker(&self) -> Option<NodeId> {
        self.nodes.keys().next().copied().map(NodeId)
    }

    /// Which node runs the producer of a topic.
    pub(crate) fn holder(&self, topic: &Topic) -> Option<NodeId> {
        self.holders.get(topic.as_str()).copied()
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// All of it, as text.
    pub(crate) fn to_kept(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    /// As another node had it, and what of that concerns this one. What cannot be read is nothing: calls and claims come again.
    pub(crate) fn from_kept(kept: &[u8]) -> (Self, Vec<Effect>) {
        let cluster: Self = serde_json::from_slice(kept).unwrap_or_default();
        let mut effects = vec![Effect::Anew];
        effects.extend(cluster.revoked.iter().filter_map(|(whom, (at, until))| revoked(whom, *at, *until)));
        effects.extend(cluster.readings().filter_map(|(topic, user, node)| reading(node, topic, user).map(Effect::Entered)));
        (cluster, effects)
    }
}

fn revoked(whom: &str, at: u64, until: u64) -> Option<Effect> {
    Some(Effect::Revoked { whom: Topic::read(whom)?, at: Duration::from_millis(at), until: Duration::from_millis(until) })
}

fn reading(node: NodeId, topic: &str, user: &str) -> Option<Reading> {
    Some(Reading { node, topic: Topic::read(topic)?, user: user.into() })
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    fn topic(name: &str) -> Topic {
        Topic::new(name).unwrap()
    }

    fn said(cluster: &mut Cluster, node: u64, notice: &Notice, seconds: u64) -> Vec<Effect> {
        cluster.take(&record(NodeId(node), std::slice::from_ref(notice)), at(seconds))
    }

    fn claim() -> Notice {
        Notice::Claim("t".to_owned())
    }

    #[test]
    fn of_two_who_want_to_produce_the_first_does_until_it_gives_that_up_or_is_silent() {
        let mut cluster = Cluster::default();
        said(&mut cluster, 1, &claim(), 0);
        said(&mut cluster, 2, &claim(), 1);
        assert_eq!(cluster.holder(&topic("t")), Some(NodeId(1)));
        said(&mut cluster, 2, &Notice::Release("t".to_owned()), 2);
        assert_eq!(cluster.holder(&topic("t")), Some(NodeId(1)), "one gives up only what it has");
        said(&mut cluster, 1, &Notice::Release("t".to_owned()), 3);
        said(&mut cluster, 2, &claim(), 4);
        assert_eq!(cluster.holder(&topic("t")), Some(NodeId(2)));
        cluster.take(&record(NodeId(1), &[]), at(13));
        assert_eq!((cluster.holder(&topic("t")), cluster.nodes()), (None, 1));
    }

    #[test]
    fn a_right_that_was_taken_back_is_known_until_it_would_have_ended() {
        let mut cluster = Cluster::default();
        let whom = Topic::private("user", &42).unwrap();
        let until = 1_000_100_000;
        let notice = Notice::Revoke { whom: whom.to_string(), at: 1_000_000_000, until };
        let expected = [Effect::Anew, Effect::Revoked { whom, at: Duration::from_secs(1_000_000), until: Duration::from_millis(until) }];
        assert_eq!(said(&mut cluster, 1, &notice, 0), expected[1..]);
        let (late, effects) = Cluster::from_kept(&cluster.to_kept());
        assert_eq!((&late, &effects[..]), (&cluster, &expected[..]));
        cluster.take(&record(NodeId(1), &[]), at(101));
        assert_eq!(Cluster::from_kept(&cluster.to_kept()).1, [Effect::Anew]);
    }

    #[test]
    fn what_a_later_version_says_is_passed_over_and_the_rest_is_heard() {
        let mut cluster = Cluster::default();
        let mixed = br#"{"node":7,"said":[{"dance":"tango"},{"call":"\u0001user\u000142"},{"call":"\u0001nobody\u000142"}],"more":1}"#;
        assert_eq!(cluster.take(mixed, at(0)), [Effect::Called(Topic::private("user", &42).unwrap())]);
        assert_eq!((cluster.take(b"no record", at(0)), cluster.nodes()), (Vec::new(), 1));
    }

    #[test]
    fn who_reads_at_a_node_that_is_gone_has_left_there() {
        let mut cluster = Cluster::default();
        let enter = |user: &str| Notice::Enter { topic: "t".to_owned(), user: user.to_owned() };
        let at_node = |node, user: &str| Reading { node: NodeId(node), topic: topic("t"), user: user.into() };
        assert_eq!(said(&mut cluster, 1, &enter("ann"), 0), [Effect::Entered(at_node(1, "ann"))]);
        assert_eq!(said(&mut cluster, 1, &enter("ann"), 0), [], "said twice");
        said(&mut cluster, 2, &enter("bob"), 1);
        said(&mut cluster, 2, &enter("ann"), 1);
        assert_eq!(said(&mut cluster, 2, &enter("cid"), 10)[0], Effect::Left(at_node(1, "ann")));
        let entered = ["ann", "bob", "cid"].map(|user| Effect::Entered(at_node(2, user)));
        assert_eq!(Cluster::from_kept(&cluster.to_kept()).1[1..], entered, "in the order in which they came");
        let leave = Notice::Leave { topic: "t".to_owned(), user: "bob".to_owned() };
        assert_eq!(said(&mut cluster, 2, &leave, 10), [Effect::Left(at_node(2, "bob"))]);
        assert_eq!((said(&mut cluster, 2, &leave, 10), cluster.speaker()), (Vec::new(), Some(NodeId(2))));
    }

    proptest! {
        /// Whoever comes late and begins at any kept state knows what the others know; and nobody holds what another one holds.
        #[test]
        fn a_late_node_agrees(notices in prop::collection::vec((0_u64..4, 0_usize..5, 0_u64..6), 0..60), kept_at in 0_usize..60) {
            let (mut cluster, mut late, mut now) = (Cluster::default(), None, 0);
            for (index, (node, what, pause)) in notices.into_iter().enumerate() {
                if index == kept_at {
                    late = Some(Cluster::from_kept(&cluster.to_kept()).0);
                }
                now += pause;
                let name = ["a", "b"][what % 2].to_owned();
                let notice = if what < 3 { Notice::Claim(name) } else { Notice::Release(name) };
                let (record, before) = (record(NodeId(node), &[notice]), cluster.clone());
                cluster.take(&record, at(now));
                if let Some(late) = &mut late {
                    late.take(&record, at(now));
                }
                for name in ["a", "b"].map(topic) {
                    let (old, new) = (before.holder(&name), cluster.holder(&name));
                    let is_gone = |holder: NodeId| before.nodes[&holder.0] + millis(DEAD_AFTER) < millis(Duration::from_secs(1_000_000 + now));
                    if let (Some(old), Some(new)) = (old, new) && old != new {
                        prop_assert!(is_gone(old), "{old:?} was there and had it, and {new:?} got it");
                    }
                }
            }
            prop_assert!(late.is_none_or(|late| late == cluster));
        }
    }
}
