//! The server under an example's page: the hub, htmx, the port, and the end.

use std::future::ready;
use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use htmx_ws_components::{Hub, HubBuilder};
use maud::{Markup, html};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::args::Args;
use crate::vendor::{self, Vendor};

/// The port that is tried when none is asked for.
const DEFAULT_PORT: u16 = 3000;

/// Where the hub can be seen from within.
pub const INSPECTOR: &str = "/inspector";

/// Nothing but our own server, no inline script, no inline style.
const STRICT_POLICY: &str = "default-src 'self'";

/// A hub, and where its pages load htmx from.
#[derive(Debug)]
pub struct Site {
    hub: Hub,
    vendor: Option<Vendor>,
    port: Option<u16>,
}

impl Site {
    /// A new hub as the command line wants it.
    ///
    /// # Errors
    /// The folder for htmx has none.
    pub fn new(args: &Args) -> io::Result<Self> {
        Self::of(Hub::builder(), args)
    }

    /// As [`Site::new`], with what else the hub is to be.
    ///
    /// # Errors
    /// The folder for htmx has none.
    pub fn of(hub: HubBuilder, args: &Args) -> io::Result<Self> {
        let vendor = args.assets.as_ref().map(|folder| Vendor::find(folder, args.htmx)).transpose()?;
        let mut hub = hub.htmx(args.htmx);
        if let Some(vendor) = &vendor {
            hub = hub.assets(vendor.assets.clone());
        }
        Ok(Self { hub: hub.build(), vendor, port: args.port })
    }

    /// The hub.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Where a page finds a file of an npm package.
    ///
    /// # Errors
    /// The folder for htmx does not have it, or there is none.
    pub fn package_file(&self, file: &str) -> io::Result<String> {
        let missing = || io::Error::new(ErrorKind::NotFound, format!("{file} comes from npm; `--assets DIR` says where the packages are"));
        self.vendor.as_ref().ok_or_else(missing)?.url(file)
    }

    /// The `Content-Security-Policy` that the pages can have: none where they load htmx from a CDN.
    pub fn policy(&self) -> Option<&'static str> {
        self.vendor.is_some().then_some(STRICT_POLICY)
    }

    /// Serves the pages with what they load, and the [inspector](INSPECTOR), until Ctrl-C was pressed or SIGTERM came, `stop` has done its work, and no browser is connected any more.
    ///
    /// # Errors
    /// The port that was asked for is taken, or there is none.
    pub async fn serve<S>(self, pages: Router<S>, state: S, stop: impl FnOnce() + Send + 'static) -> io::Result<()>
    where
        S: Clone + Send + Sync + 'static,
        Hub: FromRef<S>,
    {
        // Only this machine comes here. Where others do as well, it stands behind a lock: see `Hub::inspector`.
        let policy = self.policy().map(|policy| (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)));
        let inspector = self.hub.inspector().layer(map_response(move |mut response: Response| {
            response.headers_mut().extend(policy.clone());
            ready(response)
        }));
        let mut app = pages.nest(INSPECTOR, inspector).merge(self.hub.routes());
        if let Some(vendor) = self.vendor {
            app = app.nest_service(vendor::PATH, ServeDir::new(vendor.folder));
        }
        let listener = listen(self.port).await?;
        println!("http://{}", listener.local_addr()?);
        axum::serve(listener, app.with_state(state)).with_graceful_shutdown(shutdown(self.hub, stop)).await
    }
}

/// The asked port, which must be free; or the usual one, which need not be.
async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    let host = Ipv4Addr::LOCALHOST;
    match TcpListener::bind((host, port.unwrap_or(DEFAULT_PORT))).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse && port.is_none() => {
            eprintln!("port {DEFAULT_PORT} is taken, so this is another one; `--port` chooses");
            TcpListener::bind((host, 0)).await
        }
        Err(error) => Err(io::Error::new(error.kind(), format!("port {}: {error}", port.unwrap_or(DEFAULT_PORT)))),
        listener => listener,
    }
}

async fn shutdown(hub: Hub, stop: impl FnOnce()) {
    htmx_ws_components::stop_signal().await;
    stop();
    hub.drain().await;
}

/// The dot in the corner. The kit's script writes the state to `<html data-live>`, and the style sheet shows the word for it.
pub fn connection() -> Markup {
    let words = [
        ("connecting", "Connecting"),
        ("open", "Live"),
        ("fallback", "Live, without a socket"),
        ("paused", "Paused"),
        ("reconnecting", "Reconnecting"),
        ("offline", "Offline"),
        ("stale", "Perhaps out of date"),
        ("complete", "Finished"),
        ("closed", "Closed"),
    ];
    html! {
        p class="connection" role="status" {
            @for (state, word) in words { span class={ "when-" (state) } { (word) } }
        }
    }
}

/// Does it, and answers with nothing to swap: what it changes is published to all pages alike.
pub fn pressed(headers: &HeaderMap, act: impl FnOnce()) -> StatusCode {
    // A form on somebody else's page cannot send this header, so it cannot press our buttons.
    if !headers.contains_key("hx-request") {
        return StatusCode::FORBIDDEN;
    }
    act();
    StatusCode::NO_CONTENT
}
