//! The WebSocket protocol, as a browser's end of it sees ours: the sections of Autobahn's test suite that concern a server without extensions, byte by byte, against a server that
//! sends back what it gets.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

use crate::transport::close::Close;
use crate::transport::message::{Message, SocketError};
use crate::web::line::Own;
use crate::web::websocket::WebSocket;

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

const FINAL: u8 = 0x80;

/// More than the largest message of the tests, but one.
const MAX_BYTES: usize = 70_000;

/// What the server has sent: opcode and payload.
type Frame = (u8, Vec<u8>);

/// As [`crate::transport::connection`] treats the same.
async fn echo(stream: DuplexStream) {
    let mut socket = WebSocket::new(Own::new(stream), &[], MAX_BYTES);
    while let Some(incoming) = socket.next().await {
        let answer = match incoming {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => message,
            Ok(_) => continue,
            Err(SocketError::TooLarge) => Message::Close(Some(Close::TooLarge)),
            Err(SocketError::NotText) => Message::Close(Some(Close::NotText)),
            Err(SocketError::Broken) => Message::Close(Some(Close::Protocol)),
        };
        let is_over = matches!(answer, Message::Close(_));
        let _ = socket.send(answer).await;
        if is_over {
            break;
        }
    }
    let _ = socket.flush().await;
}

/// A frame of a browser, which is masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASKED: u8 = 0x80;
    let mut bytes = vec![first];
    match payload.len() {
        short @ ..126 => bytes.push(MASKED | u8::try_from(short).unwrap()),
        medium @ 126..65_536 => bytes.extend([&[MASKED + 126][..], &u16::try_from(medium).unwrap().to_be_bytes()].concat()),
        long => bytes.extend([&[MASKED + 127][..], &(long as u64).to_be_bytes()].concat()),
    }
    let mask = [0x11, 0xEE, 0x37, 0xC9];
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// What the server answers to these bytes, sent in pieces of this size, until it closes its end or has nothing more to say.
async fn answers(sent: &[u8], piece: usize) -> Vec<Frame> {
    let (mut ours, theirs) = duplex(1 << 20);
    tokio::spawn(echo(theirs));
    for piece in sent.chunks(piece) {
        // A server that has closed takes no more.
        let _ = ours.write_all(piece).await;
        tokio::task::yield_now().await;
    }
    let mut received = Vec::new();
    // In paused time, this passes as soon as the server waits.
    let _ = timeout(Duration::from_secs(1), ours.read_to_end(&mut received)).await;
    frames(&received)
}

fn frames(mut received: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while let [first, length, rest @ ..] = received {
        assert_eq!(first & 0xF0, FINAL, "no fragments, no reserved bits");
        let (length, rest) = match length {
            126 => (usize::from(u16::from_be_bytes(rest[..2].try_into().unwrap())), &rest[2..]),
            127 => (usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap(), &rest[8..]),
            short => (usize::from(*short), rest),
        };
        frames.push((first & 0x0F, rest[..length].to_vec()));
        received = &rest[length..];
    }
    frames
}

/// Whole, and in pieces.
async fn check(name: &str, sent: &[Vec<u8>], expected: &[Frame]) -> usize {
    let sent = sent.concat();
    let pieces = if sent.len() > 1000 { [sent.len(), 997] } else { [sent.len().max(1), 1] };
    for piece in pieces {
        assert_eq!(answers(&sent, piece).await, expected, "{name}, in pieces of {piece}");
    }
    pieces.len()
}

/// The server closes with this code, behind what it has answered before.
async fn check_closed(name: &str, sent: &[Vec<u8>], before: &[Frame], code: u16) -> usize {
    let sent = sent.concat();
    for piece in [sent.len(), 1] {
        let mut answered = answers(&sent, piece).await;
        let (opcode, payload) = answered.pop().unwrap_or_else(|| panic!("{name} is answered"));
        assert_eq!((opcode, payload.get(..2)), (CLOSE, Some(&code.to_be_bytes()[..])), "{name}, in pieces of {piece}");
        assert_eq!(answered, before, "{name}, in pieces of {piece}");
    }
    2
}

fn text(text: &str) -> Frame {
    (TEXT, text.as_bytes().to_vec())
}

#[tokio::test(start_paused = true)]
async fn messages_come_back_whatever_their_length() {
    let mut cases = 0;
    for length in [0, 1, 125, 126, 127, 128, 255, 65_535, 65_536] {
        for opcode in [TEXT, BINARY] {
            let payload = vec![b'*'; length];
            cases += check(&format!("{length} bytes"), &[frame(FINAL | opcode, &payload)], &[(opcode, payload.clone())]).await;
        }
    }
    assert_eq!(cases, 36);
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_and_pongs_are_not() {
    let mut cases = 0;
    for payload in [&b""[..], b"Hello", &[0, 255, 254, 253], &[0xFE; 125]] {
        cases += check("a ping", &[frame(FINAL | PING, payload)], &[(PONG, payload.to_vec())]).await;
    }
    cases += check_closed("a ping that is too long", &[frame(FINAL | PING, &[0xFE; 126])], &[], 1002).await;
    cases += check("a pong", &[frame(FINAL | PONG, b"unasked"), frame(FINAL | PING, b"")], &[(PONG, Vec::new())]).await;
    let pings: Vec<Vec<u8>> = (0..10).map(|number| frame(FINAL | PING, &[b'0' + number])).collect();
    let pongs: Vec<Frame> = (0..10).map(|number| (PONG, vec![b'0' + number])).collect();
    cases += check("ten pings", &pings, &pongs).await;
    assert_eq!(cases, 14);
}

#[tokio::test(start_paused = true)]
async fn what_is_reserved_is_an_error() {
    let mut cases = 0;
    for reserved in 1..8_u8 {
        let sent = [frame(FINAL | TEXT, b"small"), frame(FINAL | reserved << 4 | TEXT, b"Hello"), frame(FINAL | PING, b"")];
        cases += check_closed("reserved bits", &sent, &[text("small")], 1002).await;
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        for payload in [&b""[..], b"reserved"] {
            let sent = [frame(FINAL | TEXT, b"small"), frame(FINAL | opcode, payload)];
            cases += check_closed("a reserved opcode", &sent, &[text("small")], 1002).await;
        }
    }
    let mut unmasked = vec![FINAL | TEXT, 5];
    unmasked.extend(b"Hello");
    cases += check_closed("a frame without a mask", &[unmasked], &[], 1002).await;
    assert_eq!(cases, 56);
}

#[tokio::test(start_paused = true)]
async fn fragments_are_put_together() {
    let mut cases = 0;
    let (hello, pong) = (text("Hello, world"), (PONG, b"p".to_vec()));
    cases += check("two", &[frame(TEXT, b"Hello"), frame(FINAL, b", world")], std::slice::from_ref(&hello)).await;
    let each: Vec<Vec<u8>> = (0..12)
        .map(|at| {
            frame(
                if at == 0 {
                    TEXT
                } else if at == 11 {
                    FINAL
                } else {
                    0
                },
                &[b"Hello, world"[at]],
            )
        })
        .collect();
    cases += check("one for each byte", &each, std::slice::from_ref(&hello)).await;
    let with_empty = [frame(TEXT, b""), frame(0, b"Hello, world"), frame(FINAL, b"")];
    cases += check("empty ones", &with_empty, std::slice::from_ref(&hello)).await;
    let with_ping = [frame(TEXT, b"Hello"), frame(FINAL | PING, b"p"), frame(FINAL, b", world")];
    cases += check("a ping in between", &with_ping, &[pong.clone(), hello.clone()]).await;
    let two = [frame(TEXT, b"Hello"), frame(FINAL, b", world"), frame(BINARY, b"Hello"), frame(FINAL, b", world")];
    cases += check("two messages", &two, &[hello.clone(), (BINARY, b"Hello, world".to_vec())]).await;
    for control in [PING, PONG, CLOSE] {
        cases += check_closed("a control frame in fragments", &[frame(control, b""), frame(FINAL, b"")], &[], 1002).await;
    }
    for first in [0, FINAL] {
        cases += check_closed("a continuation of nothing", &[frame(first, b"Hello"), frame(FINAL, b", world")], &[], 1002).await;
    }
    for next in [TEXT, FINAL | TEXT, FINAL | BINARY] {
        cases += check_closed("a message in the middle of another", &[frame(TEXT, b"Hello"), frame(next, b"x")], &[], 1002).await;
    }
    assert_eq!(cases, 26);
}

#[tokio::test(start_paused = true)]
async fn texts_are_utf_8() {
    let mut cases = 0;
    for valid in [
        "Hello-µ@ßöäüàá-UTF-8!!",
        "κόσμε",
        "\u{0}",
        "\u{80}\u{800}\u{10000}",
        "\u{7F}\u{7FF}\u{FFFF}\u{10FFFF}",
        "\u{D7FF}\u{E000}\u{FFFD}",
    ] {
        let bytes = valid.as_bytes();
        cases += check(valid, &[frame(FINAL | TEXT, bytes)], &[text(valid)]).await;
        // Fragments may end within a character.
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        cases += check(valid, &[frame(TEXT, head), frame(FINAL, tail)], &[text(valid)]).await;
    }
    let invalid: [&[u8]; 14] = [
        b"\xCE\xBA\xE1\xBD\xB9\xED\xA0\x80edited",
        b"\x80",
        b"\xBF\x80\xBF",
        b"\xC0\xAF",
        b"\xE0\x80\xAF",
        b"\xF0\x80\x80\xAF",
        b"\xF8\x88\x80\x80\x80",
        b"\xFC\x84\x80\x80\x80\x80",
        b"\xED\xA0\x80",
        b"\xED\xAD\xBF\xED\xB0\x80",
        b"\xF4\x90\x80\x80",
        b"\xFE",
        b"\xFF",
        b"\xE2\x82",
    ];
    for bytes in invalid {
        cases += check_closed("a text that is none", &[frame(FINAL | TEXT, bytes)], &[], 1007).await;
        cases += check_closed("in fragments", &[frame(TEXT, b"good "), frame(0, bytes), frame(FINAL, b" end")], &[], 1007).await;
        cases += check("bytes may be any", &[frame(FINAL | BINARY, bytes)], &[(BINARY, bytes.to_vec())]).await;
    }
    assert_eq!(cases, 108);
}

#[tokio::test(start_paused = true)]
async fn a_close_is_answered_and_ends_it() {
    let close = |code: u16, reason: &[u8]| [&code.to_be_bytes()[..], reason].concat();
    let mut cases = check("without a code", &[frame(FINAL | CLOSE, b"")], &[(CLOSE, Vec::new())]).await;
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        let sent = [frame(FINAL | CLOSE, &close(code, b"bye")), frame(FINAL | TEXT, b"late"), frame(FINAL | PING, b"late")];
        cases += check_closed("a code", &sent, &[], code).await;
    }
    for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535] {
        cases += check_closed("no code", &[frame(FINAL | CLOSE, &close(code, b""))], &[], 1002).await;
    }
    cases += check_closed("half a code", &[frame(FINAL | CLOSE, &[3])], &[], 1002).await;
    cases += check_closed("a long reason", &[frame(FINAL | CLOSE, &close(1000, &[b'*'; 123]))], &[], 1000).await;
    cases += check_closed("a reason that is too long", &[frame(FINAL | CLOSE, &close(1000, &[b'*'; 124]))], &[], 1002).await;
    cases += check_closed("a reason that is no text", &[frame(FINAL | CLOSE, &close(1000, b"\xCE\xBA\xED\xA0\x80"))], &[], 1007).await;
    assert_eq!(cases, 58);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_too_large_is_not_waited_for() {
    let announced = [FINAL | TEXT, 0xFF, 0, 0, 0, 0, 0x7F, 0, 0, 0, 0, 0, 0, 0];
    let mut cases = check_closed("announced", &[announced.to_vec()], &[], 1009).await;
    let half = vec![b'x'; MAX_BYTES / 2 + 1];
    let fragments = [frame(TEXT, &half), frame(FINAL, &half)].concat();
    let closed = answers(&fragments, 997).await;
    assert_eq!(closed.last().map(|(opcode, payload)| (*opcode, payload[..2].to_vec())), Some((CLOSE, 1009_u16.to_be_bytes().to_vec())));
    cases += 1;
    assert_eq!(cases, 3);
}

#[tokio::test(start_paused = true)]
async fn answers_stand_between_the_frames_of_others() {
    let (mut browser, theirs) = duplex(64);
    let mut socket = WebSocket::new(Own::new(theirs), &[], MAX_BYTES);
    // More than the line takes at once: the ping is read while it waits.
    let long = Bytes::from(vec![b'l'; 1000]);
    socket.feed(Message::Text(Bytes::clone(&long))).await.unwrap();
    browser.write_all(&frame(FINAL | PING, b"now")).await.unwrap();
    let read = tokio::spawn(async move {
        let first = socket.next().await;
        while timeout(Duration::from_secs(1), socket.next()).await.is_ok() {}
        (first, socket.flush().await)
    });
    let mut received = Vec::new();
    let _ = timeout(Duration::from_secs(5), browser.read_to_end(&mut received)).await;
    assert_eq!(frames(&received), [(TEXT, long.to_vec()), (PONG, b"now".to_vec())]);
    assert_eq!(read.await.unwrap().0, Some(Ok(Message::Ping)));
}
