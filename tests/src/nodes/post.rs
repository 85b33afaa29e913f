//! A request to a node that may be gone, or say nothing.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The status and the body of the answer to `POST path`.
///
/// # Errors
/// The connection ended before there was an answer.
pub async fn post(addr: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    request(addr, "POST", path).await
}

/// The body of the answer to `GET path`.
///
/// # Errors
/// As [`post`], or the answer is no success.
pub async fn get(addr: SocketAddr, path: &str) -> io::Result<String> {
    match request(addr, "GET", path).await? {
        (200, body) => Ok(body),
        (status, body) => Err(io::Error::other(format!("GET {path}: {status} {body}"))),
    }
}

async fn request(addr: SocketAddr, method: &str, path: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(addr).await?;
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {addr}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    Ok((status, body.to_owned()))
}
