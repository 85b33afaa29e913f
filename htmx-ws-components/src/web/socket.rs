//! The connection of a page: who may have one, and by which way.
//!
//! An upgrade that is refused with an HTTP status is tried again for ever by both generations of htmx. So where coming back does not help, it is
//! accepted and then closed with a code.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::header::{HOST, ORIGIN, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::Either;
use tracing::Span;

use crate::dialect::STALE;
use crate::hub::stats::Counter;
use crate::hub::subscription::Subscriptions;
use crate::message::cursor::Cursor;
use crate::message::random::random;
use crate::message::recipient::PageId;
use crate::message::topic::{InvalidTopic, Topic};
use crate::transport::close::Close;
use crate::transport::connection::Connection;
use crate::transport::connections::{Admission, NotAdmitted};
use crate::transport::farewell::close_socket;
use crate::transport::grants::{Grant, Grants};
use crate::transport::message::Socket;
use crate::transport::registry::{Handle, Identity, Share};
use crate::transport::service::{Rights, Script};
use crate::web::asked::Asked;
use crate::web::hub::Hub;
use crate::web::rights::{Refused, earliest, grant, refuse, verify};
use crate::web::ticket::{BadTicket, Ticket};
use crate::web::upgrade::{InvalidUpgrade, Serve};
use crate::web::way::Way;

/// The connection of a page, on a route of the application's own: an extractor that makes it a WebSocket when the handler says so.
///
/// Where no WebSocket can be had, our script asks the same URL for an event stream, and else with one question after the other: so the route is one for `any` method, or
/// for `GET`, and the handler decides for each of them.
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
    way: Way,
    asked: Asked,
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
    type Rejection = InvalidUpgrade;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, InvalidUpgrade> {
        let way = Way::of(parts)?;
        let hub = Hub::from_ref(state);
        // The page may come from a node that knows more.
        let is_cut_off = !hub.catch_up().await;
        let mut asked = Asked::of(&parts.uri).came_to(way.last_event(&parts.headers));
        asked.is_cut_off = is_cut_off;
        let is_own_origin = way.is_of_own_origin(&parts.headers, &hub.settings().allowed_origins);
        if !is_own_origin {
            let [origin, host] = [ORIGIN, HOST].map(|name| parts.headers.get(name).cloned());
            tracing::warn!(name: "htmx_ws.origin_foreign", target: "htmx_ws", ?origin, ?host, "a socket was refused: the page is of another origin; see `HubBuilder::allow_origin`");
        }
        let address = address(parts, hub.settings().address_header.as_ref());
        Ok(Self { hub, way, asked, is_own_origin, address, topics: Vec::new(), user: None, session: None })
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
        let limits = self.hub.settings().service.limits;
        if self.asked.probe.is_some() {
            return self.way.serve(limits, false, Probed);
        }
        let admission = match self.hub.connections().admit() {
            Ok(admission) => admission,
            Err(NotAdmitted::Full) => return self.come_back_later(StatusCode::SERVICE_UNAVAILABLE, Counter::ConnectionsExceeded),
            Err(NotAdmitted::Draining) => return self.come_back_later(StatusCode::SERVICE_UNAVAILABLE, Counter::DrainRefused),
        };
        let rights = match self.authorize(without_ticket) {
            Err(Refusal::TooMany(Share::User)) => {
                return self.come_back_later(StatusCode::TOO_MANY_REQUESTS, Counter::UserConnectionsExceeded);
            }
            Err(Refusal::TooMany(Share::Address)) => {
                return self.come_back_later(StatusCode::TOO_MANY_REQUESTS, Counter::AddressConnectionsExceeded);
            }
            Err(Refusal::Close(close)) => Err(close),
            Ok(rights) => Ok(rights),
        };
        let Self { hub, way, asked, .. } = self;
        way.serve(limits, asked.hold.is_some(), Admitted { hub, admission, rights })
    }

    /// The refusals that are an HTTP status: behind an upgrade both generations would count the attempt as a success, and come back without any
    /// patience.
    fn come_back_later(&self, status: StatusCode, counter: Counter) -> Response {
        self.hub.counters().count(counter);
        tracing::debug!(name: "htmx_ws.refused", target: "htmx_ws", why = counter.name(), code = status.as_u16(), "a connection is to come back later");
        (status, [(RETRY_AFTER, "5")]).into_response()
    }

    fn authorize(&mut self, without_ticket: impl FnOnce() -> Result<Option<Ticket>, BadTicket>) -> Result<Rights, Refusal> {
        let hub = &self.hub;
        if !self.is_own_origin {
            return Err(refuse(hub, Counter::OriginForeign, Close::Refused("pages of another origin may not connect")).into());
        }
        let present = hub.cursor();
        let mut shown = self.asked.tickets();
        let (first, is_fresh) = match shown.next() {
            Some(first) => (Some(verify(hub, first.text)?), first.is_fresh),
            None => (without_ticket().map_err(|bad| Refused::ticket(hub, bad))?, true),
        };
        // Where nothing says what the page shows, it is told what happens from now on.
        let ticket =
            first.clone().unwrap_or_else(|| Ticket::of_now(PageId(u64::from_le_bytes(random())), present, hub.settings().ticket_lifetime));
        let ticket = Ticket {
            user: self.user.take().or(ticket.user),
            session: self.session.take().or(ticket.session),
            topics: [ticket.topics, std::mem::take(&mut self.topics)].concat(),
            ..ticket
        };
        let mut grants = vec![grant(hub, &ticket, &self.asked, is_fresh, first)?];
        for region in shown {
            let ticket = verify(hub, region.text)?;
            grants.push(grant(hub, &ticket, &self.asked, region.is_fresh, Some(ticket.clone()))?);
        }
        self.rights(ticket, grants, &present)
    }

    fn rights(&self, ticket: Ticket, grants: Vec<Grant>, present: &Cursor) -> Result<Rights, Refusal> {
        // As its grant has them already.
        let of_page = grants.first().into_iter().flat_map(|grant| &grant.starts);
        let private = of_page.map(|(topic, _)| topic).filter(|topic| topic.is_private()).cloned().collect();
        let Ticket { page, user, session, .. } = ticket;
        let identity = Identity { page, user, session, address: self.address, private };
        let registration = self.hub.connections().register(identity).map_err(Refusal::TooMany)?;
        let starts = earliest(&grants, present);
        let mut held = Grants::default();
        for grant in grants {
            held.hold(grant, &registration);
        }
        let subscriptions = self.subscribe(starts.clone(), &registration.handle)?;
        let script = match &self.asked.hold {
            _ if !self.asked.is_of_script() => Script::Absent,
            None => Script::New(starts),
            Some(state) => Script::Known { is_stale: state == STALE },
        };
        Ok(Rights { subscriptions, registration, grants: held, script })
    }

    /// Called behind the registration, so that whoever publishes to a private topic from now on calls the connection.
    fn subscribe(&self, starts: Vec<(Topic, Cursor)>, handle: &Handle) -> Result<Subscriptions, Refused> {
        let (private, named): (Vec<_>, Vec<_>) = starts.into_iter().partition(|(topic, _)| topic.is_private());
        let mut subscriptions = Subscriptions::woken(Arc::clone(handle.reader()), self.hub.topics(), named)
            .map_err(|_| refuse(&self.hub, Counter::TopicsExceeded, Close::Overloaded("too many topics")))?
            .of_user(handle.identity.user.as_deref())
            .with_private(private);
        subscriptions.look().map_err(|_| refuse(&self.hub, Counter::Gap, Close::Gap))?;
        Ok(subscriptions)
    }
}

/// Why a page is not served.
enum Refusal {
    Close(Close),
    TooMany(Share),
}

impl From<Refused> for Refusal {
    fn from(Refused(close): Refused) -> Self {
        Self::Close(close)
    }
}

/// A page that has a connection, if only to be told why it is closed.
struct Admitted {
    hub: Hub,
    admission: Admission,
    rights: Result<Rights, Close>,
}

impl Serve for Admitted {
    fn posts(&self, posts: tokio::sync::mpsc::Sender<bytes::Bytes>) {
        if let Ok(rights) = &self.rights {
            rights.registration.handle.takes_posts(posts);
        }
    }

    fn serve(self, mut socket: impl Socket + 'static) -> impl Future<Output = ()> + Send {
        let Self { hub, admission, rights } = self;
        let service = Arc::clone(&hub.settings().service);
        match rights {
            Ok(rights) => {
                let span = span(&rights.registration.handle.identity);
                // The hub stays as long as it has pages.
                Either::Left(Connection::new(service, rights, admission, span).serve(socket).map(move |()| drop(hub)))
            }
            Err(close) => Either::Right(Box::pin(async move {
                close_socket(&mut socket, close, service.limits.write_stall).await;
                drop(admission);
            })),
        }
    }
}

/// A page that only wants to know whether a socket can be had.
struct Probed;

impl Serve for Probed {
    async fn serve(self, mut socket: impl Socket + 'static) {
        close_socket(&mut socket, Close::Complete, std::time::Duration::from_secs(5)).await;
    }
}

/// What everything happens in that the connection does. Who its user is, and which session, is nobody's business there.
fn span(identity: &Identity) -> Span {
    let Identity { page, user, address, .. } = identity;
    let address = address.map(tracing::field::display);
    tracing::debug_span!(target: "htmx_ws", "htmx_ws.connection", %page, user = user.is_some(), address)
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
