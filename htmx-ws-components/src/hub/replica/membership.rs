//! A node's part in what the nodes tell each other: it says that it is there, hears what the others say, and holds what it may produce.

use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::backplane::{AppendError, Engine, Position, Record, Told};
use crate::hub::replica::claim::Claim;
use crate::hub::replica::cluster::{self, Cluster, DEAD_AFTER, Effect, NodeId, Notice, millis};
use crate::hub::replica::known::{DOUBT_AFTER, Heard, Known};
use crate::hub::stats::{Counter, Counters};
use crate::message::topic::Topic;

/// How often a node says that it is there: it may be late twice, and is not taken for gone.
const BEAT: Duration = Duration::from_secs(2);
/// Until it is tried again to say something that was not taken.
const PAUSE: Duration = Duration::from_millis(200);
/// What is said at once.
const NOTICES: usize = 256;

pub(crate) type Listener = Arc<dyn Fn(Effect) + Send + Sync>;

/// A cheap handle.
#[derive(Debug, Clone)]
pub(crate) struct Membership(Arc<Shared>);

struct Shared {
    me: NodeId,
    runtime: Handle,
    counters: Arc<Counters>,
    topic: Topic,
    /// Called where there is something to say at once.
    called: mpsc::Sender<()>,
    /// Until it begins.
    calls: Mutex<Option<mpsc::Receiver<()>>>,
    inner: Mutex<Known>,
    /// The engine cannot be reached, or does not answer; to see without the lock.
    is_away: AtomicBool,
    /// Since it began.
    listener: OnceLock<Listener>,
    tasks: Mutex<Vec<AbortHandle>>,
}

/// What there is to say.
struct Said {
    engine: Arc<dyn Engine>,
    notices: Vec<(Notice, Option<Heard>)>,
    /// Behind which record.
    last: Position,
}

impl Membership {
    /// One that neither says nor hears anything before it begins.
    pub(crate) fn new(me: NodeId, engine: Arc<dyn Engine>, runtime: Handle, counters: Arc<Counters>) -> Self {
        let (called, calls) = mpsc::channel(1);
        let (topic, inner) = (Topic::of_nodes(), Mutex::new(Known::new(engine)));
        let (listener, tasks, is_away) = (OnceLock::new(), Mutex::default(), AtomicBool::new(false));
        Self(Arc::new(Shared { me, runtime, counters, topic, called, calls: Mutex::new(Some(calls)), inner, is_away, listener, tasks }))
    }

    /// Takes part, in tasks that end with the last handle. What happens is told to `listener`, which may be told what it knows.
    pub(crate) fn begin(&self, listener: Listener) {
        let Some(calls) = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let _ = self.0.listener.set(listener);
        self.0.spawn(speak(Arc::downgrade(&self.0), calls));
        self.0.listen();
    }

    /// Takes part in another life of the order, of which nothing is known yet, and where nobody knows of this node.
    pub(crate) fn begin_anew(&self, engine: Arc<dyn Engine>) {
        let mut inner = self.0.lock();
        let Known { outgoing, claims, .. } = std::mem::replace(&mut *inner, Known::new(engine));
        (inner.claims, inner.is_stale) = (claims, true);
        inner.claims.moved();
        inner.outgoing = outgoing;
        inner.look_at_claims(self.0.me);
        drop(inner);
        self.0.tell(Effect::Anew);
        self.0.tell(Effect::Forgotten);
        self.0.listen();
        self.0.call();
    }

    /// Says it, until somebody has heard it. The receiver is told whether the first attempt was one that did; dropped, nobody is.
    pub(crate) fn say(&self, notice: Notice) -> oneshot::Receiver<Result<(), AppendError>> {
        let (heard, told) = oneshot::channel();
        self.0.lock().outgoing.push((notice, Some(heard)));
        self.0.call();
        told
    }

    /// Takes back rights on all nodes; both times since 1970.
    pub(crate) fn revoke(&self, whom: &Topic, at: Duration, until: Duration) {
        drop(self.say(Notice::Revoke { whom: whom.to_string(), at: millis(at), until: millis(until) }));
    }

    /// Wants to produce a topic, until the claim is dropped.
    pub(crate) fn claim(&self, topic: &Topic) -> Claim {
        let held = self.0.lock().claims.add(topic);
        self.0.call();
        Claim::new(self.clone(), topic.clone(), held)
    }

    /// Takes a claim back; true where it was the last one of the topic.
    pub(super) fn unclaim(&self, topic: &Topic) -> bool {
        self.0.lock().claims.remove(topic)
    }

    /// Whether it is this node that says what is said once for all of them.
    pub(crate) fn speaks(&self) -> bool {
        self.0.lock().cluster.speaker() == Some(self.0.me)
    }

    /// Whether the backplane cannot be reached, as far as is known.
    pub(crate) fn is_away(&self) -> bool {
        self.0.is_away.load(Ordering::Acquire)
    }

    /// How long what this node says takes until it hears it.
    pub(crate) fn lag(&self) -> Duration {
        self.0.lock().echo.lag()
    }

    /// Notes that the others are not heard, until the backplane can be reached again.
    pub(crate) fn cut_off(&self) {
        let mut inner = self.0.lock();
        inner.is_stale = true;
        let effect = self.0.reach(&inner);
        drop(inner);
        if let Some(effect) = effect {
            self.0.tell(effect);
        }
    }

    /// How many nodes there are, as far as this one has heard.
    pub(crate) fn nodes(&self) -> usize {
        self.0.lock().cluster.nodes()
    }
}

impl Shared {
    /// Short: nothing is awaited under it.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(self.runtime.spawn(task).abort_handle());
    }

    /// In the present life, until it ends.
    fn listen(self: &Arc<Self>) {
        self.spawn(listen(Arc::downgrade(self), Arc::clone(&self.lock().engine)));
    }

    /// Without the lock: whoever is told may publish.
    fn tell(&self, effect: Effect) {
        if effect == Effect::Reach && self.is_away.load(Ordering::Acquire) {
            self.counters.count(Counter::BackplaneAway);
            tracing::warn!(name: "htmx_ws.backplane_away", target: "htmx_ws", "the backplane cannot be reached: nothing comes from other nodes");
        } else if effect == Effect::Reach {
            tracing::info!(name: "htmx_ws.backplane_back", target: "htmx_ws", "the backplane can be reached again");
        }
        if let Some(listener) = self.listener.get() {
            listener(effect);
        }
    }

    /// Where it is full, it is called already.
    fn call(&self) {
        let _ = self.called.try_send(());
    }

    /// What there is to say now: with it what is wanted that nobody holds.
    fn next(&self) -> Said {
        let mut inner = self.lock();
        let count = inner.outgoing.len().min(NOTICES);
        let mut next: Vec<_> = inner.outgoing.drain(..count).collect();
        let free = inner.claims.free(&inner.cluster);
        next.extend(free.take(NOTICES).map(|topic| (Notice::Claim(topic.to_string()), None)));
        Said { engine: Arc::clone(&inner.engine), notices: next, last: inner.position }
    }

    async fn append(&self, engine: &dyn Engine, record: &Bytes, mut last: Position) -> Result<(), AppendError> {
        loop {
            match engine.append(&self.topic, record.clone(), last).await {
                Err(AppendError::Overtaken { last: other }) => last = other,
                outcome => return outcome.map(drop),
            }
        }
    }

    /// Notes whether the engine is away; what there is to tell where that is new.
    fn reach(&self, inner: &Known) -> Option<Effect> {
        let is_away = inner.is_stale || inner.is_silent;
        (self.is_away.swap(is_away, Ordering::AcqRel) != is_away).then_some(Effect::Reach)
    }

    /// How long an acknowledgement is waited for: until this node has to take itself for gone.
    fn patience(&self) -> Duration {
        let silent = self.lock().heard_at.map_or(Duration::ZERO, |heard| heard.elapsed());
        DOUBT_AFTER.saturating_sub(silent).max(PAUSE)
    }

    /// Notes that this was heard, if it was, or has it said again; how long to be silent then.
    fn said(&self, engine: &Arc<dyn Engine>, notices: Vec<Notice>, heard_at: Option<Instant>) -> Duration {
        let mut inner = self.lock();
        // What was said in a life that is over nobody hears any more.
        let heard_at = heard_at.filter(|_| Arc::ptr_eq(engine, &inner.engine));
        if heard_at.is_some() {
            inner.heard_at = heard_at;
        } else {
            // In front: said twice it says the same, and what was said later may take it back.
            let again = notices.into_iter().filter(|notice| !matches!(notice, Notice::Claim(_))).map(|notice| (notice, None));
            inner.outgoing.splice(0..0, again);
        }
        inner.look_at_claims(self.me);
        inner.is_silent = inner.heard_at.is_some_and(|heard| heard.elapsed() >= DOUBT_AFTER);
        let (effect, is_all) = (self.reach(&inner), inner.outgoing.is_empty());
        drop(inner);
        if let Some(effect) = effect {
            self.tell(effect);
        }
        match heard_at {
            None => PAUSE,
            Some(_) if is_all => BEAT,
            Some(_) => Duration::ZERO,
        }
    }

    /// Where others took this node for gone, or it becomes the one that speaks for all, it is told that as well.
    fn place(&self, cluster: &Cluster) -> (bool, bool) {
        (cluster.knows(self.me), cluster.speaker() == Some(self.me))
    }

    /// Takes in what was told; the state, when it is to be kept.
    fn take_in(&self, engine: &Arc<dyn Engine>, told: Told) -> Option<(Position, Bytes)> {
        let mut inner = self.lock();
        if !Arc::ptr_eq(engine, &inner.engine) {
            return None;
        }
        let (was_known, was_speaker) = self.place(&inner.cluster);
        let is_of_kept = matches!(told, Told::Kept { .. });
        let (mut effects, due) = match told {
            Told::Kept { position, state } => {
                let (cluster, effects) = Cluster::from_kept(&state);
                (inner.cluster, inner.position) = (cluster, position);
                (effects, None)
            }
            Told::Record(Record { position, at, bytes }) => {
                let effects = inner.cluster.take(&bytes, at);
                inner.echo.hear(&bytes);
                inner.position = position;
                inner.records += 1;
                inner.bytes += bytes.len();
                (effects, inner.due())
            }
            Told::Present => {
                inner.is_stale = false;
                (Vec::new(), None)
            }
            Told::Stale => {
                inner.is_stale = true;
                (Vec::new(), None)
            }
        };
        effects.extend(self.reach(&inner));
        let (is_known, is_speaker) = self.place(&inner.cluster);
        if was_known && !is_known {
            effects.push(Effect::Forgotten);
        }
        if is_speaker && !was_speaker {
            effects.push(Effect::Speaks);
        }
        if is_of_kept || effects.contains(&Effect::Moved) {
            inner.claims.moved();
        }
        let wants_more = inner.look_at_claims(self.me);
        drop(inner);
        if wants_more {
            self.call();
        }
        for effect in effects {
            self.tell(effect);
        }
        due
    }
}

/// Says what there is to say, and every now and then that the node is there.
async fn speak(shared: Weak<Shared>, mut calls: mpsc::Receiver<()>) {
    loop {
        let Some(node) = shared.upgrade() else { return };
        let Said { engine, notices, last } = node.next();
        let (notices, told): (Vec<_>, Vec<_>) = notices.into_iter().unzip();
        let (record, began) = (cluster::record(node.me, &notices), Instant::now());
        node.lock().echo.say(&record, began);
        let outcome = timeout(node.patience(), node.append(&*engine, &record, last)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(AppendError::Unknown("no answer came".to_owned())));
        for told in told.into_iter().flatten() {
            let _ = told.send(outcome.clone());
        }
        let pause = node.said(&engine, notices, outcome.is_ok().then_some(began));
        drop((node, engine));
        if outcome.is_err() {
            sleep(pause).await;
        } else if let Ok(None) = timeout(pause, calls.recv()).await {
            return;
        }
    }
}

async fn listen(shared: Weak<Shared>, engine: Arc<dyn Engine>) {
    let mut told = engine.follow(&Topic::of_nodes());
    while let Some(told) = told.next().await {
        let Some(node) = shared.upgrade() else { return };
        let told = match told {
            Ok(told) => told,
            Err(lost) => return node.tell(Effect::Lost(engine.epoch(), lost)),
        };
        if let Some((position, state)) = node.take_in(&engine, told) {
            // It is kept again in a while where this fails.
            let (engine, topic) = (Arc::clone(&engine), node.topic.clone());
            node.runtime.spawn(async move {
                let _ = engine.keep(&topic, position, state).await;
            });
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner).iter().for_each(AbortHandle::abort);
    }
}

impl Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("me", &self.me).field("inner", &self.inner).finish_non_exhaustive()
    }
}

const _: () = assert!(DOUBT_AFTER.as_secs() < DEAD_AFTER.as_secs());
