//! A browser in a test: it opens pages of a router in process, and keeps their cookies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderName, Method, Request, Response};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use crate::dialect::Htmx;
use crate::testing::live_page::LivePage;

/// The redirections after which a page is in a circle.
const REDIRECTIONS: usize = 10;

/// Where the pages seem to be.
const HOST_NAME: &str = "localhost";

/// A visitor of an application, in process: without a socket, a port or a browser.
///
/// It opens pages of a [`Router`], keeps their cookies, and its pages follow what is published; see [`LivePage`]. Every page takes frames as `Htmx::V4` unless
/// [`Client::htmx`] says otherwise: say there what the hub is built with. A clone is another tab of the same browser.
///
/// ```
/// use axum::{Router, routing::get};
/// use htmx_ws_components::testing::Client;
/// use htmx_ws_components::{DomId, Hub, Live, Patch};
/// use maud::{Markup, html};
///
/// async fn page(live: Live) -> Markup {
///     let live = live.topic("counter");
///     html! { head { (live.head()) } body { (live.connect()) p id="count" { "0" } } }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
/// let hub = Hub::new();
/// let app = Router::new().route("/", get(page)).merge(hub.routes()).with_state(hub.clone());
/// let mut page = Client::new(app).get("/").await;
/// hub.publish("counter", &Patch::update(DomId::new("count").unwrap(), &html! { "1" }));
/// page.wait_for_text("#count", "1").await;
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    router: Router,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    pub(super) htmx: Htmx,
    pub(super) is_lenient: bool,
}

impl Client {
    /// A visitor of this application: the whole router, with [`Hub::routes`](crate::Hub::routes) and its state.
    pub fn new(router: Router) -> Self {
        Self { router, cookies: Arc::default(), htmx: Htmx::default(), is_lenient: false }
    }

    /// Its pages take frames as this generation does.
    pub fn htmx(mut self, htmx: Htmx) -> Self {
        self.htmx = htmx;
        self
    }

    /// Its pages are [lenient](crate::testing::Page::lenient).
    pub fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Opens a page, and waits until it is connected, where it is live. Redirections are followed.
    ///
    /// # Panics
    /// When the answer is no success, or the page has a mistake that [`Page`](crate::testing::Page) sees.
    pub async fn get(&self, path: &str) -> LivePage {
        let mut page = self.get_late(path).await;
        if page.is_live() {
            page.reconnect().await;
        }
        page
    }

    /// Opens a page that is not connected before its [`LivePage::reconnect`]: one on a slow line, whose script comes late.
    ///
    /// # Panics
    /// As [`Client::get`].
    pub async fn get_late(&self, path: &str) -> LivePage {
        let (path, html) = self.load(path).await;
        LivePage::new(self.clone(), path, &html)
    }

    /// Sends a form, as a browser does: `&[("name", "value")]`. It returns the body of the answer.
    ///
    /// # Panics
    /// When the answer is an error.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let form = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("hx-request", "true")];
        let response = self.ask(Method::POST, path, &headers, form).await;
        let status = response.status();
        let body = text(response).await;
        assert!(!status.is_client_error() && !status.is_server_error(), "POST {path}: {status}\n{body}");
        body
    }

    /// Sets a cookie, as of a visitor who has been here before.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }

    /// The HTML of a page, and where it was in the end.
    pub(super) async fn load(&self, path: &str) -> (String, String) {
        let mut path = path.to_owned();
        for _ in 0..REDIRECTIONS {
            let response = self.ask(Method::GET, &path, &[("accept", "text/html")], String::new()).await;
            let status = response.status();
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
            match location {
                Some(location) if status.is_redirection() => path = location,
                _ => {
                    let html = text(response).await;
                    assert!(status.is_success(), "GET {path}: {status}\n{html}");
                    return (path, html);
                }
            }
        }
        panic!("GET {path}: a circle of redirections");
    }

    /// One request, as a page of the application's own makes it.
    pub(super) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Response<Body> {
        let origin = format!("http://{HOST_NAME}");
        let path = path.strip_prefix(&origin).unwrap_or(path);
        let mut request = Request::builder().method(&method).uri(path).header(HOST, HOST_NAME);
        // A browser says where a request comes from only where it could do something.
        if method != Method::GET {
            request = request.header(ORIGIN, &origin);
        }
        let cookies = self.cookies();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap_or_else(|error| panic!("{method} {path} is no request: {error}"));
        let Ok(response) = TowerToHyperService::new(self.router.clone()).call(request).await;
        self.keep(&response, &SET_COOKIE);
        response
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Every cookie is kept for all paths until the application takes it back by `Max-Age=0`.
    fn keep(&self, response: &Response<Body>, name: &HeaderName) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in response.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

pub(super) async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// As it stands in a URL or a form.
pub(super) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded + &char::from(byte).to_string()
        } else {
            encoded + &format!("%{byte:02X}")
        }
    })
}
