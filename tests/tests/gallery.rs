//! The gallery, as a person and as axe-core see it: every component in every state, on every generation of htmx, under a strict policy.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use htmx_ws_tests::axe;
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::workspace;
use serde_json::json;

async fn start(htmx: &str) -> Server {
    let (port, assets) = (workspace::free_port().to_string(), workspace::node_modules());
    let arguments = ["--port", &port, "--htmx", htmx, "--assets", assets.to_str().unwrap()];
    Server::start(workspace::example("gallery"), arguments, "http://").await
}

async fn is_live(tab: &Tab) {
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
}

/// Everything that the browsers logged, but for what htmx 2 logs where the inserting half of an upsert finds the element there already.
async fn complaints(tab: &Tab, htmx: &str) -> Vec<String> {
    let is_expected = |error: &String| htmx != "4" && error.contains("htmx:oobErrorNoTarget");
    tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect()
}

/// What the live part shows of each component.
const LIVE: [(&str, &str); 5] = [
    ("the counter runs", "#live-requests"),
    ("a stat changes", "#live-throughput"),
    ("a line is drawn on", "#live-latency-line"),
    ("a row changes", "#live-server-2"),
    ("the log grows", "#live-log"),
];

/// The policy that a page has, and what of it was broken, when the test itself has broken it once more.
const POLICY: &str = "(async () => {
    const policy = (await fetch(location.href)).headers.get('content-security-policy');
    const told = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
    document.body.setAttribute('style', 'color: red');
    await told;
    return [policy, ...forbidden];
})()";

async fn the_live_part_lives(htmx: &str) {
    let mut server = start(htmx).await;
    let browser = Browser::start().await;
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&format!("http://{}", server.announced())).await;
    is_live(&tab).await;
    for (what, css) in LIVE {
        let before = json!(tab.html(css).await);
        tab.wait_until(what, &format!("document.querySelector('{css}').outerHTML !== {before}")).await;
    }
    let ids: Vec<String> = tab.eval("[...document.querySelectorAll('[id]')].map(element => element.id)").await;
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "no id stands twice in the page");
    let rows: Vec<String> = tab.eval("[...document.querySelector('#live-servers').children].map(row => row.tagName + row.id)").await;
    assert!(rows.iter().all(|row| row.starts_with("TRlive-server-")) && (4..=5).contains(&rows.len()), "{rows:?}");
    assert_eq!(complaints(&tab, htmx).await, [""; 0]);
    let policy: Vec<String> = tab.eval(POLICY).await;
    assert_eq!(policy[0], "default-src 'self'");
    assert!(policy.len() == 2 && policy[1].starts_with("style-src-attr inline"), "only what the test did itself is forbidden: {policy:?}");
    drop((tab, browser));
    assert!(server.terminate().await.success(), "SIGTERM stops it cleanly");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_part_lives_on_htmx_2() {
    the_live_part_lives("2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_part_lives_on_htmx_2_with_idiomorph() {
    the_live_part_lives("2-morph").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_part_lives_on_htmx_4() {
    the_live_part_lives("4").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_closes_a_toast_without_a_script() {
    let server = start("4").await;
    let browser = Browser::start().await;
    let tab = browser.tab(&format!("http://{}/#toast", server.announced())).await;
    is_live(&tab).await;
    assert!(tab.eval::<bool>("document.querySelector('#toast-success').checkVisibility()").await);
    tab.click("#toast-success button").await;
    tab.wait_until("the toast is closed", "!document.querySelector('#toast-success').checkVisibility()").await;
    assert!(tab.eval::<bool>("location.search === '' && document.querySelector('#toast-danger').checkVisibility()").await);
    assert_eq!(complaints(&tab, "4").await, [""; 0]);
}

/// How far the newest line reaches beyond the end of the area.
const OVERFLOW: &str = "(log => log.querySelector('li:last-child').getBoundingClientRect().bottom - log.getBoundingClientRect().bottom)
(document.querySelector('#live-log'))";

/// Where the line that a test has marked begins in the area.
const MARKED: &str =
    "Math.round(window.marked.getBoundingClientRect().top - document.querySelector('#live-log').getBoundingClientRect().top)";

/// Waits for as many new lines.
async fn lines_come(tab: &Tab, count: usize) {
    let newest = "document.querySelector('#live-log li:last-child').id";
    for _ in 0..count {
        let before: String = tab.eval(newest).await;
        tab.wait_until("a line comes", &format!("{newest} !== {}", json!(before))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_stays_at_its_end_unless_one_reads_above() {
    let server = start("4").await;
    let browser = Browser::start().await;
    let tab = browser.tab(&format!("http://{}", server.announced())).await;
    is_live(&tab).await;
    lines_come(&tab, 2).await;
    tab.wait_until("the newest line can be seen", &format!("{OVERFLOW} <= 0")).await;
    let mark =
        "void (window.marked = document.querySelector('#live-log li:nth-last-child(9)'), marked.scrollIntoView({ block: 'center' }))";
    tab.eval::<()>(mark).await;
    tab.wait_until("the newest line is out of sight", &format!("{OVERFLOW} > 0")).await;
    let place: i64 = tab.eval(MARKED).await;
    lines_come(&tab, 2).await;
    // The browser anchors the scroll with its next frame.
    tab.wait_until("what is read is where it was", &format!("Math.abs({MARKED} - {place}) <= 1")).await;
}

async fn axe_finds_nothing(htmx: &str, looks: [(&str, &str); 2]) {
    let server = start(htmx).await;
    let browser = Browser::start().await;
    for (scheme, direction) in looks {
        let tab = browser.tab("about:blank").await;
        axe::prefer(&tab, scheme).await;
        tab.goto(&format!("http://{}/?dir={direction}", server.announced())).await;
        is_live(&tab).await;
        // What it looks at came in part with the page, in part with a frame.
        lines_come(&tab, 1).await;
        let broken = axe::violations(&tab).await;
        assert!(broken.is_empty(), "htmx {htmx}, {scheme}, {direction}:\n{}", broken.join("\n"));
        assert_eq!(complaints(&tab, htmx).await, [""; 0]);
        tab.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_htmx_2() {
    axe_finds_nothing("2", [("light", "rtl"), ("dark", "ltr")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_htmx_4() {
    axe_finds_nothing("4", [("light", "ltr"), ("dark", "rtl")]).await;
}
