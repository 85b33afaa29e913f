//! A socket of the tests: channels instead of a network.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Sink, Stream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::transport::message::{Message, SocketError};

/// Our end of a socket: what the browser sent, and what it gets while it reads.
pub(super) struct ServerEnd {
    pub(super) incoming: UnboundedReceiver<Result<Message, SocketError>>,
    pub(super) outgoing: UnboundedSender<Message>,
    pub(super) reads: tokio_util::sync::PollSemaphore,
}

impl Stream for ServerEnd {
    type Item = Result<Message, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(context)
    }
}

impl Sink<Message> for ServerEnd {
    type Error = SocketError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        match self.reads.poll_acquire(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(Err(SocketError::Broken)),
            Poll::Ready(Some(permit)) => {
                permit.forget();
                Poll::Ready(Ok(()))
            }
        }
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), SocketError> {
        self.outgoing.send(message).map_err(|_| SocketError::Broken)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }
}
