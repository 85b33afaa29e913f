//! Each fault, over a server that answers every byte.

use super::*;
use std::{io::ErrorKind, time::Instant};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A server that answers every byte with itself.
async fn echo() -> SocketAddr {
    answer(std::convert::identity).await
}

/// A server that answers every byte with `reply` of it.
async fn answer(reply: fn(u8) -> u8) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while let Ok(byte) = stream.read_u8().await {
                    if stream.write_u8(reply(byte)).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    addr
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.addr()).await.unwrap()
}

async fn ask(stream: &mut TcpStream, byte: u8) -> u8 {
    stream.write_u8(byte).await.unwrap();
    timeout(PATIENCE, stream.read_u8()).await.expect("an answer in time").unwrap()
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    timeout(PATIENCE, stream.read_u8()).await.expect("a close in time").is_err()
}

#[tokio::test]
async fn a_whole_wire_moves_bytes_both_ways() {
    let proxy = Proxy::start(echo().await).await;
    let mut first = connect(&proxy).await;
    let mut second = connect(&proxy).await;
    assert_eq!(ask(&mut first, 1).await, 1);
    assert_eq!(ask(&mut second, 2).await, 2);
    assert_eq!(proxy.connections(), 2);
    drop(first);
    proxy.until_connections(1).await;
}

#[tokio::test]
async fn a_cut_wire_drops_old_and_new_connections_until_restored() {
    let proxy = Proxy::start(echo().await).await;
    let mut old = connect(&proxy).await;
    assert_eq!(ask(&mut old, 1).await, 1);

    proxy.cut().await;
    assert_eq!(proxy.connections(), 0);
    assert!(is_closed(&mut old).await);
    assert!(is_closed(&mut connect(&proxy).await).await);

    proxy.restore();
    assert_eq!(ask(&mut connect(&proxy).await, 3).await, 3);
}

#[tokio::test]
async fn a_stalled_wire_holds_bytes_back_and_loses_none() {
    let server = echo().await;
    let proxy = Proxy::start(server).await;
    let other = Proxy::start(server).await;
    let mut old = connect(&proxy).await;
    assert_eq!(ask(&mut old, 1).await, 1);

    proxy.stall();
    let mut new = connect(&proxy).await;
    old.write_u8(2).await.unwrap();
    new.write_u8(3).await.unwrap();
    // What could have moved has moved once later bytes came back over a wire just like it.
    let mut whole = connect(&other).await;
    for byte in 0..100 {
        assert_eq!(ask(&mut whole, byte).await, byte);
    }
    assert!(old.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    assert!(new.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));

    proxy.resume();
    assert_eq!(old.read_u8().await.unwrap(), 2);
    assert_eq!(new.read_u8().await.unwrap(), 3);
}

#[tokio::test]
async fn a_stalled_connection_can_be_cut() {
    let proxy = Proxy::start(echo().await).await;
    let mut stream = connect(&proxy).await;
    assert_eq!(ask(&mut stream, 1).await, 1);
    proxy.stall();
    proxy.cut().await;
    assert!(is_closed(&mut stream).await);
}

#[tokio::test]
async fn new_connections_go_to_the_new_target() {
    let proxy = Proxy::start(echo().await).await;
    let mut old = connect(&proxy).await;
    assert_eq!(ask(&mut old, 1).await, 1);
    proxy.set_target(answer(|byte| byte + 100).await);
    assert_eq!(ask(&mut old, 2).await, 2);
    assert_eq!(ask(&mut connect(&proxy).await, 2).await, 102);
}

#[tokio::test]
async fn a_target_that_is_down_closes_the_connection() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = Proxy::start(nobody).await;
    assert!(is_closed(&mut connect(&proxy).await).await);
    proxy.until_connections(0).await;
}

#[tokio::test]
async fn dropping_the_proxy_drops_its_connections() {
    let proxy = Proxy::start(echo().await).await;
    let mut stream = connect(&proxy).await;
    assert_eq!(ask(&mut stream, 1).await, 1);
    drop(proxy);
    assert!(is_closed(&mut stream).await);
}

#[tokio::test]
async fn what_is_delayed_comes_later_and_in_order() {
    let proxy = Proxy::start(echo().await).await;
    let mut stream = connect(&proxy).await;
    let least = Duration::from_millis(5);
    proxy.delay(least..=least * 4, 7);
    let start = Instant::now();
    for byte in 0..50 {
        stream.write_u8(byte).await.unwrap();
    }
    for byte in 0..50 {
        assert_eq!(timeout(PATIENCE, stream.read_u8()).await.expect("it comes in time").unwrap(), byte);
    }
    assert!(start.elapsed() >= 2 * least, "once on each way");

    proxy.delay(PATIENCE * 10..=PATIENCE * 10, 7);
    stream.write_u8(99).await.unwrap();
    proxy.restore();
    assert_eq!(timeout(PATIENCE, stream.read_u8()).await.expect("a restored wire is fast").unwrap(), 99);
}

#[tokio::test]
async fn a_forgotten_connection_says_nothing_any_more() {
    let server = echo().await;
    let proxy = Proxy::start(server).await;
    let mut old = connect(&proxy).await;
    assert_eq!(ask(&mut old, 1).await, 1);
    proxy.half_open();
    for byte in 0..100 {
        old.write_u8(byte).await.unwrap();
    }
    let mut new = connect(&proxy).await;
    for byte in 0..100 {
        assert_eq!(ask(&mut new, byte).await, byte);
    }
    proxy.restore();
    assert_eq!(ask(&mut new, 5).await, 5);
    assert!(old.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "neither answered nor closed");
    drop(old);
    proxy.until_connections(1).await;
}

#[tokio::test]
async fn a_reset_comes_in_the_middle() {
    let proxy = Proxy::start(talker().await).await;
    let mut stream = connect(&proxy).await;
    proxy.reset_in_the_middle(40);
    stream.write_u8(1).await.unwrap();
    let mut got = Vec::new();
    let error = timeout(PATIENCE, stream.read_to_end(&mut got)).await.expect("an end in time").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(got, [0, 1, 2, 3]);
    assert_eq!(proxy.resets(), 1);
    // The next one is whole.
    let mut next = connect(&proxy).await;
    next.write_u8(1).await.unwrap();
    let mut got = [0; 10];
    timeout(PATIENCE, next.read_exact(&mut got)).await.expect("an answer in time").unwrap();
    assert_eq!(got, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

/// A server that says ten bytes at once for each that it hears.
async fn talker() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while stream.read_u8().await.is_ok() && stream.write_all(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).await.is_ok() {}
            });
        }
    });
    addr
}

/// A server that says which of its connections it is on, in the order in which it got them.
async fn counter() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 1.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move { while stream.read_u8().await.is_ok() && stream.write_u8(number).await.is_ok() {} });
        }
    });
    addr
}

#[tokio::test]
async fn the_bytes_of_a_held_connection_come_behind_those_of_a_newer_one() {
    let proxy = Proxy::start(echo().await).await;
    let mut old = connect(&proxy).await;
    assert_eq!(ask(&mut old, 1).await, 1);
    proxy.hold_open_connections();
    old.write_u8(2).await.unwrap();
    let mut new = connect(&proxy).await;
    for byte in 0..100 {
        assert_eq!(ask(&mut new, byte).await, byte);
    }
    assert!(old.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    proxy.restore();
    assert_eq!(timeout(PATIENCE, old.read_u8()).await.expect("it comes in time").unwrap(), 2);
}

#[tokio::test]
async fn connections_in_front_of_a_shut_door_come_through_in_another_order() {
    let proxy = Proxy::start(counter().await).await;
    let mut first = connect(&proxy).await;
    assert_eq!(ask(&mut first, 0).await, 1);
    proxy.hold_new_connections();
    let mut second = connect(&proxy).await;
    let mut third = connect(&proxy).await;
    second.write_u8(0).await.unwrap();
    third.write_u8(0).await.unwrap();
    proxy.until_connections(3).await;
    assert_eq!(ask(&mut first, 0).await, 1, "an open one goes on");
    let mut waiting = proxy.wire.waiting.subscribe();
    timeout(PATIENCE, waiting.wait_for(|waiting| waiting.len() == 2)).await.expect("both wait in time").unwrap();
    proxy.restore();
    assert_eq!(timeout(PATIENCE, third.read_u8()).await.expect("it comes in time").unwrap(), 2);
    assert_eq!(timeout(PATIENCE, second.read_u8()).await.expect("it comes in time").unwrap(), 3);
}

#[tokio::test]
async fn a_server_hears_late_of_the_end_of_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap()).await;
    let mut old = connect(&proxy).await;
    let (mut at_old, _) = listener.accept().await.unwrap();
    at_old.write_u8(1).await.unwrap();
    assert_eq!(old.read_u8().await.unwrap(), 1);

    proxy.end_late().await;
    assert!(is_closed(&mut old).await);
    let mut new = connect(&proxy).await;
    let (mut at_new, _) = listener.accept().await.unwrap();
    assert!(at_old.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "its end is not told");
    at_new.write_u8(2).await.unwrap();
    assert_eq!(new.read_u8().await.unwrap(), 2);
    assert!(is_closed(&mut at_old).await, "now it is");
}

#[tokio::test]
async fn requests_of_a_blocked_kind_are_refused_and_open_ones_are_cut() {
    const UPGRADE: &str = "GET /a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const EVENTS: &str = "GET /a HTTP/1.1\r\nAccept: text/event-stream\r\n\r\n";
    const PAGE: &str = "GET /a HTTP/1.1\r\nAccept: text/html\r\n\r\n";
    let proxy = Proxy::start(echo().await).await;
    for (kind, request, other) in [(Kind::Upgrade, UPGRADE, EVENTS), (Kind::EventStream, EVENTS, UPGRADE)] {
        let mut open = connect(&proxy).await;
        assert!(is_answered_by_itself(&mut open, request).await);
        let mut of_another_kind = connect(&proxy).await;
        assert!(is_answered_by_itself(&mut of_another_kind, other).await);
        proxy.block(kind);
        assert!(is_closed(&mut open).await);
        assert_eq!(ask(&mut of_another_kind, 1).await, 1);
        let mut refused = connect(&proxy).await;
        refused.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, refused.read_to_string(&mut answer)).await.expect("an answer in time").unwrap();
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert!(is_answered_by_itself(&mut connect(&proxy).await, PAGE).await);
        proxy.unblock(kind);
        assert!(is_answered_by_itself(&mut connect(&proxy).await, request).await);
    }
}

async fn is_answered_by_itself(stream: &mut TcpStream, request: &str) -> bool {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; request.len()];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer in time").unwrap();
    answer == request.as_bytes()
}
