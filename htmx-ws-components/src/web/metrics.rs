//! The numbers of a hub, for a scraper.

use std::convert::Infallible;
use std::future::ready;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::{MethodRouter, get};

use crate::web::hub::Hub;

impl Hub {
    /// The numbers of [`Hub::stats`] in the text format of Prometheus, to be mounted where your scraper looks: `htmx_ws_connections`, `htmx_ws_published_total` and so on.
    ///
    /// Each [`Counter`](crate::Counter) is there by its [name](crate::Counter::name). They say how busy the application is, so mount it where strangers do not come. An
    /// application that has numbers of its own writes [`Stats::prometheus`](crate::Stats::prometheus) behind them.
    ///
    /// ```
    /// use axum::Router;
    /// use htmx_ws_components::Hub;
    ///
    /// let hub = Hub::new();
    /// let app: Router = Router::new().route("/metrics", hub.metrics()).merge(hub.routes()).with_state(hub);
    /// ```
    pub fn metrics<S: Clone + Send + Sync + 'static>(&self) -> MethodRouter<S, Infallible> {
        let hub = self.clone();
        let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")];
        get(move || ready((headers, hub.stats().prometheus())))
    }
}
