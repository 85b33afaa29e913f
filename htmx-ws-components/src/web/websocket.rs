//! A WebSocket as one of our sockets. tungstenite reads, and says what control frames are answered with; frames of text are written as they are, shared by all who
//! get them.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::ReadBuf;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tungstenite::{self, Error, Utf8Bytes};

use crate::message::text_frame::{LONGEST_HEADER, push_header};
use crate::transport::message::{Direct, Message, Socket, SocketError};
use crate::web::line::Line;

/// What tungstenite reads at once, which each connection holds memory for. Its default is 128 KiB.
const READ_BUFFER_BYTES: usize = 32;

/// What is read from the line at once, on the stack. What tungstenite does not take of it is kept.
const READ_AHEAD_BYTES: usize = 2048;

/// A WebSocket on a line.
pub(super) struct WebSocket<L> {
    protocol: WebSocketContext,
    line: L,
    /// What was read of the line already; none where tungstenite has it all, as most of the time.
    ahead: Option<Box<Ahead>>,
}

impl<L: Line> WebSocket<L> {
    /// A socket whose handshake is over, on a line of which `read` was read already. A message of more than `max_bytes` is an error.
    pub(super) fn new(line: L, read: &[u8], max_bytes: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            // Nothing is kept back.
            .write_buffer_size(0)
            .max_message_size(Some(max_bytes))
            .max_frame_size(Some(max_bytes));
        Self { protocol: WebSocketContext::new(Role::Server, Some(config)), line, ahead: Ahead::new(read) }
    }

    /// Has the protocol do something, for which it reads from the line, and hands the line what it writes.
    fn with_protocol<T>(&mut self, context: &mut Context<'_>, act: impl FnOnce(&mut WebSocketContext, &mut Wire<'_, '_, L>) -> T) -> T {
        let mut wire = Wire { line: &mut self.line, ahead: &mut self.ahead, context, written: Vec::new() };
        let result = act(&mut self.protocol, &mut wire);
        let written = wire.written;
        if !written.is_empty() {
            self.line.push(written.into());
        }
        result
    }

    fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        self.line.poll_flush(context).map_err(|_| SocketError::Broken)
    }

    fn text(&mut self, text: Bytes) {
        let mut header = Vec::with_capacity(LONGEST_HEADER);
        push_header(text.len(), &mut header);
        self.line.push(header.into());
        self.line.push(text);
    }

    /// What tungstenite writes itself. It reads nothing for that.
    fn control(&mut self, message: tungstenite::Message) -> Result<(), SocketError> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        let written = self.with_protocol(&mut context, |protocol, wire| match message {
            tungstenite::Message::Close(frame) => protocol.close(wire, frame),
            message => protocol.write(wire, message).and_then(|()| protocol.flush(wire)),
        });
        match written {
            // It has said so in its own time.
            Ok(()) | Err(Error::ConnectionClosed) => Ok(()),
            Err(_) => Err(SocketError::Broken),
        }
    }
}

/// Bytes that tungstenite reads next.
#[derive(Debug)]
struct Ahead {
    bytes: Vec<u8>,
    taken: usize,
}

impl Ahead {
    fn new(bytes: &[u8]) -> Option<Box<Self>> {
        (!bytes.is_empty()).then(|| Box::new(Self { bytes: bytes.to_vec(), taken: 0 }))
    }

    /// Copies what fits; true when nothing is left.
    fn read(&mut self, buffer: &mut [u8]) -> (usize, bool) {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let count = copy(rest, buffer);
        self.taken += count;
        (count, self.taken == self.bytes.len())
    }
}

/// Copies what fits, and says how much that was.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..count), to.get_mut(..count)) {
        to.copy_from_slice(from);
    }
    count
}

/// The line, as tungstenite wants it.
struct Wire<'a, 'c, L> {
    line: &'a mut L,
    ahead: &'a mut Option<Box<Ahead>>,
    context: &'a mut Context<'c>,
    written: Vec<u8>,
}

impl<L: Line> Read for Wire<'_, '_, L> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(ahead) = self.ahead {
            let (count, is_all) = ahead.read(buffer);
            if is_all {
                *self.ahead = None;
            }
            return Ok(count);
        }
        let mut space = [MaybeUninit::uninit(); READ_AHEAD_BYTES];
        let mut read = ReadBuf::uninit(&mut space);
        match self.line.poll_read(self.context, &mut read) {
            Poll::Ready(result) => result?,
            Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
        }
        let count = copy(read.filled(), buffer);
        *self.ahead = Ahead::new(read.filled().get(count..).unwrap_or_default());
        Ok(count)
    }
}

impl<L> Write for Wire<'_, '_, L> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<L: Line> Stream for WebSocket<L> {
    type Item = Result<Message, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let read = self.with_protocol(context, |protocol, wire| protocol.read(wire));
            // What the protocol answers goes out also while nobody else writes.
            if matches!(self.poll_written(context), Poll::Ready(Err(_))) {
                return Poll::Ready(Some(Err(SocketError::Broken)));
            }
            return Poll::Ready(match read {
                Ok(message) => match incoming(message) {
                    Some(message) => Some(Ok(message)),
                    None => continue,
                },
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => None,
                Err(Error::Capacity(_)) => Some(Err(SocketError::TooLarge)),
                Err(Error::Utf8(_)) => Some(Err(SocketError::NotText)),
                Err(_) => Some(Err(SocketError::Broken)),
            });
        }
    }
}

impl<L: Line> Sink<Message> for WebSocket<L> {
    type Error = SocketError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), SocketError> {
        match message {
            Message::Frames(frames) => self.line.push(Bytes::clone(frames.wire())),
            Message::Text(text) => self.text(text),
            Message::Binary(data) => return self.control(tungstenite::Message::Binary(data)),
            Message::Ping => return self.control(tungstenite::Message::Ping(Bytes::new())),
            Message::Pong => return self.control(tungstenite::Message::Pong(Bytes::new())),
            Message::Close(close) => {
                let frame = close.map(|close| CloseFrame { code: close.code().into(), reason: Utf8Bytes::from_static(close.reason()) });
                return self.control(tungstenite::Message::Close(frame));
            }
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        self.poll_written(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        self.poll_flush(context)
    }
}

impl<L: Line> Socket for WebSocket<L> {
    fn direct(&self) -> Option<Arc<dyn Direct>> {
        self.line.direct()
    }
}

fn incoming(message: tungstenite::Message) -> Option<Message> {
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
