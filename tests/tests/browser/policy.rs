//! Under content security policies that name no place to load from: nonces, trusted types, htmx 4's own gate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Assets, Component, Htmx, Hub, Live, ProgressBar};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::npm_file;
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, Markup, html};

#[derive(ProgressBar)]
#[component(id = "bar")]
struct Bar {
    #[progress(value)]
    percent: u8,
}

/// A component that htmx has something to do with.
#[derive(Component)]
#[component(id = "vote", leaf, render = Self::markup)]
struct Vote(u8);

impl Vote {
    fn markup(&self) -> Markup {
        html! { button type="button" hx-post="/vote" hx-swap="none" { "Vote " (self.0) } }
    }
}

#[derive(Clone)]
struct Site {
    hub: Hub,
    htmx: Htmx,
    votes: Arc<AtomicU32>,
    responses: Arc<AtomicU32>,
}

impl FromRef<Site> for Hub {
    fn from_ref(site: &Site) -> Self {
        site.hub.clone()
    }
}

impl Site {
    async fn start(htmx: Htmx) -> (Self, SocketAddr) {
        let files: &[&str] = match htmx {
            Htmx::V4 => &["htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-ws.min.js", "htmx.org/dist/ext/hx-csp.min.js"],
            _ => &["htmx2/dist/htmx.min.js", "htmx-ext-ws/dist/ws.min.js", "idiomorph/dist/idiomorph.min.js"],
        };
        let assets = Assets::scripts(files.iter().map(|file| format!("/npm/{file}")));
        let site = Self { hub: Hub::builder().htmx(htmx).assets(assets).build(), htmx, votes: Arc::default(), responses: Arc::default() };
        let routes = Router::new()
            .route("/", get(page))
            .route("/gated", get(gated))
            .route("/vote", post(vote))
            .route("/default-policy.js", get(async || "trustedTypes.createPolicy(\"default\", { createHTML: (html) => html });"))
            .route("/npm/{*file}", get(npm_file))
            .merge(site.hub.routes())
            .with_state(site.clone());
        (site, serve(routes).await)
    }
}

async fn vote(State(site): State<Site>) -> StatusCode {
    site.votes.fetch_add(1, Ordering::Relaxed);
    StatusCode::NO_CONTENT
}

async fn page(live: Live, State(site): State<Site>) -> Response {
    site.document(live, true)
}

/// A page whose elements each need the nonce themselves.
async fn gated(live: Live, State(site): State<Site>) -> Response {
    site.document(live, false)
}

impl Site {
    fn document(&self, live: Live, is_inherited: bool) -> Response {
        // One for each response, if not a random one.
        let nonce = format!("nonce{}", self.responses.fetch_add(1, Ordering::Relaxed));
        let live = live.topic("t").nonce(&nonce);
        let inherited = is_inherited.then_some(&nonce);
        let body = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    title { (nonce) }
                    link rel="icon" href="data:,";
                    @if self.htmx != Htmx::V4 { script src="/default-policy.js" nonce=(nonce) {} }
                    (live.head())
                }
                body hx-nonce:inherited=[inherited] {
                    (live.connect())
                    main { (Bar { percent: 0 }) p id="vote" {} }
                    nav hx-boost="true" hx-boost:inherited="true" { a id="again" href="/" { "Again" } }
                }
            }
        };
        let names = if self.htmx == Htmx::V4 { "htmx" } else { "default" };
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; base-uri 'none'; \
             require-trusted-types-for 'script'; trusted-types {names}"
        );
        ([(CONTENT_SECURITY_POLICY, policy)], body).into_response()
    }
}

async fn open(browser: &Browser, addr: SocketAddr, path: &str) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&format!("http://{addr}{path}")).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab
}

async fn until_voted(site: &Site, times: u32) {
    while site.votes.load(Ordering::Relaxed) < times {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_nonces_and_trusted_types_is_kept() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (site, addr) = Site::start(htmx).await;
        let tab = open(&browser, addr, "/").await;
        for page in 0..2 {
            site.hub.publish("t", &Bar { percent: 40 + page }).outcome().unwrap();
            let grown = format!("document.querySelector('#bar [aria-valuenow=\"{}\"]')", 40 + page);
            tab.wait_until("the bar has grown", &grown).await;
            // What is published is served by htmx too, where the page says so.
            for number in 2 * page + 1..=2 * page + 2 {
                site.hub.publish("t", &Vote(number)).outcome().unwrap();
                tab.wait_for_text("#vote", &format!("Vote {number}")).await;
                tab.click("#vote").await;
                until_voted(&site, number.into()).await;
            }
            // A boosted navigation keeps the policy of the first page, and has elements with the nonce of another one.
            if page == 0 {
                tab.eval::<bool>("window.isTheSamePage = true").await;
                tab.click("#again").await;
                tab.wait_until("the next page is there", "document.title === 'nonce1' && window.isTheSamePage").await;
            }
        }
        assert_eq!(tab.policy_violations().await, [""; 0], "{htmx:?}");
        assert_eq!(tab.console_errors().await, [""; 0], "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn under_hx_csp_what_comes_where_no_nonce_is_inherited_is_not_served() {
    let browser = Browser::start().await;
    let (site, addr) = Site::start(Htmx::V4).await;
    let tab = open(&browser, addr, "/gated").await;
    site.hub.publish("t", &Vote(1)).outcome().unwrap();
    tab.wait_for_text("button#vote", "Vote 1").await;
    tab.wait_until("it was stripped", "!document.querySelector('#vote').hasAttribute('hx-post')").await;
    // Nor is the link of the page, which has no nonce.
    let errors = tab.console_errors().await;
    assert!(errors.iter().all(|error| error.contains("hx-csp")) && !errors.is_empty(), "{errors:?}");
    assert_eq!(tab.policy_violations().await, [""; 0]);
}
