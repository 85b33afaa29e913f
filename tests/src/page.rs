//! One request and its answer, without a browser: the markup of a page as it leaves the server.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::PATIENCE;

/// The body of the answer to `GET path`.
pub fn get(addr: SocketAddr, path: &str) -> String {
    request(addr, "GET", path)
}

/// The body of the answer to `POST path`, which is sent as htmx does.
pub fn post(addr: SocketAddr, path: &str) -> String {
    request(addr, "POST", path)
}

/// The body of the answer to `POST path` with this body, as a script of the server's own page sends it.
pub fn post_text(addr: SocketAddr, path: &str, text: &str) -> String {
    request_with(addr, "POST", path, &format!("origin: http://{addr}\r\n"), text)
}

fn request(addr: SocketAddr, method: &str, path: &str) -> String {
    request_with(addr, method, path, "hx-request: true\r\n", "")
}

/// Panics with the answer unless it is a success. The servers of the tests answer in one piece.
fn request_with(addr: SocketAddr, method: &str, path: &str, headers: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(addr).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time to wait is no problem");
    let length = text.len();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: {addr}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{text}");
    stream.write_all(request.as_bytes()).expect("the server takes a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers in time, in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}: {answer}"));
    assert!(head.starts_with("HTTP/1.1 2") && !head.to_ascii_lowercase().contains("transfer-encoding"), "{method} {path}: {answer}");
    body.to_owned()
}
