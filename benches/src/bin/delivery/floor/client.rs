//! A client of the floor: what it asks for, and what its socket has not taken yet.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Read, Write};

use axum::body::Bytes;
use mio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::order::Order;

/// How long a head may be.
const MAX_HEAD: usize = 16 * 1024;

pub(super) struct Client {
    stream: TcpStream,
    /// What has come of its head; empty once that was read.
    head: Vec<u8>,
    /// The topic it reads.
    pub(super) topic: Option<String>,
    /// What is still to be written; of the first, `written` bytes are.
    waiting: VecDeque<Bytes>,
    written: usize,
}

/// What a client wants.
pub(super) enum Request {
    /// To read a topic; it has its 101.
    Read(String),
    Publish(Order),
}

/// The answer to what was published.
pub(super) fn published() -> Bytes {
    Bytes::from_static(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, head: Vec::new(), topic: None, waiting: VecDeque::new(), written: 0 }
    }

    /// Reads all there is. A request comes once; what readers say later, pongs, goes by unread. An error is also the end.
    pub(super) fn read(&mut self, scratch: &mut [u8]) -> io::Result<Option<Request>> {
        loop {
            let read = match self.stream.read(scratch) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            };
            if self.topic.is_some() {
                continue;
            }
            self.head.extend(&scratch[..read]);
            if self.head.ends_with(b"\r\n\r\n") {
                let head = std::mem::take(&mut self.head);
                return self.answer(&head).map(Some);
            }
            if self.head.len() > MAX_HEAD {
                return Err(ErrorKind::InvalidData.into());
            }
        }
    }

    fn answer(&mut self, head: &[u8]) -> io::Result<Request> {
        let invalid = || io::Error::from(ErrorKind::InvalidData);
        let head = str::from_utf8(head).map_err(|_| invalid())?;
        let path = head.split(' ').nth(1).ok_or_else(invalid)?;
        if let Some((_, query)) = path.split_once('?') {
            return Order::from_query(query).map(Request::Publish).ok_or_else(invalid);
        }
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let key = lines.filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")).map(|(_, key)| key.trim()).next();
        let accept = derive_accept_key(key.ok_or_else(invalid)?.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
        );
        self.send(&Bytes::from(answer))?;
        Ok(Request::Read(path.rsplit('/').next().unwrap_or_default().to_owned()))
    }

    /// Writes it, or has it wait for the socket.
    pub(super) fn send(&mut self, bytes: &Bytes) -> io::Result<()> {
        let mut stream = &self.stream;
        let written = if self.waiting.is_empty() { retried(|| stream.write(bytes))?.unwrap_or(0) } else { 0 };
        if written < bytes.len() {
            if self.waiting.is_empty() {
                self.written = written;
            }
            self.waiting.push_back(bytes.clone());
        }
        Ok(())
    }

    /// Writes what waits, so many at a time, until the socket takes no more.
    pub(super) fn flush(&mut self, at_a_time: usize) -> io::Result<()> {
        while !self.waiting.is_empty() {
            let skipped = self.written;
            let slices = self.waiting.iter().take(at_a_time).enumerate();
            let slices: Vec<IoSlice<'_>> =
                slices.map(|(index, bytes)| IoSlice::new(if index == 0 { &bytes[skipped..] } else { bytes })).collect();
            let mut stream = &self.stream;
            match retried(|| stream.write_vectored(&slices))? {
                None => return Ok(()),
                Some(written) => self.forget(written),
            }
        }
        Ok(())
    }

    /// So many of the bytes that wait are written.
    fn forget(&mut self, bytes: usize) {
        self.written += bytes;
        while let Some(first) = self.waiting.front().filter(|first| first.len() <= self.written) {
            self.written -= first.len();
            self.waiting.pop_front();
        }
    }
}

/// What was written; nothing where the socket takes none.
fn retried(mut write: impl FnMut() -> io::Result<usize>) -> io::Result<Option<usize>> {
    loop {
        match write() {
            Ok(written) => return Ok(Some(written)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
