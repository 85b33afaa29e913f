//! What a page is told to do: its title, events for its script, to load anew, to go elsewhere.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Component, Counter, DomId, Htmx, Hub, Live, Patch};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, Markup, html};
use serde_json::{Value, json};

#[derive(Component)]
#[component(id = "count", leaf, render = Self::markup)]
struct Count(u32);

impl Count {
    fn markup(&self) -> Markup {
        html! { output { (self.0) } }
    }
}

async fn page(live: Live, State(_): State<Hub>) -> Response {
    let live = live.topic("t");
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Signals" } link rel="icon" href="data:,"; (live.head()) }
            body { (live.connect()) main { (Count(0)) input id="search" aria-label="Search"; svg { title { "A drawing" } } } }
        }
    };
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:")], body).into_response()
}

/// Notes each event, with what the page shows at that moment.
const LISTEN: &str = "void (() => {
    window.seen = [];
    document.addEventListener('counted', ({ detail }) => seen.push([detail, document.querySelector('#count').textContent]));
})()";

async fn open(browser: &Browser, hub: &Hub) -> (Tab, String) {
    let routes = Router::new().route("/", get(page)).route("/elsewhere", get(page)).route("/npm/{*file}", get(npm_file));
    let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
    let tab = browser.tab(&format!("http://{addr}/")).await;
    until_open(&tab).await;
    (tab, format!("http://{addr}"))
}

async fn until_open(tab: &Tab) {
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_once_in_the_order_of_the_patches_and_are_never_markup() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
        let (tab, _) = open(&browser, &hub).await;
        tab.eval::<()>(LISTEN).await;
        // Each of these names means something to an extension of htmx; the text is markup.
        let hostile = json!({
            "content": "<main id='gone'></main>", "payload": "<p>", "target": "main", "swap": "outerHTML", "select": "body", "event": "other", "channel": "ui",
        });
        for count in 1..=20 {
            hub.publish("t", &Count(count)).outcome().unwrap();
            hub.publish("t", &Patch::event("counted", &json!([count, hostile])).unwrap()).outcome().unwrap();
        }
        tab.wait_until("all events have come", "seen.length >= 20").await;
        let seen: Vec<(Value, String)> = tab.eval("seen").await;
        // The counter is a leaf: an event may come when newer states have come already, but never before its own.
        for (index, (detail, shown)) in seen.iter().enumerate() {
            let count = index as u64 + 1;
            assert_eq!(*detail, json!([count, hostile]), "{htmx:?}");
            assert!(shown.parse::<u64>().unwrap() >= count, "{htmx:?}: event {count} came when the page showed {shown}");
        }
        assert_eq!(seen.len(), 20, "{htmx:?}");
        assert_eq!(tab.count("main").await, 1);
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_a_title_loads_anew_and_goes_elsewhere() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
        let (tab, origin) = open(&browser, &hub).await;
        hub.publish("t", &Patch::title("(3) <Inbox> & \"more\"")).outcome().unwrap();
        tab.wait_until("it has a title", "document.title === '(3) <Inbox> & \"more\"'").await;
        assert_eq!(tab.text("svg title").await, "A drawing", "{htmx:?}: only the document's title");

        tab.eval::<()>("void (window.old = true)").await;
        hub.publish("t", &Patch::refresh()).outcome().unwrap();
        tab.wait_until("it was loaded anew", "!window.old && document.title === 'Signals'").await;
        until_open(&tab).await;

        hub.publish("t", &Patch::redirect("/elsewhere?a=1&b=%22").unwrap()).outcome().unwrap();
        tab.wait_until("it is elsewhere", "location.pathname === '/elsewhere' && document.readyState === 'complete'").await;
        let url: String = tab.eval("location.href").await;
        assert_eq!(url, format!("{origin}/elsewhere?a=1&b=%22"));
        until_open(&tab).await;
        // Whoever came back is not told again.
        hub.publish("t", &Count(7)).outcome().unwrap();
        tab.wait_for_text("#count", "7").await;

        hub.complete("t").unwrap();
        tab.wait_until("it knows that nothing more is to come", "document.documentElement.dataset.live === 'complete'").await;
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_an_address_and_the_focus() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
        let (tab, _) = open(&browser, &hub).await;
        tab.eval::<()>("void (window.isTheSamePage = true)").await;
        hub.publish("t", &Patch::focus(DomId::new("search").unwrap())).outcome().unwrap();
        tab.wait_until("the field has the focus", "document.activeElement.id === 'search'").await;
        // Browsers leave out on the way back what a page has put into the history before its user did anything.
        tab.click("#count").await;
        hub.publish("t", &Patch::push_url("/elsewhere?page=2").unwrap()).outcome().unwrap();
        tab.wait_until("it has another address", "location.pathname + location.search === '/elsewhere?page=2'").await;
        assert!(tab.eval::<bool>("isTheSamePage").await, "{htmx:?}: nothing was loaded");
        hub.publish("t", &Count(1)).outcome().unwrap();
        tab.wait_for_text("#count", "1").await;
        tab.back().await;
        tab.wait_until("it has its first address", "location.pathname === '/'").await;
        // What had come already does not come again with the page.
        until_open(&tab).await;
        hub.publish("t", &Count(2)).outcome().unwrap();
        tab.wait_for_text("#count", "2").await;
        assert_eq!(tab.eval::<String>("location.pathname").await, "/", "{htmx:?}");
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "{htmx:?}");
    }
}

/// As pages of other kits read their JSON: from the event of htmx 2, on both generations.
const READ_JSON: &str = "void (() => {
    window.read = [];
    document.body.addEventListener('htmx:wsAfterMessage', (event) => {
        try {
            read.push(JSON.parse(event.detail.message).detail);
        } catch {}
    });
})()";

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_of_messages_reads_json_on_both_generations() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
        let (tab, _) = open(&browser, &hub).await;
        tab.eval::<()>(READ_JSON).await;
        for number in 1..=5 {
            hub.publish("t", &Count(number)).outcome().unwrap();
            hub.publish("t", &Patch::event("job", &json!({ "type": "done", "number": number, "text": "<b>bold</b>" })).unwrap())
                .outcome()
                .unwrap();
        }
        tab.wait_until("all messages were read", "read.length >= 5").await;
        let read: Vec<Value> = tab.eval("read").await;
        let expected: Vec<Value> = (1..=5).map(|number| json!({ "type": "done", "number": number, "text": "<b>bold</b>" })).collect();
        assert_eq!(read, expected, "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_development_a_patch_without_a_target_is_reported_once_and_counted() {
    #[derive(Component)]
    #[component(id = "nowhere-{0}", leaf, render = Self::markup)]
    struct Nowhere(u32);
    impl Nowhere {
        fn markup(&self) -> Markup {
            html! { output { "Nobody sees " (self.0) "." } }
        }
    }

    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        for is_development in [true, false] {
            let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).development(is_development).build();
            let (tab, _) = open(&browser, &hub).await;
            tab.eval::<()>(
                "void (window.missing = [], document.addEventListener('htmx-ws:missing', ({ detail }) => missing.push(detail)))",
            )
            .await;
            for number in [1, 1, 2] {
                hub.publish("t", &Nowhere(number)).outcome().unwrap();
            }
            hub.publish("t", &Count(1)).outcome().unwrap();
            tab.wait_for_text("#count", "1").await;
            if !is_development {
                assert_eq!(tab.attribute("html", "data-live-missing").await, None, "{htmx:?}");
                assert_eq!(hub.stats().get(Counter::TargetMissing), 0, "{htmx:?}");
                continue;
            }
            tab.wait_until("both are reported", "document.documentElement.dataset.liveMissing === '2'").await;
            assert_eq!(
                tab.eval::<Value>("missing").await,
                json!([{ "id": "nowhere-1", "topic": "t" }, { "id": "nowhere-2", "topic": "t" }])
            );
            while hub.stats().get(Counter::TargetMissing) < 2 {
                tokio::task::yield_now().await;
            }
        }
    }
}
