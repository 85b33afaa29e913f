//! A WebSocket as one of ours.

use std::future::ready;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Bytes, Error, Utf8Bytes};

use crate::transport::message::{Message, Socket, SocketError};

/// A WebSocket with our messages.
pub(super) fn ours(socket: WebSocketStream<impl AsyncRead + AsyncWrite + Unpin + Send>) -> impl Socket {
    socket
        .filter_map(|incoming| {
            ready(match incoming {
                Ok(message) => incoming_message(message).map(Ok),
                Err(Error::Capacity(_)) => Some(Err(SocketError::TooLarge)),
                Err(_) => Some(Err(SocketError::Broken)),
            })
        })
        .sink_map_err(|_| SocketError::Broken)
        .with(|message| ready(outgoing_message(message)))
}

fn incoming_message(message: tungstenite::Message) -> Option<Message> {
    Some(match message {
        tungstenite::Message::Text(text) => Message::Text(text.into()),
        tungstenite::Message::Binary(data) => Message::Binary(data),
        tungstenite::Message::Ping(_) => Message::Ping,
        tungstenite::Message::Pong(_) => Message::Pong,
        tungstenite::Message::Close(_) => Message::Close(None),
        // A part of a message, which is never read as such.
        tungstenite::Message::Frame(_) => return None,
    })
}

fn outgoing_message(message: Message) -> Result<tungstenite::Message, SocketError> {
    Ok(match message {
        Message::Text(text) => tungstenite::Message::Text(Utf8Bytes::try_from(text).map_err(|_| SocketError::Broken)?),
        Message::Binary(data) => tungstenite::Message::Binary(data),
        Message::Ping => tungstenite::Message::Ping(Bytes::new()),
        Message::Pong => tungstenite::Message::Pong(Bytes::new()),
        Message::Close(None) => tungstenite::Message::Close(None),
        Message::Close(Some(close)) => {
            let reason = Utf8Bytes::from_static(close.reason());
            tungstenite::Message::Close(Some(CloseFrame { code: close.code().into(), reason }))
        }
    })
}
