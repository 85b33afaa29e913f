//! A question as one of our sockets: what is written until it is answered is the answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Sink, Stream};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::dialect::{FALLBACK, SILENCE};
use crate::transport::close::Close;
use crate::transport::message::{Message, Socket, SocketError};
use crate::transport::service::ConnectionLimits;
use crate::web::upgrade::Serve;

/// Answers as soon as something is written; `holds` says that there is time for that, at most as long as between two signs of life.
pub(super) fn serve(limits: ConnectionLimits, holds: bool, service: impl Serve) -> Response {
    let (posts, incoming) = mpsc::channel(limits.inbound_rate.burst.max(1) as usize);
    service.posts(posts);
    let (answer, answered) = oneshot::channel();
    let hold = if holds { limits.heartbeat } else { Duration::ZERO };
    tokio::spawn(service.serve(Question::new(answer, incoming, hold)));
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], Body::from_stream(answered.into_stream())).into_response()
}

/// What the page gets.
#[derive(Debug, Default, Serialize)]
struct Answer {
    frames: Vec<String>,
    close: Option<u16>,
}

struct Question {
    answer: Answer,
    /// Taken when the answer is given.
    asker: Option<oneshot::Sender<Bytes>>,
    incoming: mpsc::Receiver<Bytes>,
    /// Returns when it is answered in any case.
    time_is_up: BoxFuture<'static, ()>,
    is_asked: bool,
}

impl Question {
    fn new(asker: oneshot::Sender<Bytes>, incoming: mpsc::Receiver<Bytes>, hold: Duration) -> Self {
        let time_is_up = sleep(hold).boxed();
        Self { answer: Answer::default(), asker: Some(asker), incoming, time_is_up, is_asked: false }
    }

    fn is_answered(&self) -> bool {
        !self.answer.frames.is_empty() || self.answer.close.is_some()
    }
}

impl Stream for Question {
    type Item = Result<Message, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Asked between two flushes: so what was there to write has been written.
        let has_left = self.asker.as_mut().is_none_or(|asker| asker.poll_closed(context).is_ready());
        if has_left || self.is_answered() || self.time_is_up.poll_unpin(context).is_ready() {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut self.is_asked) {
            return Poll::Ready(Some(Ok(Message::Pong)));
        }
        match self.incoming.poll_recv(context) {
            Poll::Ready(Some(text)) => Poll::Ready(Some(Ok(Message::Text(text)))),
            // The registration that has the sender lives as long as the connection.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Sink<Message> for Question {
    type Error = SocketError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), SocketError> {
        match message {
            Message::Text(text) => self.answer.frames.push(String::from_utf8(text.into()).map_err(|_| SocketError::Broken)?),
            Message::Frames(frames) => {
                for frame in frames.iter() {
                    let text = std::str::from_utf8(&frame.text).map_err(|_| SocketError::Broken)?;
                    self.answer.frames.push(text.to_owned());
                }
            }
            Message::Close(close) => self.answer.close = Some(close.map_or(1000, Close::code)),
            Message::Ping => self.is_asked = true,
            Message::Pong | Message::Binary(_) => {}
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }
}

impl Socket for Question {
    fn state(&self) -> &'static str {
        FALLBACK
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if !self.is_answered() {
            self.answer.frames.push(SILENCE.to_owned());
        }
        // Texts and numbers always have a JSON form.
        let answer = serde_json::to_vec(&self.answer).unwrap_or_default();
        if let Some(asker) = self.asker.take() {
            let _ = asker.send(answer.into());
        }
    }
}
