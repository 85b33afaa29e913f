//! A node of the tests of many processes: `node PORT NATS_URL [MAX_BYTES]`.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Component, DomId, Fragment, Htmx, Hub, Live, Nats, Nesting, Patch, PublishError, Published, stop_signal};
use htmx_ws_tests::nodes::{CELLS, TOPIC};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::socket_path;
use maud::{DOCTYPE, Markup, html};

/// A publish is answered within both together.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// Longer than a busy machine needs, and shorter than a test has patience.
const AUDIT: Duration = Duration::from_secs(1);
const DRAIN_WINDOW: Duration = Duration::from_secs(1);

/// One of the board's numbers.
#[derive(Component)]
#[component(id = "cell-{key}", leaf, render = Self::markup)]
struct Cell {
    key: usize,
    count: u64,
}

/// What takes so many bytes.
#[derive(Component)]
#[component(id = "filling", leaf, render = Self::markup)]
struct Filling(usize);

impl Cell {
    fn markup(&self) -> Markup {
        html! { output { (self.count) } }
    }
}

impl Filling {
    fn markup(&self) -> Markup {
        html! { p { ("x".repeat(self.0)) } }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (port, nats, max_bytes) = match &arguments[..] {
        [port, nats] => (port, nats, None),
        [port, nats, max_bytes] => (port, nats, Some(max_bytes.parse()?)),
        _ => return Err("usage: node PORT NATS_URL [MAX_BYTES]".into()),
    };
    let mut nats = Nats::new(nats, "test").connection_timeout(CONNECTION_TIMEOUT).answer_timeout(ANSWER_TIMEOUT).audit(AUDIT);
    if let Some(bytes) = max_bytes {
        nats = nats.max_bytes(bytes);
    }
    let hub = Hub::builder()
        .secret("the same on all nodes, and long enough to be one")
        .htmx(Htmx::V4)
        .assets(assets(Htmx::V4))
        .drain_window(DRAIN_WINDOW)
        .backplane(nats.connect().await?)
        .build();
    let routes = Router::new()
        .route("/", get(page))
        .route("/socket", get(visitor))
        .route("/publish/{key}/{count}", post(publish))
        .route("/line/{key}/{count}", post(line))
        .route("/leave/{key}/{count}", post(leave))
        .route("/fill/{number}/{bytes}", post(fill))
        .route("/npm/{*file}", get(npm_file));
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

/// A page for who needs no browser: the path of its socket, and the board.
async fn visitor(live: Live) -> String {
    let live = live.topic(TOPIC);
    let board = html! { @for key in 0..CELLS { (live.latest(&Cell { key, count: 0 })) } };
    format!("{}\n{}", socket_path(&live), board.into_string())
}

async fn page(live: Live) -> Markup {
    let live = live.topic(TOPIC);
    html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "A node" } (live.head()) }
            body {
                (live.connect())
                main { @for key in 0..CELLS { (live.latest(&Cell { key, count: 0 })) } }
                ol id="lines" {}
            }
        }
    }
}

async fn publish(State(hub): State<Hub>, Path((key, count)): Path<(usize, u64)>) -> Response {
    answer(hub.publish(TOPIC, &Cell { key, count }).await)
}

/// Adds a line below the board, which nothing supersedes.
async fn line(State(hub): State<Hub>, Path((key, count)): Path<(usize, u64)>) -> Response {
    match line_of(key, count) {
        Ok(line) => answer(hub.publish(TOPIC, &line).await),
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why).into_response(),
    }
}

fn line_of(key: usize, count: u64) -> Result<Patch, String> {
    let id = DomId::new(&format!("line-{key}-{count}")).map_err(|error| error.to_string())?;
    let line = Fragment::new(id, format!("<li>{count}</li>"), Nesting::Leaf).map_err(|error| error.to_string())?;
    Ok(Patch::append(DomId::new("lines").map_err(|error| error.to_string())?, line))
}

/// Publishes and waits for nothing.
async fn leave(State(hub): State<Hub>, Path((key, count)): Path<(usize, u64)>) -> StatusCode {
    hub.publish(TOPIC, &Cell { key, count });
    StatusCode::ACCEPTED
}

/// To a topic of its own, so that nothing of it is superseded.
async fn fill(State(hub): State<Hub>, Path((number, bytes)): Path<(usize, usize)>) -> Response {
    answer(hub.publish(format!("filling-{number}").as_str(), &Filling(bytes)).await)
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
