//! What happens where the backplane has lost what it had taken: the node takes part in its next life, and no page goes on as if nothing was gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep, sleep_until};

use crate::backplane::{Engine, Lost, Unavailable};
use crate::hub::replica::newest::Newest;
use crate::hub::replica::outbox::Outbox;
use crate::hub::stats::Counter;
use crate::hub::topics::{Shared, TopicState, Topics};
use crate::message::cursor::Epoch;

/// Until it is tried again to connect.
const PAUSE: Duration = Duration::from_millis(500);
/// Pages may have to load anew each time, so a life that is found to be lost again at once is borne for so long.
const SHORTEST: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_secs(5) };

/// A life of the backplane's order, as this node takes part in it. What is asked in one is of no use in the next.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) engine: Arc<dyn Engine>,
    pub(super) outbox: Outbox,
    pub(super) newest: Arc<Newest>,
    began: Instant,
    is_over: AtomicBool,
}

impl Life {
    pub(super) fn new(engine: Arc<dyn Engine>, outbox: Outbox) -> Arc<Self> {
        let asked = Arc::clone(&engine);
        let newest = Newest::new(move || {
            let engine = Arc::clone(&asked);
            async move { engine.newest().await }.boxed()
        });
        Arc::new(Self { engine, outbox, newest, began: Instant::now(), is_over: AtomicBool::new(false) })
    }

    /// Whether nothing can be asked of it any more.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

impl Topics {
    /// The backplane has lost something of the life of this epoch: this node takes part in the next one as soon as it can be reached.
    pub(crate) fn lost(&self, epoch: Epoch, Lost(reason): &Lost) {
        let Some(nodes) = &self.0.nodes else { return };
        let life = nodes.life();
        // Each topic that is followed finds it.
        if life.engine.epoch() != epoch || life.is_over.swap(true, Ordering::AcqRel) {
            return;
        }
        self.0.counters.count(Counter::BackplaneLost);
        tracing::error!(name: "htmx_ws.backplane_lost", target: "htmx_ws", reason, "the backplane has lost what it had taken, and begins anew: pages get a snapshot, or refresh");
        if let Some(members) = self.members() {
            members.cut_off();
        }
        nodes.runtime.spawn(begin_anew(Arc::downgrade(&self.0), life));
    }

    /// Takes part in the life that `engine` is connected to.
    fn begin(&self, engine: Arc<dyn Engine>) {
        let Some(nodes) = &self.0.nodes else { return };
        let mut by_name = self.write();
        let past: Vec<Arc<TopicState>> = by_name.drain().map(|(_, state)| state).collect();
        // Whoever takes something in now sees that it is past, so the version is left alone.
        let waiting: Vec<_> = past.iter().flat_map(|state| state.pass()).collect();
        nodes.set_life(Arc::clone(&engine));
        self.begin_life(engine.epoch());
        drop(by_name);
        for call in waiting {
            call.end(None);
        }
        if let Some(members) = self.members() {
            members.begin_anew(engine);
        }
        for state in past {
            state.wake_all();
        }
        tracing::info!(name: "htmx_ws.backplane_anew", target: "htmx_ws", "the backplane has begun anew");
    }
}

async fn begin_anew(topics: Weak<Shared>, life: Arc<Life>) {
    sleep_until(life.began + SHORTEST).await;
    let mut told = None;
    while topics.strong_count() > 0 {
        match life.engine.renewed().await {
            Ok(engine) => {
                if let Some(topics) = topics.upgrade() {
                    Topics(topics).begin(engine);
                }
                return;
            }
            // Each reason once: it may be one that stays, such as a right that the node lacks.
            Err(Unavailable(reason)) if told.as_ref() != Some(&reason) => {
                tracing::warn!(name: "htmx_ws.backplane_not_anew", target: "htmx_ws", reason, "the backplane cannot begin anew yet: it is tried again");
                told = Some(reason);
            }
            Err(_) => {}
        }
        sleep(PAUSE).await;
    }
}
