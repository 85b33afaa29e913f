//! The page.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Hub, InvalidDomId, Live};
use htmx_ws_examples::frame::{self, Frame};
use maud::{Markup, html};

use crate::machine::{Machine, Shared};
use crate::view::{CoreBar, DiskBar, Figures, TOPIC};

/// What the handlers share.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) hub: Hub,
    pub(crate) machine: Shared,
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
    Router::new().route("/", get(page)).route("/monitor.css", frame::style(include_str!("monitor.css"))).merge(frame::routes())
}

async fn page(live: Live, State(app): State<App>) -> Response {
    // Not measured anew: the page shows what was published last, and the producer goes on from there as soon as the page connects.
    match markup(&live.topic(TOPIC), &app.machine.lock()) {
        Ok(page) => frame::response(app.policy, page),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn markup(live: &Live, machine: &Machine) -> Result<Markup, InvalidDomId> {
    let Figures { load, load_line, memory, memory_line, uptime, cores, measurements } = Figures::of(machine)?;
    let frame = Frame {
        title: "This machine",
        lede: html! { "Processor, memory and disks, ten times a second" },
        head: html! { link rel="stylesheet" href="/monitor.css"; },
        hint: "Close the page, wait a little, and open it again: the measurements have not gone on, for nobody was looking.",
    };
    let content = html! {
        section class="card figure" aria-label="Processor" { (load) (load_line) }
        section class="card figure" aria-label="Memory" { (memory) (memory_line) }
        section class="card cores" aria-labelledby="cores-heading" {
            h2 id="cores-heading" { "Cores" }
            div class="bars" { @for bar in CoreBar::all(machine) { (bar) } }
        }
        section class="card" aria-labelledby="disks-heading" {
            h2 id="disks-heading" { "Disks" }
            div class="bars" { @for bar in DiskBar::all(machine) { (bar) } }
        }
        section class="card facts" aria-label="Facts" { (uptime) (cores) (measurements) }
    };
    Ok(frame.around(live, &content))
}
