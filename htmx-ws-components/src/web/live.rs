//! The live handle of a page.

use std::convert::Infallible;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use maud::{Markup, PreEscaped, Render, html};

use crate::dialect::Htmx;
use crate::html::patch::ToPatch;
use crate::hub::log::Latest;
use crate::message::cursor::{Cursor, Version};
use crate::message::random::random;
use crate::message::recipient::{PageId, To};
use crate::message::topic::{InvalidTopic, Topic};
use crate::web::assets::{DEBUG, EXTRAS, FALLBACK, MORPH, OwnFile, SCRIPT, STYLES, fingerprint};
use crate::web::hub::Hub;
use crate::web::inbound;
use crate::web::ticket::Ticket;

/// What makes a page live: an extractor that takes the hub's cursor before the handler's body runs.
///
/// **Make it the first argument**: axum runs extractors in their order, and what an extractor in front of it has read may be older than the cursor.
/// Whatever is read afterwards is at least as new, and everything published since then is sent when the page connects: nothing falls between the
/// rendering and the socket. Whoever gets the page may read the topics that the handler names, for
/// [`HubBuilder::ticket_lifetime`](crate::HubBuilder::ticket_lifetime): so check who asks, as for any other page, and keep pages that are for one person out of shared
/// caches (`Cache-Control: no-store`).
///
/// ```no_run
/// use htmx_ws_components::{Live, ProgressBar};
/// use maud::{DOCTYPE, Markup, html};
///
/// #[derive(ProgressBar)]
/// #[component(id = "upload-{file}")]
/// struct Upload { file: u32, #[progress(value)] percent: u8 }
///
/// async fn page(live: Live) -> Markup {
///     let live = live.topic("uploads");
///     html! {
///         (DOCTYPE)
///         html lang="en" {
///             head { title { "Uploads" } (live.head()) }
///             body {
///                 (live.connect())
///                 (live.latest(&Upload { file: 1, percent: 0 }))
///             }
///         }
///     }
/// }
/// # let app: axum::Router<htmx_ws_components::Hub> = axum::Router::new().route("/", axum::routing::get(page));
/// ```
#[derive(Debug)]
#[must_use = "a page is live when `head` and `connect` stand in it"]
pub struct Live {
    hub: Hub,
    cursor: Cursor,
    /// Sorted, each once.
    topics: Vec<Topic>,
    /// The topics of which this node may not have heard the newest states, and the versions up to which it has.
    states: Vec<(Topic, Version)>,
    page: PageId,
    user: Option<String>,
    session: Option<String>,
    /// Of the page's content security policy, where that has one.
    nonce: Option<String>,
    /// Set when the page took it, to notice one that took only one of both.
    head: AtomicBool,
    connect: AtomicBool,
}

impl<S> FromRequestParts<S> for Live
where
    Hub: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let hub = Hub::from_ref(state);
        hub.catch_up().await;
        Ok(Self::of(&hub))
    }
}

impl Live {
    /// The live handle of a page that is rendered outside of a handler. Take it before reading what the page will show. Where other nodes share the hub's [backplane](crate::Backplane), it begins where this
    /// one has come to, and what they have published just before may come again; as an extractor, it asks them first.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Live};
    ///
    /// let live = Live::of(&Hub::new()).topic("news");
    /// assert!(live.connect().into_string().contains("data-ws-connect"));
    /// ```
    pub fn of(hub: &Hub) -> Self {
        Self {
            cursor: hub.cursor(),
            hub: hub.clone(),
            topics: Vec::new(),
            states: Vec::new(),
            page: PageId(u64::from_le_bytes(random())),
            user: None,
            session: None,
            nonce: None,
            head: AtomicBool::new(false),
            connect: AtomicBool::new(false),
        }
    }

    /// The page shows, and may read, this topic as well: `let live = live.topic("jobs");`.
    ///
    /// Names are compared byte by byte with those that are published to, so keep each in one place. A text that is no name of a topic is logged
    /// as an error and left out.
    #[must_use = "it returns the handle that reads the topic: `let live = live.topic(..)`"]
    pub fn topic<T>(mut self, topic: T) -> Self
    where
        T: TryInto<Topic>,
        T::Error: Into<InvalidTopic>,
    {
        match topic.try_into() {
            Ok(topic) => {
                if let Err(index) = self.topics.binary_search(&topic) {
                    let heard = self.hub.topics().heard_up_to(&topic).filter(|heard| *heard < self.cursor.version);
                    self.states.extend(heard.map(|heard| (topic.clone(), heard)));
                    self.topics.insert(index, topic);
                }
            }
            Err(error) => {
                let error: InvalidTopic = error.into();
                tracing::error!(name: "htmx_ws.topic_invalid", target: "htmx_ws", %error, "a page was rendered without one of its topics");
            }
        }
        self
    }

    /// The page is one of this user's, as the application calls them: it gets what is published [to the user](To::user), and ends when that is
    /// [revoked](Hub::revoke). The id stands in the page, signed but readable.
    #[must_use = "it returns the handle of the user's page: `let live = live.user(..)`"]
    pub fn user(mut self, id: impl Display) -> Self {
        self.user = named(To::user(&id), &id);
        self
    }

    /// The page is one of this session's, as the application calls it: as [`Live::user`], for what is published [to the session](To::session). A session's secret is not
    /// its name: take a hash of it.
    #[must_use = "it returns the handle of the session's page: `let live = live.session(..)`"]
    pub fn session(mut self, id: impl Display) -> Self {
        self.session = named(To::session(&id), &id);
        self
    }

    /// The nonce of the page's content security policy, for a policy such as `script-src 'nonce-…' 'strict-dynamic'`: it stands on every tag that [`Live::head`] writes, and, as
    /// `hx-nonce`, on the element that connects. It is a secret of this one response: make a new one for each, of 16 random bytes or more.
    ///
    /// Where htmx 4's `hx-csp` is loaded (name it in [`Assets::scripts`](crate::Assets::scripts), behind the extension for WebSockets), htmx serves an element only where it carries the
    /// page's nonce. What is published is for all pages and so carries none: write `hx-nonce:inherited` on the `<body>`, or on an element around the places that such fragments go
    /// to, and htmx serves what is inside. (A boosted navigation keeps the `<body>`; on elements inside of it, `hx-csp` knows the next page's `hx-nonce`, but not its
    /// `hx-nonce:inherited`.) Fragments without `hx-get`, `hx-post` and so on, as all built-in components are, need none of it.
    ///
    /// Under `require-trusted-types-for 'script'`, `hx-csp` makes the policy that it needs: `trusted-types htmx`. htmx 2 has none, so a page of htmx 2 needs the policy
    /// of its own that `trusted-types default` allows, in a script in front of [`Live::head`]:
    ///
    /// ```js
    /// trustedTypes.createPolicy("default", { createHTML: (html) => html });
    /// ```
    ///
    /// It lets every text become markup, as without trusted types, but still none become a script.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Live};
    /// use maud::html;
    ///
    /// # let hub = Hub::new();
    /// let nonce = "uH3kM5rXq0bW1nZs"; // `script-src 'nonce-uH3kM5rXq0bW1nZs' 'strict-dynamic'` in the header of the response
    /// let live = Live::of(&hub).topic("news").nonce(nonce);
    /// let page = html! {
    ///     head { (live.head()) }
    ///     body hx-nonce:inherited=(nonce) { (live.connect()) p { "Here come buttons with `hx-post`." } }
    /// };
    /// assert!(page.into_string().contains("nonce=\"uH3kM5rXq0bW1nZs\"></script>"));
    /// ```
    #[must_use = "it returns the handle with the nonce: `let live = live.nonce(..)`"]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// The name of this rendering of the page, with which something is published [to it alone](To::page).
    pub fn page(&self) -> PageId {
        self.page
    }

    /// What belongs into the page's `<head>`: htmx with its WebSocket extension, its configuration, our script and style sheet.
    ///
    /// The configuration turns off what a strict content security policy forbids anyway: htmx's inline styles, and on htmx 2 `eval` (`hx-on`, `js:` values, filters
    /// of triggers). htmx 4 has no switch for that: there, only your policy forbids it. And it has htmx 2 fetch the pages of the browser's history from the server, as htmx 4 does: a copy of a live page is old, and
    /// would be told again what it was told. A page that needs another one writes its own `<meta name="htmx-config">` in front of this; htmx reads the first.
    pub fn head(&self) -> Markup {
        self.head_at(&self.hub.settings().path)
    }

    /// As [`Live::head`], where the files of the hub stand elsewhere.
    pub(crate) fn head_at(&self, path: &str) -> Markup {
        self.head.store(true, Ordering::Relaxed);
        let (settings, nonce) = (self.hub.settings(), self.nonce.as_deref());
        // Of two signs of life, one may be late.
        let silence = settings.service.limits.heartbeat.as_millis() * 5 / 2;
        let file = |file: &OwnFile| format!("{path}/{}", file.name);
        html! {
            meta name="htmx-config" content=r#"{"includeIndicatorStyles":false,"allowEval":false,"defaultSettleDelay":0,"historyCacheSize":0}"#;
            link rel="stylesheet" href=(file(&STYLES)) nonce=[nonce];
            (settings.assets.tags(settings.service.htmx, nonce))
            @if settings.service.htmx == Htmx::V2Morph { script src=(file(&MORPH)) nonce=[nonce] {} }
            script src=(file(&SCRIPT)) nonce=[nonce] data-fallback=(file(&FALLBACK)) data-extras=(file(&EXTRAS)) data-silence=(silence) {}
            @if settings.is_development { script src=(file(&DEBUG)) nonce=[nonce] {} }
        }
    }

    /// The element that opens the page's WebSocket, with its ticket: hidden and empty, once in the `<body>`.
    ///
    /// Every rendering of a page has its own: a connection that was kept over a boosted navigation would not know what the new page has not
    /// seen. A part of a page that comes later, by `hx-get`, has one too where it is live: it joins the connection of the page, with its own topics, from its own rendering on. Removing
    /// the element lets its topics go. So a page connects only when it needs to where the element comes with `hx-trigger="revealed"` or by an event.
    pub fn connect(&self) -> Markup {
        if self.topics.is_empty() && self.user.is_none() && self.session.is_none() {
            tracing::warn!(name: "htmx_ws.page_without_topic", target: "htmx_ws", "a page connects without a topic, so nothing reaches it; name one with `Live::topic`");
        }
        self.connect_at(&format!("{}/ws", self.hub.settings().path))
    }

    /// As [`Live::connect`], with a socket of the application's own: the path of a handler that takes a [`LiveSocket`](crate::LiveSocket).
    pub fn connect_at(&self, path: &str) -> Markup {
        let url = self.socket_url(path);
        html! {
            div id={ "htmx-ws-" (fingerprint(&url)) } hidden data-page=(self.page) hx-ext="ws" data-ws-connect=(url) hx-ws:connect=(url) hx-swap="none" hx-nonce=[self.nonce.as_deref()] {}
        }
    }

    /// As [`Live::connect`], around the part of the page that sends over the socket: `<form data-ws-send hx-ws:send>`; see [`Inbound`](crate::Inbound).
    ///
    /// What could not be handled is shown where [`Live::errors`] stands.
    pub fn connect_around(&self, content: &impl Render) -> Markup {
        self.connect_around_at(&format!("{}/ws", self.hub.settings().path), content)
    }

    /// As [`Live::connect_around`], with a socket that stands elsewhere.
    pub(crate) fn connect_around_at(&self, path: &str, content: &impl Render) -> Markup {
        let url = self.socket_url(path);
        html! {
            div id={ "htmx-ws-" (fingerprint(&url)) } data-page=(self.page) hx-ext="ws" data-ws-connect=(url) hx-ws:connect=(url) hx-swap="none" hx-disinherit="hx-swap" hx-nonce=[self.nonce.as_deref()] {
                (content)
            }
        }
    }

    /// Where the page says what could not be handled of what it sent: an alert, empty at first.
    pub fn errors(&self) -> Markup {
        html! { div id=(inbound::ERRORS) role="alert" {} }
    }

    fn socket_url(&self, path: &str) -> String {
        self.connect.store(true, Ordering::Relaxed);
        format!("{path}{}t={}", if path.contains('?') { '&' } else { '?' }, self.ticket())
    }

    /// The state that the page's topics retain under the component's id, or else `initial`; nothing when it was removed.
    ///
    /// For a component whose newest value only the hub knows. It knows what was published since the process began, up to the topic's
    /// [limits](crate::HubBuilder::retain_states); what other nodes have published, and this one has not heard of yet, the page gets when it connects. Where the handler reads the value itself, it renders that. Only leaves are looked up: what a
    /// component with others inside retains may be older than they are, so it is rendered as given.
    pub fn latest(&self, initial: &(impl ToPatch + Render)) -> Markup {
        let Ok(patch) = initial.to_patch() else { return initial.render() };
        let Some(id) = patch.id() else { return initial.render() };
        let known = self.topics.iter().map(|topic| self.hub.latest(topic, id)).find(|latest| *latest != Latest::Unknown);
        match known {
            Some(Latest::State(fragment)) => PreEscaped(fragment.html().to_owned()),
            Some(Latest::Removed) => PreEscaped(String::new()),
            Some(Latest::Unknown) | None => initial.render(),
        }
    }

    fn ticket(&self) -> String {
        let settings = self.hub.settings();
        let ticket = Ticket {
            topics: self.topics.clone(),
            states: self.states.clone(),
            user: self.user.clone(),
            session: self.session.clone(),
            ..Ticket::of_now(self.page, self.cursor, settings.ticket_lifetime)
        };
        settings.key.sign(&ticket)
    }
}

/// The name, where something can be published to whom it is of.
fn named(to: To, id: &impl Display) -> Option<String> {
    match to.topic() {
        Ok(_) => Some(id.to_string()),
        Err(error) => {
            tracing::error!(name: "htmx_ws.recipient_invalid", target: "htmx_ws", %error, "a page was rendered for nobody");
            None
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let (head, connect) = (*self.head.get_mut(), *self.connect.get_mut());
        if head != connect && !self.topics.is_empty() {
            tracing::warn!(name: "htmx_ws.page_incomplete", target: "htmx_ws", topics = ?self.topics, head, connect, "a page is live only with both `live.head()` and `live.connect()` in it");
        }
    }
}
