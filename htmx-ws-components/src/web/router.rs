//! The routes of a hub.

use std::future::ready;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};

use crate::web::assets::{MORPH, OwnFile, SCRIPT, STYLES};
use crate::web::hub::Hub;
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
        Router::new()
            .route(&format!("{path}/ws"), any(|socket: LiveSocket| ready(socket.serve_ticket())))
            .route(&format!("{path}/{{file}}"), get(own_file))
            .with_state(self.clone())
    }
}

async fn own_file(Path(name): Path<String>) -> Response {
    answer(&name, [&*SCRIPT, &*MORPH, &*STYLES])
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
