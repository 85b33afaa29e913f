//! The pages in Bootstrap's and in Tailwind's classes: live, without a class or a look of ours, under a strict policy, and as axe-core sees them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::{axe, workspace};
use serde_json::json;

async fn start(example: &str, htmx: &str) -> Server {
    let (port, assets) = (workspace::free_port().to_string(), workspace::node_modules());
    let mut arguments = vec!["--port", &port, "--htmx", htmx, "--assets", assets.to_str().unwrap()];
    if example == "tailwind" {
        arguments.extend(["--css", workspace::tailwind_sheet().to_str().unwrap()]);
    }
    Server::start(workspace::example(example), arguments, "http://").await
}

async fn is_live(tab: &Tab) {
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
}

/// Everything that the browsers logged, but for what htmx 2 logs where the inserting half of an upsert finds the element there already.
async fn complaints(tab: &Tab, htmx: &str) -> Vec<String> {
    let is_expected = |error: &String| htmx != "4" && error.contains("htmx:oobErrorNoTarget");
    tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect()
}

/// What changes while one looks.
const LIVE: [(&str, &str); 8] = [
    ("the release goes on", "#release-progress"),
    ("a file is uploaded", "#upload-1"),
    ("the caches are warmed", "#warming"),
    ("the counter runs", "#live-requests"),
    ("a stat changes", "#live-throughput"),
    ("a line is drawn on", "#live-latency-line"),
    ("a row changes", "#live-server-2"),
    ("the log grows", "#live-log"),
];

/// The classes of ours in the page, but for the widths of bars.
const OUR_CLASSES: &str = "[...document.querySelectorAll('[class]')]
    .flatMap((element) => [...element.classList])
    .filter((name) => name.startsWith('hw-') && !/^hw-w\\d+$/.test(name))";

/// The rules of our style sheet that say something about an element of the page, but for the widths of bars.
const OUR_RULES: &str = "(() => {
    const found = [];
    const look = (rules) => [...rules].forEach((rule) => {
        if (!rule.selectorText) return look(rule.cssRules || []);
        // What is nested in a rule that concerns nothing concerns nothing. An element has its pseudo-elements, and may come into any state.
        const selector = rule.selectorText.replace(/::[a-z-]+|:(hover|focus-visible)/g, '');
        if (!/^\\.hw-w\\d+$/.test(selector) && document.querySelector(selector)) found.push(rule.selectorText);
    });
    const ours = [...document.styleSheets].filter((sheet) => sheet.href.includes('/components'));
    ours.forEach((sheet) => look(sheet.cssRules));
    return [ours.length, found];
})()";

async fn the_page_lives(example: &str, htmx: &str) {
    let mut server = start(example, htmx).await;
    let browser = Browser::start().await;
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&format!("http://{}", server.announced())).await;
    is_live(&tab).await;
    for (what, css) in LIVE {
        let before = json!(tab.html(css).await);
        tab.wait_until(what, &format!("document.querySelector('{css}').outerHTML !== {before}")).await;
    }
    assert_eq!(tab.eval::<Vec<String>>(OUR_CLASSES).await, [""; 0]);
    // The root carries our custom properties, and a colour scheme that the page's own style sheet decides.
    assert_eq!(tab.eval::<(u8, Vec<String>)>(OUR_RULES).await, (1, vec![":where(:root)".to_owned()]));
    for (what, css) in [("a bar is filled", "#release-progress"), ("a known bar is filled", "#upload-3")] {
        let shown = format!("document.querySelector('{css} [role=progressbar] > div').getBoundingClientRect().width > 20");
        tab.wait_until(what, &shown).await;
    }
    assert_eq!(tab.policy_violations().await, [""; 0]);
    assert_eq!(complaints(&tab, htmx).await, [""; 0]);
    drop((tab, browser));
    assert!(server.interrupt().await.success(), "Ctrl-C stops it cleanly");
}

#[tokio::test(flavor = "multi_thread")]
async fn bootstrap_lives_on_htmx_2() {
    the_page_lives("bootstrap", "2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bootstrap_lives_on_htmx_4() {
    the_page_lives("bootstrap", "4").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tailwind_lives_on_htmx_2() {
    the_page_lives("tailwind", "2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tailwind_lives_on_htmx_4() {
    the_page_lives("tailwind", "4").await;
}

/// A class that displays an element with force would show it where it is hidden, closed, or put aside.
async fn what_is_closed_is_gone(example: &str) {
    let server = start(example, "4").await;
    let browser = Browser::start().await;
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    // Bootstrap scrolls smoothly to what is clicked, and the click does not wait for that.
    axe::prefer(&tab, "light").await;
    tab.goto(&format!("http://{}", server.announced())).await;
    is_live(&tab).await;
    let is_shown = |css: &str| format!("document.querySelector('{css}').checkVisibility()");
    tab.wait_until("a toast is there", "document.querySelector('#live-toasts li')").await;
    let toast = is_shown("#live-toasts dialog");
    assert!(tab.eval::<bool>(&toast).await);
    tab.click("#live-toasts button").await;
    tab.wait_until("the toast is closed", &format!("!{toast}")).await;
    assert_eq!(tab.eval::<u32>("document.querySelector('#live-toasts li').offsetHeight").await, 0, "and leaves no gap");

    let overlay = is_shown("#warming");
    let hidden = "(overlay => { overlay.hidden = true; const shown = overlay.checkVisibility(); overlay.hidden = false; return shown; })";
    assert!(!tab.eval::<bool>(&format!("{hidden}(document.querySelector('#warming'))")).await, "hidden while it is closed");
    assert!(tab.eval::<bool>(&overlay).await);
    tab.click("#warming-dismiss").await;
    tab.wait_until("the overlay is put aside", &format!("!{overlay}")).await;
    assert_eq!(tab.policy_violations().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_is_gone_in_bootstrap() {
    what_is_closed_is_gone("bootstrap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_is_gone_in_tailwind() {
    what_is_closed_is_gone("tailwind").await;
}

async fn axe_finds_nothing(example: &str) {
    let server = start(example, "4").await;
    let browser = Browser::start().await;
    for scheme in ["light", "dark"] {
        let tab = browser.tab("about:blank").await;
        axe::prefer(&tab, scheme).await;
        // Bootstrap's scheme is the page's, Tailwind's the reader's.
        tab.goto(&format!("http://{}/?theme={scheme}", server.announced())).await;
        is_live(&tab).await;
        let before = json!(tab.html("#live-requests").await);
        tab.wait_until("a frame came", &format!("document.querySelector('#live-requests').outerHTML !== {before}")).await;
        let broken = axe::violations(&tab).await;
        assert!(broken.is_empty(), "{example}, {scheme}:\n{}", broken.join("\n"));
        assert_eq!(complaints(&tab, "4").await, [""; 0]);
        tab.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_bootstrap() {
    axe_finds_nothing("bootstrap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_tailwind() {
    axe_finds_nothing("tailwind").await;
}
