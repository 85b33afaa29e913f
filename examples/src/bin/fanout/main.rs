//! A fan-out server, to be measured from outside: WebSockets that read a topic, and a way to have much published to it.
//!
//! `GET /ws/{k}` is a WebSocket that reads topic k from now on. `POST /publish?topic=K&n=M` publishes M messages to topic K, and answers when the last was handed over.

mod order;

use std::process::ExitCode;
use std::time::Duration;

use axum::extract::{Path, Query, Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use htmx_ws_components::{Hub, LiveSocket};
use lexopt::prelude::{Long, ValueExt};
use order::Order;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const USAGE: &str = "usage: fanout --port N";

#[tokio::main]
async fn main() -> ExitCode {
    let port = match port() {
        Ok(port) => port,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    // As a task: what `main` itself awaits runs beside the workers, and each connection that it accepts would have to be handed to one of them.
    let served = tokio::spawn(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        println!("listening on {}", listener.local_addr()?);
        axum::serve(listener, routes()).await
    });
    match served.await.map_err(std::io::Error::from).and_then(std::convert::identity) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn port() -> Result<u16, lexopt::Error> {
    let (mut parser, mut port) = (lexopt::Parser::from_env(), None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => port = Some(parser.value()?.parse()?),
            other => return Err(other.unexpected()),
        }
    }
    port.ok_or_else(|| "the port is missing".into())
}

fn routes() -> Router {
    // Whoever measures wants every message of a long run, also for readers that stall.
    let hub = Hub::builder()
        .max_connections(100_000)
        .retain_ordered(1_000_000, 128 << 20)
        .retain_ordered_for(Duration::from_secs(3600))
        .max_patch_bytes(8 << 20)
        .max_retained_bytes(1 << 30)
        .build();
    Router::new()
        .route("/ws/{topic}", get(async |Path(topic): Path<String>, socket: LiveSocket| socket.topic(topic).serve()))
        .route("/publish", post(publish))
        .layer(from_fn(as_own_page))
        .with_state(hub)
}

/// Programs that measure are no browsers: what names no origin is taken as a page of our own.
async fn as_own_page(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    if let (None, Some(host)) = (headers.get(ORIGIN), headers.get(HOST)) {
        let origin = [b"http://", host.as_bytes()].concat();
        if let Ok(origin) = HeaderValue::from_bytes(&origin) {
            headers.insert(ORIGIN, origin);
        }
    }
    next.run(request).await
}

async fn publish(State(hub): State<Hub>, order: Result<Query<Order>, axum::extract::rejection::QueryRejection>) -> Response {
    let order = match order {
        Ok(Query(order)) => order,
        Err(error) => return refusal(&error.body_text()),
    };
    match order.publish(&hub).await {
        Ok(last) => Json(json!({
            "topic": order.topic, "published": order.n, "first": order.first, "last": last, "bytes": order.bytes, "lane": order.lane,
        }))
        .into_response(),
        Err(error) => refusal(&error.to_string()),
    }
}

fn refusal(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": Value::from(why) }))).into_response()
}
