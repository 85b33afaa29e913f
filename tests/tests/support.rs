//! The tests' own tools, tried on a page and a process whose behaviour is known.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use axum::{
    Router,
    http::header::CONTENT_SECURITY_POLICY,
    response::{Html, IntoResponse},
    routing::get,
};
use htmx_ws_tests::{
    PATIENCE,
    browser::{Browser, Engine},
    process::{Process, Server, signal},
    proxy::Proxy,
    workspace,
};
use serde_json::json;
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

const PAGE: &str = r#"<!doctype html><title>Page</title><link rel="icon" href="data:,">
<p id="greeting" data-kind="short">  Hello,
    <b>page</b> </p>
<button onclick="this.textContent = 'pressed'">press</button>
<script>
    seen = [];
    document.addEventListener("visibilitychange", () => seen.push(document.visibilityState));
    setTimeout(() => document.body.insertAdjacentHTML("beforeend", "<i id=late>late</i>"), 100);
</script>"#;

async fn strict() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'")], Html(PAGE))
}

/// A site with one page that is as it should be, and one that its own policy forbids.
async fn site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = Router::new().route("/", get(async || Html(PAGE))).route("/answer", get(async || "42")).route("/strict", get(strict));
    tokio::spawn(async move { axum::serve(listener, app).await });
    addr
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_can_be_read_and_waited_for() {
    let url = format!("http://{}", site().await);
    let browser = Browser::start().await;
    let tab = browser.tab(&url).await;

    assert_eq!(tab.text("#greeting").await, "Hello, page");
    assert_eq!(tab.html("#greeting b").await, "<b>page</b>");
    assert_eq!(tab.attribute("#greeting", "data-kind").await.as_deref(), Some("short"));
    assert_eq!(tab.attribute("#greeting", "data-none").await, None);
    assert_eq!(tab.eval::<(String, u8)>("[document.title, 6 * 7]").await, ("Page".to_owned(), 42));
    assert_eq!(tab.eval::<u8>("fetch('/answer').then(answer => answer.json())").await, 42);

    tab.wait_until("the late element is there", "document.querySelector('#late')").await;
    tab.wait_for_text("#late", "late").await;
    tab.click("button").await;
    assert_eq!(tab.text("button").await, "pressed");

    tab.reload().await;
    assert_eq!(tab.text("button").await, "press");
    tab.goto(&format!("{url}/answer")).await;
    tab.back().await;
    assert_eq!(tab.eval::<String>("document.title").await, "Page");
    assert_eq!(tab.console_errors().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_tab_is_really_hidden_and_the_others_are_not() {
    let url = format!("http://{}", site().await);
    let browser = Browser::start().await;
    let hidden = browser.tab(&url).await;
    let visible = browser.tab(&url).await;
    let state = "document.visibilityState";

    hidden.hide().await;
    assert_eq!(visible.eval::<String>(state).await, "visible");
    assert_eq!(hidden.eval::<String>(state).await, "hidden");
    // A hidden page paints nothing, so it gets no animation frame, whatever else runs meanwhile.
    let frames = "(frames = 0, requestAnimationFrame(() => frames++), fetch('/answer').then(() => frames))";
    assert_eq!(hidden.eval::<u8>(frames).await, 0);
    assert_eq!(hidden.eval::<u8>("frames").await, 0);

    hidden.show().await;
    hidden.wait_until("the frame came", "frames === 1").await;
    assert_eq!(hidden.eval::<Vec<String>>("seen").await, ["hidden", "visible"]);
    assert!(visible.eval::<Vec<String>>("seen").await.is_empty());

    hidden.close().await;
    visible.wait_for_text("#greeting", "Hello, page").await;
    assert_eq!(browser.tab(&url).await.text("#greeting").await, "Hello, page");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_in_a_page_is_in_the_console_errors() {
    let site = site().await;
    let browser = Browser::start().await;
    let tab = browser.tab(&format!("http://{site}")).await;
    tab.eval::<()>("(console.error('one'), console.warn('two'), setTimeout(() => { throw 'three' }), null)").await;
    tab.eval::<u16>("fetch('/nowhere').then(answer => answer.status)").await;

    let errors = tab.console_errors().await;
    assert_eq!(errors.len(), 3, "{errors:#?}");
    for text in ["one", "three", "404"] {
        assert!(errors.iter().any(|error| error.contains(text)), "no `{text}` in {errors:#?}");
    }
    assert_eq!(tab.console_errors().await, [""; 0]);

    let strict = browser.tab("about:blank").await;
    strict.watch_policy().await;
    strict.goto(&format!("http://{site}/strict")).await;
    let forbidden = strict.policy_violations().await;
    assert!(forbidden.iter().any(|violation| violation.starts_with("script-src-elem inline")), "{forbidden:?}");
    let violations = strict.console_errors().await;
    assert!(violations.iter().any(|error| error.contains("Content Security Policy")), "{violations:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_ends_badly_shows_the_page() {
    let url = format!("http://{}", site().await);
    let tab = Browser::start().await.tab(&url).await;
    tab.eval::<()>("(console.error('a clue'), null)").await;
    let text = tokio::spawn(async move { tab.text("#nowhere").await });
    let panic = text.await.unwrap_err().into_panic();
    let message = panic.downcast_ref::<String>().unwrap();
    for part in ["no element matches `#nowhere`", &url, "a clue", "Hello,"] {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screenshot_is_a_picture() {
    let browser = Browser::start().await;
    let tab = browser.tab(&format!("http://{}", site().await)).await;
    tab.resize(390, 300).await;
    assert_eq!(tab.eval::<(u16, u16)>("[innerWidth, innerHeight]").await, (390, 300));
    tab.prefer_dark().await;
    assert!(tab.eval::<bool>("matchMedia('(prefers-color-scheme: dark)').matches").await);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page.png");
    tab.screenshot(&file).await;
    let picture = fs::read(file).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    assert_eq!(picture[16..24], [0, 0, 1, 134, 0, 0, 1, 44], "390 by 300 in the PNG's header");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_behind_a_cut_wire_reaches_nothing_until_it_is_restored() {
    let proxy = Proxy::start(site().await).await;
    let browser = Browser::start().await;
    let tab = browser.tab(&proxy.url("/")).await;
    let answer = "fetch('/answer').then(answer => answer.text(), () => 'none')";
    assert_eq!(tab.eval::<String>(answer).await, "42");

    proxy.cut().await;
    assert_eq!(tab.eval::<String>(answer).await, "none");
    proxy.restore();
    assert_eq!(tab.eval::<String>(answer).await, "42");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_browser_when_its_last_tab_is_dropped() {
    let browser = Browser::start().await;
    let tab = browser.tab("about:blank").await;
    let line = tab.cdp("Browser.getBrowserCommandLine", json!({})).await;
    let profile =
        line["arguments"].as_array().unwrap().iter().find_map(|argument| argument.as_str()?.strip_prefix("--user-data-dir=")).unwrap();
    assert!(runs_with(profile));

    drop(browser);
    assert_eq!(tab.eval::<u8>("1").await, 1, "a tab keeps its browser");
    drop(tab);
    assert!(!Path::new(profile).exists());
    let deadline = Instant::now() + PATIENCE;
    while runs_with(profile) {
        assert!(Instant::now() < deadline, "a process of the browser still runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_is_driven_as_well_and_nothing_is_left_of_it() {
    let url = format!("http://{}", site().await);
    let browser = Browser::start_as(Engine::WebKit).await;
    let (first, second) = (browser.tab(&url).await, browser.tab(&url).await);
    let agent: String = first.eval("navigator.userAgent").await;
    assert!(agent.contains("AppleWebKit") && !agent.contains("Chrome"), "{agent}");
    for tab in [&first, &second] {
        tab.wait_for_text("#greeting", "Hello, page").await;
        assert_eq!(tab.eval::<String>("document.visibilityState").await, "visible");
        tab.wait_until("it is drawn", "new Promise((drawn) => requestAnimationFrame(() => drawn(true)))").await;
    }
    // Where its files are is in the environment of all that was started for it.
    let ours = format!("HOME={}/htmx-ws-browser-{}-", std::env::temp_dir().display(), std::process::id());
    assert!(is_in("environ", &ours));
    drop((browser, first, second));
    let deadline = Instant::now() + PATIENCE;
    while is_in("environ", &ours) {
        assert!(Instant::now() < deadline, "a process of the browser still runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether any process has `word` in its command line.
fn runs_with(word: &str) -> bool {
    is_in("cmdline", word)
}

/// Whether any process has `word` in this file of its own.
fn is_in(file: &str, word: &str) -> bool {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read(entry.ok()?.path().join(file)).ok())
        .any(|line| String::from_utf8_lossy(&line).contains(word))
}

/// A server small enough for a test of processes: it says where it listens, and then does nothing.
async fn server(port: u16) -> Server {
    let script = format!("echo starting; echo listening on http://127.0.0.1:{port}/; exec sleep 1000");
    Server::start("sh", ["-c", &script], "listening on ").await
}

#[tokio::test]
async fn a_server_can_be_killed_interrupted_and_restarted() {
    let port = workspace::free_port();
    let mut server = server(port).await;
    assert_eq!(server.addr(), SocketAddr::from(([127, 0, 0, 1], port)));
    assert_eq!(server.url("/live"), format!("http://127.0.0.1:{port}/live"));
    let first = server.process().pid();

    server.kill();
    assert!(!server.process().is_running());
    assert_eq!(signal(server.process().ended().await), Some(9));

    server.restart().await;
    assert_ne!(server.process().pid(), first);
    assert_eq!(server.addr().port(), port);
    assert_eq!(signal(server.interrupt().await), Some(2));
}

#[tokio::test]
async fn a_process_that_ends_too_early_shows_what_it_wrote() {
    let mut command = Command::new("sh");
    command.args(["-c", "echo out; echo why >&2; exit 3"]);
    let mut process = Process::spawn(command);
    let panic = tokio::spawn(async move { process.line("listening on ").await }).await.unwrap_err().into_panic();
    let message = panic.downcast_ref::<String>().unwrap();
    for part in ["exit status: 3", "  out", "! why"] {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}

#[test]
fn free_ports_differ() {
    assert_ne!(workspace::free_port(), workspace::free_port());
}
