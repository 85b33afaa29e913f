//! What `benches/` measures of the parts inside: each is ready to run, and what it needs is made before.

use std::fmt;
use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use crate::dialect::Htmx;
use crate::html::patch::Patch;
use crate::hub::clock::Moment;
use crate::hub::log::{Log, Publication};
use crate::hub::subscription::Subscriptions;
use crate::message::cursor::{Cursor, Epoch, Version};
use crate::message::envelope::{Delivery, Envelope, Replay};
use crate::message::recipient::PageId;
use crate::message::topic::Topic;
use crate::web::hub::Hub;
use crate::web::ticket::{Key, Ticket};

/// Readers of one topic: each is a task, as a connection is, but there is no socket at its end.
pub struct Readers {
    runtime: Runtime,
    number: usize,
    /// How often a reader has read everything, all readers together.
    waits: Arc<AtomicUsize>,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Readers {
    /// So many readers, who wait for what is published from now on.
    ///
    /// # Errors
    /// Where there is no runtime for them, or no topic.
    pub fn new(hub: &Hub, topic: &Topic, number: usize, htmx: Htmx) -> io::Result<Self> {
        let readers = Self { runtime: Builder::new_current_thread().enable_time().build()?, number, waits: Arc::default() };
        // Passes over readers run where the readers come from.
        let here = readers.runtime.enter();
        for _ in 0..number {
            let start = (topic.clone(), hub.topics().cursor());
            let subscriptions = Subscriptions::new(hub.topics(), [start]).map_err(io::Error::other)?;
            readers.runtime.spawn(read(subscriptions, htmx, Arc::clone(&readers.waits)));
        }
        drop(here);
        readers.runtime.block_on(readers.have_waited(number));
        Ok(readers)
    }

    /// Does `publish`, which must change the topic, and returns when every reader has what is new, in frames.
    pub fn follow<T>(&self, publish: impl FnOnce() -> T) -> T {
        let target = self.waits.load(Ordering::Relaxed) + self.number;
        // As a task publishes, so whoever is woken is put behind it.
        self.runtime.block_on(async {
            let published = publish();
            self.have_waited(target).await;
            published
        })
    }

    async fn have_waited(&self, target: usize) {
        while self.waits.load(Ordering::Relaxed) < target {
            yield_now().await;
        }
    }
}

async fn read(mut subscriptions: Subscriptions, htmx: Htmx, waits: Arc<AtomicUsize>) {
    loop {
        while let Ok(Some(envelope)) = subscriptions.unread(0) {
            black_box(envelope.frames(htmx));
            subscriptions.advance(0, envelope.to());
        }
        waits.fetch_add(1, Ordering::Relaxed);
        subscriptions.changed().await;
    }
}

/// Makes the frames of an envelope with these patches.
pub fn encode(topic: &Topic, patches: Vec<Patch>, htmx: Htmx) -> impl FnMut() + 'static {
    let (topic, from, end) = (topic.clone(), Cursor::new(Epoch(1), Version(1)), Version(1000));
    let delivery = |(place, patch)| Delivery { patch: Arc::new(patch), place: Version(place), is_fence: false, origin: None };
    let deliveries: Vec<Delivery> = (2..).zip(patches).map(delivery).collect();
    move || {
        // An envelope keeps its frames, so each time is another envelope's first.
        let replay = Replay { deliveries: deliveries.clone(), to: from.behind(end), end, is_part: false };
        black_box(Envelope::new(topic.clone(), from, replay).frames(htmx));
    }
}

/// Goes through a log of these patches, from a cursor that lacks the last `newer` of them to its end.
pub fn replay(topic: &Topic, patches: Vec<Patch>, newer: u64) -> impl FnMut() + 'static {
    let mut log = Log::new(Hub::builder().topics.retention, Version(0));
    for (version, patch) in (1..).zip(patches) {
        log.publish(Publication::Patch(patch), None, Moment::default(), &mut || Version(version));
    }
    let (topic, old) = (topic.clone(), Cursor::new(Epoch(1), Version(log.last().0.saturating_sub(newer))));
    move || {
        let mut cursor = black_box(old);
        while let Ok(Some(replay)) = log.replay(&cursor) {
            let envelope = Envelope::new(topic.clone(), cursor, replay);
            cursor = envelope.to();
            black_box(envelope);
        }
    }
}

/// Signs the ticket of a user's page that reads these topics.
pub fn sign(topics: Vec<Topic>) -> impl FnMut() + 'static {
    let (key, ticket) = signed(topics);
    move || drop(black_box(key.sign(&ticket)))
}

/// Verifies it.
pub fn verify(topics: Vec<Topic>) -> impl FnMut() + 'static {
    let (key, ticket) = signed(topics);
    let text = key.sign(&ticket);
    move || drop(black_box(key.verify(black_box(&text), Duration::ZERO)))
}

fn signed(topics: Vec<Topic>) -> (Key, Ticket) {
    let cursor = Cursor::new(Epoch(0x0198_7654_3210), Version(123_456));
    let mut ticket = Ticket::of_now(PageId(0x0123_4567_89ab_cdef), cursor, Duration::from_secs(24 * 60 * 60));
    ticket.topics = topics;
    ticket.user = Some("4711".to_owned());
    (Key::new(b"at least 32 random bytes from the environment"), ticket)
}
