//! What the inspector knows of the hub that it looks at, and how those who look get to know it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRef;
use maud::Markup;
use tokio::time::MissedTickBehavior;

use crate::dialect::Htmx;
use crate::hub::stats::{Stats, TopicStats};
use crate::inspector::connections::{self, Cut};
use crate::inspector::history::History;
use crate::inspector::simulator::Simulate;
use crate::inspector::topics::States;
use crate::inspector::view::{Key, View};
use crate::inspector::watch::Watch;
use crate::inspector::{overview, topics};
use crate::transport::simulation::Simulation;
use crate::transport::stats::ConnectionStats;
use crate::web::hub::Hub;
use crate::web::inbound::Inbound;

/// How often the hub is asked.
const TICK: Duration = Duration::from_millis(500);

/// How long it is asked when nobody looks: a page that was loaded is about to connect, or one is on its way to another.
const PATIENCE: Duration = Duration::from_secs(15);

/// A table whose topics all have the longest names, and a preview of as much as there is room for, with every letter escaped.
const LARGEST_BYTES: usize = 2 << 20;

/// A cheap handle on the inspector of a hub.
#[derive(Clone)]
pub(super) struct Inspector(Arc<Shared>);

struct Shared {
    watched: Hub,
    /// What makes the inspector's own pages live.
    own: Hub,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    shown: Option<Shown>,
    /// Whether a task asks.
    is_ticking: bool,
    /// Since when nobody looks.
    idle: Option<Instant>,
    /// Where the inspector is mounted.
    base: String,
}

/// The hub, as it was seen last.
pub(super) struct Shown {
    pub(super) stats: Stats,
    pub(super) history: History,
    pub(super) topics: Vec<TopicStats>,
    /// The oldest, as many as are shown.
    pub(super) connections: Vec<ConnectionStats>,
    pub(super) simulation: Simulation,
    watches: HashMap<Key, Watch>,
}

impl FromRef<Inspector> for Hub {
    fn from_ref(inspector: &Inspector) -> Self {
        inspector.0.own.clone()
    }
}

impl Inspector {
    pub(super) fn of(watched: &Hub) -> Self {
        let (cutting, simulating) = (watched.clone(), watched.clone());
        let own = watched
            .beside()
            .max_patch_bytes(LARGEST_BYTES)
            .retain_ordered(1000, 4 * LARGEST_BYTES)
            .on("cut", move |message: Inbound<Cut>| std::future::ready(Cut::act(&message, &cutting)))
            .on("simulate", move |message: Inbound<Simulate>| std::future::ready(Simulate::act(&message, &simulating)))
            .build();
        Self(Arc::new(Shared { watched: watched.clone(), own, state: Mutex::default() }))
    }

    pub(super) fn htmx(&self) -> Htmx {
        self.0.watched.htmx()
    }

    /// Renders what `views` show, in a page that stands under `base`, and tells the others who look at them.
    pub(super) fn look<T>(&self, base: &str, views: &[View], render: impl FnOnce(&Shown) -> T) -> T {
        let mut state = self.lock();
        base.clone_into(&mut state.base);
        if !state.is_ticking || state.shown.is_none() {
            state.see(&self.0.watched);
        }
        self.begin(&mut state);
        let State { shown, base, .. } = &mut *state;
        let shown = shown.get_or_insert_with(|| Shown::of(&self.0.watched));
        for view in views {
            if let View::Topic(key) = view {
                shown.watch(*key, &self.0.watched, &self.0.own, base);
            }
            // What the log of the view retains is then what the page shows, and the next change is one.
            shown.publish(*view, &self.0.watched, &self.0.own, base);
        }
        render(shown)
    }

    /// Somebody looks: the hub is asked from now on.
    pub(super) fn wake(&self) {
        self.begin(&mut self.lock());
    }

    fn begin(&self, state: &mut State) {
        state.idle = None;
        if !std::mem::replace(&mut state.is_ticking, true) {
            tokio::spawn(self.clone().run());
        }
    }

    async fn run(self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let inspector = self.clone();
            // A hub may have very many topics, and others have work for this thread.
            match tokio::task::spawn_blocking(move || inspector.tick()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(_) => {
                    self.lock().is_ticking = false;
                    return;
                }
            }
        }
    }

    /// Asks the hub, and tells those who look; false when nobody does any more.
    fn tick(&self) -> bool {
        let Shared { watched, own, .. } = &*self.0;
        let mut state = self.lock();
        if own.connections().open() > 0 {
            state.idle = None;
        } else if state.idle.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            *state = State { base: std::mem::take(&mut state.base), ..State::default() };
            return false;
        }
        state.see(watched);
        let State { shown: Some(shown), base, .. } = &mut *state else { return true };
        let looked_at = own.topics().listing().into_iter().filter(|topic| topic.readers() > 0);
        for view in looked_at.filter_map(|topic| topic.topic.as_str().parse().ok()) {
            shown.publish(view, watched, own, base);
        }
        shown.watches.retain(|_, watch| watch.wanted.elapsed() < PATIENCE);
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn see(&mut self, watched: &Hub) {
        match &mut self.shown {
            Some(shown) => shown.see(watched),
            None => self.shown = Some(Shown::of(watched)),
        }
    }
}

impl Shown {
    fn of(watched: &Hub) -> Self {
        let (stats, mut history) = (watched.stats(), History::default());
        history.add(stats.clone());
        Self {
            stats,
            history,
            topics: watched.topic_stats(),
            connections: watched.connection_stats(connections::MAX_ROWS),
            simulation: watched.simulation(),
            watches: HashMap::new(),
        }
    }

    fn see(&mut self, watched: &Hub) {
        let Self { mut history, watches, .. } = std::mem::replace(self, Self::of(watched));
        history.add(self.stats.clone());
        (self.history, self.watches) = (history, watches);
    }

    /// Looks at the topic of this key from now on, if there is one.
    fn watch(&mut self, key: Key, watched: &Hub, own: &Hub, base: &str) {
        if self.watches.contains_key(&key) {
            return;
        }
        let found = self.topics.iter().find(|topic| Key::of(&topic.topic) == key);
        let watch = found.and_then(|stats| Watch::new(stats.topic.clone(), watched, base).ok());
        if let Some(watch) = watch {
            watch.begin(own, &View::Topic(key).to_string());
            self.watches.insert(key, watch);
        }
    }

    /// Publishes what the pages of the view show: those who have it already get nothing.
    fn publish(&mut self, view: View, watched: &Hub, own: &Hub, base: &str) {
        let topic = view.to_string();
        match view {
            View::Overview => {
                for (stat, line) in overview::figures(&self.stats, &self.history) {
                    own.publish(&topic, &stat);
                    own.publish(&topic, &line);
                }
                own.publish(&topic, &overview::Line(self.simulation));
                own.publish(&topic, &overview::counters(&self.stats));
            }
            View::Topics(sort) => {
                own.publish(&topic, &topics::table(&self.topics, sort, base));
                own.publish(&topic, &topics::note(&self.topics));
            }
            View::Connections => {
                own.publish(&topic, &connections::table(&self.connections));
                own.publish(&topic, &connections::note(self.stats.connections()));
            }
            View::Topic(key) => {
                // A page that comes back behind everybody's patience looks anew.
                self.watch(key, watched, own, base);
                if let Some(watch) = self.watches.get_mut(&key) {
                    watch.wanted = Instant::now();
                    watch.publish(watched, own, &topic, base);
                }
            }
        }
    }

    /// What the page of a topic shows that is looked at: the topic's name, what there is to say of it, and the rest.
    pub(super) fn topic(&self, view: View) -> Option<(String, States, Markup)> {
        let View::Topic(key) = view else { return None };
        let watch = self.watches.get(&key)?;
        let stats = self.topics.iter().find(|topic| topic.topic == watch.topic)?;
        Some((stats.name().into_owned(), States::of(stats), watch.markup(stats)))
    }
}
