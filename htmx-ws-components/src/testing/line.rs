//! The event stream that a page follows its live handle by: the bytes of a response, cut into messages.

use std::pin::Pin;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;

/// An open event stream.
#[derive(Debug)]
pub(super) struct Line {
    body: Pin<Box<BodyDataStream>>,
    /// What has come and is no whole message yet.
    rest: String,
}

/// What comes over it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Frame(String),
    /// With the code that a WebSocket would be closed with; 1006 where the stream just stops.
    End(u16),
}

impl Line {
    pub(super) fn new(body: Body) -> Self {
        Self { body: Box::pin(body.into_data_stream()), rest: String::new() }
    }

    /// The next message. Nothing is lost when this is dropped before it returns.
    pub(super) async fn next(&mut self) -> Message {
        loop {
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                let message = read(event);
                let end = self.rest.len() - rest.len();
                self.rest.drain(..end);
                if let Some(message) = message {
                    return message;
                }
            }
            match self.body.next().await {
                Some(Ok(bytes)) => self.rest.push_str(&String::from_utf8_lossy(&bytes)),
                Some(Err(_)) | None => return Message::End(1006),
            }
        }
    }
}

/// One event of the stream; none where it is a comment. See the HTML standard, section 9.2.6.
fn read(event: &str) -> Option<Message> {
    let field = |name: &str| event.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect::<Vec<_>>();
    let data = field("data");
    if data.is_empty() {
        return None;
    }
    let data = data.join("\n");
    if field("event") == ["end"] {
        return Some(Message::End(data.parse().unwrap_or(1006)));
    }
    Some(Message::Frame(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_are_cut_out_of_the_bytes() {
        let chunks = ["id: a~e-1\ndata: <p>\nda", "ta: x</p>\n\n:\n\n", "event: end\ndata: 1012\n\n"];
        let body = Body::from_stream(futures_util::stream::iter(chunks.map(Ok::<_, std::convert::Infallible>)));
        let mut line = Line::new(body);
        assert_eq!(line.next().await, Message::Frame("<p>\nx</p>".to_owned()));
        assert_eq!(line.next().await, Message::End(1012));
        assert_eq!(line.next().await, Message::End(1006));
    }
}
