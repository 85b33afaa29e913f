//! The pipeline, as people see it: a real cargo builds real crates, in every page.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::workspace;

async fn start(htmx: &str) -> Server {
    let (port, assets) = (workspace::free_port().to_string(), workspace::node_modules());
    let arguments = ["--port", &port, "--htmx", htmx, "--assets", assets.to_str().unwrap()];
    Server::start(workspace::example("pipeline"), arguments, "http://").await
}

async fn open(browser: &Browser, server: &Server) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&server.url("/")).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab
}

const RUN: &str = "#controls [hx-post='/start']";
const RUN_BROKEN: &str = "#controls [hx-post='/start?quality=broken']";
const STOP: &str = "#controls [hx-post='/stop']";

async fn ends_as(tab: &Tab, phase: &str) {
    tab.wait_until(&format!("the run is {phase}"), &format!("document.querySelector('#run-status').textContent.includes('{phase}')")).await;
}

/// The words of the steps, in their order.
async fn steps(tab: &Tab) -> String {
    tab.text(".hw-timeline").await
}

async fn a_build_runs_to_its_end(htmx: &str) {
    let mut server = start(htmx).await;
    let browser = Browser::start().await;
    let first = open(&browser, &server).await;
    first.click(RUN).await;
    first.wait_until("cargo has begun", "document.querySelector('#log').textContent.includes('Compiling')").await;
    let in_the_middle = open(&browser, &server).await;
    for tab in [&first, &in_the_middle] {
        ends_as(tab, "Passed").await;
        let log = tab.text("#log").await;
        assert!(log.contains("unused variable") && log.contains("1229 primes below 10000"), "{log}");
        assert_eq!(steps(tab).await.matches("Passed").count(), 6, "{}", steps(tab).await);
    }
    let late = open(&browser, &server).await;
    for tab in [&in_the_middle, &late] {
        assert_eq!(tab.shape("main").await, first.shape("main").await);
        assert_eq!(tab.policy_violations().await, [""; 0]);
    }

    late.click(RUN_BROKEN).await;
    ends_as(&first, "Failed").await;
    let log = first.text("#log").await;
    assert!(log.contains("no method named `pow` found") && steps(&first).await.contains("Build hello"), "{log}");
    assert_eq!(steps(&first).await.matches("Failed").count(), 1, "{}", steps(&first).await);

    first.click(RUN).await;
    ends_as(&late, "Running").await;
    late.click(STOP).await;
    ends_as(&first, "Stopped").await;
    assert_eq!(complaints(&first, htmx).await, [""; 0]);
    drop((first, in_the_middle, late, browser));
    assert!(server.interrupt().await.success(), "Ctrl-C stops it cleanly");
}

/// What the browser logged, but for what htmx 2 logs where the inserting half of an upsert finds the element there already.
async fn complaints(tab: &Tab, htmx: &str) -> Vec<String> {
    let is_expected = |error: &String| htmx != "4" && error.contains("htmx:oobErrorNoTarget");
    tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_runs_to_its_end_on_htmx_2() {
    a_build_runs_to_its_end("2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_runs_to_its_end_on_htmx_4() {
    a_build_runs_to_its_end("4").await;
}
