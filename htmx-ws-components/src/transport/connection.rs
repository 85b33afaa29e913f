//! The life of one connection: read the topics, write frames, answer the browser, notice when it is gone.

mod writing;

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::task::JoinError;
use tokio::time::{Instant, sleep_until};

use crate::dialect::BEAT;
use crate::hub::stats::Counter;
use crate::hub::subscription::{NotJoined, Subscriptions, TopicGap};
use crate::message::cursor::Cursor;
use crate::message::envelope::begins_at;
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::connections::Admission;
use crate::transport::farewell::close_socket;
use crate::transport::grants::Grants;
use crate::transport::inbound::{Bucket, Unanswerable, control};
use crate::transport::inbox::{Inbox, Worker};
use crate::transport::message::{Message, Socket, SocketError};
use crate::transport::registry::Registration;
use crate::transport::renewal::Renewed;
use crate::transport::service::{Rights, Service};

/// One connection, from its admission to its end.
#[derive(Debug)]
pub(crate) struct Connection {
    service: Arc<Service>,
    subscriptions: Subscriptions,
    registration: Registration,
    /// There as soon as the browser has sent something.
    worker: Option<Worker>,
    admission: Admission,
    /// What it may read, and until when.
    grants: Grants,
    /// What our script has not been told yet.
    begun: Option<Vec<(Topic, Cursor)>>,
    /// Whether the page has our script.
    is_watched: bool,
    /// When it ends because of a drain.
    drained_at: Option<Instant>,
    bucket: Bucket,
    next_ping: Instant,
    /// When the browser was asked for a sign of life that it has not given yet.
    asked: Option<Instant>,
    /// No frame goes out before this.
    next_flush: Instant,
    /// Since when what was unread then is written, where that takes more than one turn.
    flushing_since: Option<Instant>,
}

/// How far a flush came.
#[derive(Debug, PartialEq, Eq)]
enum Flushed {
    All,
    /// There is more, but it takes long: the connection looks around before it goes on.
    Part,
}

/// How a connection ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The browser closed it, or is gone.
    Left,
    /// It is closed, with a word on why.
    Close(Close),
    /// It is dropped, for this reason: nobody would read the word.
    Cut(&'static str),
}

impl Connection {
    /// A connection with these rights.
    pub(crate) fn new(service: Arc<Service>, rights: Rights, admission: Admission) -> Self {
        let Rights { subscriptions, registration, grants, script } = rights;
        let now = Instant::now();
        let limits = service.limits;
        Self {
            service,
            subscriptions,
            registration,
            worker: None,
            admission,
            grants,
            is_watched: script.is_some(),
            begun: script,
            drained_at: None,
            bucket: Bucket::new(limits.inbound_rate, now),
            next_ping: now + limits.heartbeat,
            asked: None,
            next_flush: now,
            flushing_since: None,
        }
    }

    /// Serves the socket until one of both ends it.
    pub(crate) async fn serve(mut self, socket: impl Socket) {
        self.service.counters.count(Counter::Connected);
        tracing::debug!(name: "htmx_ws.connected", target: "htmx_ws", topics = self.subscriptions.len(), "a page is connected");
        let mut socket = pin!(socket);
        let Err(end) = self.run(&mut socket).await;
        self.ended(&end);
        if let End::Close(close) = end {
            self.close(&mut socket, close).await;
        }
        self.service.counters.count(Counter::Disconnected);
    }

    fn ended(&self, end: &End) {
        let (code, reason) = match end {
            End::Left => (None, "left"),
            End::Cut(reason) => (None, *reason),
            End::Close(close) => (Some(close.code()), close.reason()),
        };
        let (frames, bytes) = self.registration.handle.traffic();
        tracing::debug!(name: "htmx_ws.closed", target: "htmx_ws", code, reason, frames, bytes, "a connection ends");
    }

    async fn run(&mut self, socket: &mut (impl Socket + Unpin)) -> Result<std::convert::Infallible, End> {
        // What was published since the page was rendered is unread from the start.
        let mut is_dirty = true;
        self.delay();
        let mut alarm = pin!(sleep_until(self.next_beat()));
        loop {
            if let Some(begun) = self.begun.take() {
                self.send(socket, Message::Text(begins_at(&begun).into())).await?;
            }
            if is_dirty && self.next_flush <= Instant::now() {
                is_dirty = self.flush(socket).await? == Flushed::Part;
            }
            let (end, close) = self.ends();
            let next_alarm = end.min(self.next_beat());
            // Kept from turn to turn: to set a timer costs more than to look at one.
            if alarm.deadline() != next_alarm {
                alarm.as_mut().reset(next_alarm);
            }
            tokio::select! {
                () = self.admission.draining(), if self.drained_at.is_none() => {
                    self.drained_at = Some(Instant::now() + self.admission.drain_delay());
                }
                () = alarm.as_mut() => {
                    if end <= Instant::now() {
                        return Err(End::Close(close));
                    }
                    self.beat(socket).await?;
                }
                (index, decision) = self.grants.decided() => self.renew(index, decision, socket).await?,
                incoming = socket.next() => is_dirty |= self.receive(incoming, socket).await?,
                () = self.registration.handle.called() => {
                    if self.called()? && !is_dirty {
                        self.delay();
                        is_dirty = true;
                    }
                }
                () = self.subscriptions.changed(), if !is_dirty => {
                    self.delay();
                    is_dirty = true;
                }
                () = sleep_until(self.next_flush), if is_dirty => {}
            }
        }
    }

    /// When it ends, and why.
    fn ends(&self) -> (Instant, Close) {
        match (self.drained_at, self.grants.ends()) {
            (Some(at), _) => (at, Close::Draining),
            (None, Some(at)) => (at, Close::Expired),
            (None, None) => (self.next_ping, Close::Expired),
        }
    }

    /// What has just changed is sent later, where a bad line is simulated.
    fn delay(&mut self) {
        let delay = self.service.simulated.delay();
        if !delay.is_zero() {
            self.next_flush = self.next_flush.max(Instant::now() + delay);
        }
    }

    /// It was decided whether the connection may stay.
    async fn renew(
        &mut self,
        index: usize,
        decision: Result<Option<Renewed>, JoinError>,
        socket: &mut (impl Socket + Unpin),
    ) -> Result<(), End> {
        let Renewed { lifetime, frame } = match decision {
            Ok(Some(renewed)) => renewed,
            Ok(None) => {
                self.service.counters.count(Counter::TicketNotRenewed);
                return Ok(());
            }
            Err(_) => {
                self.service.counters.count(Counter::TicketRenewalPanicked);
                tracing::error!(name: "htmx_ws.renewal_panicked", target: "htmx_ws", "what decides whether a page's ticket is renewed panicked");
                return Ok(());
            }
        };
        self.service.counters.count(Counter::TicketRenewed);
        self.grants.begin(index, lifetime);
        match frame {
            Some(frame) => self.send(socket, Message::Text(frame)).await,
            None => Ok(()),
        }
    }

    /// Someone has called from outside: true when there is more to read.
    fn called(&mut self) -> Result<bool, End> {
        match self.registration.handle.end() {
            Some(close) => Err(End::Close(close)),
            None => self.subscriptions.look().map_err(|gap| self.gap(&gap)),
        }
    }

    fn gap(&self, TopicGap(topic): &TopicGap) -> End {
        tracing::debug!(name: "htmx_ws.gap", target: "htmx_ws", topic = %topic.shown(), "the log does not reach back to a page's cursor");
        self.service.counters.count(Counter::Gap);
        End::Close(Close::Gap)
    }

    /// Takes what the browser has sent: true when there may be more to read.
    async fn receive(&mut self, incoming: Option<Result<Message, SocketError>>, socket: &mut (impl Socket + Unpin)) -> Result<bool, End> {
        let is_asked_for = self.asked.take().is_some();
        let message = match incoming {
            None | Some(Ok(Message::Close(_))) => return Err(End::Left),
            Some(Err(SocketError::TooLarge)) => return Err(self.refuse(Counter::InboundTooLarge, Close::TooLarge)),
            Some(Err(SocketError::Broken)) => return Err(self.refuse(Counter::InboundBroken, Close::Protocol)),
            Some(Ok(message)) => message,
        };
        // The answer to a ping is ours, not the browser's idea.
        let is_answer = is_asked_for && message == Message::Pong;
        if !is_answer && !self.bucket.take(Instant::now()) {
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
            Message::Ping | Message::Pong | Message::Close(_) => return Ok(false),
        };
        self.service.counters.count(match problem {
            Unanswerable::NotJson => Counter::InboundNotJson,
            Unanswerable::Binary => Counter::InboundBinary,
            Unanswerable::Unhandled => Counter::InboundUnhandled,
        });
        self.send(socket, Message::Text(Bytes::from_static(problem.answer().as_bytes()))).await.map(|()| false)
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
        self.begun = has_come.then_some(begun);
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

    fn refuse(&self, counter: Counter, close: Close) -> End {
        self.service.counters.count(counter);
        End::Close(close)
    }

    fn next_beat(&self) -> Instant {
        self.asked.map_or(self.next_ping, |asked| self.next_ping.min(asked + self.service.limits.idle))
    }

    async fn beat(&mut self, socket: &mut (impl Socket + Unpin)) -> Result<(), End> {
        let now = Instant::now();
        if self.asked.is_some_and(|asked| asked + self.service.limits.idle <= now) {
            self.service.counters.count(Counter::CutIdle);
            return Err(End::Cut("idle"));
        }
        self.subscriptions.beat();
        self.next_ping = now + self.service.limits.heartbeat;
        self.asked.get_or_insert(now);
        self.send(socket, Message::Ping).await?;
        if self.is_watched { self.send(socket, Message::Text(Bytes::from_static(BEAT.as_bytes()))).await } else { Ok(()) }
    }

    async fn close(&self, socket: &mut (impl Socket + Unpin), close: Close) {
        if let Some(counter) = close.counter() {
            self.service.counters.count(counter);
        }
        close_socket(socket, close, self.service.limits.write_stall).await;
    }
}
