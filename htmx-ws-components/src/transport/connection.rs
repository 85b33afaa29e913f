//! The life of one connection: read the topics, write frames, answer the browser, notice when it is gone.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::task::JoinError;
use tokio::time::{Instant, sleep_until, timeout};

use crate::dialect::BEAT;
use crate::hub::stats::Counter;
use crate::hub::subscription::{NotJoined, Subscriptions, TopicGap};
use crate::message::cursor::Cursor;
use crate::message::envelope::{Frame, begins_at};
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::connections::Admission;
use crate::transport::farewell::close_socket;
use crate::transport::grants::Grants;
use crate::transport::inbound::{Bucket, Unanswerable, control};
use crate::transport::inbox::{Inbox, Worker};
use crate::transport::message::{Message, Socket, SocketError};
use crate::transport::registry::{Identity, Registration};
use crate::transport::renewal::Renewed;
use crate::transport::service::{ConnectionLimits, Rights, Service};

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

/// What was written of all topics in turn.
#[derive(Debug, Default)]
struct Turn {
    /// How many elements it updates.
    updates: u32,
    /// Whether more is to come that was there already.
    is_part: bool,
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
        loop {
            if let Some(begun) = self.begun.take() {
                self.send(socket, Message::Text(begins_at(&begun).into())).await?;
            }
            let (end, close) = self.ends();
            let next_beat = self.next_beat();
            tokio::select! {
                () = self.admission.draining(), if self.drained_at.is_none() => {
                    self.drained_at = Some(Instant::now() + self.admission.drain_delay());
                }
                () = sleep_until(end) => return Err(End::Close(close)),
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
                () = sleep_until(self.next_flush), if is_dirty => {
                    is_dirty = self.flush(socket).await? == Flushed::Part;
                }
                () = sleep_until(next_beat) => self.beat(socket).await?,
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

    /// Writes what is unread, in parts, and says when it goes on: as soon as a page can have shown what it has.
    async fn flush(&mut self, socket: &mut (impl Socket + Unpin)) -> Result<Flushed, End> {
        let ConnectionLimits { flush_interval, update_time, .. } = self.service.limits;
        let began = Instant::now();
        let since = *self.flushing_since.get_or_insert(began);
        self.next_flush = loop {
            let Turn { updates, is_part } = self.turn(socket).await?;
            let shown = began + update_time.saturating_mul(updates);
            if !is_part {
                self.flushing_since = None;
                break shown.max(since + flush_interval);
            }
            if shown > began || began.elapsed() > flush_interval {
                break shown;
            }
        };
        if self.subscriptions.is_behind() {
            return Ok(Flushed::Part);
        }
        let Identity { user, session, .. } = &self.registration.handle.identity;
        if self.subscriptions.leave_complete() && user.is_none() && session.is_none() {
            return Err(End::Close(Close::Complete));
        }
        Ok(Flushed::All)
    }

    /// Writes a part of each topic, so that none waits for the end of another.
    async fn turn(&mut self, socket: &mut (impl Socket + Unpin)) -> Result<Turn, End> {
        let mut turn = Turn::default();
        for index in 0..self.subscriptions.len() {
            let envelope = loop {
                match self.subscriptions.unread(index) {
                    Ok(envelope) => break envelope,
                    // There may be a snapshot already.
                    Err(_) => self.subscriptions.ask(index).map_err(|gap| self.gap(&gap))?,
                }
            };
            let Some(envelope) = envelope else { continue };
            let frames = envelope.frames_for(self.service.htmx, self.registration.handle.identity.page);
            let broken = frames.iter().position(|_| self.service.simulated.drops());
            let whole = frames.get(..broken.unwrap_or(frames.len())).unwrap_or_default();
            self.write(socket, whole.iter().map(|frame| Message::Text(Bytes::clone(&frame.text))).collect()).await?;
            whole.iter().for_each(|frame| self.sent(index, frame));
            if broken.is_some() {
                self.service.counters.count(Counter::CutSimulated);
                return Err(End::Cut("simulated"));
            }
            // What the page has sent itself has no frame.
            self.subscriptions.advance(index, envelope.to());
            turn.updates += envelope.updates();
            turn.is_part |= envelope.is_part();
        }
        Ok(turn)
    }

    /// Someone has called from outside: true when there is more to read.
    fn called(&mut self) -> Result<bool, End> {
        match self.registration.handle.end() {
            Some(close) => Err(End::Close(close)),
            None => self.subscriptions.look().map_err(|gap| self.gap(&gap)),
        }
    }

    fn sent(&mut self, index: usize, frame: &Frame) {
        self.subscriptions.advance(index, frame.cursor);
        self.service.counters.count(Counter::FramesSent);
        let bytes = frame.text.len() as u64;
        self.service.counters.add(Counter::BytesSent, bytes);
        self.registration.handle.sent(bytes);
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

    async fn send(&self, socket: &mut (impl Socket + Unpin), message: Message) -> Result<(), End> {
        self.write(socket, vec![message]).await
    }

    /// Writes them together: what costs is the call of the system, not the bytes.
    async fn write(&self, socket: &mut (impl Socket + Unpin), messages: Vec<Message>) -> Result<(), End> {
        let written = async {
            for message in messages {
                socket.feed(message).await?;
            }
            socket.flush().await
        };
        match timeout(self.service.limits.write_stall, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Left),
            Err(_) => {
                self.service.counters.count(Counter::CutStalled);
                Err(End::Cut("stalled"))
            }
        }
    }

    async fn close(&self, socket: &mut (impl Socket + Unpin), close: Close) {
        if let Some(counter) = close.counter() {
            self.service.counters.count(counter);
        }
        close_socket(socket, close, self.service.limits.write_stall).await;
    }
}
