//! What a live page is, on every generation of htmx and in every browser.

use std::time::{Duration, Instant};

use htmx_ws_components::{Counter, Htmx, Patch};
use htmx_ws_tests::browser::{Browser, Engine};
use htmx_ws_tests::proxy::Proxy;
use htmx_ws_tests::site::TOPIC;

use crate::connection::{open, start, until_live, until_right};

macro_rules! on_every_engine {
    (@$module:ident, $engine:ident, $htmx:ident, $($name:ident,)+) => {
        mod $module { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(super::Engine::$engine, super::Htmx::$htmx).await;
            }
        )+ }
    };
    ($($name:ident,)+) => {
        on_every_engine! { @htmx_2, Chromium, V2, $($name,)+ }
        on_every_engine! { @htmx_4, Chromium, V4, $($name,)+ }
        on_every_engine! { @webkit_htmx_2, WebKit, V2, $($name,)+ }
        on_every_engine! { @webkit_htmx_4, WebKit, V4, $($name,)+ }
    };
}

on_every_engine! {
    an_update_is_swapped_in,
    steps_come_change_and_go_in_order,
    a_publish_between_rendering_and_connecting_is_shown,
    a_socket_cut_during_a_hundred_publishes_resumes,
    a_page_without_our_script_is_live,
    an_event_comes_in_its_place,
}

pub(crate) async fn an_update_is_swapped_in(engine: Engine, htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start_as(engine).await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    site.count(42);
    tab.wait_for_text("#count", "42").await;
    assert_eq!(tab.attribute("#progress [role=progressbar]", "aria-valuenow").await.as_deref(), Some("42"));
    site.count(100);
    tab.wait_for_text("#status", "Complete").await;
    until_right(&tab).await;
    if engine == Engine::Chromium {
        assert_eq!(tab.console_errors().await, Vec::<String>::new(), "no error, and no violation of `default-src 'self'`");
    }
    assert_eq!(site.hub().stats().get(Counter::Connected), 1, "one socket");
}

pub(crate) async fn steps_come_change_and_go_in_order(engine: Engine, htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start_as(engine).await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    for name in ["fetch", "build", "test", "build", "deploy"] {
        site.step(name);
    }
    tab.wait_until("four steps are shown", "document.querySelectorAll('#steps > li').length === 4").await;
    until_right(&tab).await;
    site.remove_step("fetch");
    site.step("fetch");
    site.step("test");
    until_right(&tab).await;
    let ids: Vec<String> = tab.eval("[...document.querySelectorAll('#steps > li')].map((step) => step.id)").await;
    assert_eq!(ids, ["step-build", "step-test", "step-deploy", "step-fetch"]);
}

pub(crate) async fn a_publish_between_rendering_and_connecting_is_shown(engine: Engine, htmx: Htmx) {
    let (_site, addr) = start(htmx).await;
    let browser = Browser::start_as(engine).await;
    let tab = open(&browser, &format!("http://{addr}/late")).await;
    tab.wait_for_text("#count", "99").await;
    until_right(&tab).await;
    assert_eq!(tab.count("#step-late").await, 1);
}

pub(crate) async fn a_socket_cut_during_a_hundred_publishes_resumes(engine: Engine, htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let proxy = Proxy::start(addr).await;
    let browser = Browser::start_as(engine).await;
    let tab = open(&browser, &proxy.url("/")).await;
    tab.eval::<bool>("window.isTheSamePage = true").await;
    site.step("before");
    tab.wait_until("the first step is shown", "document.querySelector('#step-before')").await;

    let start = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    for n in 1..=100 {
        pace.tick().await;
        match n {
            25 => proxy.cut().await,
            30 => site.step("during"),
            40 => site.remove_step("before"),
            50 => site.step("before"),
            _ => {}
        }
        site.count(n);
    }
    assert!(start.elapsed() >= Duration::from_millis(1980));
    until_live(&tab, "reconnecting").await;
    proxy.restore();
    until_live(&tab, "open").await;
    tab.wait_for_text("#count", "100").await;
    until_right(&tab).await;
    assert!(tab.eval::<bool>("window.isTheSamePage").await, "it resumed, and was not loaded anew");
    assert_eq!(site.hub().stats().get(Counter::Gap), 0);
}

pub(crate) async fn a_page_without_our_script_is_live(engine: Engine, htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let proxy = Proxy::start(addr).await;
    let browser = Browser::start_as(engine).await;
    let tab = browser.tab(&proxy.url("/plain")).await;
    site.count(1);
    site.step("one");
    until_right(&tab).await;
    proxy.cut().await;
    site.step("two");
    site.count(2);
    proxy.restore();
    tab.wait_for_text("#count", "2").await;
    until_right(&tab).await;
    assert_eq!(tab.eval::<Option<String>>("document.documentElement.dataset.live ?? null").await, None);
}

async fn an_event_comes_in_its_place(engine: Engine, htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start_as(engine).await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    let listen = "void (() => {
        window.seen = [];
        document.addEventListener('counted', ({ detail }) => seen.push([detail, +document.querySelector('#count').textContent]));
    })()";
    tab.eval::<()>(listen).await;
    for count in 1..=10 {
        site.count(count);
        site.hub().publish(TOPIC, &Patch::event("counted", &count).unwrap()).outcome().unwrap();
    }
    tab.wait_until("all events have come", "seen.length >= 10").await;
    let seen: Vec<(u32, u32)> = tab.eval("seen").await;
    assert_eq!(seen.iter().map(|(count, _)| *count).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>(), "once, in order");
    assert!(seen.iter().all(|(count, shown)| shown >= count), "behind what was published before: {seen:?}");
}
