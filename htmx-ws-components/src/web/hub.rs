//! The handle that an application holds.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::http::HeaderName;
use tokio::time::timeout;

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::patch::{Patch, ToPatch};
use crate::hub::log::{Latest, Publication};
use crate::hub::publish::{Progress, Publish, PublishError, Published};
use crate::hub::stats::{Counter, Counters, Stats, TopicStats};
use crate::hub::topics::Topics;
use crate::message::cursor::Cursor;
use crate::message::recipient::{PageId, To};
use crate::message::topic::{InvalidTopic, Topic};
use crate::message::topic_for::TopicFor;
use crate::transport::connections::Connections;
use crate::transport::service::Service;
use crate::transport::simulation::Simulation;
use crate::transport::stats::ConnectionStats;
use crate::web::assets::Assets;
use crate::web::batch::Batch;
use crate::web::builder::HubBuilder;
use crate::web::renewal::RenewalSettings;
use crate::web::revocation::Revocations;
use crate::web::ticket::{Key, now};

/// How long a drain waits for the backplane: as long as a publish waits for a connection and then for its answer, where nothing else is said.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The process's topics and connections. Cloning it is cheap; all clones are one hub.
///
/// It is the state of an axum application, or a part of it that [`FromRef`](axum::extract::FromRef) gives:
///
/// ```
/// use axum::extract::FromRef;
/// use htmx_ws_components::Hub;
///
/// #[derive(Clone)]
/// struct App { hub: Hub, name: &'static str }
///
/// impl FromRef<App> for Hub {
///     fn from_ref(app: &App) -> Self {
///         app.hub.clone()
///     }
/// }
/// ```
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use htmx_ws_components::{Hub, Live};
/// use maud::{Markup, html};
///
/// async fn page(live: Live) -> Markup {
///     let live = live.topic("news");
///     html! { head { (live.head()) } body { (live.connect()) } }
/// }
///
/// # async fn serve() -> std::io::Result<()> {
/// let hub = Hub::new();
/// let app = Router::new().route("/", get(page)).merge(hub.routes()).with_state(hub.clone());
/// axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
/// # }
/// ```
///
#[doc = include_str!("events.md")]
#[derive(Debug, Clone)]
pub struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    topics: Topics,
    connections: Connections,
    counters: Arc<Counters>,
    settings: Settings,
    revocations: Revocations,
}

/// What the builder decided for the web side.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) service: Arc<Service>,
    pub(super) assets: Assets,
    pub(super) key: Key,
    pub(super) path: String,
    pub(super) allowed_origins: Vec<String>,
    pub(super) ticket_lifetime: Duration,
    pub(super) renewals: RenewalSettings,
    pub(super) address_header: Option<HeaderName>,
    pub(super) is_development: bool,
}

/// A hub that is not kept by whom it keeps.
#[derive(Debug)]
pub(super) struct WeakHub(Weak<Inner>);

impl WeakHub {
    pub(super) fn upgrade(&self) -> Option<Hub> {
        self.0.upgrade().map(Hub)
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// A hub with the defaults of [`HubBuilder`].
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Everything that can be set.
    pub fn builder() -> HubBuilder {
        HubBuilder::default()
    }

    pub(super) fn new_with(topics: Topics, connections: Connections, counters: Arc<Counters>, settings: Settings) -> Self {
        Self(Arc::new(Inner { topics, connections, counters, settings, revocations: Revocations::default() }))
    }

    /// Brings every page that reads `topic` to this value: a component, or a [`Patch`](crate::Patch).
    ///
    /// It returns at once with what it did; see [`Publish`]. A leaf equal to the one that was published last changes nothing and is not sent. Patches of one topic arrive in the
    /// order in which they were published; states that were superseded before a page read them are left out. It can be called from any
    /// thread, also outside of an async runtime.
    ///
    /// The topic is a text, a [`Topic`], or a type of your own that [says what it carries](TopicFor): then the compiler refuses the rest.
    ///
    /// Two things are the application's to keep. Publish what a shared state became *while holding its lock*, or two tasks may publish in another order than they
    /// changed it. And render the true value into the page, or [`Live::latest`](crate::Live::latest): a default that stands there instead is not
    /// corrected as long as the value does not change, since an equal value is not sent.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, ProgressBar};
    ///
    /// #[derive(ProgressBar)]
    /// #[component(id = "upload-{file}")]
    /// struct Upload { file: u32, #[progress(value)] percent: u8 }
    ///
    /// let hub = Hub::new();
    /// hub.publish("uploads", &Upload { file: 1, percent: 40 });
    /// let published = hub.publish("uploads", &Upload { file: 1, percent: 40 }).outcome()?;
    /// assert!(!published.is_change(), "the pages show it already");
    /// # Ok::<(), htmx_ws_components::PublishError>(())
    /// ```
    pub fn publish<V: ToPatch + ?Sized>(&self, topic: impl TopicFor<V>, value: &V) -> Publish {
        let publication =
            topic.topic_for().map_err(PublishError::from).and_then(|topic| Ok((Some(topic), vec![Self::publication(value)?])));
        self.publish_all(publication, None)
    }

    /// Several values at once, or values that one page has already: see [`Batch`]. The topic is a text, a reference to a [`Topic`], or one to a type of your own.
    pub fn batch<T: Copy>(&self, topic: T) -> Batch<'_, T> {
        Batch::new(self, topic)
    }

    pub(super) fn publish_all(&self, what: Result<(Option<Topic>, Vec<Publication>), PublishError>, origin: Option<PageId>) -> Publish {
        let (topic, publications) = match what {
            Ok((Some(topic), publications)) => (topic, publications),
            Ok((None, _)) => return self.published(Ok(Published { version: None, is_change: false, readers: 0 })),
            Err(error) => return self.published(Err(error)),
        };
        match self.0.topics.post(&topic, &publications, origin) {
            None => self.published(self.publish_to(&topic, publications, origin)),
            Some(Err(error)) => self.published(Err(error)),
            Some(Ok((readers, told))) => {
                self.0.counters.count(Counter::Published);
                Publish(Progress::Sent { topic, readers, told })
            }
        }
    }

    /// Makes the cursor that of everything that was published anywhere; false where that cannot be found out. With an older one a page is sent what it shows already.
    pub(super) async fn catch_up(&self) -> bool {
        self.0.topics.catch_up().await.is_ok()
    }

    fn published(&self, result: Result<Published, PublishError>) -> Publish {
        match &result {
            Ok(published) if published.is_change() => self.0.counters.count(Counter::Published),
            Ok(_) => self.0.counters.count(Counter::PublishedUnchanged),
            Err(error) => {
                self.0.counters.count(Counter::PublishFailed);
                tracing::error!(name: "htmx_ws.publish_failed", target: "htmx_ws", %error, "nothing was published");
            }
        }
        Publish::done(result)
    }

    /// Publishes what the hub itself has to say of a topic: where that is complete, or there is none, nobody hears it.
    pub(super) fn publish_aside(&self, topic: &Topic, what: Result<Publication, PublishError>) {
        if let Err(error) = what.and_then(|publication| self.0.topics.publish_aside(topic, publication)) {
            self.0.counters.count(Counter::PublishFailed);
            tracing::error!(name: "htmx_ws.publish_failed", target: "htmx_ws", %error, "nothing was published");
        }
    }

    /// The value, rendered.
    pub(super) fn publication<V: ToPatch + ?Sized>(value: &V) -> Result<Publication, PublishError> {
        Ok(match value.to_composition()? {
            Some(composition) => Publication::Whole(composition),
            None => Publication::Patch(value.to_patch()?),
        })
    }

    fn publish_to(&self, topic: &Topic, publications: Vec<Publication>, origin: Option<PageId>) -> Result<Published, PublishError> {
        let published = self.0.topics.publish(topic, publications, origin)?;
        if !topic.is_private() {
            return Ok(published);
        }
        // Pages read their private topics as soon as there are any: whoever does not yet is called.
        let readers = self.0.connections.of(topic);
        if readers.len() > published.readers {
            for reader in &readers {
                reader.call();
            }
        }
        Ok(Published { readers: readers.len(), ..published })
    }

    /// Takes back the right to read of all pages of a user or a session, or of one page: their connections end, and their tickets are no longer valid.
    ///
    /// The pages refresh, so that their handlers say what they may see now: log the user out, or take away what they must not read any more, *before* this is called.
    /// Pages that are rendered afterwards are not concerned. It returns the number of connections that end; on other nodes with the same [backplane](HubBuilder::backplane) they end as soon as those hear of it,
    /// which is tried until they do. Times are the nodes' own clocks', so keep these in step.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, To};
    ///
    /// let hub = Hub::new();
    /// assert_eq!(hub.revoke(To::user(42)).unwrap(), 0);
    /// ```
    ///
    /// # Errors
    /// [`InvalidTopic`] when the id is too long, or has control characters.
    pub fn revoke(&self, whom: To) -> Result<usize, InvalidTopic> {
        let (topic, at) = (whom.topic()?, now());
        let until = at + self.0.settings.ticket_lifetime;
        if let Some(members) = self.0.topics.members() {
            members.revoke(&topic, at, until);
        }
        Ok(self.revoke_until(&topic, at, until))
    }

    pub(super) fn revocations(&self) -> &Revocations {
        &self.0.revocations
    }

    /// Whether a ticket of this time is no longer valid for one of those that it is of.
    pub(super) fn is_revoked(&self, private: &[Topic], issued: Duration) -> bool {
        private.iter().any(|topic| self.0.revocations.concerns(topic, issued))
    }

    /// Ends a topic: pages get what was published to it, and then nothing more. A connection that has no other topic, and is of no user or session, is closed
    /// with 1000, so a finished job holds no socket; a page that comes later gets the end as well. Publishing to the topic again opens it again, for pages that are
    /// rendered from then on.
    ///
    /// It returns how many connections read the topic at this moment.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Patch};
    ///
    /// let hub = Hub::new();
    /// hub.publish("job-7", &Patch::title("Done"));
    /// assert_eq!(hub.complete("job-7")?, 0);
    /// # Ok::<(), htmx_ws_components::PublishError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Hub::publish`], when the topic is none or one too many.
    pub fn complete(&self, topic: impl TopicFor<Patch>) -> Result<usize, PublishError> {
        self.0.topics.complete(&topic.topic_for()?)
    }

    /// The place behind everything that was published until now.
    pub fn cursor(&self) -> Cursor {
        self.0.topics.cursor()
    }

    /// What the hub holds and has counted.
    pub fn stats(&self) -> Stats {
        Stats::new(&self.0.counters, &self.0.topics, self.0.connections.open())
    }

    /// What the hub holds of each topic, in the order of their names. It looks at every topic, so ask now and then, not for every request.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Patch};
    ///
    /// let hub = Hub::new();
    /// hub.publish("job-7", &Patch::title("Done"));
    /// hub.complete("job-7")?;
    /// let job = &hub.topic_stats()[0];
    /// assert!(job.name() == "job-7" && job.is_complete() && job.readers() == 0);
    /// # Ok::<(), htmx_ws_components::PublishError>(())
    /// ```
    pub fn topic_stats(&self) -> Vec<TopicStats> {
        self.0.topics.listing()
    }

    /// What is known of each connection, the oldest first, `limit` at the most.
    ///
    /// ```
    /// use htmx_ws_components::Hub;
    ///
    /// for connection in Hub::new().connection_stats(100) {
    ///     println!("{} is {} versions behind", connection.page(), connection.lag());
    /// }
    /// ```
    pub fn connection_stats(&self, limit: usize) -> Vec<ConnectionStats> {
        self.0.connections.first(limit).iter().map(|handle| ConnectionStats::new(handle)).collect()
    }

    /// Lets all connections of this hub have a bad line, from now on, **for development**; with [`Simulation::OFF`], no more.
    pub fn simulate(&self, simulation: Simulation) {
        self.0.settings.service.simulated.set(simulation);
    }

    /// The bad line that is simulated.
    pub fn simulation(&self) -> Simulation {
        self.0.settings.service.simulated.get()
    }

    /// A builder for a hub beside this one, whose pages stand beside those of this one. It loads htmx itself where the application's pages do.
    pub(crate) fn beside(&self) -> HubBuilder {
        let Settings { assets, allowed_origins, .. } = self.settings();
        let builder = Self::builder().htmx(self.htmx()).assets(assets.clone().or_cdn());
        allowed_origins.iter().fold(builder, HubBuilder::allow_origin)
    }

    /// The generation of htmx that the pages load.
    pub fn htmx(&self) -> Htmx {
        self.0.settings.service.htmx
    }

    /// Closes all connections with 1012, spread over [`HubBuilder::drain_window`], and returns when they have ended. Pages come back by themselves
    /// and resume. Connections that come later are closed at once.
    ///
    /// With a [backplane](crate::Backplane), it then waits for what was published here before and is not acknowledged yet, for 10 seconds at most.
    ///
    /// axum's graceful shutdown does not wait for sockets; this does. Cancel-safe: what was begun goes on.
    ///
    /// ```no_run
    /// # async fn serve(app: axum::Router, listener: tokio::net::TcpListener, hub: htmx_ws_components::Hub) -> std::io::Result<()> {
    /// let shutdown = async move {
    ///     htmx_ws_components::stop_signal().await;
    ///     hub.drain().await;
    /// };
    /// axum::serve(listener, app).with_graceful_shutdown(shutdown).await
    /// # }
    /// ```
    pub async fn drain(&self) {
        self.0.connections.drain().await;
        // Behind the connections: those that end may publish.
        if timeout(LAST_WORDS, self.0.topics.settled()).await.is_err() {
            tracing::warn!(name: "htmx_ws.drain_unsettled", target: "htmx_ws", "the drain ended before the backplane had answered for all that was published");
        }
    }

    pub(super) fn downgrade(&self) -> WeakHub {
        WeakHub(Arc::downgrade(&self.0))
    }

    pub(super) fn latest(&self, topic: &Topic, id: &DomId) -> Latest {
        self.0.topics.latest(topic, id)
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn topics(&self) -> &Topics {
        &self.0.topics
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.0.connections
    }

    pub(super) fn counters(&self) -> &Arc<Counters> {
        &self.0.counters
    }
}
