//! What a connection carries, as far as the requests of a browser say so.

/// A kind of request that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The upgrade to a WebSocket.
    Upgrade,
    /// A stream of server-sent events.
    EventStream,
}

/// Where the head of a request ends.
const END: &[u8] = b"\r\n\r\n";

/// How long a head may be until it is no longer taken for one.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Reads along with what a client sends.
///
/// A browser begins a request with a packet of its own, and what lasts is a `GET`: so only what a piece begins with is looked at.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// A head that is not complete yet.
    head: Vec<u8>,
    /// What was asked for last.
    pub(super) kind: Option<Kind>,
}

impl Requests {
    /// The bytes that may go on to the server, after `kind` is that of what they ask for.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.head.extend_from_slice(bytes);
        let is_request = self.head.starts_with(b"GET ") && self.kind != Some(Kind::Upgrade);
        let is_whole = self.head.windows(END.len()).any(|window| window == END);
        if is_request && !is_whole && self.head.len() < MAX_HEAD_BYTES {
            return Vec::new();
        }
        if is_request {
            self.kind = kind_of(&String::from_utf8_lossy(&self.head));
        }
        std::mem::take(&mut self.head)
    }
}

fn kind_of(head: &str) -> Option<Kind> {
    let has = |name: &str, part: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .any(|(key, value)| key.trim().eq_ignore_ascii_case(name) && value.to_ascii_lowercase().contains(part))
    };
    if has("upgrade", "websocket") {
        Some(Kind::Upgrade)
    } else if has("accept", "text/event-stream") {
        Some(Kind::EventStream)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_request_says_what_a_connection_carries() {
        let mut requests = Requests::default();
        let page = b"GET / HTTP/1.1\r\naccept: text/html\r\n\r\n";
        assert_eq!(requests.read(page), page);
        assert_eq!(requests.kind, None);
        assert_eq!(requests.read(b"GET /live HTTP/1.1\r\nAccept: text/"), b"");
        let rest = requests.read(b"event-stream\r\n\r\n");
        assert!(rest.ends_with(b"text/event-stream\r\n\r\n"), "a head goes on in one piece");
        assert_eq!(requests.kind, Some(Kind::EventStream));
        requests.read(page);
        assert_eq!(requests.kind, None);
        requests.read(b"GET /live HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        assert_eq!(requests.kind, Some(Kind::Upgrade));
        assert_eq!(requests.read(b"GET not"), b"GET not", "behind an upgrade come no requests");
    }

    #[test]
    fn other_bytes_go_on_at_once() {
        let mut requests = Requests::default();
        assert_eq!(requests.read(&[1]), [1]);
        assert_eq!(requests.read(b"POST /count HTTP/1.1"), b"POST /count HTTP/1.1");
        assert_eq!(requests.kind, None);
    }
}
