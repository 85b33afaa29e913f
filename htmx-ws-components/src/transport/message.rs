//! What goes through a socket.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Sink, Stream};

use crate::hub::reader::Taken;
use crate::message::envelope::Frames;
use crate::transport::close::Close;

/// A message of the WebSocket protocol, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// UTF-8.
    Text(Bytes),
    /// Texts, which are to be on their way together.
    Frames(Arc<Frames>),
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
    /// A text was no UTF-8.
    NotText,
    /// The connection broke, or its bytes were not the protocol.
    Broken,
}

/// A socket, whatever is beneath it.
pub(crate) trait Socket: Stream<Item = Result<Message, SocketError>> + Sink<Message, Error = SocketError> + Send + Unpin {
    /// What the state of a page's connection is called that is this.
    fn state(&self) -> &'static str {
        "open"
    }

    /// Its writing side, if that can be used while its task waits.
    fn direct(&self) -> Option<Arc<dyn Direct>> {
        None
    }
}

/// The writing side of a socket.
pub(crate) trait Direct: Debug + Send + Sync {
    /// Hands these frames to the system, without waiting. Nothing where something else has not been written yet.
    fn try_send(&self, wire: &Bytes) -> Taken;
}
