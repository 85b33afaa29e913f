//! An event stream as one of our sockets: what the page sends comes by requests of its own.
//!
//! Each frame is a message whose id says how far the page came with all its topics. A browser shows the last id when it comes back by itself, so the stream resumes also
//! without our script. See the HTML standard, section 9.2.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Sink, Stream};
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{self, OwnedPermit};

use crate::dialect::FALLBACK;
use crate::message::envelope::place_of;
use crate::transport::close::Close;
use crate::transport::message::{Message, Socket, SocketError};
use crate::transport::service::ConnectionLimits;
use crate::web::upgrade::Serve;

/// Answers with the stream, and serves it in a task of its own.
pub(super) fn serve(limits: ConnectionLimits, service: impl Serve) -> Response {
    let (posts, incoming) = mpsc::channel(limits.inbound_rate.burst.max(1) as usize);
    service.posts(posts);
    // One: what is not on its way can still be superseded.
    let (outgoing, mut written) = mpsc::channel::<Bytes>(1);
    tokio::spawn(service.serve(EventStream::new(outgoing, incoming)));
    let body = futures_util::stream::poll_fn(move |context| written.poll_recv(context).map(|bytes| bytes.map(Ok::<_, Infallible>)));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        // Neither kept nor changed on its way: what compresses it would hold it back.
        (CACHE_CONTROL, "no-store, no-transform"),
    ];
    // For nginx, which else collects what it passes on.
    (headers, [("x-accel-buffering", "no")], Body::from_stream(body)).into_response()
}

struct EventStream {
    outgoing: Outgoing,
    incoming: mpsc::Receiver<Bytes>,
    /// Returns when nobody reads any more.
    left: BoxFuture<'static, ()>,
    /// How far the page came, by the topics as they are encoded.
    places: BTreeMap<String, String>,
    /// A sign of life was asked for. There is none on this way: who does not read is noticed when nothing can be written.
    is_asked: bool,
    has_ended: bool,
}

/// The way to the body of the answer.
enum Outgoing {
    Idle(mpsc::Sender<Bytes>),
    Waiting(BoxFuture<'static, Result<OwnedPermit<Bytes>, SendError<()>>>),
    /// There is room.
    Ready(OwnedPermit<Bytes>),
    Closed,
}

impl Outgoing {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        loop {
            *self = match std::mem::replace(self, Self::Closed) {
                Self::Idle(sender) => Self::Waiting(sender.reserve_owned().boxed()),
                Self::Waiting(mut room) => match room.poll_unpin(context) {
                    Poll::Ready(Ok(permit)) => Self::Ready(permit),
                    Poll::Ready(Err(_)) => Self::Closed,
                    Poll::Pending => {
                        *self = Self::Waiting(room);
                        return Poll::Pending;
                    }
                },
                Self::Ready(permit) => {
                    *self = Self::Ready(permit);
                    return Poll::Ready(Ok(()));
                }
                Self::Closed => return Poll::Ready(Err(SocketError::Broken)),
            }
        }
    }

    /// Takes the room that there is.
    fn send(&mut self, event: Bytes) -> Result<(), SocketError> {
        match std::mem::replace(self, Self::Closed) {
            Self::Ready(permit) => {
                *self = Self::Idle(permit.send(event));
                Ok(())
            }
            Self::Idle(_) | Self::Waiting(_) | Self::Closed => Err(SocketError::Broken),
        }
    }
}

impl EventStream {
    fn new(outgoing: mpsc::Sender<Bytes>, incoming: mpsc::Receiver<Bytes>) -> Self {
        let watched = outgoing.clone().downgrade();
        let left = async move {
            // Not kept open by whoever waits for its end.
            if let Some(sender) = watched.upgrade() {
                sender.closed().await;
            }
        };
        Self {
            outgoing: Outgoing::Idle(outgoing),
            incoming,
            left: left.boxed(),
            places: BTreeMap::new(),
            is_asked: false,
            has_ended: false,
        }
    }

    fn event(&mut self, frame: &str) -> String {
        let mut event = String::with_capacity(frame.len() + 64);
        if let Some((topic, cursor)) = place_of(frame) {
            self.places.insert(topic.to_owned(), cursor.to_owned());
            event.push_str("id: ");
            for (index, (topic, cursor)) in self.places.iter().enumerate() {
                // Writing to a `String` does not fail.
                let _ = write!(event, "{}{topic}~{cursor}", if index > 0 { "," } else { "" });
            }
            event.push('\n');
        }
        // The parser of a stream takes each of these for the end of a line.
        for line in frame.split(['\n', '\r']) {
            let _ = writeln!(event, "data: {line}");
        }
        event.push('\n');
        event
    }
}

impl Stream for EventStream {
    type Item = Result<Message, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended || self.left.poll_unpin(context).is_ready() {
            self.has_ended = true;
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

impl Sink<Message> for EventStream {
    type Error = SocketError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        self.outgoing.poll_ready(context)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), SocketError> {
        let event = match message {
            Message::Text(text) => {
                let frame = std::str::from_utf8(&text).map_err(|_| SocketError::Broken)?;
                self.event(frame)
            }
            Message::Frames(frames) => {
                let mut events = String::new();
                for frame in frames.iter() {
                    events.push_str(&self.event(std::str::from_utf8(&frame.text).map_err(|_| SocketError::Broken)?));
                }
                events
            }
            Message::Close(close) => {
                self.has_ended = true;
                format!("event: end\ndata: {}\n\n", close.map_or(1000, Close::code))
            }
            Message::Ping => {
                self.is_asked = true;
                ":\n\n".to_owned()
            }
            Message::Pong | Message::Binary(_) => return Ok(()),
        };
        self.outgoing.send(event.into())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        ready!(self.as_mut().poll_flush(context))?;
        self.outgoing = Outgoing::Closed;
        Poll::Ready(Ok(()))
    }
}

impl Socket for EventStream {
    fn state(&self) -> &'static str {
        FALLBACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_says_how_far_the_page_came_with_each_topic_and_has_no_line_of_another() {
        let mut stream = EventStream::new(mpsc::channel(1).0, mpsc::channel(1).1);
        assert_eq!(
            stream.event("<!--htmx-ws b e-3--><p>\ndata: x\r</p>"),
            "id: b~e-3\ndata: <!--htmx-ws b e-3--><p>\ndata: data: x\ndata: </p>\n\n"
        );
        assert_eq!(
            stream.event("{\"htmx-ws\":\"a e-4-9-7\",\"event\":\"x\"}"),
            "id: a~e-4-9-7,b~e-3\ndata: {\"htmx-ws\":\"a e-4-9-7\",\"event\":\"x\"}\n\n"
        );
        assert_eq!(stream.event("<!--htmx-ws-beat open-->"), "data: <!--htmx-ws-beat open-->\n\n");
    }
}
