//! The routes of a hub.

use std::future::ready;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use bytes::Bytes;

use crate::hub::stats::Counter;
use crate::message::recipient::To;
use crate::web::asked::Asked;
use crate::web::assets::{DEBUG, EXTRAS, FALLBACK, MORPH, OwnFile, SCRIPT, STYLES};
use crate::web::development;
use crate::web::hub::Hub;
use crate::web::origin;
use crate::web::rights::verify;
use crate::web::socket::LiveSocket;

impl Hub {
    /// The routes that pages need, to be merged into the application's own: one WebSocket for all of them, our script and our style sheet.
    ///
    /// They stand under [`HubBuilder::path`](crate::HubBuilder::path), and take no part of the application's state. Pages name them by their whole path, so
    /// merge them at the outermost router (without them, the browser's console shows 404 for `/live/…`); behind a prefix, give the prefix to the builder.
    ///
    /// ```
    /// use axum::Router;
    /// use htmx_ws_components::Hub;
    ///
    /// let hub = Hub::new();
    /// let app: Router = Router::new().merge(hub.routes()).with_state(hub);
    /// ```
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = &self.settings().path;
        let limit = DefaultBodyLimit::max(self.settings().service.limits.inbound_bytes);
        Router::new()
            .route(&format!("{path}/ws"), any(|socket: LiveSocket| ready(socket.serve_ticket())))
            .route(&format!("{path}/send"), post(take_post).layer(limit))
            .route(&format!("{path}/missing"), development::reports())
            .route(&format!("{path}/{{file}}"), get(own_file))
            .with_state(self.clone())
    }
}

async fn own_file(Path(name): Path<String>) -> Response {
    answer(&name, OWN_FILES.map(|file| &**file))
}

/// The files that pages load from the hub.
pub(crate) static OWN_FILES: [&LazyLock<OwnFile>; 6] = [&SCRIPT, &FALLBACK, &EXTRAS, &DEBUG, &MORPH, &STYLES];

/// What a page sends that has no socket: its connection takes it as if it came over one.
pub(crate) async fn take_post(State(hub): State<Hub>, uri: Uri, headers: HeaderMap, text: Result<Bytes, BytesRejection>) -> StatusCode {
    if !origin::is_allowed(&headers, &hub.settings().allowed_origins) {
        hub.counters().count(Counter::OriginForeign);
        return StatusCode::FORBIDDEN;
    }
    let Ok(text) = text else {
        hub.counters().count(Counter::InboundTooLarge);
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let asked = Asked::of(&uri);
    let page = asked.tickets().next().map(|shown| verify(&hub, shown.text).map(|ticket| To::page(ticket.page).topic()));
    let Some(Ok(Ok(page))) = page else { return StatusCode::FORBIDDEN };
    // The newest: one that was lost may still be there.
    let taken = hub.connections().of(&page).iter().rev().any(|handle| handle.post(text.clone()));
    if taken { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}

/// The one of these files that has this name.
pub(crate) fn answer<'a>(name: &str, files: impl IntoIterator<Item = &'a OwnFile>) -> Response {
    match files.into_iter().find(|file| file.name == name) {
        // The name holds a hash of the content, so what it names never changes.
        Some(file) => ([(CONTENT_TYPE, file.content_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")], file.content.clone())
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
