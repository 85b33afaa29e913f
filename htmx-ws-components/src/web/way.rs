//! By which way a page is reached: a WebSocket, or where that cannot be had an event stream, or else the answers to its questions.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, UPGRADE};
use axum::http::request::Parts;
use axum::response::Response;

use crate::transport::service::ConnectionLimits;
use crate::web::event_stream;
use crate::web::origin;
use crate::web::question;
use crate::web::upgrade::{InvalidUpgrade, Serve, Upgrade};

#[derive(Debug)]
pub(super) enum Way {
    Socket(Upgrade),
    Stream,
    Question,
}

impl Way {
    /// What the request asks for. One that asks for nothing that there is is refused as no WebSocket.
    pub(super) fn of(parts: &mut Parts) -> Result<Self, InvalidUpgrade> {
        let accepts =
            |kind: &str| parts.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accepts| accepts.contains(kind));
        if parts.headers.contains_key(UPGRADE) {
            return Upgrade::of(parts).map(Self::Socket);
        }
        if accepts("text/event-stream") {
            return Ok(Self::Stream);
        }
        if accepts("application/json") {
            return Ok(Self::Question);
        }
        Upgrade::of(parts).map(Self::Socket)
    }

    /// Whether the page is one of ours. A browser says for every WebSocket of which origin the page is, but not for each request to the page's own.
    pub(super) fn is_of_own_origin(&self, headers: &HeaderMap, allowed: &[String]) -> bool {
        match self {
            Self::Socket(_) => origin::is_allowed(headers, allowed),
            Self::Stream | Self::Question => origin::may_read(headers, allowed),
        }
    }

    /// How far an event stream came that broke, in the words of the browser.
    pub(super) fn last_event<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        match self {
            Self::Stream => headers.get("last-event-id")?.to_str().ok(),
            Self::Socket(_) | Self::Question => None,
        }
    }

    /// Answers the request, and serves the page in a task of its own. `holds` says that a question may be answered later.
    pub(super) fn serve(self, limits: ConnectionLimits, holds: bool, service: impl Serve) -> Response {
        match self {
            Self::Socket(upgrade) => upgrade.serve(limits.inbound_bytes, service),
            Self::Stream => event_stream::serve(limits, service),
            Self::Question => question::serve(limits, holds, service),
        }
    }
}
