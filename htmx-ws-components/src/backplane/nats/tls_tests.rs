//! Servers with TLS: whom a node trusts.

use std::fs;
use std::time::{Duration, Instant};

use super::server::Server;
use super::{ConnectError, Nats};
use crate::backplane::certificates::Root;
use crate::backplane::contract::{record, topic, within};
use crate::backplane::{Engine as _, Position};

fn with_tls(server: &Server) -> Nats {
    Nats::new(server.url().replace("nats://", "tls://"), "test")
}

async fn error(options: Nats) -> ConnectError {
    within(options.node()).await.unwrap_err()
}

/// A server that has a certificate of this root for this host.
fn start(root: &Root, host: &str) -> Server {
    let [certificate, key] = root.server(host);
    Server::start_with(&format!("tls {{ cert_file: {certificate:?}, key_file: {key:?} }}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_root_is_trusted_is_taken_and_no_other_one() {
    let root = Root::new();
    let server = start(&root, "127.0.0.1");
    let nats = with_tls(&server).root_certificates(root.file()).node().await.unwrap();
    let first = nats.append(&topic("jobs"), record("1"), Position(0)).await.unwrap();
    // Where the server asks for it, it goes without the word in the URL, too.
    let other = server.options().root_certificates(root.file()).node().await.unwrap();
    other.append(&topic("jobs"), record("2"), first).await.unwrap();
    for untrusted in [with_tls(&server), server.options(), with_tls(&server).root_certificates(Root::new().file())] {
        let error = error(untrusted).await;
        assert!(matches!(error, ConnectError::Untrusted(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with("the server is not the one that it should be: invalid peer certificate: "), "{text}");
        assert!(text.ends_with("; is its name in the URL, and the file with its root in `root_certificates`?"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_another_one_is_not_taken() {
    let root = Root::new();
    let server = start(&root, "nats.example");
    let error = error(with_tls(&server).root_certificates(root.file())).await;
    assert!(matches!(&error, ConnectError::Untrusted(why) if why.contains("nats.example")), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_not_taken_where_the_url_asks_for_it() {
    let server = Server::start();
    let begin = Instant::now();
    let error = error(with_tls(&server).connection_timeout(Duration::from_secs(2))).await;
    assert!(matches!(error, ConnectError::Unreachable(_)), "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_without_certificates_is_an_error_before_anything_is_sent() {
    let root = Root::new();
    let cases =
        [("", "it holds no certificate in PEM"), ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "base64 decode error")];
    for (number, (text, expected)) in cases.into_iter().enumerate() {
        let file = root.folder().join(format!("{number}.pem"));
        fs::write(&file, text).unwrap();
        let error = error(Nats::new("tls://127.0.0.1:1", "test").root_certificates(&file)).await.to_string();
        assert!(error.starts_with(&file.display().to_string()) && error.contains(expected), "{error}");
    }
}
