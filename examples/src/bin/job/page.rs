//! The page, and what its buttons ask for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Hub, Live};
use htmx_ws_examples::site::{INSPECTOR, connection, pressed};
use maud::{DOCTYPE, Markup, html};

use crate::runner::Runner;
use crate::view::{Badge, Controls, ListingOverlay, Progress, Step, TOPIC};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) hub: Hub,
    pub(crate) runner: Arc<Runner>,
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
        .route("/cancel", post(cancel))
        .route("/job.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("job.css"))))
        .route("/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("icon.svg"))))
}

async fn page(live: Live, State(app): State<App>) -> Response {
    let policy = app.policy.map(|policy| [(header::CONTENT_SECURITY_POLICY, policy)]);
    (policy, markup(&live.topic(TOPIC), &app.runner)).into_response()
}

fn markup(live: &Live, runner: &Runner) -> Markup {
    // Read here, after `live` took the cursor: whatever changes from now on arrives as a patch.
    let job = runner.job();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "A live job" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                (live.head())
                link rel="stylesheet" href="/job.css";
            }
            body {
                (live.connect())
                header class="masthead" {
                    div {
                        h1 { "A live job" }
                        p class="lede" { "SHA-256 of every file in " code { (runner.dir().display()) } }
                    }
                    (connection())
                }
                main {
                    section class="card job" aria-labelledby="job-heading" {
                        h2 id="job-heading" { "Job" }
                        (Badge::of(&job))
                        (Progress::of(&job))
                        (Controls::of(&job))
                    }
                    section class="card folders hw-overlay-host" aria-labelledby="folders-heading" {
                        h2 id="folders-heading" { "Folders" }
                        // Without markers a list is none to VoiceOver, unless it says so.
                        ol id="job-steps" class="hw-timeline" role="list" { @for step in Step::all(&job) { (step) } }
                        p class="hint" { "Each folder gets a line here once the job has looked around." }
                        (ListingOverlay::of(&job))
                    }
                }
                footer { p { "Open this page in another window: both show the same job, and either can cancel it. " a href=(INSPECTOR) { "What the hub does, seen from within" } } }
            }
        }
    }
}

async fn start(headers: HeaderMap, State(app): State<App>) -> StatusCode {
    pressed(&headers, || app.runner.start())
}

async fn cancel(headers: HeaderMap, State(app): State<App>) -> StatusCode {
    pressed(&headers, || app.runner.cancel())
}
