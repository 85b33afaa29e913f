//! From a request to a WebSocket. axum's own extractor does not give the connection beneath, whose buffers are to be bounded.

use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::{self, downcast};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tungstenite::handshake::derive_accept_key;

use crate::transport::message::Socket;
use crate::web::line::{Own, Tcp};
use crate::web::websocket::WebSocket;

/// What the kernel takes of a connection beyond what is on its way. What it has taken cannot be conflated any more: a reader that stalls would wade through megabytes of
/// old states.
const UNSENT_BYTES: u32 = 16 * 1024;

/// Why a request cannot become a WebSocket: what [`LiveSocket`](crate::LiveSocket) rejects it with. The rules are those of RFC 6455, section 4.2.1, and for HTTP/2 of
/// RFC 8441, section 4.
///
/// As a response it has a status of 4xx and says in plain text what is wrong.
///
/// ```
/// use axum::{http::StatusCode, response::IntoResponse};
/// use htmx_ws_components::InvalidUpgrade;
///
/// assert_eq!(InvalidUpgrade::Version.into_response().status(), StatusCode::UPGRADE_REQUIRED);
/// assert_eq!(InvalidUpgrade::Key.to_string(), "the header `Sec-WebSocket-Key` is missing");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUpgrade {
    /// The method is not `GET`, or with HTTP/2 not `CONNECT`.
    #[error("the method of a request for a WebSocket is `GET`, or `CONNECT` with HTTP/2")]
    Method,
    /// No `Connection: Upgrade`, or no `Upgrade: websocket`: a request like any other, or one that a proxy passed on without them.
    #[error("the headers `Connection: Upgrade` and `Upgrade: websocket` are missing: is there a proxy that does not pass them on?")]
    Headers,
    /// Another `Sec-WebSocket-Version` than 13.
    #[error("the header `Sec-WebSocket-Version` is not `13`")]
    Version,
    /// No `Sec-WebSocket-Key`.
    #[error("the header `Sec-WebSocket-Key` is missing")]
    Key,
    /// What serves the request cannot give its connection away.
    #[error("this connection cannot be upgraded: the server in front of axum does not support it")]
    Unsupported,
}

impl IntoResponse for InvalidUpgrade {
    fn into_response(self) -> Response {
        let body = self.to_string();
        match self {
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")], body).into_response(),
            Self::Headers | Self::Key => (StatusCode::BAD_REQUEST, body).into_response(),
            Self::Version => (StatusCode::UPGRADE_REQUIRED, [(SEC_WEBSOCKET_VERSION, "13")], body).into_response(),
            Self::Unsupported => (StatusCode::UPGRADE_REQUIRED, body).into_response(),
        }
    }
}

/// A request that is one for a WebSocket.
#[derive(Debug)]
pub(super) struct Upgrade {
    on_upgrade: OnUpgrade,
    /// There is none in HTTP/2.
    key: Option<HeaderValue>,
}

/// What is done with the socket.
pub(super) trait Serve: Send + 'static {
    /// Tells it where requests put what the page sends, when that does not come over the socket.
    fn posts(&self, _posts: mpsc::Sender<Bytes>) {}

    /// Serves it until it ends.
    fn serve(self, socket: impl Socket + 'static) -> impl Future<Output = ()> + Send;
}

impl Upgrade {
    pub(super) fn of(parts: &mut Parts) -> Result<Self, InvalidUpgrade> {
        let headers = &parts.headers;
        let key = if parts.version <= Version::HTTP_11 { Some(key(&parts.method, headers)?) } else { None };
        if key.is_none() && parts.method != Method::CONNECT {
            return Err(InvalidUpgrade::Method);
        }
        if !has(headers, &SEC_WEBSOCKET_VERSION, "13") {
            return Err(InvalidUpgrade::Version);
        }
        let on_upgrade = parts.extensions.remove::<OnUpgrade>().ok_or(InvalidUpgrade::Unsupported)?;
        Ok(Self { on_upgrade, key })
    }

    /// Answers the request, and serves the socket in a task of its own. A message of more than `max_bytes` is an error.
    pub(super) fn serve(self, max_bytes: usize, service: impl Serve) -> Response {
        let Self { on_upgrade, key } = self;
        tokio::spawn(async move {
            // A browser that has gone meanwhile.
            let Ok(upgraded) = on_upgrade.await else { return };
            serve(upgraded, max_bytes, service);
        });
        accepted(key.as_ref())
    }
}

/// The key of a request of HTTP/1.1.
fn key(method: &Method, headers: &HeaderMap) -> Result<HeaderValue, InvalidUpgrade> {
    if method != Method::GET {
        return Err(InvalidUpgrade::Method);
    }
    if !has(headers, &CONNECTION, "upgrade") || !has(headers, &UPGRADE, "websocket") {
        return Err(InvalidUpgrade::Headers);
    }
    headers.get(SEC_WEBSOCKET_KEY).cloned().ok_or(InvalidUpgrade::Key)
}

/// Whether a header, which is a list, has this word.
fn has(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let mut lists = headers.get_all(name).iter().filter_map(|list| list.to_str().ok());
    lists.any(|list| list.split(',').any(|one| one.trim().eq_ignore_ascii_case(word)))
}

/// The answer of RFC 6455, section 4.2.2; without a key that of RFC 8441, section 5.
fn accepted(key: Option<&HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    if let Some(accept) = key.and_then(|key| HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok()) {
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
        response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
        response.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

fn serve(upgraded: Upgraded, max_bytes: usize, service: impl Serve) {
    match downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(upgrade::Parts { io, read_buf, .. }) => {
            let stream = io.into_inner();
            bound(&stream);
            // In a task of its own, which is only as large as what the connection needs.
            tokio::spawn(service.serve(WebSocket::new(Tcp::new(stream), &read_buf, max_bytes)));
        }
        // TLS, HTTP/2, or a socket of the operating system's own kind.
        Err(upgraded) => {
            tokio::spawn(service.serve(WebSocket::new(Own::new(TokioIo::new(upgraded)), &[], max_bytes)));
        }
    }
}

/// Sends at once, and keeps what is not sent out of the kernel.
fn bound(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let bounded = socket.set_tcp_notsent_lowat(UNSENT_BYTES);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let bounded = socket.set_send_buffer_size(UNSENT_BYTES as usize);
    if let Err(error) = bounded.and_then(|()| stream.set_nodelay(true)) {
        tracing::debug!(name: "htmx_ws.socket_unbounded", target: "htmx_ws", %error, "the buffers of a socket cannot be bounded");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::Request;

    use super::*;
    use crate::transport::connection::Connection;

    /// Of what a closure returns.
    fn size_of_result<A, B, R>(_: impl FnOnce(A, B) -> R) -> usize {
        size_of::<R>()
    }

    #[test]
    fn a_connection_that_waits_is_small() {
        let task = size_of_result(|connection: Connection, socket: WebSocket<Arc<Tcp>>| connection.serve(socket));
        // With what tokio has around it, 768 bytes: it comes in pieces of 128.
        assert!(task <= 650, "{task} bytes");
    }

    #[test]
    fn the_answer_is_the_one_of_the_rfc() {
        let response = accepted(Some(&HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==")));
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(response.headers()[SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accepted(None).status(), StatusCode::OK);
    }

    fn request(version: Version, change: impl FnOnce(&mut Parts)) -> Result<Upgrade, InvalidUpgrade> {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.version = version;
        for (name, value) in [
            (CONNECTION, "keep-alive, Upgrade"),
            (UPGRADE, "WebSocket"),
            (SEC_WEBSOCKET_VERSION, "13"),
            (SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            parts.headers.insert(name, HeaderValue::from_static(value));
        }
        parts.extensions.insert(hyper::upgrade::on(Request::new(())));
        change(&mut parts);
        Upgrade::of(&mut parts)
    }

    #[test]
    fn only_a_request_for_a_websocket_is_one() {
        assert!(request(Version::HTTP_11, |_| {}).is_ok());
        let without = |name: HeaderName| request(Version::HTTP_11, |parts| drop(parts.headers.remove(name))).err();
        assert_eq!(without(CONNECTION), Some(InvalidUpgrade::Headers));
        assert_eq!(without(UPGRADE), Some(InvalidUpgrade::Headers));
        assert_eq!(without(SEC_WEBSOCKET_VERSION), Some(InvalidUpgrade::Version));
        assert_eq!(without(SEC_WEBSOCKET_KEY), Some(InvalidUpgrade::Key));
        assert_eq!(request(Version::HTTP_11, |parts| parts.method = Method::POST).err(), Some(InvalidUpgrade::Method));
        assert_eq!(request(Version::HTTP_11, |parts| parts.extensions.clear()).err(), Some(InvalidUpgrade::Unsupported));
        assert_eq!(request(Version::HTTP_2, |_| {}).err(), Some(InvalidUpgrade::Method));
        let connect = |parts: &mut Parts| {
            parts.method = Method::CONNECT;
            parts.headers = HeaderMap::from_iter([(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"))]);
        };
        assert!(request(Version::HTTP_2, connect).is_ok_and(|upgrade| upgrade.key.is_none()));
    }
}
