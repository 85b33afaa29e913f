//! What a WebSocket stands on: bytes that come, and bytes that are to go, in the order in which they were handed over.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::hub::reader::Taken;
use crate::transport::message::Direct;

/// How many pieces go into one call of the system at the most.
const PIECES: usize = 8;

/// A line to a browser.
pub(super) trait Line: Send + Unpin {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>>;

    /// Writes these bytes behind all others, when it is flushed.
    fn push(&mut self, bytes: Bytes);

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Its writing side, for others than the task that has it.
    fn direct(&self) -> Option<Arc<dyn Direct>> {
        None
    }
}

/// What is still to be written.
#[derive(Debug, Default)]
struct Unsent(VecDeque<Bytes>);

impl Unsent {
    fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.0.push_back(bytes);
        }
    }

    /// Writes with `write` until nothing is left, or an error: which may be that it would have to wait.
    fn write(&mut self, mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<()> {
        while !self.0.is_empty() {
            let mut pieces = [IoSlice::new(&[]); PIECES];
            for (piece, bytes) in pieces.iter_mut().zip(&self.0) {
                *piece = IoSlice::new(bytes);
            }
            let count = self.0.len().min(PIECES);
            match write(pieces.get(..count).unwrap_or_default())? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => self.advance(written),
            }
        }
        // Most of the time nothing waits, and then it holds no memory.
        self.0 = VecDeque::new();
        Ok(())
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(first) = self.0.front_mut() {
            if written < first.len() {
                first.advance(written);
                return;
            }
            written -= first.len();
            self.0.pop_front();
        }
    }
}

/// A TCP connection, which its task and whoever fans out write to.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    /// Held for as long as one call of the system takes.
    unsent: Mutex<Unsent>,
}

impl Tcp {
    pub(super) fn new(stream: TcpStream) -> Arc<Self> {
        Arc::new(Self { stream, unsent: Mutex::default() })
    }

    /// Without asking tokio first whether it may: that is another look into memory, and most of the time it may. Who may not is woken, and its task asks.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn send(&self, wire: &[u8]) -> io::Result<usize> {
        // As the standard library does: a browser that has gone is no signal to the process. The same number on each of Linux's architectures.
        const MSG_NOSIGNAL: i32 = 0x4000;
        socket2::SockRef::from(&self.stream).send_with_flags(wire, MSG_NOSIGNAL)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn send(&self, wire: &[u8]) -> io::Result<usize> {
        self.stream.try_write(wire)
    }

    fn unsent(&self) -> MutexGuard<'_, Unsent> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Direct for Tcp {
    fn try_send(&self, wire: &Bytes) -> Taken {
        let mut unsent = self.unsent();
        if !unsent.0.is_empty() {
            return Taken::Nothing;
        }
        match self.send(wire) {
            Ok(written) if written == wire.len() => Taken::All,
            Ok(written @ 1..) => {
                unsent.push(wire.slice(written..));
                Taken::Kept
            }
            // A connection that is broken is seen to be by its task, which reads.
            Ok(0) | Err(_) => Taken::Nothing,
        }
    }
}

impl Line for Arc<Tcp> {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(buffer.initialize_unfilled()) {
                Ok(read) => {
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn push(&mut self, bytes: Bytes) {
        self.unsent().push(bytes);
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let written = self.unsent().write(|pieces| self.stream.try_write_vectored(pieces));
            match written {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready!(self.stream.poll_write_ready(context))?,
                written => return Poll::Ready(written),
            }
        }
    }

    fn direct(&self) -> Option<Arc<dyn Direct>> {
        Some(Arc::clone(self) as Arc<dyn Direct>)
    }
}

/// Any other connection, which is its task's alone.
#[derive(Debug)]
pub(super) struct Own<S> {
    stream: S,
    unsent: Unsent,
}

impl<S> Own<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, unsent: Unsent::default() }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Line for Own<S> {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }

    fn push(&mut self, bytes: Bytes) {
        self.unsent.push(bytes);
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, unsent } = self;
        let written = unsent.write(|pieces| match Pin::new(&mut *stream).poll_write_vectored(context, pieces) {
            Poll::Ready(written) => written,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        });
        match written {
            // Whoever waits is woken by the stream.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
            Ok(()) => Pin::new(stream).poll_flush(context),
        }
    }
}
