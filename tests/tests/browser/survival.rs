//! What a reader was doing when an update came, and what is left of it: outside of the component that changes, and inside it.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Component, Htmx, Hub, Live, ToPatch};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, Markup, html};

/// What a reader can be in the middle of.
fn desk(place: &str) -> Markup {
    html! {
        div id=(place) {
            input id={ (place) "-input" } aria-label="Text";
            textarea id={ (place) "-area" } aria-label="More text" { "draft" }
            input type="checkbox" aria-label="Choice";
            select aria-label="Selection" { option { "one" } option { "two" } }
            pre tabindex="0" { @for line in 0..200 { "line " (line) "\n" } }
            details { summary { "More" } "Much more" }
        }
    }
}

/// A component that changes around the desk inside it.
#[derive(Component)]
#[component(id = "card", leaf, render = Self::markup)]
struct Card(u32);

impl Card {
    fn markup(&self) -> Markup {
        html! { section data-count=(self.0) { output { (self.0) } input id="given" aria-label="Given" value=(self.0); (desk("inside")) } }
    }
}

async fn page(live: Live, State(_): State<Hub>) -> Response {
    let live = live.topic("t");
    let style = "pre { block-size: 5em; overflow: auto; } main { padding-block: 100vh; }";
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Survival" } link rel="icon" href="data:,"; style { (style) } (live.head()) }
            body { (live.connect()) main { (desk("outside")) (Card(0)) } }
        }
    };
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'")], body).into_response()
}

/// Two functions, of a desk: to be in the middle of everything, and to say what of it is left.
const DESK: &str = "void (() => {
    const parts = (place) => ['input', 'textarea', '[type=checkbox]', 'select', 'pre', 'details'].map((css) => document.querySelector(`#${place} ${css}`));
    window.settle = (place) => {
        const [input, area, box, select, text, details] = parts(place);
        [input.value, area.value, box.checked, select.value] = ['typed text', 'edited draft', true, 'two'];
        document.querySelector('#given').value = 'overtaken';
        input.focus({ preventScroll: true });
        input.setSelectionRange(2, 5);
        text.scrollTop = 60;
        details.open = true;
        scrollTo(0, 300);
    };
    window.left = (place) => {
        const [input, area, box, select, text, details] = parts(place);
        return [
            ['focus', document.activeElement === input],
            ['selection', input.selectionStart === 2 && input.selectionEnd === 5],
            ['text', input.value === 'typed text' && area.value === 'edited draft'],
            ['choices', box.checked && select.value === 'two'],
            ['scroll', text.scrollTop === 60],
            ['page scroll', scrollY === 300],
            ['open details', details.open],
        ].filter(([, is_left]) => is_left).map(([what]) => what);
    };
})()";

const EVERYTHING: [&str; 7] = ["focus", "selection", "text", "choices", "scroll", "page scroll", "open details"];

/// What is left inside of a component that was updated.
fn left_inside(htmx: Htmx) -> &'static [&'static str] {
    match htmx {
        Htmx::V2 => &["page scroll"],
        Htmx::V2Morph | Htmx::V4 => &EVERYTHING[..6],
    }
}

async fn left(tab: &Tab, hub: &Hub, place: &str, count: u32) -> Vec<String> {
    tab.eval::<()>(&format!("settle('{place}')")).await;
    hub.publish("t", &Card(count).to_patch().unwrap()).outcome().unwrap();
    tab.wait_for_text("#card output", &count.to_string()).await;
    tab.eval(&format!("left('{place}')")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_leaves_the_reader_alone() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
        let routes = Router::new().route("/", get(page)).route("/npm/{*file}", get(npm_file));
        let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
        let tab = browser.tab(&format!("http://{addr}/")).await;
        tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        tab.eval::<()>(DESK).await;
        assert_eq!(left(&tab, &hub, "outside", 1).await, EVERYTHING, "{htmx:?}, outside of the component");
        assert_eq!(left(&tab, &hub, "inside", 2).await, left_inside(htmx), "{htmx:?}, inside the component");
        assert_eq!(tab.attribute("#card", "data-count").await.as_deref(), Some("2"));
        assert_eq!(tab.eval::<String>("document.querySelector('#given').value").await, "2", "{htmx:?}: a new value is shown");
    }
}
