//! What a page in development tells of itself.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{MethodRouter, post};
use serde::Deserialize;

use crate::hub::stats::Counter;
use crate::web::asked::Asked;
use crate::web::builder::HubBuilder;
use crate::web::hub::Hub;
use crate::web::origin;
use crate::web::rights::verify;

/// How many bytes a page may say.
const REPORT_BYTES: usize = 1024;

impl HubBuilder {
    /// Whether the pages are under development: they load one more script. It logs each change of the connection, each frame and each swap in the browser's console, at the
    /// level "Verbose", and it looks whether the page has the element that a patch is for. htmx 4 says nothing where it has not. Where it has not, the console warns with
    /// the element's id, the hub tells `htmx_ws.target_missing`, and it is [counted](crate::Counter::TargetMissing).
    ///
    /// Default: on where debug assertions are, as in `cargo run` without `--release`.
    ///
    /// ```
    /// let hub = htmx_ws_components::Hub::builder().development(false).build();
    /// ```
    pub fn development(mut self, is_on: bool) -> Self {
        self.is_development = is_on;
        self
    }
}

/// What a patch was for that a page does not have.
#[derive(Debug, Deserialize)]
struct Missing {
    id: String,
    topic: String,
}

/// Takes the reports of pages about elements that they do not have.
pub(super) fn reports() -> MethodRouter<Hub> {
    post(report).layer(DefaultBodyLimit::max(REPORT_BYTES))
}

async fn report(State(hub): State<Hub>, uri: Uri, headers: HeaderMap, body: bytes::Bytes) -> StatusCode {
    let settings = hub.settings();
    let is_ours = settings.is_development && origin::is_allowed(&headers, &settings.allowed_origins);
    let has_ticket = || Asked::of(&uri).tickets().next().is_some_and(|shown| verify(&hub, shown.text).is_ok());
    if !is_ours || !has_ticket() {
        return StatusCode::FORBIDDEN;
    }
    let Ok(Json(Missing { id, topic })) = Json::from_bytes(&body) else { return StatusCode::BAD_REQUEST };
    hub.counters().count(Counter::TargetMissing);
    tracing::warn!(
        name: "htmx_ws.target_missing", target: "htmx_ws", id, topic,
        "a patch is for an element that a page does not have: render the component into the page, or publish it with a list to stand in"
    );
    StatusCode::NO_CONTENT
}
