//! An overlay over a region: what lies below cannot be operated, and a reader may put the overlay aside.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Htmx, Hub, Live, Overlay, ToPatch};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, html};

#[derive(Overlay)]
#[component(id = "scan")]
struct Scan {
    #[overlay(open)]
    running: bool,
    #[overlay(title)]
    title: &'static str,
    #[overlay(stat = "Files")]
    files: u32,
    #[overlay(dismiss)]
    hide: &'static str,
}

fn scan(running: bool, files: u32) -> Scan {
    Scan { running, title: "Looking for files", files, hide: "Hide" }
}

async fn page(live: Live, State(_): State<Hub>) -> Response {
    let live = live.topic("t");
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Overlay" } link rel="icon" href="data:,"; (live.head()) }
            body {
                (live.connect())
                main class="hw-overlay-host" { button id="below" { "Below" } (scan(true, 0)) }
            }
        }
    };
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:")], body).into_response()
}

/// Whether the overlay is seen, and whether the button below can be reached.
async fn look(tab: &Tab) -> (bool, bool) {
    let seen = "document.querySelector('#scan').checkVisibility()";
    let reached = "(document.querySelector('#below').focus(), document.activeElement.id === 'below')";
    (tab.eval(seen).await, tab.eval(reached).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_puts_an_overlay_aside_until_it_opens_anew() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
        let routes = Router::new().route("/", get(page)).route("/npm/{*file}", get(npm_file));
        let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
        let tab = browser.tab(&format!("http://{addr}/")).await;
        tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        let publish = |scan: Scan| hub.publish("t", &scan.to_patch().unwrap()).outcome().unwrap();

        assert_eq!(look(&tab).await, (true, false), "{htmx:?}: open");
        tab.click("#scan-dismiss").await;
        assert_eq!(look(&tab).await, (false, true), "{htmx:?}: put aside");
        publish(scan(true, 7));
        tab.wait_until("the figure has come", "document.querySelector('#scan dd').textContent === '7'").await;
        assert_eq!(look(&tab).await, (false, true), "{htmx:?}: put aside, and updated");
        publish(scan(false, 8));
        tab.wait_until("it is closed", "document.querySelector('#scan').hidden").await;
        assert_eq!(look(&tab).await, (false, true), "{htmx:?}: closed");
        publish(scan(true, 9));
        tab.wait_until("the figure has come", "document.querySelector('#scan dd')?.textContent === '9'").await;
        assert_eq!(look(&tab).await, (true, false), "{htmx:?}: open anew");
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "{htmx:?}");
    }
}
