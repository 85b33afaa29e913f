//! Asking a server to publish, and hearing when it has.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::Range;

use mio::net::TcpStream;

use crate::Result;
use crate::order::Order;

/// An order that a server works at.
pub(super) struct Publication {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// Has a server publish an order to each of so many topics, over one connection.
pub(crate) fn publish_to_topics(addr: SocketAddr, order: &Order, topics: Range<usize>) -> Result<()> {
    let mut stream = BufReader::new(std::net::TcpStream::connect(addr)?);
    for topic in topics {
        let order = Order { topic: format!("topic-{topic}"), ..order.clone() };
        stream.get_mut().write_all(format!("POST {} HTTP/1.1\r\nHost: {addr}\r\n\r\n", order.to_path()).as_bytes())?;
        let (mut lines, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            lines.push(line);
        }
        stream.read_exact(&mut vec![0; length])?;
        if lines.first().is_none_or(|status| !status.starts_with("HTTP/1.1 200")) {
            return Err(format!("not published: {lines:?}").into());
        }
    }
    Ok(())
}

impl Publication {
    pub(super) fn ask(addr: SocketAddr, order: &Order) -> Result<Self> {
        let mut stream = std::net::TcpStream::connect(addr)?;
        stream.write_all(format!("POST {} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n", order.to_path()).as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream: TcpStream::from_std(stream), answer: Vec::new() })
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Whether the server has answered. An answer that is no success is an error.
    pub(super) fn is_done(&mut self) -> io::Result<bool> {
        let mut scratch = [0; 1024];
        loop {
            match self.stream.read(&mut scratch) {
                Ok(0) => break,
                Ok(read) => self.answer.extend(&scratch[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock && self.answer.is_empty() => return Ok(false),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let is_success = self.answer.starts_with(b"HTTP/1.1 200");
        if is_success { Ok(true) } else { Err(io::Error::other(String::from_utf8_lossy(&self.answer).into_owned())) }
    }
}
