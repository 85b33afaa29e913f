//! Nodes that hold one topic's log: one that applied every record, and one that comes late and begins with the log as it was kept. From then on they are the same.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use proptest::prelude::*;

use crate::backplane::{Position, Record, Told};
use crate::hub::log::{Log, Retention};
use crate::hub::replica::feed::{Feed, News};
use crate::hub::replica::record::{Joined, Post, version_behind};
use crate::message::cursor::{Cursor, Epoch, Version};
use crate::model::schedule::{ample, config, schedule, tight};
use crate::model::step::{Mix, Step};

const MIX: Mix = Mix { publish: 10, inside: 2, compose: 6, once: 3, connection: 3, late: 0, answer: 0 };

/// A copy of the log.
struct Node {
    retention: Retention,
    log: Log,
    feed: Feed,
}

impl Node {
    fn new(retention: Retention) -> Self {
        Self { retention, log: Log::new(retention, Version(0)), feed: Feed::default() }
    }

    fn take(&mut self, told: Told) -> News {
        self.feed.take(told, &mut self.log, self.retention)
    }

    /// Another node that knows no more of what was than what is kept.
    fn late(&self) -> Self {
        let mut late = Self::new(self.retention);
        let (position, state) = self.feed.keep(&self.log);
        assert_eq!(late.take(Told::Kept { position, state }), News::Changed);
        late
    }

    /// All that it would send to pages that stand anywhere.
    fn replays(&self) -> Vec<String> {
        let cursor = |position| Cursor::new(Epoch(1), version_behind(position));
        (0..=self.feed.position().0).map(|position| format!("{:?}", self.log.replay(&cursor(position)))).collect()
    }
}

/// The records of a schedule's first topic.
fn records(steps: &[Step]) -> Vec<Record> {
    let (mut once, mut at) = (0, UNIX_EPOCH + Duration::from_secs(1 << 30));
    let mut records: Vec<Record> = Vec::new();
    for step in steps {
        if let Step::Wait(minutes) = step {
            at += Duration::from_secs(60) * *minutes;
        }
        if let Some((0, publication)) = step.publication(&mut once) {
            let mut joined = Joined::new(usize::MAX);
            assert!(joined.take(&Post::new(&[publication], None).unwrap()));
            records.push(Record { position: Position(records.len() as u64 + 1), at, bytes: joined.into_record() });
        }
    }
    records
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn a_node_that_comes_late_goes_on_as_the_others(limits in tight(), steps in schedule(MIX), coming in any::<prop::sample::Index>()) {
        let records = records(&steps);
        let (seen, unseen) = records.split_at(coming.index(records.len() + 1));
        let mut early = Node::new(limits.retention);
        for record in seen {
            early.take(Told::Record(record.clone()));
        }
        let mut late = early.late();
        for record in unseen {
            prop_assert_eq!(early.take(Told::Record(record.clone())), late.take(Told::Record(record.clone())));
        }
        prop_assert_eq!(early.feed.keep(&early.log), late.feed.keep(&late.log));
        prop_assert_eq!(early.replays(), late.replays());
        prop_assert_eq!(early.log.bytes(), late.log.bytes());
    }
}

#[test]
fn what_another_version_wrote_is_a_gap_and_not_kept() {
    let mut node = Node::new(ample(40).retention);
    let unknown = Record { position: Position(3), at: SystemTime::now(), bytes: Bytes::from_static(b"[{\"put\":[{\"hologram\":1}]}]") };
    assert_eq!(node.take(Told::Record(unknown)), News::Cut);
    assert!(node.log.replay(&Cursor::new(Epoch(1), version_behind(2))).is_err());
    assert!(node.log.replay(&Cursor::new(Epoch(1), version_behind(3))).is_ok());
    assert_eq!(node.take(Told::Present), News::Present);
    assert_eq!(node.feed.due(&node.log), None);
}
