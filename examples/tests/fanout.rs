//! The fan-out server, as a program that measures it takes it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use htmx_ws_tests::page;
use htmx_ws_tests::process::Server;
use htmx_ws_tests::socket::Socket;

async fn start() -> Server {
    Server::start(env!("CARGO_BIN_EXE_fanout"), ["--port", "0"], "listening on ").await
}

/// The value of an attribute of each element of a frame.
fn values(frame: &str, name: &str) -> Vec<u64> {
    frame.split(&format!(" {name}=\"")).skip(1).map(|rest| rest.split_once('"').unwrap().0.parse().unwrap()).collect()
}

/// Asks the server to publish, on a thread of its own, so that the socket is read meanwhile.
async fn publish(server: &Server, query: &str) -> String {
    let (addr, path) = (server.addr(), format!("/publish?{query}"));
    tokio::task::spawn_blocking(move || page::post(addr, &path)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_comes_once_and_in_order() {
    let server = start().await;
    // No ticket, and no origin.
    let mut readers = [Socket::open_from(None, server.addr(), "/ws/k").await, Socket::open_from(None, server.addr(), "/ws/k").await];
    let mut other = Socket::open_from(None, server.addr(), "/ws/other").await;
    let answer = publish(&server, "topic=k&n=1000&bytes=512&first=5").await;
    assert_eq!(answer, r#"{"bytes":512,"first":5,"lane":"event","last":1004,"published":1000,"topic":"k"}"#);
    for reader in &mut readers {
        let mut seen: Vec<u64> = Vec::new();
        while seen.last() != Some(&1004) {
            let frame = reader.text().await;
            let at = frame.find("<div").unwrap();
            assert_eq!(frame.len() - at, 512 * values(&frame, "data-seq").len(), "{frame}");
            assert!(values(&frame, "data-t").iter().all(|time| *time > 0));
            seen.extend(values(&frame, "data-seq"));
        }
        assert!(seen.iter().copied().eq(5..=1004));
    }
    publish(&server, "topic=other&n=1").await;
    assert_eq!(values(&other.text().await, "data-seq"), [1], "nothing of another topic");
}

#[tokio::test(flavor = "multi_thread")]
async fn states_supersede_each_other_and_the_last_one_comes() {
    let server = start().await;
    let mut reader = Socket::open_from(None, server.addr(), "/ws/k").await;
    publish(&server, "topic=k&n=2000&bytes=64&rate=10000&lane=state").await;
    let mut frames = 0;
    loop {
        frames += 1;
        if values(&reader.text().await, "data-seq").last() == Some(&2000) {
            break;
        }
    }
    assert!(frames < 200, "{frames} frames");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_none_is_refused() {
    let server = start().await;
    let (addr, asked) = (server.addr(), "/publish?topic=k&n=many");
    let answer = tokio::task::spawn_blocking(move || std::panic::catch_unwind(|| page::post(addr, asked))).await.unwrap();
    let said = answer.expect_err("it is refused").downcast::<String>().unwrap();
    assert!(said.contains("400 Bad Request") && said.contains("\"error\""), "{said}");
}
