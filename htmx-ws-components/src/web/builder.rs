//! Everything that can be set on a hub, with its default.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderName;
use serde::de::DeserializeOwned;

use crate::dialect::Htmx;
use crate::hub::log::Retention;
use crate::hub::producer::Producers;
use crate::hub::stats::Counters;
use crate::hub::topics::TopicLimits;
use crate::message::random::random;
use crate::transport::connections::Connections;
use crate::transport::inbound::Rate;
use crate::transport::registry::Shares;
use crate::transport::service::{ConnectionLimits, Service};
use crate::transport::simulation::Simulated;
use crate::web::assets::Assets;
use crate::web::hub::{Hub, Settings};
use crate::web::inbound::{Inbound, Outcome, Routes};
use crate::web::nodes::NodeSettings;
use crate::web::presence::PresenceSettings;
use crate::web::producer::Producer;
use crate::web::renewal::RenewalSettings;
use crate::web::rights::Door;
use crate::web::snapshot::SnapshotSettings;
use crate::web::ticket::Key;

/// Builds a [`Hub`]. Every limit is on by default; a limit that is reached is counted in [`Hub::stats`].
///
/// ```
/// use std::time::Duration;
/// use htmx_ws_components::{Htmx, Hub};
///
/// let hub = Hub::builder()
///     .htmx(Htmx::V2)
///     .secret(b"at least 32 random bytes from the environment")
///     .ticket_lifetime(Duration::from_secs(3600))
///     .build();
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct HubBuilder {
    htmx: Htmx,
    assets: Assets,
    secret: Option<Vec<u8>>,
    path: String,
    allowed_origins: Vec<String>,
    ticket_lifetime: Duration,
    pub(super) renewals: RenewalSettings,
    pub(super) topics: TopicLimits,
    pub(super) connection: ConnectionLimits,
    max_connections: usize,
    shares: Shares,
    address_header: Option<HeaderName>,
    pub(super) is_development: bool,
    inbound: Routes,
    pub(super) producers: Vec<Producer>,
    pub(super) producer_linger: Duration,
    pub(super) snapshots: SnapshotSettings,
    pub(super) presence: PresenceSettings,
    drain_window: Duration,
    pub(super) nodes: NodeSettings,
}

/// A frame of the screen.
const FLUSH_INTERVAL: Duration = Duration::from_millis(16);

impl Default for HubBuilder {
    fn default() -> Self {
        Self {
            htmx: Htmx::default(),
            assets: Assets::cdn(),
            secret: None,
            path: "/live".to_owned(),
            allowed_origins: Vec::new(),
            ticket_lifetime: Duration::from_secs(24 * 60 * 60),
            renewals: RenewalSettings::default(),
            topics: TopicLimits {
                retention: Retention {
                    states: 10_000,
                    state_bytes: 4 << 20,
                    fences: 4096,
                    fence_bytes: 1 << 20,
                    fences_for: Duration::from_secs(60 * 60),
                    // What a page can swap in between two frames of the screen.
                    part_patches: 12,
                    // What a slow line carries in a second or two.
                    part_bytes: 64 << 10,
                },
                topics: 100_000,
                patch_bytes: 256 << 10,
                bytes: 256 << 20,
                // A weekend and some days more.
                forget_idle_after: Duration::from_secs(7 * 24 * 60 * 60),
                pass_interval: FLUSH_INTERVAL,
            },
            connection: ConnectionLimits {
                inbound_bytes: 16 << 10,
                inbound_rate: Rate { per_second: 20, burst: 40 },
                heartbeat: Duration::from_secs(25),
                idle: Duration::from_secs(60),
                write_stall: Duration::from_secs(30),
                flush_interval: FLUSH_INTERVAL,
                update_time: Duration::from_millis(1),
            },
            max_connections: 100_000,
            shares: Shares { per_user: 256, per_address: usize::MAX },
            address_header: None,
            is_development: cfg!(debug_assertions),
            inbound: Routes::default(),
            producers: Vec::new(),
            producer_linger: Duration::from_secs(10),
            snapshots: SnapshotSettings::default(),
            presence: PresenceSettings::default(),
            drain_window: Duration::from_secs(2),
            nodes: NodeSettings::default(),
        }
    }
}

impl HubBuilder {
    /// The generation of htmx that the pages load. Default: htmx 4.
    pub fn htmx(self, htmx: Htmx) -> Self {
        Self { htmx, ..self }
    }

    /// Where the pages load htmx from. Default: a CDN, with integrity hashes.
    pub fn assets(self, assets: Assets) -> Self {
        Self { assets, ..self }
    }

    /// The secret that tickets are signed with: at least 32 random bytes, the same on every server of an application. Default: random for each
    /// process, so after a restart every page refreshes once.
    pub fn secret(self, secret: impl Into<Vec<u8>>) -> Self {
        Self { secret: Some(secret.into()), ..self }
    }

    /// The path that the routes of the hub stand under. Default: `/live`.
    pub fn path(self, path: &str) -> Self {
        let path = path.trim_matches('/');
        Self { path: if path.is_empty() { String::new() } else { format!("/{path}") }, ..self }
    }

    /// A further origin whose pages may open sockets, as the browser writes it: `https://example.com`. Default: only pages of the host that serves
    /// the socket.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }

    /// How long a page may read its topics, from the moment it was rendered; then it refreshes, unless its ticket is [renewed](HubBuilder::renew_tickets). Default: 24 hours.
    pub fn ticket_lifetime(self, ticket_lifetime: Duration) -> Self {
        Self { ticket_lifetime: bounded(ticket_lifetime), ..self }
    }

    /// States of components that a topic retains, and the bytes of their HTML. Beyond that the oldest go, and a page that needed them refreshes.
    /// Default: 10,000 and 4 MiB.
    pub fn retain_states(mut self, count: usize, bytes: usize) -> Self {
        self.topics.retention.states = count;
        self.topics.retention.state_bytes = bytes;
        self
    }

    /// Patches that cannot be compacted (insertions, updates, components that hold others) that a topic retains, and the bytes of their HTML. Beyond that the oldest go,
    /// and a page that needed them refreshes. Default: 4,096 and 1 MiB.
    pub fn retain_ordered(mut self, count: usize, bytes: usize) -> Self {
        self.topics.retention.fences = count;
        self.topics.retention.fence_bytes = bytes;
        self
    }

    /// How long a topic retains patches that cannot be compacted, and events. Then they go, and a page that was away for longer refreshes instead of hearing of
    /// what has long been over. States have no age. Counted in seconds. Default: 1 hour.
    ///
    /// ```
    /// use std::time::Duration;
    /// use htmx_ws_components::Hub;
    ///
    /// let hub = Hub::builder().retain_ordered_for(Duration::from_secs(10 * 60)).build();
    /// ```
    pub fn retain_ordered_for(mut self, age: Duration) -> Self {
        self.topics.retention.fences_for = age;
        self
    }

    /// How long a topic is kept that nobody uses: no publish, no reader, no [`Live::latest`](crate::Live::latest). Then the hub forgets what it retains. An application that has
    /// its state nowhere else sets this as long as it needs it. Counted in seconds. Default: 7 days.
    ///
    /// ```
    /// use std::time::Duration;
    /// use htmx_ws_components::Hub;
    ///
    /// let hub = Hub::builder().forget_idle_topics_after(Duration::from_secs(24 * 60 * 60)).build();
    /// ```
    pub fn forget_idle_topics_after(mut self, age: Duration) -> Self {
        self.topics.forget_idle_after = age;
        self
    }

    /// The memory that all topics together may take: their HTML, and what it costs to keep it. Beyond that, topics without readers go, those first that changed longest ago; then
    /// the oldest patches and states of the largest topics, and pages that needed them refresh. Connections are not in it. Default: 256 MiB.
    ///
    /// ```
    /// use htmx_ws_components::Hub;
    ///
    /// let hub = Hub::builder().max_retained_bytes(64 << 20).build();
    /// assert!(hub.stats().bytes() <= 64 << 20);
    /// ```
    pub fn max_retained_bytes(mut self, bytes: usize) -> Self {
        self.topics.bytes = bytes;
        self
    }

    /// Topics at a time. One more takes the place of those without readers that changed longest ago; where all have readers, publishing to it is an
    /// error, and a page that wants to read it comes back later. Default: 100,000.
    pub fn max_topics(mut self, count: usize) -> Self {
        self.topics.topics = count;
        self
    }

    /// Bytes of HTML in one patch; a publish of more is an error. Default: 256 KiB.
    pub fn max_patch_bytes(mut self, bytes: usize) -> Self {
        self.topics.patch_bytes = bytes;
        self
    }

    /// Connections at a time; one more is answered with 503 and comes back later. Default: 100,000.
    pub fn max_connections(self, count: usize) -> Self {
        Self { max_connections: count, ..self }
    }

    /// Connections at a time of one [user](crate::Live::user); one more is answered with 429 and comes back later. Default: 256.
    pub fn max_connections_per_user(mut self, count: usize) -> Self {
        self.shares.per_user = count;
        self
    }

    /// Connections at a time from one address; one more is answered with 429 and comes back later. Default: no limit, since behind a proxy all have one.
    ///
    /// Without [`HubBuilder::address_header`], the address is that of the other end, which axum knows when the application is served with
    /// [`into_make_service_with_connect_info::<SocketAddr>()`](axum::Router::into_make_service_with_connect_info).
    pub fn max_connections_per_address(mut self, count: usize) -> Self {
        self.shares.per_address = count;
        self
    }

    /// The header in which your proxy says whom it has seen, as the last of its values: `x-forwarded-for`. Name one only if there is a proxy that sets it: a browser
    /// could write whatever it wants. Default: none.
    pub fn address_header(self, name: HeaderName) -> Self {
        Self { address_header: Some(name), ..self }
    }

    /// Handles the messages that are sent with `action`: what forms and buttons inside of [`Live::connect_around`](crate::Live::connect_around) send over the
    /// socket. See [`Inbound`](crate::Inbound).
    pub fn on<T, F, Fut, R>(mut self, action: &str, handler: F) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        F: Fn(Inbound<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Outcome,
    {
        self.inbound.add(action, handler);
        self
    }

    /// Bytes of one message from a browser; a larger one closes the connection with 1009. Default: 16 KiB.
    pub fn max_inbound_bytes(mut self, bytes: usize) -> Self {
        self.connection.inbound_bytes = bytes;
        self
    }

    /// Messages from a browser per second, and at once after a quiet time; more close the connection with 1013. Default: 20 and 40.
    pub fn inbound_rate(mut self, per_second: u32, burst: u32) -> Self {
        self.connection.inbound_rate = Rate { per_second, burst };
        self
    }

    /// How often a connection is pinged, and how long a ping may stay without any sign of life until the connection is cut. Default: 25 and 60
    /// seconds.
    pub fn heartbeat(mut self, every: Duration, patience: Duration) -> Self {
        self.connection.heartbeat = bounded(every);
        self.connection.idle = bounded(patience);
        self
    }

    /// How long one frame may take to be written until the connection is cut; the page resumes later. Default: 30 seconds.
    pub fn write_stall(mut self, patience: Duration) -> Self {
        self.connection.write_stall = bounded(patience);
        self
    }

    /// The time over which [`Hub::drain`] spreads the ends of the connections. Default: 2 seconds.
    pub fn drain_window(self, window: Duration) -> Self {
        Self { drain_window: bounded(window), ..self }
    }

    /// The hub.
    pub fn build(self) -> Hub {
        let secret = self.secret.unwrap_or_else(|| random::<32>().to_vec());
        if secret.len() < 32 {
            tracing::warn!(name: "htmx_ws.secret_short", target: "htmx_ws", bytes = secret.len(), "the secret of the tickets is short; use at least 32 random bytes");
        }
        let counters = Arc::new(Counters::default());
        let inbox = self.inbound.into_inbox(self.htmx);
        let door = Arc::new(Door::default());
        let service = Service {
            gate: Some(Arc::clone(&door) as _),
            htmx: self.htmx,
            limits: self.connection,
            counters: Arc::clone(&counters),
            inbox: inbox.clone().map(|inbox| inbox as _),
            simulated: Simulated::default(),
        };
        let hub = Hub::new_with(
            self.nodes.into_topics(self.topics, &counters),
            Connections::new(self.max_connections, self.shares, self.drain_window),
            counters,
            Settings {
                service: Arc::new(service),
                assets: self.assets,
                key: Key::new(&secret),
                path: self.path,
                allowed_origins: self.allowed_origins,
                ticket_lifetime: self.ticket_lifetime,
                renewals: self.renewals,
                address_header: self.address_header,
                is_development: self.is_development,
            },
        );
        let factories = self.producers.into_iter().map(|producer| producer.into_factory(hub.downgrade())).collect();
        hub.topics().set_producers(Producers::new(
            factories,
            self.producer_linger,
            Arc::clone(hub.counters()),
            hub.topics().members().cloned(),
        ));
        hub.topics().set_snapshots(self.snapshots.into_snapshots(self.presence.completing(&hub), Arc::clone(hub.counters())));
        hub.topics().set_presences(self.presence.into_presences(&hub));
        hub.listen_to_nodes();
        door.set_hub(&hub);
        if let Some(inbox) = inbox {
            inbox.set_hub(&hub);
        }
        hub
    }
}

/// Ten years stand for "never": longer times cannot be added to the clock of every system.
pub(super) fn bounded(time: Duration) -> Duration {
    time.min(Duration::from_secs(10 * 365 * 24 * 60 * 60))
}
