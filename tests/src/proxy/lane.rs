//! One direction of a connection.

use super::{
    request::Requests,
    wire::{Faults, Wire},
};
use crate::random::Random;
use std::{collections::VecDeque, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::tcp::{ReadHalf, WriteHalf},
    sync::watch,
    time::{Instant, sleep_until},
};

/// How many pieces are on their way at most: a sender that is faster than its delay waits.
const MAX_PIECES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    ToServer,
    ToClient,
}

/// How a connection ends before both directions do.
#[derive(Debug)]
pub(super) enum Broken {
    /// What it carries is blocked.
    Blocked,
    /// What it asks for is blocked.
    Refused,
    /// It is to be reset.
    Reset,
}

/// Moves bytes one way, as late as the wire says; what ends closes only its own direction.
pub(super) struct Lane<'wire> {
    wire: &'wire Wire,
    number: u64,
    way: Way,
    requests: Requests,
    random: Option<Random>,
    /// What is on its way, and when it arrives. The times never fall.
    pieces: VecDeque<(Instant, Vec<u8>)>,
    /// How it ends when everything has arrived.
    end: Option<Result<(), Broken>>,
}

impl<'wire> Lane<'wire> {
    pub(super) fn new(wire: &'wire Wire, number: u64, way: Way) -> Self {
        Self { wire, number, way, requests: Requests::default(), random: None, pieces: VecDeque::new(), end: None }
    }

    pub(super) async fn carry(mut self, mut from: ReadHalf<'_>, to: &mut WriteHalf<'_>) -> Result<(), Broken> {
        let mut changes = self.wire.faults.subscribe();
        let mut injected = self.injected();
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let faults = changes.borrow_and_update().clone();
            if self.requests.kind.is_some_and(|kind| faults.has_blocked(kind)) {
                return Err(Broken::Blocked);
            }
            if self.pieces.is_empty()
                && let Some(end) = self.end.take()
            {
                // A reset must not look like an end.
                if end.is_ok() {
                    let _ = to.shutdown().await;
                }
                return end;
            }
            let moves = faults.moves(self.number);
            let reads = moves && self.end.is_none() && self.pieces.len() < MAX_PIECES;
            tokio::select! {
                _ = changes.changed() => {}
                read = from.read(&mut buffer), if reads => match read {
                    Ok(length @ 1..) => self.take(&buffer[..length], &faults)?,
                    Ok(0) | Err(_) => self.end = Some(Ok(())),
                },
                Ok(()) = injected.changed(), if reads => {
                    let bytes = injected.borrow_and_update().clone();
                    self.put(bytes, &faults);
                }
                // Again after each change: a stall that comes between the read and the write holds the bytes back.
                written = arrive(self.pieces.front(), faults.delay.is_some(), to), if moves && !self.pieces.is_empty() => match written {
                    Some(length) => self.arrived(length),
                    None => return Ok(()),
                },
            }
        }
    }

    fn take(&mut self, bytes: &[u8], faults: &Faults) -> Result<(), Broken> {
        match self.way {
            Way::ToServer => {
                let bytes = self.requests.read(bytes);
                if self.requests.kind.is_some_and(|kind| faults.has_blocked(kind)) {
                    return Err(Broken::Refused);
                }
                self.put(bytes, faults);
            }
            Way::ToClient => {
                let part = self.wire.reset_in(bytes.len());
                self.end = part.map(|_| Err(Broken::Reset));
                self.put(bytes[..part.unwrap_or(bytes.len())].to_vec(), faults);
                self.wire.answered.send_if_modified(|newest| {
                    let is_newer = self.number > *newest;
                    *newest = self.number.max(*newest);
                    is_newer
                });
            }
        }
        Ok(())
    }

    fn put(&mut self, bytes: Vec<u8>, faults: &Faults) {
        if bytes.is_empty() {
            return;
        }
        let late = faults.delay.as_ref().map_or(Duration::ZERO, |delay| {
            let random = self.random.get_or_insert_with(|| delay.random(self.number, self.way as u64));
            let (least, most) = (delay.times.start().as_micros(), delay.times.end().as_micros());
            let range = u64::try_from(least).expect("a delay is short")..=u64::try_from(most).expect("a delay is short");
            Duration::from_micros(random.of(range))
        });
        let due = Instant::now() + late;
        let due = self.pieces.back().map_or(due, |(last, _)| due.max(*last));
        self.pieces.push_back((due, bytes));
    }

    fn arrived(&mut self, length: usize) {
        let Some((_, bytes)) = self.pieces.front_mut() else { return };
        bytes.drain(..length);
        if bytes.is_empty() {
            self.pieces.pop_front();
        }
    }

    /// What is injected on this way: nothing on that to the server, where this channel stays as it is.
    fn injected(&self) -> watch::Receiver<Vec<u8>> {
        match self.way {
            Way::ToServer => watch::Sender::default().subscribe(),
            Way::ToClient => self.wire.injected.subscribe(),
        }
    }
}

/// Writes what it can of a piece when it is due, or at once when nothing is late any more; none where nobody takes it.
async fn arrive(piece: Option<&(Instant, Vec<u8>)>, is_late: bool, to: &mut WriteHalf<'_>) -> Option<usize> {
    let (due, bytes) = piece?;
    if is_late && *due > Instant::now() {
        sleep_until(*due).await;
    }
    to.write(bytes).await.ok().filter(|length| *length > 0)
}
