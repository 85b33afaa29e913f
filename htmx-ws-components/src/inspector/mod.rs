//! A page that shows a hub from within, live, made of the kit's own components: over a hub of its own, so that it is not part of what it shows.

mod connections;
mod history;
mod overview;
mod page;
mod pages;
mod simulator;
mod state;
mod table;
mod topics;
mod view;
mod watch;
mod words;

use std::future::ready;

use axum::Router;
use axum::extract::Path;
use axum::routing::{any, get, post};

use crate::inspector::state::Inspector;
use crate::web::hub::Hub;
use crate::web::router;
use crate::web::socket::LiveSocket;

impl Hub {
    /// A page that shows this hub from within, to be nested where **only those may come who may see everything**: it shows all topics with what was published to them, all
    /// connections with their users and addresses, cuts connections, and simulates a bad line. It has no lock of its own: put yours in front of it.
    ///
    /// It shows totals and rates; the topics with their readers, versions and bytes; the connections with how far they are behind; and, of a topic, the last frames as they
    /// went over the wire and as they look. It is live by a hub of its own, whose connections and messages are none of this one's, and asks this one twice a second as long as
    /// somebody looks. It works under the content security policy `default-src 'self'` where the application's pages do; with
    /// [`Assets::application`](crate::Assets::application), it loads htmx from the CDN.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::extract::Request;
    /// use axum::http::StatusCode;
    /// use axum::middleware::{self, Next};
    /// use axum::response::Response;
    /// use htmx_ws_components::Hub;
    ///
    /// async fn admins_only(request: Request, next: Next) -> Result<Response, StatusCode> {
    ///     let is_admin = request.headers().contains_key("x-admin"); // Ask your sessions.
    ///     if is_admin { Ok(next.run(request).await) } else { Err(StatusCode::NOT_FOUND) }
    /// }
    ///
    /// let hub = Hub::new();
    /// let inspector = hub.inspector().layer(middleware::from_fn(admins_only));
    /// let app: Router = Router::new().nest("/inspector", inspector).merge(hub.routes()).with_state(hub);
    /// ```
    pub fn inspector<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let inspector = Inspector::of(self);
        let waking = inspector.clone();
        Router::new()
            .route("/", get(pages::home))
            .route("/topic/{key}", get(pages::topic))
            .route(
                "/live/ws",
                any(move |socket: LiveSocket| {
                    waking.wake();
                    ready(socket.serve_ticket())
                }),
            )
            .route("/live/send", post(router::take_post))
            .route("/live/{file}", get(file))
            .with_state(inspector)
    }
}

async fn file(Path(name): Path<String>) -> axum::response::Response {
    router::answer(&name, router::OWN_FILES.iter().map(|file| &***file).chain([&*page::STYLES, &*page::ICON]))
}
