//! The page of a node, and what its buttons ask for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Hub, Live};
use htmx_ws_examples::site::{INSPECTOR, connection, pressed};
use maud::{DOCTYPE, Markup, html};

use crate::view::{Badge, Progress, Said, Shared, Step, TOPIC};
use crate::worker::{Job, STEPS, Worker};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) hub: Hub,
    pub(crate) worker: Arc<Worker>,
    /// Of all nodes, the first node's first.
    pub(crate) ports: Arc<[u16]>,
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
        .route("/count/{count}", post(count))
        .route("/cluster.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("cluster.css"))))
        .route("/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../job/icon.svg"))))
}

async fn start(headers: HeaderMap, State(app): State<App>) -> StatusCode {
    pressed(&headers, || app.worker.start())
}

async fn count(headers: HeaderMap, Path(count): Path<u64>, State(app): State<App>) -> StatusCode {
    pressed(&headers, || app.worker.set_counter(count))
}

async fn page(live: Live, State(app): State<App>) -> Response {
    let policy = app.policy.map(|policy| [(header::CONTENT_SECURITY_POLICY, policy)]);
    (policy, markup(&live.topic(TOPIC), &app)).into_response()
}

fn markup(live: &Live, app: &App) -> Markup {
    let own = app.worker.node();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Node " (own) " of " (app.ports.len()) }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                (live.head())
                link rel="stylesheet" href="/cluster.css";
            }
            body data-node=(own) {
                (live.connect())
                header class="masthead" {
                    div {
                        p class="eyebrow" { "This page comes from" }
                        h1 { "Node " (own) }
                        p class="lede" { (app.ports.len()) " processes, one hub. Whatever any of them publishes is on every page of all." }
                    }
                    (connection())
                }
                nav aria-label="Nodes" {
                    @for (node, port) in (1..).zip(&*app.ports) {
                        a href=(address(*port)) data-node=(node) aria-current=[(node == own).then_some("page")] {
                            "Node " (node) " " code { ":" (port) }
                        }
                    }
                }
                main {
                    section class="card shared" aria-labelledby="shared-heading" {
                        div {
                            h2 id="shared-heading" { "A counter of all nodes" }
                            p { "Press it here, and look at it there." }
                        }
                        (live.latest(&Shared { count: 0, node: None }))
                    }
                    @for node in 1..=app.ports.len() { (lane(live, app, node)) }
                }
                footer { p { "Start a job on one node, and look at it from another. " a href=(INSPECTOR) { "What this node's hub does, seen from within" } } }
            }
        }
    }
}

/// What a node does. Its own page has its button; the others lead there.
fn lane(live: &Live, app: &App, node: usize) -> Markup {
    let is_own = node == app.worker.node();
    let job = if is_own { app.worker.job() } else { Job::default() };
    let said = if is_own { app.worker.said() } else { Said { node, lines: Vec::new() } };
    let heading = format!("node-{node}");
    html! {
        section class="card lane" data-node=(node) aria-labelledby=(heading) {
            header {
                h2 id=(heading) { "Node " (node) @if is_own { " " small { "this page" } } }
                (live.latest(&Badge::of(node, &job)))
            }
            (live.latest(&Progress::of(node, &job)))
            @if is_own {
                button type="button" class="button is-primary" hx-post="/start" hx-swap="none" { "Start a job here" }
            } @else if let Some(port) = app.ports.get(node - 1) {
                a class="button" href=(address(*port)) { "Go to node " (node) }
            }
            // Without markers a list is none to VoiceOver, unless it says so.
            ol class="hw-timeline" role="list" { @for step in 0..STEPS { (live.latest(&Step::of(node, step, &job))) } }
            h3 { "Last published here" }
            (live.latest(&said))
        }
    }
}

fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}/")
}
