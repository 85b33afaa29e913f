//! The WebSocket route: who may connect, from where on, and axum's socket as one of ours.
//!
//! An upgrade that is refused with an HTTP status is tried again for ever by both generations of htmx. So where coming back does not help, it is
//! accepted and then closed with a code.

use std::future::ready;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::{self, CloseFrame, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::header::{HOST, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;

use crate::hub::stats::Counter;
use crate::hub::subscription::Subscriptions;
use crate::message::cursor::Cursor;
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::connection::{Connection, Socket, close_socket};
use crate::transport::connections::{Admission, NotAdmitted};
use crate::transport::message::{Message, SocketError};
use crate::web::hub::Hub;
use crate::web::origin;
use crate::web::ticket::{BadTicket, Ticket, now};

/// Read buffer of a socket. axum's default of 128 KiB is allocated for each connection, and what browsers send is small.
const READ_BUFFER_BYTES: usize = 4096;

/// What stands in the URL of a socket.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Request {
    /// The ticket.
    #[serde(default)]
    t: String,
    /// How far the page came since: `topic~cursor`, separated by commas, topics encoded as in the frames.
    at: Option<String>,
}

pub(super) async fn upgrade(
    State(hub): State<Hub>,
    request: Result<Query<Request>, QueryRejection>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let admission = match hub.connections().admit() {
        Ok(admission) => admission,
        Err(refusal) => return come_back_later(&hub, refusal),
    };
    // A URL that cannot be read has no ticket in it.
    let Query(request) = request.unwrap_or_else(|_| Query(Request::default()));
    let is_own_origin = origin::is_allowed(&headers, &hub.settings().allowed_origins);
    if !is_own_origin {
        let [origin, host] = [ORIGIN, HOST].map(|name| headers.get(name).cloned());
        tracing::warn!(?origin, ?host, "a socket was refused: the page is of another origin; see `HubBuilder::allow_origin`");
    }
    let limit = hub.settings().connection.inbound_bytes;
    upgrade.read_buffer_size(READ_BUFFER_BYTES).write_buffer_size(0).max_message_size(limit).max_frame_size(limit).on_upgrade(
        move |socket| async move {
            let mut socket = std::pin::pin!(ours(socket));
            match authorize(&hub, &request, is_own_origin) {
                Ok(authorized) => authorized.connection(&hub, admission).serve(socket).await,
                Err(close) => close_socket(&mut socket, close, hub.settings().connection.write_stall).await,
            }
        },
    )
}

/// The one refusal that is an HTTP status: behind an upgrade both generations would count the attempt as a success, and come back without any
/// patience.
fn come_back_later(hub: &Hub, refusal: NotAdmitted) -> Response {
    hub.counters().count(match refusal {
        NotAdmitted::Full => Counter::ConnectionsExceeded,
        NotAdmitted::Draining => Counter::DrainRefused,
    });
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]).into_response()
}

/// What the request has a right to.
struct Authorized {
    subscriptions: Subscriptions,
    lifetime: Duration,
}

impl Authorized {
    fn connection(self, hub: &Hub, admission: Admission) -> Connection {
        let settings = hub.settings();
        Connection::new(settings.htmx, self.subscriptions, self.lifetime, settings.connection, hub.counters().clone(), admission)
    }
}

fn authorize(hub: &Hub, request: &Request, is_own_origin: bool) -> Result<Authorized, Close> {
    let refuse = |counter, close| {
        hub.counters().count(counter);
        close
    };
    if !is_own_origin {
        return Err(refuse(Counter::OriginForeign, Close::Refused("pages of another origin may not connect")));
    }
    let now = now();
    let ticket = hub.settings().key.verify(&request.t, now).map_err(|bad| match bad {
        BadTicket::Forged => {
            if hub.counters().get(Counter::TicketForged) == 0 {
                tracing::warn!(
                    "a ticket was not signed by this hub, its page refreshes. That is so once behind a restart; where it goes on: are the routes and \
                     the state of one hub, and do all servers share one `HubBuilder::secret`?"
                );
            }
            refuse(Counter::TicketForged, Close::TicketForged)
        }
        BadTicket::Expired => refuse(Counter::TicketExpired, Close::Expired),
    })?;
    let starts =
        starts(&ticket, request.at.as_deref()).ok_or_else(|| refuse(Counter::ResumeInvalid, Close::Refused("cursors not valid")))?;
    let present = hub.cursor();
    if !starts.iter().all(|(_, cursor)| cursor.is_before(&present)) {
        return Err(refuse(Counter::Gap, Close::Gap));
    }
    let subscriptions =
        Subscriptions::new(hub.topics(), starts).map_err(|_| refuse(Counter::TopicsExceeded, Close::Overloaded("too many topics")))?;
    tracing::debug!(topics = ?ticket.topics, "a page connects");
    Ok(Authorized { subscriptions, lifetime: ticket.expires.saturating_sub(now) })
}

/// Where to begin each topic of the ticket: where the page says that it is, or else where it was rendered. None when what it says cannot be.
fn starts(ticket: &Ticket, at: Option<&str>) -> Option<Vec<(Topic, Cursor)>> {
    let mut starts: Vec<(Topic, Cursor)> = ticket.topics.iter().map(|topic| (topic.clone(), ticket.cursor)).collect();
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

/// axum's socket with our messages.
fn ours(socket: WebSocket) -> impl Socket {
    socket
        .map(|incoming| match incoming {
            Ok(message) => Ok(incoming_message(message)),
            // axum hides the cause behind its text.
            Err(error) if error.to_string().contains("too long") => Err(SocketError::TooLarge),
            Err(_) => Err(SocketError::Broken),
        })
        .sink_map_err(|_| SocketError::Broken)
        .with(|message| ready(outgoing_message(message)))
}

fn incoming_message(message: ws::Message) -> Message {
    match message {
        ws::Message::Text(text) => Message::Text(text.into()),
        ws::Message::Binary(data) => Message::Binary(data),
        ws::Message::Ping(_) => Message::Ping,
        ws::Message::Pong(_) => Message::Pong,
        ws::Message::Close(_) => Message::Close(None),
    }
}

fn outgoing_message(message: Message) -> Result<ws::Message, SocketError> {
    Ok(match message {
        Message::Text(text) => ws::Message::Text(Utf8Bytes::try_from(text).map_err(|_| SocketError::Broken)?),
        Message::Binary(data) => ws::Message::Binary(data),
        Message::Ping => ws::Message::Ping(bytes::Bytes::new()),
        Message::Pong => ws::Message::Pong(bytes::Bytes::new()),
        Message::Close(None) => ws::Message::Close(None),
        Message::Close(Some(close)) => {
            ws::Message::Close(Some(CloseFrame { code: close.code(), reason: Utf8Bytes::from_static(close.reason()) }))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Ticket {
        let topics = ["a", "b-c"].map(|name| Topic::new(name).unwrap()).to_vec();
        Ticket { topics, cursor: "e-10".parse().unwrap(), expires: Duration::ZERO }
    }

    #[track_caller]
    fn check(at: Option<&str>, expected: Option<[&str; 2]>) {
        let found = starts(&ticket(), at).map(|starts| starts.iter().map(|(_, cursor)| cursor.to_string()).collect::<Vec<_>>());
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
