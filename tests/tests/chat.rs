//! The chat, as the people in it see it: each in a browser of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::workspace;
use serde_json::json;

async fn start(htmx: &str) -> Server {
    let (port, assets) = (workspace::free_port().to_string(), workspace::node_modules());
    let arguments = ["--port", &port, "--htmx", htmx, "--assets", assets.to_str().unwrap()];
    Server::start(workspace::example("chat"), arguments, "http://").await
}

async fn open(browser: &Browser, server: &Server) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.watch_policy().await;
    tab.goto(&server.url("/")).await;
    tab
}

async fn is_live(tab: &Tab) {
    tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
}

/// Comes in by the form.
async fn enter(browser: &Browser, server: &Server, name: &str) -> Tab {
    let tab = open(browser, server).await;
    write(&tab, "input[name=name]", name).await;
    tab.click("button").await;
    is_live(&tab).await;
    tab
}

async fn write(tab: &Tab, css: &str, text: &str) {
    tab.click(css).await;
    tab.cdp("Input.insertText", json!({ "text": text })).await;
}

async fn say(tab: &Tab, text: &str) {
    write(tab, "#say input[name=text]", text).await;
    tab.click("#say button").await;
    tab.wait_until("what was sent has arrived", "document.querySelector('#say input[name=text]').value === ''").await;
}

/// The text of the newest message.
const NEWEST: &str = "document.querySelector('#messages > li:last-child .text')?.textContent";

async fn reads(tab: &Tab, text: &str) {
    tab.wait_until(&format!("the newest message is `{text}`"), &format!("{NEWEST} === {}", json!(text))).await;
}

async fn people_talk_until_one_is_removed(htmx: &str) {
    let mut server = start(htmx).await;
    let browsers = (Browser::start().await, Browser::start().await);
    let (ann, bob) = (enter(&browsers.0, &server, "Ann").await, enter(&browsers.1, &server, "Bob").await);
    for tab in [&ann, &bob] {
        tab.wait_for_text("#people", "AnnBob").await;
    }

    say(&bob, "<b>Hello</b> & good day, @Ann").await;
    reads(&ann, "<b>Hello</b> & good day, @Ann").await;
    assert_eq!(ann.count("#messages b").await, 0, "what people write is text");
    ann.wait_until("the event marks what calls Ann", "document.querySelector('#message-0.is-call')").await;
    say(&ann, "Welcome").await;
    reads(&bob, "Welcome").await;
    assert_eq!(
        ann.eval::<Vec<String>>("[...document.querySelectorAll('#messages > li')].map(({ id }) => id)").await,
        ["message-0", "message-1"]
    );

    // The buttons that Bob does not see are not what stops him.
    assert!(!bob.eval::<bool>("document.querySelector('#message-1 button').checkVisibility()").await);
    bob.eval::<()>("void document.querySelector('#message-1 button').click()").await;
    bob.wait_for_text("#htmx-ws-errors", "Only the moderator may do that.").await;
    ann.click("#message-1 .moderation button:first-child").await;
    for tab in [&ann, &bob] {
        reads(tab, "<b>Hello</b> & good day, @Ann").await;
        assert_eq!(tab.count("#messages > li").await, 1);
    }

    // A page that comes late shows the same room.
    let late = open(&browsers.1, &server).await;
    is_live(&late).await;
    assert_eq!(late.shape("#messages").await, bob.shape("#messages").await);
    late.close().await;

    bob_is_removed(&ann, &bob).await;
    for tab in [&ann, &bob] {
        assert_eq!(tab.policy_violations().await, [""; 0]);
    }
    assert_eq!(unexpected(&ann, htmx).await, [""; 0]);
    drop((ann, bob, browsers));
    assert!(server.interrupt().await.success(), "Ctrl-C stops it cleanly");
}

async fn bob_is_removed(ann: &Tab, bob: &Tab) {
    let ticket: String = bob.eval("document.querySelector('[data-page]').dataset.wsConnect").await;
    ann.click("#message-0 .moderation button:last-child").await;
    bob.wait_for_text("h1", "You were removed").await;
    // What he kept opens nothing any more.
    let kept = format!("new Promise((told) => new WebSocket({}).onclose = ({{ code, reason }}) => told([code, reason]))", json!(ticket));
    assert_eq!(bob.eval::<(u16, String)>(&kept).await, (1008, "no longer allowed, refresh the page".to_owned()));
    ann.wait_for_text("#people", "Ann").await;
    bob.goto(&bob.eval::<String>("location.origin + '/room/rust'").await).await;
    assert_eq!(bob.text("h1").await, "You were removed");
}

/// What the browser logged, but for what htmx 2 logs where the inserting half of an upsert finds the element there already.
async fn unexpected(tab: &Tab, htmx: &str) -> Vec<String> {
    let is_expected = |error: &String| htmx != "4" && error.contains("htmx:oobErrorNoTarget");
    tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_talk_until_one_is_removed_on_htmx_2() {
    people_talk_until_one_is_removed("2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_talk_until_one_is_removed_on_htmx_4() {
    people_talk_until_one_is_removed("4").await;
}
