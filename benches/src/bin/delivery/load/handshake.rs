//! How a reader becomes one.

use std::io::{self, ErrorKind, Write};
use std::rc::Rc;

use mio::net::TcpStream;

/// The example of RFC 6455: one key for all readers, so that one answer is right for all.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A handshake that is not done.
pub(super) struct Handshake {
    /// What is still to be asked.
    request: Option<Rc<str>>,
    /// What has come of the answer.
    answer: Vec<u8>,
}

/// What every reader of a topic asks.
pub(super) fn request(addr: std::net::SocketAddr, topic: &str) -> Rc<str> {
    let lines = [
        &format!("GET /ws/{topic} HTTP/1.1"),
        &format!("Host: {addr}"),
        &format!("Origin: http://{addr}"),
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        &format!("Sec-WebSocket-Key: {KEY}"),
    ];
    (lines.join("\r\n") + "\r\n\r\n").into()
}

impl Handshake {
    pub(super) fn new(request: Rc<str>) -> Self {
        Self { request: Some(request), answer: Vec::new() }
    }

    /// Asks, once the socket is connected.
    pub(super) fn ask(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        let Some(request) = &self.request else { return Ok(()) };
        match stream.write(request.as_bytes()) {
            Ok(written) if written == request.len() => self.request = None,
            // The buffer of a new socket holds more than this.
            Ok(_) => return Err(ErrorKind::WriteZero.into()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Takes of the answer; once it is all there, gives what came behind it.
    pub(super) fn finish<'a>(&mut self, bytes: &'a [u8]) -> io::Result<Option<&'a [u8]>> {
        let had = self.answer.len();
        self.answer.extend(bytes);
        let Some(at) = memchr::memmem::find(&self.answer, b"\r\n\r\n") else { return Ok(None) };
        let head = String::from_utf8_lossy(&self.answer[..at]);
        if !head.starts_with("HTTP/1.1 101") || !head.contains(ACCEPT) {
            return Err(io::Error::new(ErrorKind::InvalidData, format!("no handshake: {head}")));
        }
        Ok(Some(&bytes[at + 4 - had..]))
    }
}
