//! Who people are: what is for one of them alone, rights that are taken back, and who reads the document.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Component, Hub, HubBuilder, InvalidTopic, Live, Presence, To};
use htmx_ws_tests::nodes::people::DOCUMENT;
use htmx_ws_tests::socket::socket_path;
use maud::{Markup, html};

use crate::answer;

/// Shorter than the time after which a node is gone.
const GRACE: Duration = Duration::from_millis(500);

/// What somebody is told.
#[derive(Component)]
#[component(id = "note", leaf, render = Self::markup)]
struct Note(String);

/// Who reads the document.
#[derive(Component)]
#[component(id = "readers", leaf, render = Self::markup)]
struct Readers(String);

impl Note {
    fn markup(&self) -> Markup {
        html! { output { (self.0) } }
    }
}

impl Readers {
    fn markup(&self) -> Markup {
        html! { output { (self.0) } }
    }
}

pub(crate) fn shown_in(builder: HubBuilder) -> HubBuilder {
    let show = |presence: &Presence| (presence.topic().as_str() == DOCUMENT).then(|| Readers(names(presence)));
    builder.presence_grace(GRACE).presence(show)
}

fn names(presence: &Presence) -> String {
    presence.users().collect::<Vec<_>>().join(" ")
}

pub(crate) fn routes() -> Router<Hub> {
    Router::new()
        .route("/user/{user}", get(own))
        .route("/tell/{user}/{text}", post(tell))
        .route("/revoke/{user}", post(revoke))
        .route("/document/{user}", get(document))
        .route("/readers", get(readers))
}

async fn own(live: Live, Path(user): Path<String>) -> String {
    socket_path(&live.user(user))
}

async fn tell(State(hub): State<Hub>, Path((user, text)): Path<(String, String)>) -> Response {
    answer(hub.publish(To::user(user), &Note(text)).await)
}

async fn revoke(State(hub): State<Hub>, Path(user): Path<String>) -> Response {
    of(hub.revoke(To::user(user)).map(|connections| connections.to_string()))
}

async fn document(live: Live, Path(user): Path<String>) -> String {
    socket_path(&live.topic(DOCUMENT).user(user))
}

/// Those that this node knows of.
async fn readers(State(hub): State<Hub>) -> Response {
    of(hub.presence(DOCUMENT).map(|presence| names(&presence)))
}

fn of(outcome: Result<String, InvalidTopic>) -> Response {
    outcome.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string())).into_response()
}
