//! The board: numbers that count up, and lines below them.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Component, DomId, Fragment, Hub, Live, Nesting, Patch};
use htmx_ws_tests::nodes::{CELLS, TOPIC};
use htmx_ws_tests::socket::socket_path;
use maud::{DOCTYPE, Markup, html};

use crate::answer;

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

pub(crate) fn routes() -> Router<Hub> {
    Router::new()
        .route("/", get(page))
        .route("/socket", get(visitor))
        .route("/publish/{key}/{count}", post(publish))
        .route("/line/{key}/{count}", post(line))
        .route("/leave/{key}/{count}", post(leave))
        .route("/fill/{number}/{bytes}", post(fill))
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
