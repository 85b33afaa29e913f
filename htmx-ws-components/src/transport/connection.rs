//! The life of one connection: read the topics, write frames, answer the browser, notice when it is gone.

mod receiving;
mod writing;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::StreamExt;
use tokio::task::JoinError;
use tokio::time::{Instant, Sleep, sleep_until};

use tracing::{Instrument, Span};

use crate::dialect::{STALE, beat};
use crate::hub::reader::Outlet;
use crate::hub::stats::Counter;
use crate::hub::subscription::{Subscriptions, TopicGap};
use crate::message::cursor::Cursor;
use crate::message::topic::Topic;
use crate::transport::close::Close;
use crate::transport::connections::Admission;
use crate::transport::farewell::close_socket;
use crate::transport::grants::Grants;
use crate::transport::inbound::Bucket;
use crate::transport::inbox::Worker;
use crate::transport::message::{Direct, Message, Socket, SocketError};
use crate::transport::outlet::WayOut;
use crate::transport::registry::Registration;
use crate::transport::renewal::Renewed;
use crate::transport::service::{Rights, Script, Service};

/// One connection, from its admission to its end.
#[derive(Debug)]
pub(crate) struct Connection {
    service: Arc<Service>,
    subscriptions: Subscriptions,
    registration: Registration,
    /// There as soon as the browser has sent something.
    worker: Option<Worker>,
    admission: Admission,
    /// What everything happens in that it does; none where nobody listens.
    span: Option<Box<Span>>,
    /// What it may read, and until when.
    grants: Grants,
    /// What our script has not been told yet.
    begun: Option<Box<[(Topic, Cursor)]>>,
    /// Whether our script was told last that what the page shows may be old; none for a page without it.
    told_stale: Option<bool>,
    /// When it ends because of a drain.
    drained_at: Option<Instant>,
    /// There as soon as the browser has sent something.
    bucket: Option<Box<Bucket>>,
    next_ping: Instant,
    /// When the browser was asked for a sign of life that it has not given yet.
    asked: Option<Instant>,
    /// How what is new goes out while it waits, where that can be.
    way_out: Option<Arc<WayOut>>,
    /// Whether there may be something unread.
    is_dirty: bool,
    /// Whether it is in the middle of what was unread at once.
    is_replaying: bool,
    /// No frame goes out before this.
    next_flush: Instant,
}

/// How far a flush came.
#[derive(Debug, PartialEq, Eq)]
enum Flushed {
    All,
    /// There is more, but it takes long: the connection looks around before it goes on.
    Part,
}

/// What a connection waits for.
#[derive(Debug)]
enum Event {
    /// A topic has changed, or someone has called from outside.
    Woken,
    Alarm,
    /// Whether the grant of this index has more time.
    Decided(usize, Result<Option<Renewed>, JoinError>),
    Incoming(Option<Result<Message, SocketError>>),
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
    pub(crate) fn new(service: Arc<Service>, rights: Rights, admission: Admission, span: Span) -> Self {
        let Rights { subscriptions, registration, grants, script } = rights;
        let (told_stale, begun) = match script {
            Script::Absent => (None, None),
            Script::New(begun) => (Some(false), Some(begun.into())),
            Script::Known { is_stale } => (Some(is_stale), None),
        };
        let now = Instant::now();
        let limits = service.limits;
        Self {
            service,
            subscriptions,
            registration,
            worker: None,
            admission,
            span: (!span.is_disabled()).then(|| Box::new(span)),
            grants,
            told_stale,
            begun,
            drained_at: None,
            bucket: None,
            next_ping: now + limits.heartbeat,
            asked: None,
            way_out: None,
            // What was published since the page was rendered is unread from the start.
            is_dirty: true,
            is_replaying: false,
            next_flush: now,
        }
    }

    /// Serves the socket until one of both ends it. What is only done now and then has memory of its own while it is done: most connections wait most of the time.
    pub(crate) fn serve(self, socket: impl Socket) -> impl Future<Output = ()> + Send {
        // Captured, and not moved again: what an async block moves it holds twice.
        let (mut connection, mut socket) = (self, socket);
        connection.way_out = socket.direct().map(|direct| connection.way_out_by(direct));
        async move {
            connection.span().in_scope(|| connection.began());
            let mut alarm = pin!(sleep_until(connection.next_beat()));
            let end = loop {
                if connection.is_to_write()
                    && let Err(end) = connection.boxed_write(&mut socket).await
                {
                    break end;
                }
                connection.rest(alarm.as_mut());
                let event = poll_fn(|context| connection.poll_event(context, &mut socket, alarm.as_mut())).await;
                connection.resume();
                if let Err(end) = connection.boxed_handle(event, &mut socket).await {
                    break end;
                }
            };
            let span = connection.span();
            Box::pin(connection.end(&mut socket, end).instrument(span)).await;
        }
    }

    fn way_out_by(&self, direct: Arc<dyn Direct>) -> Arc<WayOut> {
        Arc::new(WayOut::new(direct, Arc::clone(&self.service), self.registration.handle.identity.page))
    }

    fn boxed_write<'a>(&'a mut self, socket: &'a mut impl Socket) -> Pin<Box<impl Future<Output = Result<(), End>> + Send + 'a>> {
        let span = self.span();
        Box::pin(self.write(socket).instrument(span))
    }

    fn boxed_handle<'a>(
        &'a mut self,
        event: Event,
        socket: &'a mut impl Socket,
    ) -> Pin<Box<impl Future<Output = Result<(), End>> + Send + 'a>> {
        let span = self.span();
        Box::pin(self.handle(event, socket).instrument(span))
    }

    fn span(&self) -> Span {
        self.span.as_deref().cloned().unwrap_or_else(Span::none)
    }

    fn began(&mut self) {
        self.look_for_drain(self.admission.is_draining());
        self.delay();
        self.service.counters.count(Counter::Connected);
        tracing::debug!(name: "htmx_ws.connected", target: "htmx_ws", topics = self.subscriptions.len(), "a page is connected");
    }

    async fn end(&self, socket: &mut impl Socket, end: End) {
        self.ended(&end);
        if let End::Close(close) = end {
            self.close(socket, close).await;
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

    /// What happens next. The socket is asked last: one that always has something would else be all that is ever seen.
    fn poll_event(&mut self, context: &mut Context<'_>, socket: &mut impl Socket, alarm: Pin<&mut Sleep>) -> Poll<Event> {
        if self.registration.handle.reader().poll_woken(context).is_ready() {
            return Poll::Ready(Event::Woken);
        }
        if alarm.poll(context).is_ready() {
            return Poll::Ready(Event::Alarm);
        }
        if let Poll::Ready((index, decision)) = self.grants.poll_decided(context) {
            return Poll::Ready(Event::Decided(index, decision));
        }
        socket.poll_next_unpin(context).map(Event::Incoming)
    }

    async fn handle(&mut self, event: Event, socket: &mut impl Socket) -> Result<(), End> {
        let reads_more = match event {
            Event::Woken => self.woken()?,
            Event::Alarm => self.look_at_clock(socket).await.map(|()| false)?,
            Event::Decided(index, decision) => self.renew(index, decision, socket).await.map(|()| false)?,
            Event::Incoming(incoming) => self.receive(incoming, socket).await?,
        };
        if reads_more && !self.is_dirty {
            self.delay();
            self.is_dirty = true;
        }
        Ok(())
    }

    fn is_to_write(&self) -> bool {
        self.begun.is_some() || (self.is_dirty && self.next_flush <= Instant::now())
    }

    /// While it waits with nothing to write, what is new is written without it.
    fn rest(&self, alarm: Pin<&mut Sleep>) {
        // Kept from turn to turn: to set a timer costs more than to look at one.
        let next = self.next_alarm();
        if alarm.deadline() != next {
            alarm.reset(next);
        }
        if let Some(way_out) = &self.way_out
            && !self.is_dirty
        {
            way_out.set_next_flush(self.next_flush);
            self.subscriptions.rest(Arc::clone(way_out) as Arc<dyn Outlet>);
        }
    }

    fn resume(&mut self) {
        self.subscriptions.resume();
        if let Some(way_out) = &self.way_out
            && !self.is_dirty
        {
            self.next_flush = way_out.next_flush();
        }
    }

    /// When there is something to do, and be it that nothing has happened.
    fn next_alarm(&self) -> Instant {
        let next = self.ends().0.min(self.next_beat());
        let next = self.grants.asks().map_or(next, |asks| asks.min(next));
        if self.is_dirty { next.min(self.next_flush) } else { next }
    }

    async fn look_at_clock(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        let (now, (end, close)) = (Instant::now(), self.ends());
        if end <= now {
            return Err(End::Close(close));
        }
        self.grants.ask(now);
        if self.next_beat() <= now { self.beat(socket).await } else { Ok(()) }
    }

    fn look_for_drain(&mut self, is_draining: bool) {
        if is_draining && self.drained_at.is_none() {
            self.drained_at = Some(Instant::now() + self.admission.drain_delay(self.registration.handle.number()));
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
    async fn renew(&mut self, index: usize, decision: Result<Option<Renewed>, JoinError>, socket: &mut impl Socket) -> Result<(), End> {
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

    /// True: there may be more to read.
    fn woken(&mut self) -> Result<bool, End> {
        let handle = &self.registration.handle;
        if !handle.was_called() {
            return Ok(true);
        }
        let (end, is_draining) = (handle.end(), handle.is_draining());
        self.look_for_drain(is_draining);
        match end {
            Some(close) => Err(End::Close(close)),
            None => self.subscriptions.look().map(|_| true).map_err(|gap| self.gap(&gap)),
        }
    }

    fn gap(&self, TopicGap(topic): &TopicGap) -> End {
        tracing::debug!(name: "htmx_ws.gap", target: "htmx_ws", topic = %topic.shown(), "the log does not reach back to a page's cursor");
        self.service.counters.count(Counter::Gap);
        End::Close(Close::Gap)
    }

    fn refuse(&self, counter: Counter, close: Close) -> End {
        self.service.counters.count(counter);
        End::Close(close)
    }

    fn next_beat(&self) -> Instant {
        self.asked.map_or(self.next_ping, |asked| self.next_ping.min(asked + self.service.limits.idle))
    }

    async fn beat(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        let now = Instant::now();
        if self.asked.is_some_and(|asked| asked + self.service.limits.idle <= now) {
            self.service.counters.count(Counter::CutIdle);
            return Err(End::Cut("idle"));
        }
        self.subscriptions.beat();
        self.next_ping = now + self.service.limits.heartbeat;
        self.asked.get_or_insert(now);
        self.send(socket, Message::Ping).await?;
        if self.told_stale.is_some() { self.send_beat(socket).await } else { Ok(()) }
    }

    async fn send_beat(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        let beat = beat(self.state(socket));
        self.send(socket, Message::Text(beat.into())).await
    }

    /// What the page is told of the connection.
    fn state(&mut self, socket: &impl Socket) -> &'static str {
        let is_stale = self.subscriptions.may_be_stale();
        self.told_stale = Some(is_stale);
        if is_stale { STALE } else { socket.state() }
    }

    async fn close(&self, socket: &mut impl Socket, close: Close) {
        if let Some(counter) = close.counter() {
            self.service.counters.count(counter);
        }
        close_socket(socket, close, self.service.limits.write_stall).await;
    }
}
