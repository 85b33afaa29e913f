//! axum's socket as one of ours.

use std::future::ready;

use axum::extract::ws::{self, CloseFrame, Utf8Bytes, WebSocket};
use futures_util::{SinkExt, StreamExt};

use crate::transport::connection::Socket;
use crate::transport::message::{Message, SocketError};

/// axum's socket with our messages.
pub(super) fn ours(socket: WebSocket) -> impl Socket {
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
