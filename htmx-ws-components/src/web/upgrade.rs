//! From a request to a WebSocket. axum's extractor decides whether the request is one; the connection beneath, which it does not give, is taken here: its buffers
//! are to be bounded.

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
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

/// A request that is one for a WebSocket.
#[derive(Debug)]
pub(super) struct Upgrade {
    on_upgrade: Option<OnUpgrade>,
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
    pub(super) async fn from_request_parts<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Self, WebSocketUpgradeRejection> {
        let on_upgrade = parts.extensions.get::<OnUpgrade>().cloned();
        let _valid = WebSocketUpgrade::from_request_parts(parts, state).await?;
        Ok(Self { on_upgrade, key: parts.headers.get(SEC_WEBSOCKET_KEY).cloned() })
    }

    /// Answers the request, and serves the socket in a task of its own. A message of more than `max_bytes` is an error.
    pub(super) fn serve(self, max_bytes: usize, service: impl Serve) -> Response {
        let Self { on_upgrade, key } = self;
        if let Some(on_upgrade) = on_upgrade {
            tokio::spawn(async move {
                // A browser that has gone meanwhile.
                let Ok(upgraded) = on_upgrade.await else { return };
                serve(upgraded, max_bytes, service);
            });
        }
        accepted(key.as_ref())
    }
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
}
