//! A WebSocket client without a browser: what goes over the wire, to the byte.

use std::net::SocketAddr;

use axum::Router;
use futures_util::{SinkExt, StreamExt};
use htmx_ws_components::Live;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::PATIENCE;

/// Serves the routes on a port of their own, until the test's runtime ends.
pub async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}

/// The URL of the socket as the page's connect element has it.
pub fn socket_path(live: &Live) -> String {
    let html = live.connect().into_string();
    let (_, url) = html.split_once("data-ws-connect=\"").unwrap();
    url.split_once('"').unwrap().0.replace("&amp;", "&")
}

/// An open socket.
#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens `path` as a page of the server itself does.
    pub async fn open(addr: SocketAddr, path: &str) -> Self {
        Self::open_from(Some(&format!("http://{addr}")), addr, path).await
    }

    /// Opens `path` as a page of the given origin does.
    pub async fn open_from(origin: Option<&str>, addr: SocketAddr, path: &str) -> Self {
        Self::attempt(origin, addr, path).await.unwrap()
    }

    /// Tries to open `path` as a page of the given origin does.
    ///
    /// # Errors
    /// The server's refusal, or that there is none.
    pub async fn attempt(origin: Option<&str>, addr: SocketAddr, path: &str) -> Result<Self, Box<Error>> {
        let mut request = format!("ws://{addr}{path}").into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (socket, _) = connect_async(request).await?;
        Ok(Self(socket))
    }

    /// The HTTP status that the upgrade is refused with, and when to come back.
    pub async fn refused(addr: SocketAddr, path: &str) -> (u16, Option<String>) {
        let refusal = Self::attempt(Some(&format!("http://{addr}")), addr, path).await.expect_err("the server refuses");
        match *refusal {
            Error::Http(response) => {
                let later = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
                (response.status().as_u16(), later)
            }
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Sends bytes.
    pub async fn send_binary(&mut self, data: &'static [u8]) {
        self.0.send(Message::Binary(Bytes::from_static(data))).await.unwrap();
    }

    /// The next text.
    pub async fn text(&mut self) -> String {
        match self.message().await {
            Message::Text(text) => text.to_string(),
            other => panic!("expected a text, got {other:?}"),
        }
    }

    /// The next text; none where the connection ends before, however it does.
    pub async fn text_if_any(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("the server says something in time") {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    /// The texts until the server closes, and the code and reason that it gives.
    pub async fn closed(&mut self) -> (Vec<String>, u16, String) {
        let mut texts = Vec::new();
        loop {
            match self.message().await {
                Message::Text(text) => texts.push(text.to_string()),
                Message::Close(Some(frame)) => return (texts, frame.code.into(), frame.reason.to_string()),
                other => panic!("expected a text or a close, got {other:?}"),
            }
        }
    }

    /// The next text, or the code of the close: 1006, as in a browser, for a connection that broke off.
    pub async fn text_or_end(&mut self) -> Result<String, u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    async fn message(&mut self) -> Message {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("the server says something in time");
            match next.expect("the connection is open").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }
}
