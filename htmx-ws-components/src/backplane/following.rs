//! A node that follows a topic, for the tests of engines.

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};

use super::contract::within;
use super::{Engine, Lost, Position, Told};
use crate::message::topic::Topic;

/// A node that follows a topic, and what it has been told.
pub(crate) struct Following {
    told: BoxStream<'static, Result<Told, Lost>>,
    pub(crate) kept: Option<(Position, Bytes)>,
    /// Behind what is kept.
    records: Vec<(Position, Bytes)>,
}

impl Following {
    pub(crate) fn of(node: &dyn Engine, topic: &Topic) -> Self {
        Self { told: node.follow(topic), kept: None, records: Vec::new() }
    }

    pub(crate) fn last(&self) -> Position {
        self.records.last().or(self.kept.as_ref()).map_or(Position(0), |(position, _)| *position)
    }

    pub(crate) fn records(&self) -> &[(Position, Bytes)] {
        &self.records
    }

    async fn polled(&mut self) -> Result<Told, Lost> {
        within(self.told.next()).await.expect("it says why it ends")
    }

    pub(crate) async fn next(&mut self) -> Told {
        let last = self.last();
        let told = self.polled().await.unwrap();
        match &told {
            Told::Kept { position, state } => {
                assert!(*position > last, "a state that was passed");
                self.kept = Some((*position, state.clone()));
                self.records.clear();
            }
            Told::Record(record) => {
                assert!(record.position > last, "told twice, or not in order: {:?} behind {last:?}", record.position);
                self.records.push((record.position, record.bytes.clone()));
            }
            Told::Present | Told::Stale => {}
        }
        told
    }

    pub(crate) async fn until_present(&mut self) {
        while self.next().await != Told::Present {}
    }

    pub(crate) async fn until(&mut self, position: Position) {
        while self.last() < position {
            self.next().await;
        }
    }

    pub(crate) async fn until_lost(&mut self) {
        while self.polled().await.is_ok() {}
        assert!(within(self.told.next()).await.is_none(), "an error is the end");
    }

    /// All records, where a state is what the records up to it were, one behind the other.
    pub(crate) fn all(&self) -> Vec<u8> {
        let kept = self.kept.iter().map(|(_, state)| state);
        kept.chain(self.records.iter().map(|(_, bytes)| bytes)).flatten().copied().collect()
    }
}
