//! One pass over the readers of a topic that has changed.
//!
//! Who publishes neither writes nor wakes: it notes that a pass is due, and starts the task that makes it where none runs. A pass goes through the readers in blocks, without the
//! topic's lock while it writes; several threads share a long one. What is published meanwhile is for the next pass, which comes when a page can show it. So a topic that changes all the
//! time costs its readers a pass in each interval, and one that is quiet is passed on at once.

#![cfg_attr(htmx_ws_loom, allow(dead_code, unused_imports, reason = "tasks are not tried there"))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use crate::hub::reader::{Reader, Recent};
use crate::hub::topics::TopicState;

/// How many readers are handed something between two looks at what else there is to do: a fraction of a millisecond.
const BLOCK: usize = 64;

/// So many readers are worth a thread.
const READERS_PER_THREAD: usize = 4 * BLOCK;

/// The passes of one topic, under its lock.
#[derive(Debug, Default)]
pub(super) struct Passes {
    /// Something has changed since the last one began.
    is_due: bool,
    is_running: bool,
    last: Option<Instant>,
    /// Where it runs: where the last reader came from.
    runtime: Option<Handle>,
}

impl Passes {
    /// A reader comes, and is served where this is called.
    pub(super) fn reader_came(&mut self) {
        self.runtime = Handle::try_current().ok();
    }

    /// Something has changed: true for whoever is to call [`fan_out`] when the lock is released.
    pub(super) fn note(&mut self) -> bool {
        self.is_due = true;
        !std::mem::replace(&mut self.is_running, true)
    }

    /// When the next one may begin.
    fn next(&self, interval: Duration) -> Option<Instant> {
        self.last.map(|last| last + interval)
    }

    fn begin(&mut self, now: Instant) {
        self.is_due = false;
        self.last = Some(now);
    }

    /// Whether none is due any more: whatever is noted from now on is another's.
    fn end(&mut self) -> bool {
        self.is_running = self.is_due;
        !self.is_running
    }

    /// The next one waits for an interval from now on, however long this one took: who waits for a state misses nothing that is shown.
    fn rest(&mut self, now: Instant) {
        self.last = Some(now);
    }

    fn give_up(&mut self) {
        (self.is_due, self.is_running) = (false, false);
    }
}

/// Starts the passes that are due.
pub(super) fn fan_out(topic: Arc<TopicState>, interval: Duration) {
    let pass = Pass { is_over: false, topic };
    // Tasks are not loom's to order: there whoever publishes makes them.
    #[cfg(htmx_ws_loom)]
    pass.run_here();
    #[cfg(not(htmx_ws_loom))]
    {
        let runtime = pass.topic.lock().passes.runtime.clone();
        if let Some(runtime) = runtime {
            runtime.spawn(pass.run(interval));
        }
    }
}

/// Passes that are to be made. Dropped before it has made them, because its runtime ends or because there is none, it wakes all readers.
struct Pass {
    is_over: bool,
    topic: Arc<TopicState>,
}

impl Pass {
    async fn run(mut self, interval: Duration) {
        while !self.is_over {
            let next = self.topic.lock().passes.next(interval);
            if let Some(next) = next.filter(|next| *next > Instant::now()) {
                sleep_until(next).await;
            }
            let readers = {
                let mut inner = self.topic.lock();
                inner.passes.begin(Instant::now());
                inner.readers.len()
            };
            let has_states = self.hand_out(readers).await;
            let mut inner = self.topic.lock();
            self.is_over = inner.passes.end();
            if has_states {
                inner.passes.rest(Instant::now());
            }
        }
    }

    #[cfg(htmx_ws_loom)]
    fn run_here(mut self) {
        while !self.is_over {
            let now = Instant::now();
            let mut readers: Vec<Arc<Reader>> = Vec::new();
            {
                let mut inner = self.topic.lock();
                inner.passes.begin(now);
                readers.extend(inner.readers.iter().cloned());
            }
            for reader in readers {
                reader.changed(&self.topic, &mut Recent::default(), now);
            }
            self.is_over = self.topic.lock().passes.end();
        }
    }

    /// True when it was states, as far as can be seen here.
    async fn hand_out(&self, readers: usize) -> bool {
        let next = Arc::new(AtomicUsize::new(0));
        let threads = Handle::current().metrics().num_workers().min(readers / READERS_PER_THREAD);
        let others: Vec<_> = (1..threads).map(|_| tokio::spawn(hand_out(Arc::clone(&self.topic), Arc::clone(&next)))).collect();
        let has_states = hand_out(Arc::clone(&self.topic), next).await;
        for other in others {
            // It panics where writing does, and then all who were left out are woken at the end of this pass.
            if other.await.is_err() {
                self.topic.wake_all();
            }
        }
        has_states
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if !self.is_over {
            self.topic.lock().passes.give_up();
            self.topic.wake_all();
        }
    }
}

/// Takes one block after the other until there is none; true when the last reader was handed states.
async fn hand_out(topic: Arc<TopicState>, next: Arc<AtomicUsize>) -> bool {
    let mut recent = Recent::default();
    let mut block: Vec<Arc<Reader>> = Vec::with_capacity(BLOCK);
    loop {
        let begin = next.fetch_add(BLOCK, Ordering::Relaxed);
        match topic.lock().readers.block(begin, BLOCK) {
            Some(readers) => block.extend(readers.cloned()),
            None => return recent.has_states(),
        }
        let now = Instant::now();
        for reader in block.drain(..) {
            reader.changed(&topic, &mut recent, now);
        }
        yield_now().await;
    }
}
