//! What a connection writes, and how fast.

use bytes::Bytes;
use futures_util::SinkExt;
use tokio::time::{Instant, timeout};

use super::{Connection, End, Flushed};
use crate::hub::stats::Counter;
use crate::message::envelope::Frame;
use crate::transport::close::Close;
use crate::transport::message::{Message, Socket, SocketError};
use crate::transport::registry::Identity;
use crate::transport::service::ConnectionLimits;

/// What was written of all topics in turn.
#[derive(Debug, Default)]
struct Turn {
    /// How many frames it is.
    frames: usize,
    /// How many elements it updates.
    updates: u32,
    /// Whether more is to come that was there already.
    is_part: bool,
}

impl Connection {
    /// Writes what is unread, in parts, and says when it goes on: as soon as a page can have shown what it has.
    pub(super) async fn flush(&mut self, socket: &mut (impl Socket + Unpin)) -> Result<Flushed, End> {
        let ConnectionLimits { flush_interval, update_time, .. } = self.service.limits;
        let began = Instant::now();
        let since = *self.flushing_since.get_or_insert(began);
        let mut written = 0;
        self.next_flush = loop {
            let Turn { frames, updates, is_part } = self.turn(socket).await?;
            written += frames;
            let shown = began + update_time.saturating_mul(updates);
            if !is_part {
                self.flushing_since = None;
                // Who has got nothing need not wait.
                break if written > 0 { shown.max(since + flush_interval) } else { shown };
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
            self.send_all(socket, whole).await?;
            for frame in whole {
                self.sent(index, frame);
            }
            turn.frames += whole.len();
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

    fn sent(&mut self, index: usize, frame: &Frame) {
        self.subscriptions.advance(index, frame.cursor);
        self.service.counters.count(Counter::FramesSent);
        let bytes = frame.text.len() as u64;
        self.service.counters.add(Counter::BytesSent, bytes);
        self.registration.handle.sent(bytes);
    }

    pub(super) async fn send(&self, socket: &mut (impl Socket + Unpin), message: Message) -> Result<(), End> {
        self.in_time(socket.send(message)).await
    }

    /// Together: what costs is the call of the system, not the bytes.
    async fn send_all(&self, socket: &mut (impl Socket + Unpin), frames: &[Frame]) -> Result<(), End> {
        let sending = async {
            for frame in frames {
                socket.feed(Message::Text(Bytes::clone(&frame.text))).await?;
            }
            socket.flush().await
        };
        self.in_time(sending).await
    }

    async fn in_time(&self, sending: impl Future<Output = Result<(), SocketError>> + Send) -> Result<(), End> {
        match timeout(self.service.limits.write_stall, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Left),
            Err(_) => {
                self.service.counters.count(Counter::CutStalled);
                Err(End::Cut("stalled"))
            }
        }
    }
}
