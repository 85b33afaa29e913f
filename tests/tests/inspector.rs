//! The inspector, as one sees it who looks: live on every generation of htmx, under a strict policy, and no part of what it shows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use htmx_ws_components::{Component, Counter, Htmx, Hub, Live, Simulation};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use htmx_ws_tests::{page, workspace};
use maud::{DOCTYPE, Markup, html};
use serde_json::json;

/// A topic whose name is markup, if nobody takes care.
const TOPIC: &str = "a/<b>&\"'b";

#[derive(Component)]
#[component(id = "count", leaf, render = Self::markup)]
struct Count(u32);

impl Count {
    fn markup(&self) -> Markup {
        html! { output { (self.0) } }
    }
}

async fn page_of_the_application(live: Live, State(_): State<Hub>) -> Markup {
    let live = live.topic(TOPIC).user("<i>ann</i>");
    html! {
        (DOCTYPE)
        html lang="en" { head { title { "App" } link rel="icon" href="data:,"; (live.head()) } body { (live.connect()) (live.latest(&Count(0))) } }
    }
}

async fn start(htmx: Htmx) -> (Hub, SocketAddr) {
    let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
    let policy = map_response(async |mut response: Response| {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
        response
    });
    let routes = Router::new().route("/", get(page_of_the_application)).route("/npm/{*file}", get(npm_file));
    let routes = routes.nest("/admin/inspector", hub.inspector().layer(policy)).merge(hub.routes());
    (hub.clone(), serve(routes.with_state(hub)).await)
}

async fn open(browser: &Browser, addr: SocketAddr, path: &str) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&format!("http://{addr}{path}")).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab
}

async fn inspect(browser: &Browser, addr: SocketAddr) -> Tab {
    open(browser, addr, "/admin/inspector").await
}

/// No policy was broken, and nothing was logged but what htmx 2 says of an upsert whose element is there.
async fn is_calm(tab: &Tab, htmx: Htmx) {
    let is_expected = |error: &String| error.contains("/htmx2/") && error.contains("htmx:oobErrorNoTarget");
    let complaints: Vec<String> = tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect();
    assert_eq!((complaints, tab.policy_violations().await), (Vec::new(), Vec::new()), "{htmx:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_change_while_one_looks() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, addr) = start(htmx).await;
        let tab = inspect(&browser, addr).await;
        tab.wait_for_text("#connections-now .hw-stat-value", "0").await;
        assert!(!tab.eval::<bool>("document.querySelector('#connections').checkVisibility()").await, "an empty table is not shown");
        let application = open(&browser, addr, "/").await;
        tab.wait_for_text("#connections-now .hw-stat-value", "1").await;
        tab.wait_until("its row is there", "document.querySelectorAll('#connections-rows > tr').length === 1").await;
        assert!(tab.text("#connections-rows").await.contains("<i>ann</i>") && tab.count("#connections i").await == 0);
        for count in 1..=3 {
            hub.publish(TOPIC, &Count(count)).outcome().unwrap();
            application.wait_for_text("#count", &count.to_string()).await;
            tab.wait_for_text("#topics-rows > tr > td:nth-child(3)", &count.to_string()).await;
        }
        tab.wait_for_text("#connections-rows > tr > td:nth-child(8)", "3").await;
        tab.wait_for_text("#topics-rows > tr > th", TOPIC).await;
        tab.wait_until("the counters follow", "document.querySelector('#counter-published .hw-number').textContent === '3'").await;
        application.close().await;
        tab.wait_for_text("#connections-now .hw-stat-value", "0").await;
        tab.wait_until("its row has gone", "!document.querySelector('#connections-rows > tr')").await;
        is_calm(&tab, htmx).await;
        assert_eq!((hub.stats().connections(), hub.stats().topics()), (0, 1), "the inspector is no part of the hub");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_sorted_by_the_server_and_stay_so() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, addr) = start(htmx).await;
        for topic in ["a", "b", "c"] {
            hub.publish(topic, &Count(1));
        }
        let tab = open(&browser, addr, "/admin/inspector?sort=changed").await;
        let names = "[...document.querySelectorAll('#topics-rows th')].map(name => name.textContent).join('')";
        tab.wait_until("the newest is first", &format!("{names} === 'cba'")).await;
        hub.publish("a", &Count(2));
        tab.wait_until("the order follows", &format!("{names} === 'acb'")).await;
        hub.publish("d", &Count(2));
        tab.wait_until("a new one is at its place", &format!("{names} === 'dacb'")).await;
        tab.click("#topics thead th:first-child a").await;
        tab.wait_until("they are sorted by their names", &format!("{names} === 'abcd'")).await;
        assert_eq!(tab.attribute("#topics [aria-sort]", "aria-sort").await.as_deref(), Some("ascending"));
        is_calm(&tab, htmx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_comes_back_where_it_was() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, addr) = start(htmx).await;
        let application = open(&browser, addr, "/").await;
        application.eval::<bool>("window.isTheSamePage = true").await;
        application
            .eval::<()>("void (window.states = [], document.addEventListener('htmx-ws:state', ({ detail }) => states.push(detail.state)))")
            .await;
        let tab = inspect(&browser, addr).await;
        let page = hub.connection_stats(1)[0].page();
        tab.click("#connections-rows button").await;
        application.wait_until("it was away and came back", "states[0] === 'reconnecting' && states.at(-1) === 'open'").await;
        assert_eq!((hub.stats().get(Counter::CutByHand), hub.connection_stats(9).len()), (1, 1));
        assert_eq!(hub.connection_stats(9)[0].page(), page);
        hub.publish(TOPIC, &Count(7));
        application.wait_for_text("#count", "7").await;
        assert!(application.eval::<bool>("window.isTheSamePage").await, "it was not loaded anew");
        tab.wait_until("the new connection has a row", "document.querySelector('#connections-rows > tr')?.id === 'connection-1'").await;
        is_calm(&tab, htmx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_simulated_until_it_is_turned_off() {
    const LATENCY: Duration = Duration::from_millis(700);
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, addr) = start(htmx).await;
        let application = open(&browser, addr, "/").await;
        let tab = inspect(&browser, addr).await;
        tab.eval::<()>("void (document.querySelector('[name=latency_ms]').value = 700)").await;
        tab.click(".simulator .is-primary").await;
        tab.wait_until("it says so", "document.querySelector('#line').textContent.includes('700 ms late')").await;
        assert_eq!(hub.simulation(), Simulation::OFF.latency(LATENCY));
        let began = Instant::now();
        hub.publish(TOPIC, &Count(1));
        application.wait_for_text("#count", "1").await;
        assert!(began.elapsed() >= LATENCY, "{htmx:?}: {:?}", began.elapsed());
        tab.click(".simulator form:last-child button").await;
        tab.wait_until("it says so", "document.querySelector('#line').textContent.includes('as it is')").await;
        assert!(!hub.simulation().is_on());
        is_calm(&tab, htmx).await;
    }
}

#[tokio::test]
async fn a_line_that_breaks_loses_nothing() {
    let hub = Hub::builder().flush_interval(Duration::ZERO).build();
    let addr = serve(hub.routes().with_state(())).await;
    hub.simulate(Simulation::OFF.drops(Simulation::MAX_DROPS));
    let path = socket_path(&Live::of(&hub).topic("t"));
    let mut place: Option<String> = None;
    for count in 1..=30 {
        hub.publish("t", &Count(count));
        let shown = loop {
            let at = place.as_ref().map(|place| format!("&at={place}")).unwrap_or_default();
            let mut socket = Socket::open(addr, &format!("{path}{at}")).await;
            // Where the line begins, said to the script alone.
            if place.is_some() && socket.text_if_any().await.is_none() {
                continue;
            }
            if let Some(text) = socket.text_if_any().await {
                let cursor = text.strip_prefix("<!--htmx-ws ").unwrap().split_once("-->").unwrap().0;
                place = Some(cursor.replace(' ', "~"));
                break text;
            }
        };
        assert!(shown.contains(&format!(">{count}</output>")), "{shown}");
    }
    assert!(hub.stats().get(Counter::CutSimulated) > 0 && hub.stats().get(Counter::Gap) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_shown_as_it_is_sent_and_as_it_looks() {
    let browser = Browser::start().await;
    for htmx in Htmx::ALL {
        let (hub, addr) = start(htmx).await;
        hub.publish(TOPIC, &Count(1));
        let tab = inspect(&browser, addr).await;
        tab.click("#topics-rows th a").await;
        tab.wait_for_text("h1", TOPIC).await;
        tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        let sent = "document.querySelector('#wire').textContent";
        assert!(tab.eval::<bool>(&format!("{sent}.includes('<output') && {sent}.includes('>1</output>')")).await);
        hub.publish(TOPIC, &Count(2));
        tab.wait_until("the frame comes", &format!("{sent}.includes('>2</output>')")).await;
        tab.wait_for_text("#fact-version .hw-stat-value", "2").await;
        tab.wait_until("the preview follows", "document.querySelector('#preview').srcdoc.includes('>2</output>')").await;
        assert_eq!(tab.attribute("#preview", "sandbox").await.as_deref(), Some(""));
        assert_eq!(tab.count("#wire output").await, 0, "what is shown raw is text");
        tab.click("nav a").await;
        tab.wait_until("one is back", "document.querySelector('#topics-rows')").await;
        is_calm(&tab, htmx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_topics_ends_and_says_so() {
    let (hub, addr) = start(Htmx::V4).await;
    for topic in 0..250 {
        hub.publish(format!("topic-{topic:03}"), &Count(1));
    }
    let html = page::get(addr, "/admin/inspector");
    assert!(html.contains("the first 200 of 250") && html.contains(">topic-199<") && !html.contains(">topic-200<"));
    assert_eq!(hub.stats().topics(), 250);
}

/// That axe finds what is wrong, and what it finds.
const VIOLATIONS: &str = "(async () => {
    document.querySelector('main').insertAdjacentHTML('beforeend', '<img id=control src=/icon.svg>');
    const { violations: seen } = await axe.run('#control');
    document.querySelector('#control').remove();
    const { violations, passes } = await axe.run(document, { resultTypes: ['violations'], iframes: false });
    const broken = violations.map(({ id, nodes }) => id + ': ' + nodes.map(node => node.html + ' ' + node.failureSummary).join('\\n  '));
    return [seen.length > 0 && passes.length > 20, broken];
})()";

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing() {
    let browser = Browser::start().await;
    let axe = std::fs::read_to_string(workspace::node_modules().join("axe-core/axe.min.js")).unwrap();
    for scheme in ["light", "dark"] {
        let (hub, addr) = start(Htmx::V4).await;
        hub.publish(TOPIC, &Count(1));
        let _application = Socket::open(addr, &socket_path(&Live::of(&hub).topic(TOPIC))).await;
        let tab = inspect(&browser, addr).await;
        tab.wait_until("there is a row", "document.querySelector('#connections-rows > tr')").await;
        let topic = tab.attribute("#topics-rows a", "href").await.unwrap();
        for path in ["/admin/inspector".to_owned(), topic] {
            let features =
                json!([{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }]);
            tab.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
            tab.goto(&format!("http://{addr}{path}")).await;
            tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
            tab.eval::<()>(&format!("(() => {{\n{axe}\n}})()")).await;
            let (is_awake, broken): (bool, Vec<String>) = tab.eval(VIOLATIONS).await;
            assert!(is_awake && broken.is_empty(), "{scheme}, {path}:\n{}", broken.join("\n"));
        }
    }
}
