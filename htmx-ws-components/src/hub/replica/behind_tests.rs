//! A reader who comes from a node that has more than the one that it comes to.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::nodes_tests::{on, topic};
use crate::backplane::memory::Memory;
use crate::backplane::{AppendError, Engine, Lost, Position, Told, Unavailable};
use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::hub::log::Publication;
use crate::hub::subscription::Subscriptions;
use crate::message::cursor::Epoch;
use crate::message::topic::Topic;

const PATIENCE: Duration = Duration::from_secs(10);

/// Tells of the records up to a position only.
#[derive(Debug)]
struct Behind {
    engine: Memory,
    up_to: watch::Receiver<u64>,
}

impl Engine for Behind {
    fn epoch(&self) -> Epoch {
        self.engine.epoch()
    }

    fn renewed(&self) -> BoxFuture<'_, Result<Arc<dyn Engine>, Unavailable>> {
        self.engine.renewed()
    }

    fn max_bytes(&self) -> usize {
        self.engine.max_bytes()
    }

    fn append(&self, topic: &Topic, record: Bytes, last: Position) -> BoxFuture<'_, Result<Position, AppendError>> {
        self.engine.append(topic, record, last)
    }

    fn newest(&self) -> BoxFuture<'_, Result<Position, Unavailable>> {
        self.engine.newest()
    }

    fn last(&self, topic: &Topic) -> BoxFuture<'_, Result<Position, Unavailable>> {
        self.engine.last(topic)
    }

    fn keep(&self, topic: &Topic, position: Position, state: Bytes) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.engine.keep(topic, position, state)
    }

    fn follow(&self, topic: &Topic) -> BoxStream<'static, Result<Told, Lost>> {
        let up_to = self.up_to.clone();
        let told = self.engine.follow(topic).then(move |told| {
            let mut up_to = up_to.clone();
            async move {
                if let Ok(Told::Record(record)) = &told {
                    let _ = up_to.wait_for(|up_to| record.position.0 <= *up_to).await;
                }
                told
            }
        });
        told.boxed()
    }
}

/// What the reader gets now.
fn take(reader: &mut Subscriptions) -> String {
    let mut texts = String::new();
    while let Some(envelope) = reader.unread(0).unwrap() {
        for frame in envelope.frames(Htmx::V4).iter() {
            texts.push_str(std::str::from_utf8(&frame.text).unwrap());
        }
        reader.advance(0, envelope.to());
    }
    texts
}

#[tokio::test]
async fn who_was_in_the_middle_of_a_replay_gets_all_of_it_from_a_node_that_has_less() {
    let memory = Memory::new(Epoch(1));
    let one = on(Arc::new(memory.clone()));
    let start = one.cursor();
    let reader = Subscriptions::new(&one, [(topic(), start)]).unwrap();
    let mut last = 0;
    for n in 1..=3 {
        let line = Fragment::new(DomId::new(&format!("line-{n}")).unwrap(), "<p></p>".to_owned(), Nesting::Leaf).unwrap();
        let publication = Publication::Patch(Patch::append(DomId::new("list").unwrap(), line));
        last = one.post(&topic(), &[publication], None).unwrap().unwrap().1.await.unwrap().unwrap().0;
    }
    let whole = async {
        loop {
            match reader.unread(0).unwrap().map(|envelope| envelope.frames(Htmx::V4)) {
                Some(frames) if frames.len() == 3 => return frames[0].cursor,
                _ => tokio::task::yield_now().await,
            }
        }
    };
    let cut_off = timeout(PATIENCE, whole).await.expect("it has three lines to read");
    assert!(cut_off.partial.is_some(), "{cut_off}");

    let (let_on, up_to) = watch::channel(last - 1);
    let behind = on(Arc::new(Behind { engine: memory, up_to }));
    // Somebody reads there already.
    let mut other = Subscriptions::new(&behind, [(topic(), start)]).unwrap();
    while !take(&mut other).contains("line-2") {
        timeout(PATIENCE, other.changed()).await.unwrap();
    }
    let mut reader = Subscriptions::new(&behind, [(topic(), cut_off)]).unwrap();
    let mut texts = take(&mut reader);
    let_on.send_replace(u64::MAX);
    while !texts.contains("line-3") {
        timeout(PATIENCE, reader.changed()).await.expect("what it lacks is sent");
        texts.push_str(&take(&mut reader));
    }
    assert!(texts.contains("line-2") && !texts.contains("line-1"), "{texts}");
}
