//! What looks after all followers of a node together: whether the streams are still those that it began with, and whether a record was told that a follower has not heard.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::streams::{Info, NO_STREAM};
use super::wire::{Failure, Link};
use super::{Lost, Shared};

/// How many topics are asked about at once; the server answers for 1,024 at the most.
const TOPICS: usize = 500;
/// Until it is asked again where it does not answer: it has just come back, and gets its streams ready.
const PAUSE: Duration = Duration::from_millis(100);

/// Those who follow a topic.
#[derive(Debug, Default)]
pub(super) struct Followers {
    next: AtomicU64,
    all: Mutex<HashMap<u64, Follower>>,
}

#[derive(Debug)]
struct Follower {
    subject: String,
    /// The last sequence that is there.
    there: watch::Sender<u64>,
}

/// A follower's place among them, while it has it.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    shared: Arc<Shared>,
    pub(super) there: watch::Receiver<u64>,
}

impl Place {
    pub(super) fn new(shared: &Arc<Shared>, subject: String) -> Self {
        let followers = &shared.followers;
        let number = followers.next.fetch_add(1, Ordering::Relaxed);
        let (sender, there) = watch::channel(0);
        followers.with(|all| all.insert(number, Follower { subject, there: sender }));
        Self { number, shared: Arc::clone(shared), there }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.followers.with(|all| all.remove(&self.number));
    }
}

impl Followers {
    fn with<T>(&self, change: impl FnOnce(&mut HashMap<u64, Follower>) -> T) -> T {
        change(&mut self.all.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.with(|all| all.len())
    }

    fn subjects(&self) -> Vec<String> {
        let mut subjects: Vec<String> = self.with(|all| all.values().map(|follower| follower.subject.clone()).collect());
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    fn tell(&self, there: &HashMap<String, u64>) {
        self.with(|all| {
            for follower in all.values() {
                if let Some(sequence) = there.get(&follower.subject) {
                    follower.there.send_replace(*sequence);
                }
            }
        });
    }
}

/// Looks at each new connection, and every `interval`, as long as anybody has the engine.
pub(super) async fn run(shared: Weak<Shared>, mut link: watch::Receiver<Link>, interval: Duration) {
    let mut next = Instant::now() + interval;
    let mut looked_up_to = shared.upgrade().map_or(0, |shared| shared.seen.load(Ordering::Relaxed));
    loop {
        let is_due = tokio::select! {
            changed = link.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
            () = sleep_until(next) => true,
        };
        let Some(shared) = shared.upgrade() else { return };
        let now = *link.borrow_and_update();
        if !now.is_up {
            next = Instant::now() + interval;
            continue;
        }
        match shared.look(now, is_due, looked_up_to).await {
            Ok(up_to) => {
                looked_up_to = up_to;
                next = Instant::now() + interval;
            }
            Err(Some(lost)) => {
                shared.lost.send_replace(Some(lost));
                return;
            }
            Err(None) => {
                drop(shared);
                sleep(PAUSE).await;
                // As if it had just come up.
                link.mark_changed();
            }
        }
    }
}

impl Shared {
    /// How far the stream has been looked at now; an error without a reason is one that passes.
    async fn look(&self, link: Link, is_due: bool, looked_up_to: u64) -> Result<u64, Option<Lost>> {
        // Before the question: what is seen behind it may be newer than the answer.
        let seen = self.seen.load(Ordering::Relaxed);
        let info = match Info::of(&self.wire, &self.names.log).await {
            Ok(info) => info,
            Err(Failure::Refused { code: NO_STREAM, .. }) => return Err(Some(Lost("its stream is gone".to_owned()))),
            Err(_) => return Err(None),
        };
        if info.epoch() != self.epoch {
            return Err(Some(Lost("its stream is another one".to_owned())));
        }
        let last = info.last_sequence();
        if last < seen {
            return Err(Some(Lost(format!("its stream ends at {last}, and went up to {seen}"))));
        }
        self.sound.send_if_modified(|life| {
            let is_newer = link.life > *life;
            *life = link.life.max(*life);
            is_newer
        });
        if !is_due || last == looked_up_to {
            return Ok(looked_up_to);
        }
        for subjects in self.followers.subjects().chunks(TOPICS) {
            let question = json!({ "multi_last": subjects, "seq": looked_up_to + 1, "batch": TOPICS });
            let (found, _) = self.wire.read(&self.names.log, question).await.map_err(|_| None)?;
            self.followers.tell(&found.into_iter().map(|stored| (stored_subject(&stored.message), stored.sequence)).collect());
        }
        Ok(last)
    }
}

/// The subject that a message was stored under: it comes on another one.
fn stored_subject(message: &async_nats::Message) -> String {
    super::wire::header(message, "Nats-Subject").unwrap_or_default().to_owned()
}
