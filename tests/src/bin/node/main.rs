//! A node of the tests of many processes: `node PORT NATS_URL [max-bytes=N] [htmx=V2|V2Morph|V4]`.

mod board;
mod clock;
mod people;

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Htmx, Hub, Nats, PublishError, Published, stop_signal};
use htmx_ws_tests::site::{assets, npm_file};

/// A publish is answered within both together.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// Longer than a busy machine needs, and shorter than a test has patience.
const AUDIT: Duration = Duration::from_secs(1);
const DRAIN_WINDOW: Duration = Duration::from_secs(1);

/// What the arguments say.
struct Arguments {
    port: u16,
    nats: Nats,
    htmx: Htmx,
}

impl Arguments {
    fn read() -> Result<Self, Box<dyn std::error::Error>> {
        let usage = "usage: node PORT NATS_URL [max-bytes=N] [htmx=V2|V2Morph|V4]";
        let mut arguments = std::env::args().skip(1);
        let (port, url) = arguments.next().zip(arguments.next()).ok_or(usage)?;
        let nats = Nats::new(url, "test").connection_timeout(CONNECTION_TIMEOUT).answer_timeout(ANSWER_TIMEOUT).audit(AUDIT);
        let mut read = Self { port: port.parse()?, nats, htmx: Htmx::V4 };
        for argument in arguments {
            match argument.split_once('=') {
                Some(("max-bytes", bytes)) => read.nats = read.nats.max_bytes(bytes.parse()?),
                Some(("htmx", name)) => read.htmx = Htmx::ALL.into_iter().find(|htmx| format!("{htmx:?}") == name).ok_or(usage)?,
                _ => return Err(usage.into()),
            }
        }
        Ok(read)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { port, nats, htmx } = Arguments::read()?;
    let builder = Hub::builder()
        .secret("the same on all nodes, and long enough to be one")
        .htmx(htmx)
        .assets(assets(htmx))
        .drain_window(DRAIN_WINDOW)
        .backplane(nats.connect().await?);
    let hub = people::shown_in(clock::produced_in(builder, port)).build();
    let routes = board::routes().merge(clock::routes()).merge(people::routes()).route("/npm/{*file}", get(npm_file));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let stopped = {
        let hub = hub.clone();
        async move {
            stop_signal().await;
            hub.drain().await;
        }
    };
    let router = routes.merge(hub.routes()).with_state(hub);
    axum::serve(listener, router).with_graceful_shutdown(stopped).await?;
    Ok(())
}

/// Only what was acknowledged is a success.
fn answer(outcome: Result<Published, PublishError>) -> Response {
    match outcome {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error @ PublishError::Refused { .. }) => (StatusCode::SERVICE_UNAVAILABLE, format!("refused: {error}")).into_response(),
        Err(error @ PublishError::Unknown { .. }) => (StatusCode::SERVICE_UNAVAILABLE, format!("unknown: {error}")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
