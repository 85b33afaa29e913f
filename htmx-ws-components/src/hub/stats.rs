//! What a hub counts.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::hub::exposition::Exposition;
use crate::hub::replica::membership::Membership;
use crate::hub::topics::Topics;
use crate::message::cursor::Version;
use crate::message::topic::Topic;

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Something that a hub counts, from its start on.
        ///
        /// ```
        /// use htmx_ws_components::{Counter, Hub};
        ///
        /// let hub = Hub::new();
        /// assert_eq!(hub.stats().get(Counter::TicketForged), 0);
        /// assert_eq!(Counter::TicketForged.name(), "ticket_forged");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Counter {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Counter {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// A stable name, for logs and metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What it counts, in a sentence or two.
            pub fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

counters! {
    /// Publishes that changed something.
    Published = "published",
    /// Publishes of a value equal to the retained one.
    PublishedUnchanged = "published_unchanged",
    /// Publishes that ended in a `PublishError`.
    PublishFailed = "publish_failed",
    /// Connections that were served.
    Connected = "connected",
    /// Connections that ended, whatever the reason.
    Disconnected = "disconnected",
    /// Frames handed to sockets.
    FramesSent = "frames_sent",
    /// Bytes of those frames.
    BytesSent = "bytes_sent",
    /// Connections with a cursor that the log does not reach back to, or of another epoch, or of the future, and no snapshot: the page was told to refresh.
    Gap = "gap",
    /// Tickets with a signature that is not ours: forged, altered, or of an earlier process with another key.
    TicketForged = "ticket_forged",
    /// Tickets behind their time, at the connect or later.
    TicketExpired = "ticket_expired",
    /// Tickets that were renewed.
    TicketRenewed = "ticket_renewed",
    /// Tickets that were to be renewed and were not.
    TicketNotRenewed = "ticket_not_renewed",
    /// Tickets that were to be renewed, when what decides on that panicked.
    TicketRenewalPanicked = "ticket_renewal_panicked",
    /// Cursors that could not be read.
    ResumeInvalid = "resume_invalid",
    /// Sockets asked for by a page of another origin, or of none.
    OriginForeign = "origin_foreign",
    /// Connections that came during a drain.
    DrainRefused = "drain_refused",
    /// Connections over the limit of the hub.
    ConnectionsExceeded = "connections_exceeded",
    /// Connections over the limit of a user.
    UserConnectionsExceeded = "user_connections_exceeded",
    /// Connections over the limit of an address.
    AddressConnectionsExceeded = "address_connections_exceeded",
    /// Connections closed, or refused, because their right to read was taken back.
    Revoked = "revoked",
    /// Publishes that passed a limit of their topic's log, so that pages behind what went have a gap.
    LogEvicted = "log_evicted",
    /// Topics without readers whose log went for a new topic.
    TopicsGivenUp = "topics_given_up",
    /// Times that ordered entries of a topic went because they were too old.
    OrderedExpired = "ordered_expired",
    /// Topics that went because nobody had used them for too long.
    TopicsForgotten = "topics_forgotten",
    /// Times that all topics together held too much, so that topics without readers went, and then what was oldest in the largest.
    HubEvicted = "hub_evicted",
    /// Connections for a topic that would have been one too many.
    TopicsExceeded = "topics_exceeded",
    /// Messages that were not JSON.
    InboundNotJson = "inbound_not_json",
    /// Binary messages.
    InboundBinary = "inbound_binary",
    /// Messages over the size limit.
    InboundTooLarge = "inbound_too_large",
    /// Connections that sent messages faster than the limit.
    InboundTooFast = "inbound_too_fast",
    /// Bytes that were not the WebSocket protocol, and connections that broke off.
    InboundBroken = "inbound_broken",
    /// JSON messages that were handled.
    InboundHandled = "inbound_handled",
    /// JSON messages whose fields are not those of their handler.
    InboundInvalid = "inbound_invalid",
    /// JSON messages whose handler answered with an error.
    InboundFailed = "inbound_failed",
    /// JSON messages whose handler panicked.
    InboundPanicked = "inbound_panicked",
    /// JSON messages that nobody handles.
    InboundUnhandled = "inbound_unhandled",
    /// Patches for an element that a page does not have, as pages in development tell; see [`HubBuilder::development`](crate::HubBuilder::development).
    TargetMissing = "target_missing",
    /// Connections cut because nothing came from them for too long.
    CutIdle = "cut_idle",
    /// Connections cut because a frame could not be written for too long.
    CutStalled = "cut_stalled",
    /// Connections cut in the inspector.
    CutByHand = "cut_by_hand",
    /// Connections that broke because a bad line is simulated.
    CutSimulated = "cut_simulated",
    /// Gaps that a snapshot filled, so that the page had not to refresh.
    GapFilled = "gap_filled",
    /// Snapshots that sources gave.
    SnapshotsTaken = "snapshots_taken",
    /// Snapshot sources that answered with an error, or with more than a topic may hold.
    SnapshotsFailed = "snapshots_failed",
    /// Snapshot sources that took too long.
    SnapshotsTimedOut = "snapshots_timed_out",
    /// Snapshot sources that panicked.
    SnapshotsPanicked = "snapshots_panicked",
    /// Tasks of producers that were started.
    ProducersStarted = "producers_started",
    /// Producers that panicked: their tasks, or what makes these.
    ProducersPanicked = "producers_panicked",
    /// Lists of who reads a topic whose rendering panicked.
    PresencePanicked = "presence_panicked",
    /// Connections closed because all their topics are complete.
    Completed = "completed",
    /// Connections closed by a drain.
    Drained = "drained",
    /// Times that the backplane could not be reached any more.
    BackplaneAway = "backplane_away",
    /// Connections of pages that came further on another node, while this one could not reach the backplane: they come back later.
    NodeBehind = "node_behind",
    /// Times that the backplane had lost something of what it had taken, and began anew: pages got a snapshot, or refreshed.
    BackplaneLost = "backplane_lost",
}

/// The counters, shared by everything that counts.
#[derive(Debug)]
pub(crate) struct Counters([AtomicU64; Counter::ALL.len()]);

impl Default for Counters {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Counters {
    pub(crate) fn count(&self, counter: Counter) {
        self.add(counter, 1);
    }

    pub(crate) fn add(&self, counter: Counter, amount: u64) {
        // Each counter stands for itself: nothing else is ordered by it.
        self.0[counter as usize].fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize].load(Ordering::Relaxed)
    }
}

/// What a hub holds and has counted, at one moment. Taking it is cheap, however much the hub holds.
///
/// ```
/// use htmx_ws_components::{Counter, DomId, Hub, Patch};
///
/// let hub = Hub::new();
/// hub.publish("jobs", &Patch::remove(DomId::new("job-7").unwrap()));
/// let stats = hub.stats();
/// assert_eq!(stats.get(Counter::Published), 1);
/// assert_eq!((stats.topics(), stats.readers(), stats.connections()), (1, 0, 0));
/// assert_eq!((stats.entries(), stats.version()), (1, hub.cursor().version()));
/// assert!(stats.bytes() > 0);
/// ```
#[derive(Debug, Clone)]
pub struct Stats {
    topics: usize,
    readers: usize,
    connections: usize,
    entries: usize,
    bytes: usize,
    producers: usize,
    nodes: usize,
    lag: Duration,
    waiting: usize,
    version: Version,
    counts: Vec<u64>,
}

impl Stats {
    pub(crate) fn new(counters: &Counters, topics: &Topics, connections: usize) -> Self {
        Self {
            topics: topics.count(),
            readers: topics.readers(),
            connections,
            entries: topics.entries(),
            bytes: topics.bytes(),
            producers: topics.producers(),
            nodes: topics.members().map_or(1, Membership::nodes),
            lag: topics.members().map(Membership::lag).unwrap_or_default(),
            waiting: topics.waiting(),
            version: topics.cursor().version,
            counts: Counter::ALL.iter().map(|counter| counters.get(*counter)).collect(),
        }
    }

    /// The topics that the hub keeps a log of.
    pub fn topics(&self) -> usize {
        self.topics
    }

    /// The places of connections in topics: a connection that reads three topics has three.
    pub fn readers(&self) -> usize {
        self.readers
    }

    /// The connections that are open.
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// The entries that all logs retain together.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// The memory that the topics take, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The tasks of [producers](crate::HubBuilder::producer) that run.
    pub fn producers(&self) -> usize {
        self.producers
    }

    /// The nodes that share the hub's [backplane](crate::Backplane), this one among them, as far as it has heard of them; 1 where it has none.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// How long something that this node says to all nodes takes until it hears it from the [backplane](crate::Backplane) itself, as the others do: they speak every two seconds. It grows while nothing comes.
    pub fn backplane_lag(&self) -> Duration {
        self.lag
    }

    /// The bytes of patches that wait for the [backplane](crate::Backplane) to take them.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting
    }

    /// The version of the newest change.
    pub fn version(&self) -> Version {
        self.version
    }

    /// All of it in the text exposition format of Prometheus, version 0.0.4: what [`Hub::metrics`](crate::Hub::metrics) serves.
    pub fn prometheus(&self) -> String {
        Exposition(self).to_string()
    }

    /// How often something happened.
    pub fn get(&self, counter: Counter) -> u64 {
        self.counts.get(counter as usize).copied().unwrap_or_default()
    }
}

/// What a hub holds of one topic, at one moment; see [`Hub::topic_stats`](crate::Hub::topic_stats).
///
/// ```
/// use htmx_ws_components::{DomId, Hub, Patch, To};
///
/// let hub = Hub::new();
/// hub.publish("jobs", &Patch::remove(DomId::new("job-7").unwrap()));
/// hub.publish(To::user(42), &Patch::title("(1) Inbox"));
/// let names: Vec<String> = hub.topic_stats().iter().map(|topic| topic.name().into_owned()).collect();
/// assert_eq!(names, ["user 42", "jobs"]);
/// ```
#[derive(Debug, Clone)]
pub struct TopicStats {
    pub(crate) topic: Topic,
    pub(crate) readers: usize,
    pub(crate) version: Version,
    pub(crate) floor: Version,
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    pub(crate) is_complete: bool,
    pub(crate) has_producer: bool,
    pub(crate) unchanged_for: Option<Duration>,
}

impl TopicStats {
    /// Its name; of a topic of a user or a page, who that is. Of the topic of a session, only that it is one: such a name may be a secret.
    pub fn name(&self) -> Cow<'_, str> {
        self.topic.shown()
    }

    /// Whether it is the topic of a [user, a session or a page](crate::To).
    pub fn is_private(&self) -> bool {
        self.topic.is_private()
    }

    /// How many connections read it.
    pub fn readers(&self) -> usize {
        self.readers
    }

    /// The version of its newest change.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The version up to which its log has evicted: a page that stands below has a gap.
    pub fn floor(&self) -> Version {
        self.floor
    }

    /// The entries that its log retains.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// The memory that it takes, about: its entries, and what its readers share of them.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it was [completed](crate::Hub::complete), and not published to since.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether a [producer](crate::HubBuilder::producer) is at it: its task runs, has ended by itself, or waits to start again.
    pub fn has_producer(&self) -> bool {
        self.has_producer
    }

    /// The time since its newest change, in whole seconds; none where it has had none.
    pub fn unchanged_for(&self) -> Option<Duration> {
        self.unchanged_for
    }
}
