//! A socket of the tests: channels instead of a network.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::transport::message::{Message, Socket, SocketError};

/// Our end of a socket: what the browser sent, and what it gets while it reads.
pub(super) struct ServerEnd {
    pub(super) incoming: UnboundedReceiver<Result<Message, SocketError>>,
    pub(super) outgoing: UnboundedSender<Message>,
    pub(super) reads: tokio_util::sync::PollSemaphore,
    pub(super) unsent: VecDeque<Message>,
}

impl Stream for ServerEnd {
    type Item = Result<Message, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(context)
    }
}

impl ServerEnd {
    /// Hands the browser what it reads: one message for each permit.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        while !self.unsent.is_empty() {
            match ready!(self.reads.poll_acquire(context)) {
                None => return Poll::Ready(Err(SocketError::Broken)),
                Some(permit) => permit.forget(),
            }
            if let Some(message) = self.unsent.pop_front() {
                self.outgoing.send(message).map_err(|_| SocketError::Broken)?;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Socket for ServerEnd {}

impl Sink<Message> for ServerEnd {
    type Error = SocketError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), SocketError> {
        match message {
            Message::Frames(frames) => self.unsent.extend(frames.iter().map(|frame| Message::Text(frame.text.clone()))),
            message => self.unsent.push_back(message),
        }
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        self.poll_write(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        self.poll_flush(context)
    }
}
