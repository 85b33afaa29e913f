//! The page, and what its buttons ask for.

use axum::Router;
use axum::extract::{FromRef, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use htmx_ws_components::{Hub, Live};
use htmx_ws_examples::frame::{self, Frame};
use htmx_ws_examples::site::pressed;
use maud::{Markup, html};
use serde::Deserialize;

use crate::pipeline::Pipeline;
use crate::sources::Quality;
use crate::view::{Controls, RunBadge, RunBar, StepLine, TOPIC};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) hub: Hub,
    pub(crate) pipeline: Pipeline,
    /// The `Content-Security-Policy` of the page.
    pub(crate) policy: Option<&'static str>,
}

impl FromRef<App> for Hub {
    fn from_ref(app: &App) -> Self {
        app.hub.clone()
    }
}

/// The routes of the page, without those of the hub.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(page))
        .route("/start", post(start))
        .route("/stop", post(stop))
        .route("/pipeline.css", frame::style(include_str!("pipeline.css")))
        .merge(frame::routes())
}

async fn page(live: Live, State(app): State<App>) -> Response {
    frame::response(app.policy, markup(&live.topic(TOPIC), &app.pipeline))
}

fn markup(live: &Live, pipeline: &Pipeline) -> Markup {
    // Read now that `live` has taken its place: whatever changes from here on arrives as a patch.
    let state = pipeline.lock();
    let frame = Frame {
        title: "A live pipeline",
        lede: html! { code { "cargo build" } " of four small crates, and a run of the program" },
        head: html! { link rel="stylesheet" href="/pipeline.css"; },
        hint: "Open this page in another window, also in the middle of a run: both show the same, and either can stop it.",
    };
    let content = html! {
        section class="card run" aria-labelledby="run-heading" {
            h2 id="run-heading" { "Run" }
            (RunBadge::of(&state))
            (RunBar::of(&state))
            (Controls::of(&state))
            ol class="hw-timeline" role="list" { @for line in StepLine::all(&state) { (line) } }
        }
        section class="output" aria-label="Output" { (state.log) }
    };
    frame.around(live, &content)
}

#[derive(Debug, Deserialize)]
struct Start {
    quality: Option<String>,
}

async fn start(headers: HeaderMap, Query(start): Query<Start>, State(app): State<App>) -> StatusCode {
    let quality = if start.quality.as_deref() == Some("broken") { Quality::Broken } else { Quality::Sound };
    pressed(&headers, || app.pipeline.start(quality))
}

async fn stop(headers: HeaderMap, State(app): State<App>) -> StatusCode {
    pressed(&headers, || app.pipeline.stop())
}
