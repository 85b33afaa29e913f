//! The monitor, as a person sees it: the numbers of a real machine, which move while somebody looks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::workspace;
use serde_json::json;

async fn start(htmx: &str) -> Server {
    let (port, assets) = (workspace::free_port().to_string(), workspace::node_modules());
    let arguments = ["--port", &port, "--htmx", htmx, "--assets", assets.to_str().unwrap()];
    Server::start(workspace::example("monitor"), arguments, "http://").await
}

async fn open(browser: &Browser, server: &Server) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&server.url("/")).await;
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
    tab
}

async fn changes(tab: &Tab, css: &str) {
    let before = json!(tab.html(css).await);
    tab.wait_until(&format!("`{css}` changes"), &format!("document.querySelector('{css}').outerHTML !== {before}")).await;
}

/// Whether the load is shown as what its line ends with, which has one digit more.
const AGREES: &str = "Math.abs(parseFloat(document.querySelector('#load .hw-stat-value').textContent)
    - parseFloat(document.querySelector('#load-line').getAttribute('aria-label').split(' ').pop())) < 0.56";

/// How often the machine was measured, as a page says that is loaded now, and half a second later another one, neither of them live.
const MEASURED_TWICE: &str = "(async () => {
    const measured = async () => new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html').querySelector('#measurements').textContent;
    const first = await measured();
    await new Promise((wake) => setTimeout(wake, 500));
    return [first, await measured()];
})()";

async fn the_numbers_move_while_somebody_looks(htmx: &str) {
    let mut server = start(htmx).await;
    let browser = Browser::start().await;
    let first = open(&browser, &server).await;
    // While its lines fill, they change with every measurement: also on a machine that has nothing to do, or too much.
    for css in ["#load-line", "#memory-line"] {
        changes(&first, css).await;
    }
    // What this test itself runs is work.
    first
        .wait_until(
            "a core is busy",
            "[...document.querySelectorAll('[id^=core-]')].some((bar) => parseInt(bar.textContent.match(/(\\d+)%/)[1]) > 0)",
        )
        .await;
    let second = open(&browser, &server).await;
    for tab in [&first, &second] {
        changes(tab, "#measurements").await;
    }
    let cores: usize = first.text("#cores .hw-stat-value").await.parse().unwrap();
    assert!(cores > 0 && first.count("[id^='core-']").await == cores, "a bar for each of {cores} cores");
    first.wait_until("the figure is the end of its line", AGREES).await;
    assert_eq!(first.policy_violations().await, [""; 0]);
    assert_eq!(complaints(&first, htmx).await, [""; 0]);

    let still = browser.tab(&server.url("/icon.svg")).await;
    let [before, behind]: [String; 2] = still.eval(MEASURED_TWICE).await;
    assert_ne!(before, behind, "it measures while pages are open");
    first.close().await;
    second.close().await;
    still
        .wait_until("nobody measures when nobody looks", &format!("await {MEASURED_TWICE}.then(([first, second]) => first === second)"))
        .await;
    drop((still, browser));
    assert!(server.interrupt().await.success(), "Ctrl-C stops it cleanly");
}

/// What the browser logged, but for what htmx 2 logs where the inserting half of an upsert finds the element there already.
async fn complaints(tab: &Tab, htmx: &str) -> Vec<String> {
    let is_expected = |error: &String| htmx != "4" && error.contains("htmx:oobErrorNoTarget");
    tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_move_while_somebody_looks_on_htmx_2() {
    the_numbers_move_while_somebody_looks("2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_move_while_somebody_looks_on_htmx_4() {
    the_numbers_move_while_somebody_looks("4").await;
}
