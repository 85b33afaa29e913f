//! What a connection writes, and how fast.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::SinkExt;
use tokio::time::{Instant, timeout};

use super::{Connection, End, Flushed};
use crate::hub::stats::Counter;
use crate::message::envelope::{Frame, begins_at};
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
    /// Says what our script has not been told, and writes what is unread, as far as that may go out.
    pub(super) async fn write(&mut self, socket: &mut impl Socket) -> Result<(), End> {
        if let Some(begun) = self.begun.take() {
            let state = self.state(socket);
            self.send(socket, Message::Text(begins_at(&begun, state).into())).await?;
        }
        if self.told_stale.is_some_and(|told| told != self.subscriptions.may_be_stale()) {
            self.send_beat(socket).await?;
        }
        if self.is_dirty && self.next_flush <= Instant::now() {
            self.is_dirty = self.flush(socket).await? == Flushed::Part;
        }
        Ok(())
    }

    /// Writes what is unread, in parts, and says when it goes on: as soon as a page can have shown what it has.
    async fn flush(&mut self, socket: &mut impl Socket) -> Result<Flushed, End> {
        let ConnectionLimits { flush_interval, update_time, .. } = self.service.limits;
        // What was left of what was written while it rested.
        self.in_time(socket.flush()).await?;
        let began = Instant::now();
        let mut written = 0;
        self.next_flush = loop {
            let Turn { frames, updates, is_part } = self.turn(socket).await?;
            written += frames;
            let shown = began + update_time.saturating_mul(updates);
            if !is_part {
                // Who has got nothing need not wait, and who got the parts before has waited.
                let is_end = std::mem::take(&mut self.is_replaying);
                break if written > 0 && !is_end { shown.max(began + flush_interval) } else { shown };
            }
            if shown > began || began.elapsed() > flush_interval {
                self.is_replaying = true;
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
    async fn turn(&mut self, socket: &mut impl Socket) -> Result<Turn, End> {
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
            if let Some(broken) = frames.iter().position(|_| self.service.simulated.drops()) {
                return Err(self.break_off(socket, index, frames.get(..broken).unwrap_or_default()).await);
            }
            if !frames.is_empty() {
                self.send(socket, Message::Frames(Arc::clone(&frames))).await?;
                self.service.sent(&self.registration.handle.reader().traffic, frames.len(), frames.text_bytes());
            }
            turn.frames += frames.len();
            // What the page has sent itself has no frame.
            self.subscriptions.advance(index, envelope.to());
            turn.updates += envelope.updates();
            turn.is_part |= envelope.is_part();
        }
        Ok(turn)
    }

    /// Writes what goes out before the line breaks.
    async fn break_off(&mut self, socket: &mut impl Socket, index: usize, whole: &[Frame]) -> End {
        for frame in whole {
            if let Err(end) = self.send(socket, Message::Text(Bytes::clone(&frame.text))).await {
                return end;
            }
            self.service.sent(&self.registration.handle.reader().traffic, 1, frame.text.len() as u64);
            self.subscriptions.advance(index, frame.cursor);
        }
        self.service.counters.count(Counter::CutSimulated);
        End::Cut("simulated")
    }

    pub(super) async fn send(&self, socket: &mut impl Socket, message: Message) -> Result<(), End> {
        self.in_time(socket.send(message)).await
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
