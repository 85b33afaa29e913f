//! What a connection does with what the browser sends.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::{Connection, End};
use crate::hub::stats::Counter;
use crate::hub::subscription::NotJoined;
use crate::transport::close::Close;
use crate::transport::inbound::{Bucket, Unanswerable, control};
use crate::transport::inbox::{Inbox, Worker};
use crate::transport::message::{Message, Socket, SocketError};

impl Connection {
    /// Takes what the browser has sent: true when there may be more to read.
    pub(super) async fn receive(&mut self, incoming: Option<Result<Message, SocketError>>, socket: &mut impl Socket) -> Result<bool, End> {
        let is_asked_for = self.asked.take().is_some();
        let message = match incoming {
            None | Some(Ok(Message::Close(_))) => return Err(End::Left),
            Some(Err(SocketError::TooLarge)) => return Err(self.refuse(Counter::InboundTooLarge, Close::TooLarge)),
            Some(Err(SocketError::NotText)) => return Err(self.refuse(Counter::InboundBroken, Close::NotText)),
            Some(Err(SocketError::Broken)) => return Err(self.refuse(Counter::InboundBroken, Close::Protocol)),
            Some(Ok(message)) => message,
        };
        // The answer to a ping is ours, not the browser's idea.
        let is_answer = is_asked_for && message == Message::Pong;
        if !is_answer && !self.may_send() {
            return Err(self.refuse(Counter::InboundTooFast, Close::Overloaded("too many messages")));
        }
        let problem = match message {
            Message::Text(data) | Message::Binary(data) if data.len() > self.service.limits.inbound_bytes => {
                return Err(self.refuse(Counter::InboundTooLarge, Close::TooLarge));
            }
            Message::Text(text) => match (control(&text), &self.service.inbox) {
                (Some(url), _) => return self.change(&url),
                (None, Some(inbox)) => return self.hand_over(Arc::clone(inbox), text).map(|()| false),
                (None, None) => Unanswerable::classify(&text),
            },
            Message::Binary(_) => Unanswerable::Binary,
            Message::Ping | Message::Pong | Message::Close(_) | Message::Frames(_) => return Ok(false),
        };
        self.service.counters.count(match problem {
            Unanswerable::NotJson => Counter::InboundNotJson,
            Unanswerable::Binary => Counter::InboundBinary,
            Unanswerable::Unhandled => Counter::InboundUnhandled,
        });
        self.send(socket, Message::Text(Bytes::from_static(problem.answer().as_bytes()))).await.map(|()| false)
    }

    /// Whether the browser has not sent too much.
    fn may_send(&mut self) -> bool {
        let (rate, now) = (self.service.limits.inbound_rate, Instant::now());
        self.bucket.get_or_insert_with(|| Box::new(Bucket::new(rate, now))).take(rate, now)
    }

    /// The page says which regions it has now.
    fn change(&mut self, url: &str) -> Result<bool, End> {
        let Some(gate) = &self.service.gate else { return Ok(false) };
        let regions = gate.admit(url, &self.grants.pages()).map_err(End::Close)?;
        self.grants.retain(&regions.pages, &mut self.subscriptions);
        let has_come = !regions.new.is_empty();
        let mut begun = Vec::new();
        for grant in regions.new {
            let joined = self.grants.join(grant, &self.registration, &mut self.subscriptions);
            begun.extend(joined.map_err(|not_joined| self.not_joined(not_joined))?);
        }
        self.subscriptions.look().map_err(|gap| self.gap(&gap))?;
        self.begun = has_come.then(|| begun.into());
        Ok(has_come)
    }

    fn not_joined(&self, reason: NotJoined) -> End {
        match reason {
            NotJoined::Passed => End::Close(Close::Anew),
            NotJoined::TooMany => self.refuse(Counter::TopicsExceeded, Close::Overloaded("too many topics")),
        }
    }

    fn hand_over(&mut self, inbox: Arc<dyn Inbox>, text: Bytes) -> Result<(), End> {
        let room = self.service.limits.inbound_rate.burst as usize;
        let (handle, tracked) = (&self.registration.handle, &self.admission);
        let worker = self.worker.get_or_insert_with(|| Worker::spawn(inbox, Arc::clone(handle), room, tracked.token()));
        if worker.take(text) { Ok(()) } else { Err(self.refuse(Counter::InboundTooFast, Close::Overloaded("too many messages"))) }
    }
}
