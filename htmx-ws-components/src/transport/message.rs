//! What goes through a socket.

use bytes::Bytes;
use futures_util::{Sink, Stream};

use crate::transport::close::Close;

/// A message of the WebSocket protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// UTF-8.
    Text(Bytes),
    Binary(Bytes),
    Ping,
    Pong,
    /// None where the browser gave no reason, or one of its own.
    Close(Option<Close>),
}

/// Why a socket gives no further message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SocketError {
    /// A message over the size limit was announced; it was not read.
    TooLarge,
    /// The connection broke, or its bytes were not the protocol.
    Broken,
}

/// A socket, whatever is beneath it.
pub(crate) trait Socket: Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError> + Send {}
impl<S: Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError> + Send> Socket for S {}
