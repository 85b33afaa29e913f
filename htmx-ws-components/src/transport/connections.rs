//! All connections of a process: how many there may be, and how they end together.

use std::sync::Arc;
use std::time::Duration;

use crate::hub::sync::{AtomicBool, AtomicUsize, Notify, Ordering};
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::registry::{Handle, Identity, Registration, Registry, Share, Shares};

/// How long a drain waits behind its window for connections that do not end.
const DRAIN_GRACE: Duration = Duration::from_secs(5);

/// A cheap handle on the process's connections. axum does not wait for sockets that were upgraded: this does.
#[derive(Debug, Clone)]
pub(crate) struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// What a drain waits for.
    tokens: AtomicUsize,
    /// The last token is gone.
    ended: Notify,
    is_draining: AtomicBool,
    window: Duration,
    limit: usize,
    open: AtomicUsize,
    registry: Arc<Registry>,
    shares: Shares,
}

/// The right of one connection to be served. Dropped, the connection counts as ended.
#[derive(Debug)]
pub(crate) struct Admission(Token);

/// Something that a drain waits for, until it is dropped.
#[derive(Debug)]
pub(crate) struct Token(Connections);

/// Why a connection is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAdmitted {
    Full,
    Draining,
}

impl Connections {
    /// At most `limit` at a time, and `shares` of one user and address; a drain spreads their ends over `window`.
    pub(crate) fn new(limit: usize, shares: Shares, window: Duration) -> Self {
        Self(Arc::new(Shared {
            tokens: AtomicUsize::new(0),
            ended: Notify::new(),
            is_draining: AtomicBool::new(false),
            window,
            limit,
            open: AtomicUsize::new(0),
            registry: Arc::default(),
            shares,
        }))
    }

    pub(crate) fn open(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    /// Notes whose a connection is.
    pub(crate) fn register(&self, identity: Identity) -> Result<Registration, Share> {
        self.0.registry.register(identity, self.0.shares)
    }

    /// The connections that read this private topic, or would if there were one.
    pub(crate) fn of(&self, private: &Topic) -> Vec<Arc<Handle>> {
        self.0.registry.of(private)
    }

    /// Those that are open, the oldest first, `limit` at the most.
    pub(crate) fn first(&self, limit: usize) -> Vec<Arc<Handle>> {
        self.0.registry.first(limit)
    }

    /// Each looks at what concerns it.
    pub(crate) fn call_all(&self) {
        for handle in self.first(usize::MAX) {
            handle.call();
        }
    }

    /// Cuts the connection of this number, which then comes back; false where there is none.
    pub(crate) fn cut(&self, number: u64) -> bool {
        self.0.registry.get(number).inspect(|handle| handle.close(Close::Cut)).is_some()
    }

    pub(crate) fn admit(&self) -> Result<Admission, NotAdmitted> {
        // Counted first: a connection that is admitted while a drain begins is then waited for.
        let open = self.0.open.fetch_add(1, Ordering::AcqRel);
        let admission = Admission(self.token());
        if self.0.is_draining.load(Ordering::Acquire) {
            Err(NotAdmitted::Draining)
        } else if open >= self.0.limit {
            Err(NotAdmitted::Full)
        } else {
            Ok(admission)
        }
    }

    /// Ends all connections and returns when they have ended, at the latest a few seconds behind the window. Later ones are not admitted.
    /// Cancel-safe: the connections end all the same.
    pub(crate) async fn drain(&self) {
        tracing::info!(name: "htmx_ws.drain_begun", target: "htmx_ws", connections = self.open(), "all connections are sent away");
        self.begin_drain();
        if tokio::time::timeout(self.0.window + DRAIN_GRACE, self.all_ended()).await.is_err() {
            tracing::warn!(name: "htmx_ws.drain_incomplete", target: "htmx_ws", connections = self.open(), "the drain ended before all connections did");
        } else {
            tracing::info!(name: "htmx_ws.drain_ended", target: "htmx_ws", "all connections have ended");
        }
    }

    /// From now on none is admitted, and those that are know that they are to end.
    pub(super) fn begin_drain(&self) {
        self.0.is_draining.store(true, Ordering::Release);
        // Who registers from now on asks first.
        self.first(usize::MAX).iter().for_each(|handle| handle.drain());
    }

    /// Returns when all connections that were admitted before the drain have ended.
    pub(super) async fn all_ended(&self) {
        // Written, not only read: so whoever takes a token later knows of the drain.
        while self.0.tokens.fetch_add(0, Ordering::AcqRel) > 0 {
            self.0.ended.notified().await;
        }
        // For whoever waits as well.
        self.0.ended.notify_one();
    }

    fn token(&self) -> Token {
        self.0.tokens.fetch_add(1, Ordering::AcqRel);
        Token(self.clone())
    }
}

impl Admission {
    fn connections(&self) -> &Connections {
        let Self(Token(connections)) = self;
        connections
    }

    /// A right of its own to be waited for.
    pub(crate) fn token(&self) -> Token {
        self.connections().token()
    }

    /// Whether a drain has begun.
    pub(crate) fn is_draining(&self) -> bool {
        self.connections().0.is_draining.load(Ordering::Acquire)
    }

    /// When the connection of this number ends, seen from the beginning of a drain. The multiples of the golden ratio fall evenly into the window, so the
    /// clients do not come back all at once.
    pub(crate) fn drain_delay(&self, number: u64) -> Duration {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let thousandths = u32::try_from(((number.wrapping_mul(GOLDEN) >> 32) * 1000) >> 32).unwrap_or_default();
        self.connections().0.window * thousandths / 1000
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.connections().0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if self.0.0.tokens.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.0.ended.notify_one();
        }
    }
}
