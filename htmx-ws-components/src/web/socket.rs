//! The socket of a page: who may connect, and from where on.
//!
//! An upgrade that is refused with an HTTP status is tried again for ever by both generations of htmx. So where coming back does not help, it is
//! accepted and then closed with a code.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, FromRef, FromRequestParts, Query};
use axum::http::header::{HOST, ORIGIN, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tracing::{Instrument, Span};

use crate::hub::stats::Counter;
use crate::hub::subscription::Subscriptions;
use crate::message::cursor::Cursor;
use crate::message::recipient::{PageId, To};
use crate::message::topic::{InvalidTopic, Topic};
use crate::transport::close::Close;
use crate::transport::connection::{Connection, Socket, close_socket};
use crate::transport::connections::{Admission, NotAdmitted};
use crate::transport::registry::{Identity, Registration, Share};
use crate::transport::renewal::Term;
use crate::web::hub::Hub;
use crate::web::origin;
use crate::web::random::random;
use crate::web::ticket::{BadTicket, Ticket, now};
use crate::web::upgrade::{Serve, Upgrade};

/// What stands in the URL of a socket.
#[derive(Debug, Default, Deserialize)]
struct Url {
    /// The ticket.
    t: Option<String>,
    /// How far the page came since: `topic~cursor`, separated by commas, topics encoded as in the frames.
    at: Option<String>,
}

/// The WebSocket of a page, on a route of the application's own: an extractor that upgrades when the handler says so.
///
/// [`Hub::routes`] has a socket for all pages, whose rights stand in their tickets. Where the rights are to be decided when a page connects, and each time that it comes
/// back, a handler takes this, after its own extractors have found out who asks. The page connects with
/// [`Live::connect_at`](crate::Live::connect_at); its ticket still says from where on, and may name topics as well.
///
/// ```no_run
/// use axum::{Router, http::StatusCode, response::{IntoResponse, Response}, routing::{any, get}};
/// use htmx_ws_components::{Hub, Live, LiveSocket};
/// use maud::{Markup, html};
/// # struct Customer { id: u32, orders: Vec<u32> }
/// # impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Customer {
/// #     type Rejection = StatusCode;
/// #     async fn from_request_parts(_: &mut axum::http::request::Parts, _: &S) -> Result<Self, StatusCode> { Err(StatusCode::UNAUTHORIZED) }
/// # }
///
/// async fn page(live: Live) -> Markup {
///     html! { head { (live.head()) } body { (live.connect_at("/orders/live")) } }
/// }
///
/// async fn live(customer: Customer, socket: LiveSocket) -> Response {
///     let orders = customer.orders.iter().map(|order| format!("order-{order}"));
///     orders.fold(socket.user(customer.id), LiveSocket::topic).serve()
/// }
///
/// let hub = Hub::new();
/// let app: Router = Router::new().route("/orders", get(page)).route("/orders/live", any(live)).merge(hub.routes()).with_state(hub);
/// ```
#[derive(Debug)]
#[must_use = "a socket is served by `serve`"]
pub struct LiveSocket {
    hub: Hub,
    upgrade: Upgrade,
    url: Url,
    is_own_origin: bool,
    address: Option<IpAddr>,
    topics: Vec<Topic>,
    user: Option<String>,
    session: Option<String>,
}

impl<S> FromRequestParts<S> for LiveSocket
where
    Hub: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = WebSocketUpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebSocketUpgradeRejection> {
        let upgrade = Upgrade::from_request_parts(parts, state).await?;
        let hub = Hub::from_ref(state);
        let url: Result<Query<Url>, QueryRejection> = Query::from_request_parts(parts, state).await;
        // A URL that cannot be read has a ticket in it that is none.
        let Query(url) = url.unwrap_or_else(|_| Query(Url { t: Some(String::new()), at: None }));
        let is_own_origin = origin::is_allowed(&parts.headers, &hub.settings().allowed_origins);
        if !is_own_origin {
            let [origin, host] = [ORIGIN, HOST].map(|name| parts.headers.get(name).cloned());
            tracing::warn!(name: "htmx_ws.origin_foreign", target: "htmx_ws", ?origin, ?host, "a socket was refused: the page is of another origin; see `HubBuilder::allow_origin`");
        }
        let address = address(parts, hub.settings().address_header.as_ref());
        Ok(Self { hub, upgrade, url, is_own_origin, address, topics: Vec::new(), user: None, session: None })
    }
}

impl LiveSocket {
    /// The page may read this topic as well, from where it was rendered on. A text that is no name of a topic is logged as an error and left out.
    pub fn topic<T>(mut self, topic: T) -> Self
    where
        T: TryInto<Topic>,
        T::Error: Into<InvalidTopic>,
    {
        match topic.try_into() {
            Ok(topic) => self.topics.push(topic),
            Err(error) => {
                let error: InvalidTopic = error.into();
                tracing::error!(name: "htmx_ws.topic_invalid", target: "htmx_ws", %error, "a page connects without one of its topics");
            }
        }
        self
    }

    /// The page is one of this user's; see [`To::user`](crate::To::user).
    pub fn user(mut self, id: impl std::fmt::Display) -> Self {
        self.user = Some(id.to_string());
        self
    }

    /// The page is one of this session's; see [`To::session`](crate::To::session).
    pub fn session(mut self, id: impl std::fmt::Display) -> Self {
        self.session = Some(id.to_string());
        self
    }

    /// Upgrades the connection and serves the page until one of both ends it. A refusal is the response, or a close code behind the upgrade.
    pub fn serve(self) -> Response {
        self.serve_with(|| Ok(None))
    }

    /// As [`LiveSocket::serve`], for a page whose rights stand in its ticket only.
    pub(crate) fn serve_ticket(self) -> Response {
        self.serve_with(|| Err(BadTicket::Forged))
    }

    fn serve_with(mut self, without_ticket: impl FnOnce() -> Result<Option<Ticket>, BadTicket>) -> Response {
        let admission = match self.hub.connections().admit() {
            Ok(admission) => admission,
            Err(NotAdmitted::Full) => return self.come_back_later(StatusCode::SERVICE_UNAVAILABLE, Counter::ConnectionsExceeded),
            Err(NotAdmitted::Draining) => return self.come_back_later(StatusCode::SERVICE_UNAVAILABLE, Counter::DrainRefused),
        };
        let ticket = match self.url.t.take() {
            Some(text) => self.hub.settings().key.verify(&text, now()).map(Some),
            None => without_ticket(),
        };
        let authorized = match self.authorize(ticket) {
            Err(Refusal::TooMany(Share::User)) => {
                return self.come_back_later(StatusCode::TOO_MANY_REQUESTS, Counter::UserConnectionsExceeded);
            }
            Err(Refusal::TooMany(Share::Address)) => {
                return self.come_back_later(StatusCode::TOO_MANY_REQUESTS, Counter::AddressConnectionsExceeded);
            }
            Err(Refusal::Close(close)) => Err(close),
            Ok(authorized) => Ok(authorized),
        };
        let Self { hub, upgrade, .. } = self;
        let limit = hub.settings().service.limits.inbound_bytes;
        upgrade.serve(limit, Admitted { hub, admission, authorized })
    }

    /// The refusals that are an HTTP status: behind an upgrade both generations would count the attempt as a success, and come back without any
    /// patience.
    fn come_back_later(&self, status: StatusCode, counter: Counter) -> Response {
        self.hub.counters().count(counter);
        tracing::debug!(name: "htmx_ws.refused", target: "htmx_ws", why = counter.name(), code = status.as_u16(), "a connection is to come back later");
        (status, [(RETRY_AFTER, "5")]).into_response()
    }

    fn refuse(&self, counter: Counter, close: Close) -> Refusal {
        self.hub.counters().count(counter);
        tracing::debug!(name: "htmx_ws.refused", target: "htmx_ws", why = counter.name(), code = close.code(), "a connection was refused");
        Refusal::Close(close)
    }

    fn authorize(&mut self, ticket: Result<Option<Ticket>, BadTicket>) -> Result<Authorized, Refusal> {
        if !self.is_own_origin {
            return Err(self.refuse(Counter::OriginForeign, Close::Refused("pages of another origin may not connect")));
        }
        let present = self.hub.cursor();
        let shown = ticket.as_ref().ok().cloned().flatten();
        let ticket = match ticket {
            Ok(Some(ticket)) => ticket,
            // Nothing says what the page shows: it is told what happens from now on.
            Ok(None) => Ticket::of_now(PageId(u64::from_le_bytes(random())), present, self.hub.settings().ticket_lifetime),
            Err(bad) => return Err(self.refuse_ticket(bad)),
        };
        let ticket = Ticket {
            user: self.user.take().or(ticket.user),
            session: self.session.take().or(ticket.session),
            topics: [ticket.topics, std::mem::take(&mut self.topics)].concat(),
            ..ticket
        };
        let private = ticket.private();
        if self.hub.is_revoked(&private, ticket.issued) {
            return Err(self.refuse(Counter::Revoked, Close::Revoked));
        }
        let starts = starts(&ticket, &private, self.url.at.as_deref());
        let mut starts = starts.ok_or_else(|| self.refuse(Counter::ResumeInvalid, Close::Refused("cursors not valid")))?;
        begin_own_anew(&mut starts, ticket.page, present);
        for (_, start) in &mut starts {
            // One of the future is of no log.
            *start = if start.is_before(&present) { *start } else { present.of_snapshot() };
        }
        let renew = self.hub.settings().renewals.of(&self.hub, &ticket, shown);
        let term = Term::new(ticket.expires.saturating_sub(now()), renew);
        let Ticket { page, user, session, .. } = ticket;
        let identity = Identity { page, user, session, address: self.address, private };
        let registration = self.hub.connections().register(identity).map_err(Refusal::TooMany)?;
        let subscriptions = self.subscribe(starts, registration.handle.identity.user.as_deref())?;
        registration.handle.reads(subscriptions.standings());
        Ok(Authorized { subscriptions, registration, term })
    }

    /// Called behind the registration, so that whoever publishes to a private topic from now on calls the connection.
    fn subscribe(&self, starts: Vec<(Topic, Cursor)>, user: Option<&str>) -> Result<Subscriptions, Refusal> {
        let (private, named): (Vec<_>, Vec<_>) = starts.into_iter().partition(|(topic, _)| topic.is_private());
        let mut subscriptions = Subscriptions::new(self.hub.topics(), named)
            .map_err(|_| self.refuse(Counter::TopicsExceeded, Close::Overloaded("too many topics")))?
            .of_user(user)
            .with_private(private);
        subscriptions.look().map_err(|_| self.refuse(Counter::Gap, Close::Gap))?;
        Ok(subscriptions)
    }

    fn refuse_ticket(&self, bad: BadTicket) -> Refusal {
        if bad == BadTicket::Expired {
            return self.refuse(Counter::TicketExpired, Close::Expired);
        }
        if self.hub.counters().get(Counter::TicketForged) == 0 {
            tracing::warn!(
                name: "htmx_ws.ticket_foreign", target: "htmx_ws",
                "a ticket was not signed by this hub, its page refreshes. That is so once behind a restart; where it goes on: are the routes and \
                 the state of one hub, and do all servers share one `HubBuilder::secret`?"
            );
        }
        self.refuse(Counter::TicketForged, Close::TicketForged)
    }
}

/// Why a page is not served.
enum Refusal {
    Close(Close),
    TooMany(Share),
}

/// A page that has a socket, if only to be told why it is closed.
struct Admitted {
    hub: Hub,
    admission: Admission,
    authorized: Result<Authorized, Close>,
}

impl Serve for Admitted {
    async fn serve(self, socket: impl Socket + 'static) {
        let Self { hub, admission, authorized } = self;
        match authorized {
            Ok(authorized) => {
                let span = authorized.span();
                authorized.connection(&hub, admission).serve(socket).instrument(span).await;
            }
            Err(close) => close_socket(&mut std::pin::pin!(socket), close, hub.settings().service.limits.write_stall).await,
        }
    }
}

/// What the request has a right to.
struct Authorized {
    subscriptions: Subscriptions,
    registration: Registration,
    term: Term,
}

impl Authorized {
    /// What everything happens in that the connection does. Who its user is, and which session, is nobody's business there.
    fn span(&self) -> Span {
        let Identity { page, user, address, .. } = &self.registration.handle.identity;
        let address = address.map(tracing::field::display);
        tracing::debug_span!(target: "htmx_ws", "htmx_ws.connection", %page, user = user.is_some(), address)
    }

    fn connection(self, hub: &Hub, admission: Admission) -> Connection {
        let Self { subscriptions, registration, term } = self;
        Connection::new(Arc::clone(&hub.settings().service), subscriptions, registration, term, admission)
    }
}

/// Where the request comes from: what the proxy in front of us says in its header, or else who is at the other end.
fn address(parts: &Parts, header: Option<&HeaderName>) -> Option<IpAddr> {
    let Some(header) = header else {
        return parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    };
    // Each proxy appends whom it has seen: the last one is ours.
    let last = parts.headers.get_all(header).into_iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// Where to begin each topic of the ticket: where the page says that it is, or else where it was rendered. None when what it says cannot be.
fn starts(ticket: &Ticket, private: &[Topic], at: Option<&str>) -> Option<Vec<(Topic, Cursor)>> {
    let mut starts: Vec<(Topic, Cursor)> = ticket.topics.iter().chain(private).map(|topic| (topic.clone(), ticket.cursor)).collect();
    for place in at.into_iter().flat_map(|at| at.split(',')).filter(|place| !place.is_empty()) {
        let (topic, cursor) = place.split_once('~')?;
        let (_, start) = starts.iter_mut().find(|(granted, _)| granted.encoded().to_string() == topic)?;
        let cursor: Cursor = cursor.parse().ok()?;
        // The ticket is a right to read from its cursor on, not from before.
        if cursor.epoch != start.epoch || cursor.version >= start.version {
            *start = cursor;
        }
    }
    Some(starts)
}

/// Behind a restart, nobody can say what was for this page alone: it went with the process, as the page's connection did. So that begins anew, and what the page shows
/// otherwise decides whether it refreshes.
fn begin_own_anew(starts: &mut [(Topic, Cursor)], page: PageId, present: Cursor) {
    if starts.len() < 2 {
        return;
    }
    let Ok(own) = To::page(page).topic() else { return };
    if let Some((_, start)) = starts.iter_mut().find(|(topic, start)| *topic == own && start.epoch != present.epoch) {
        *start = present;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn ticket() -> Ticket {
        let topics = ["a", "b-c"].map(|name| Topic::new(name).unwrap()).to_vec();
        Ticket { topics, ..Ticket::of_now(PageId(7), "e-10".parse().unwrap(), Duration::ZERO) }
    }

    #[track_caller]
    fn check(at: Option<&str>, expected: Option<[&str; 2]>) {
        let found = starts(&ticket(), &[], at).map(|starts| starts.iter().map(|(_, cursor)| cursor.to_string()).collect::<Vec<_>>());
        assert_eq!(found, expected.map(|cursors| cursors.map(str::to_owned).to_vec()), "{at:?}");
    }

    #[test]
    fn a_page_begins_where_it_says_it_is() {
        check(None, Some(["e-10", "e-10"]));
        check(Some(""), Some(["e-10", "e-10"]));
        check(Some("a~e-12"), Some(["e-12", "e-10"]));
        check(Some("b%2Dc~e-11-12-11,a~e-10"), Some(["e-10", "e-11-12-11"]));
        check(Some("a~f-1"), Some(["f-1", "e-10"]));
    }

    #[test]
    fn it_cannot_begin_before_its_ticket() {
        check(Some("a~e-9"), Some(["e-10", "e-10"]));
    }

    #[test]
    fn what_is_no_place_of_the_ticket_is_refused() {
        for at in ["a", "a~", "a~x", "~e-12", "c~e-12", "b-c~e-12", "a~e-12;b~e-12"] {
            check(Some(at), None);
        }
    }
}
