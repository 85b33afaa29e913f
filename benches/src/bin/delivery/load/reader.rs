//! One reader: a socket of the load client, and what has come to it.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Instant;

use mio::net::TcpStream;

use super::frames::{Frame, Kind, elements};
use super::handshake::Handshake;
use crate::latencies::Latencies;
use crate::order::monotonic_nanos;

/// A reader of a topic.
pub(super) struct Reader {
    pub(super) stream: TcpStream,
    handshake: Option<Handshake>,
    /// What has come of a frame that is not all there.
    part: Vec<u8>,
    pub(super) tally: Tally,
    /// Whether the latencies of its messages are noted.
    pub(super) is_sampled: bool,
}

/// What has come to a reader since it was last reset.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Messages of the WebSocket.
    pub(crate) frames: u64,
    pub(crate) elements: u64,
    /// The number of the last element.
    pub(crate) last: u64,
    /// Numbers that were left out.
    pub(crate) missed: u64,
    /// Elements that came again, or behind a later one.
    pub(crate) repeated: u64,
    /// When the last element of all came.
    pub(crate) ended: Option<Instant>,
}

/// What readers are told of what they look for, and where they note latencies.
pub(super) struct Notes {
    /// The number of the last element of all.
    pub(super) end: u64,
    pub(super) latencies: Latencies,
    /// How many readers have got it.
    pub(super) ended: usize,
    /// How many readers have shaken hands.
    pub(super) open: usize,
}

impl Reader {
    pub(super) fn new(stream: TcpStream, handshake: Handshake) -> Self {
        Self { stream, handshake: Some(handshake), part: Vec::new(), tally: Tally::default(), is_sampled: false }
    }

    /// Reads all there is.
    pub(super) fn read(&mut self, scratch: &mut [u8], notes: &mut Notes) -> io::Result<()> {
        if let Some(handshake) = &mut self.handshake {
            handshake.ask(&mut self.stream)?;
        }
        loop {
            let read = match self.stream.read(scratch) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => read,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.take(&scratch[..read], notes)?;
            // What comes later wakes us again, as a socket of epoll that was read short is empty.
            if read < scratch.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, mut bytes: &[u8], notes: &mut Notes) -> io::Result<()> {
        if let Some(handshake) = &mut self.handshake {
            let Some(rest) = handshake.finish(bytes)? else { return Ok(()) };
            bytes = rest;
            self.handshake = None;
            notes.open += 1;
        }
        if self.part.is_empty() {
            let rest = self.take_frames(bytes, notes)?;
            self.part.extend(rest);
        } else {
            let mut whole = std::mem::take(&mut self.part);
            whole.extend(bytes);
            let rest = self.take_frames(&whole, notes)?.len();
            whole.drain(..whole.len() - rest);
            self.part = whole;
        }
        Ok(())
    }

    /// Takes what is whole, and gives the rest.
    fn take_frames<'a>(&mut self, mut bytes: &'a [u8], notes: &mut Notes) -> io::Result<&'a [u8]> {
        while let Some((frame, rest)) = Frame::split_first(bytes) {
            match frame.kind {
                Kind::Text => self.take_text(frame.payload, notes),
                // With a mask of zeros, as a browser might choose.
                Kind::Ping => {
                    let length = u8::try_from(frame.payload.len()).unwrap_or(0) | 0x80;
                    let pong = [&[0x8a, length, 0, 0, 0, 0], frame.payload].concat();
                    self.stream.write_all(&pong)?;
                }
                Kind::Close => return Err(ErrorKind::ConnectionAborted.into()),
                Kind::Other => {}
            }
            bytes = rest;
        }
        Ok(bytes)
    }

    fn take_text(&mut self, text: &[u8], notes: &mut Notes) {
        let tally = &mut self.tally;
        tally.frames += 1;
        let now = if self.is_sampled { monotonic_nanos() } else { 0 };
        for element in elements(text) {
            tally.elements += 1;
            if element.seq <= tally.last {
                tally.repeated += 1;
                continue;
            }
            tally.missed += element.seq - tally.last - 1;
            tally.last = element.seq;
            if self.is_sampled {
                notes.latencies.add(element.nanos, now);
            }
            if element.seq == notes.end {
                notes.ended += 1;
                tally.ended = Some(Instant::now());
            }
        }
    }
}
