//! Regions that come later, and regions that go: one connection, however many there are, and none where there is none.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Component, Counter, Htmx, Hub, Live, TopicStats};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, Markup, html};

use crate::connection::until_live;

#[derive(Component)]
#[component(id = "count-{topic}", leaf, render = Self::markup)]
struct Count {
    topic: &'static str,
    count: u32,
}

impl Count {
    fn markup(&self) -> Markup {
        html! { output { (self.count) } }
    }
}

fn region(live: Live, topic: &'static str) -> Markup {
    let live = live.topic(topic);
    html! { section id={ "region-" (topic) } { (live.connect()) (live.latest(&Count { topic, count: 0 })) } }
}

fn document(head: &Markup, content: &Markup) -> Response {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Regions" } link rel="icon" href="data:,"; (head) }
            body { (content) }
        }
    }
    .into_response()
}

/// A page with one region, and two more for whoever asks.
async fn page(live: Live, State(_): State<Hub>) -> Response {
    let head = live.head();
    let content = html! {
        (region(live, "a"))
        button id="get-b" hx-get="/b" hx-swap="outerHTML" { "b" }
        button id="get-c" hx-get="/c" hx-swap="outerHTML" { "c" }
        button id="drop-b" hx-get="/nothing" hx-target="#region-b" hx-swap="outerHTML" { "without b" }
        button id="drop-a" hx-get="/nothing" hx-target="#region-a" hx-swap="outerHTML" { "without a" }
    };
    document(&head, &content)
}

/// A page that connects when somebody wants to see something.
async fn lazy(State(hub): State<Hub>) -> Response {
    let content = html! {
        p id="told" hx-get="/b" hx-trigger="begin from:body" { "b is told to begin." }
        div style="height: 3000px" {}
        p id="seen" hx-get="/c" hx-trigger="revealed" { "c begins when it is seen." }
        button id="drop-b" hx-get="/nothing" hx-target="#region-b" hx-swap="outerHTML" { "without b" }
        button id="drop-c" hx-get="/nothing" hx-target="#region-c" hx-swap="outerHTML" { "without c" }
    };
    document(&Live::of(&hub).head(), &content)
}

async fn start(browser: &Browser, htmx: Htmx, path: &str) -> (Hub, Tab) {
    let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
    let routes = Router::new()
        .route("/", get(page))
        .route("/lazy", get(lazy))
        .route("/b", get(async |live: Live| region(live, "b")))
        .route("/c", get(async |live: Live| region(live, "c")))
        .route("/nothing", get(async || ""))
        .route("/npm/{*file}", get(npm_file));
    let addr = serve(routes.merge(hub.routes()).with_state(hub.clone())).await;
    let tab = browser.tab(&format!("http://{addr}{path}")).await;
    (hub, tab)
}

async fn until_follows(hub: &Hub, tab: &Tab, topic: &'static str, count: u32) {
    hub.publish(topic, &Count { topic, count });
    tab.wait_for_text(&format!("#count-{topic}"), &count.to_string()).await;
}

async fn until_readers(hub: &Hub, topic: &str, count: usize) {
    let deadline = tokio::time::Instant::now() + htmx_ws_tests::PATIENCE;
    loop {
        let readers = hub.topic_stats().iter().find(|stats| stats.name() == topic).map_or(0, TopicStats::readers);
        if readers == count {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{topic} has {readers} readers, and not {count}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_join_and_leave_the_open_connection() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, tab) = start(&browser, htmx, "/").await;
        until_live(&tab, "open").await;
        until_follows(&hub, &tab, "a", 1).await;
        hub.publish("b", &Count { topic: "b", count: 1 });
        tab.click("#get-b").await;
        tab.wait_for_text("#count-b", "1").await;
        tab.click("#get-c").await;
        for topic in ["c", "b", "a", "b"] {
            until_follows(&hub, &tab, topic, 2).await;
            until_follows(&hub, &tab, topic, 3).await;
        }
        tab.click("#drop-b").await;
        until_readers(&hub, "b", 0).await;
        until_follows(&hub, &tab, "c", 4).await;
        // What has joined is complete: the others go on.
        hub.complete("c").unwrap();
        until_readers(&hub, "c", 0).await;
        until_follows(&hub, &tab, "a", 5).await;
        until_live(&tab, "open").await;
        assert_eq!(hub.stats().get(Counter::Connected), 1, "{htmx:?}: one connection for all of it");
        assert_eq!(tab.console_errors().await, [""; 0], "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_region_can_go_before_the_others() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, tab) = start(&browser, htmx, "/").await;
        until_live(&tab, "open").await;
        tab.click("#get-b").await;
        until_follows(&hub, &tab, "b", 1).await;
        tab.click("#drop-a").await;
        until_readers(&hub, "a", 0).await;
        hub.publish("b", &Count { topic: "b", count: 2 });
        until_live(&tab, "open").await;
        until_follows(&hub, &tab, "b", 3).await;
        assert_eq!(hub.stats().get(Counter::Gap), 0, "{htmx:?}");
        assert_eq!(tab.console_errors().await, [""; 0], "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_connects_when_it_is_told_to_and_stays_away_behind_its_last_region() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, tab) = start(&browser, htmx, "/lazy").await;
        let is_none = "!('live' in document.documentElement.dataset)";
        assert!(tab.eval::<bool>(is_none).await, "{htmx:?}: nothing is live yet");
        assert_eq!(hub.stats().get(Counter::Connected), 0);

        tab.eval::<()>("void document.body.dispatchEvent(new Event('begin'))").await;
        until_live(&tab, "open").await;
        until_follows(&hub, &tab, "b", 1).await;
        until_readers(&hub, "c", 0).await;
        tab.eval::<()>("void document.querySelector('#seen').scrollIntoView()").await;
        tab.wait_until("c is there", "document.querySelector('#count-c')").await;
        until_follows(&hub, &tab, "c", 1).await;
        assert_eq!(hub.stats().get(Counter::Connected), 1, "{htmx:?}");

        tab.click("#drop-b").await;
        tab.click("#drop-c").await;
        tab.wait_until("nothing is live any more", is_none).await;
        until_readers(&hub, "c", 0).await;
        let connected = hub.stats().get(Counter::Connected);
        // Whatever happens, nothing is there that could come back.
        tab.eval::<()>("void window.dispatchEvent(new Event('online'))").await;
        tab.hide().await;
        tab.show().await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert!(tab.eval::<bool>(is_none).await, "{htmx:?}");
        assert_eq!(hub.stats().get(Counter::Connected), connected, "{htmx:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_page_stays_away() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, tab) = start(&browser, htmx, "/").await;
        until_live(&tab, "open").await;
        until_follows(&hub, &tab, "a", 1).await;
        hub.complete("a").unwrap();
        until_live(&tab, "complete").await;
        tab.eval::<()>("void window.dispatchEvent(new Event('online'))").await;
        tab.hide().await;
        tab.show().await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        until_live(&tab, "complete").await;
        assert_eq!(hub.stats().get(Counter::Connected), 1, "{htmx:?}");
    }
}
