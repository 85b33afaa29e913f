//! What the handlers of a page about the release share, and the server under it.

use std::io;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::FromRef;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use htmx_ws_components::{Hub, InvalidDomId};
use maud::Markup;

use crate::release::theme::Theme;
use crate::release::world::{self, Publish, World};
use crate::site::Site;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    hub: Hub,
    world: Arc<Mutex<World>>,
    policy: Option<&'static str>,
}

impl FromRef<App> for Hub {
    fn from_ref(app: &App) -> Self {
        app.hub.clone()
    }
}

impl App {
    /// A page that shows the world as it is now.
    pub fn page(&self, markup: impl FnOnce(&World) -> Result<Markup, InvalidDomId>) -> Response {
        let policy = self.policy.map(|policy| [(header::CONTENT_SECURITY_POLICY, policy)]);
        match markup(&world::lock(&self.world)) {
            Ok(markup) => (policy, markup).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

/// Serves `pages` on a world that goes on by itself, and that `publish` tells of.
///
/// # Errors
/// The port that was asked for is taken, or there is none.
pub async fn serve(site: Site, pages: Router<App>, theme: Theme, publish: Publish) -> io::Result<()> {
    let world = Arc::new(Mutex::new(World::new(theme).map_err(io::Error::other)?));
    let ticking = tokio::spawn(world::run(site.hub().clone(), Arc::clone(&world), publish));
    let app = App { hub: site.hub().clone(), world, policy: site.policy() };
    site.serve(pages, app, move || ticking.abort()).await
}
