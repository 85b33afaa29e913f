//! What a page shows while its node hears nothing of the others, and behind a backplane that has lost what it had.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use htmx_ws_components::{Counter, DomId, Fragment, Htmx, Hub, MemoryBackplane, Nesting, Patch, Snapshot, Topic};
use htmx_ws_tests::browser::Browser;
use htmx_ws_tests::site::Site;
use htmx_ws_tests::socket::serve;
use serde_json::json;

use crate::connection::{open, until_live, until_right};

on_both_generations! {
    a_page_says_that_it_may_be_old_and_goes_on,
    a_page_without_a_socket_says_so_too,
    what_was_lost_is_shown_as_the_application_has_it,
}

async fn a_page_says_that_it_may_be_old_and_goes_on(htmx: Htmx) {
    let backplane = MemoryBackplane::new();
    let site = Site::new(Hub::builder().backplane(backplane.clone()), htmx);
    let addr = serve(site.router()).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    tab.eval::<bool>("window.isTheFirstPage = true").await;
    backplane.go_away();
    until_live(&tab, "stale").await;
    let late = browser.tab(&format!("http://{addr}/")).await;
    until_live(&late, "stale").await;
    late.close().await;
    backplane.come_back();
    until_live(&tab, "open").await;
    site.count(3);
    tab.wait_for_text("#count", "3").await;
    until_right(&tab).await;
    assert!(tab.eval::<bool>("window.isTheFirstPage === true").await, "the page was not loaded anew");
}

async fn a_page_without_a_socket_says_so_too(htmx: Htmx) {
    let backplane = MemoryBackplane::new();
    let site = Site::new(Hub::builder().backplane(backplane.clone()), htmx);
    let addr = serve(site.router()).await;
    let browser = Browser::start().await;
    // It has an event stream then; and without that it polls.
    for (count, missing) in [(1, "delete window.WebSocket"), (2, "delete window.EventSource")] {
        let tab = browser.tab("about:blank").await;
        for source in ["delete window.WebSocket", missing] {
            tab.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
        }
        tab.goto(&format!("http://{addr}/")).await;
        until_live(&tab, "fallback").await;
        backplane.go_away();
        until_live(&tab, "stale").await;
        backplane.come_back();
        until_live(&tab, "fallback").await;
        site.count(count);
        tab.wait_for_text("#count", &count.to_string()).await;
        tab.close().await;
    }
}

async fn what_was_lost_is_shown_as_the_application_has_it(htmx: Htmx) {
    let (backplane, shown) = (MemoryBackplane::new(), Arc::new(OnceLock::<Site>::new()));
    let source = Arc::clone(&shown);
    let snapshot = move |_: &Topic| {
        let html = source.get()?.region().into_string();
        let region = Fragment::new(DomId::new("region").unwrap(), html, Nesting::Branch).unwrap();
        Some(std::future::ready(Ok::<_, Infallible>(Snapshot::of(&Patch::Morph(region)))))
    };
    let site = Site::new(Hub::builder().backplane(backplane.clone()).snapshot(snapshot), htmx);
    shown.set(site.clone()).unwrap();
    let addr = serve(site.router()).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    tab.eval::<bool>("window.isTheFirstPage = true").await;
    site.count(1);
    tab.wait_for_text("#count", "1").await;
    backplane.lose_all();
    // Nobody takes that: only the application has it.
    site.count(2);
    tab.wait_for_text("#count", "2").await;
    until_live(&tab, "open").await;
    site.step("of now");
    until_right(&tab).await;
    assert!(tab.eval::<bool>("window.isTheFirstPage === true").await, "the page was not loaded anew");
    assert_eq!(site.hub().stats().get(Counter::GapFilled), 1);
}
