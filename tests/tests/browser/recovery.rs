//! Mistakes that others found in their recovery, in the page: what an application does while its connection is lost, and what comes over the wire that is no frame.

use htmx_ws_components::Htmx;
use htmx_ws_tests::browser::Browser;
use htmx_ws_tests::proxy::Proxy;

use crate::connection::{open, start, until_live, until_right};

on_both_generations! {
    a_frame_that_cannot_be_applied_ends_nothing,
    a_page_that_connects_anew_while_it_reconnects_has_one_connection,
}

/// A message of the WebSocket protocol, as a server sends it.
fn message(opcode: u8, payload: &str) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126, "the short form of a length");
    [&[0x80 | opcode, length], payload.as_bytes()].concat()
}

const TEXT: u8 = 1;
const BINARY: u8 = 2;

async fn a_frame_that_cannot_be_applied_ends_nothing(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let proxy = Proxy::start(addr).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &proxy.url("/")).await;
    let _: bool = tab.eval("window.isTheSame = true").await;
    // What is injected does come: this one can be applied.
    proxy.inject(message(TEXT, "<output id=\"count\" hx-swap-oob=\"true\">injected</output>"));
    tab.wait_for_text("#count", "injected").await;
    let bad = [
        "<<<>>> & nothing",
        "<!--htmx-ws ",
        "<!--htmx-ws site -->",
        "{\"htmx-ws\":",
        "{\"content\":\"<p>\",\"target\":\"##[\"}",
        "<p id=\"count\" hx-swap-oob=\"nonsense:##[\">bad</p>",
        "<p hx-swap-oob=\"outerHTML:#nowhere\">bad</p>",
        "<script>throw new Error('bad')</script>",
        "",
    ];
    let frames = bad.iter().map(|text| message(TEXT, text)).chain([message(BINARY, "bad"), message(BINARY, "")]);
    for (number, frame) in (1..).zip(frames) {
        proxy.inject(frame);
        site.count(number);
        tab.wait_for_text("#count", &number.to_string()).await;
    }
    // It resumes from the last frame that was one.
    proxy.cut().await;
    site.count(77);
    site.step("behind the cut");
    proxy.restore();
    tab.wait_for_text("#count", "77").await;
    until_right(&tab).await;
    assert!(tab.eval::<bool>("window.isTheSame === true").await, "the page was not loaded again");
}

/// What an application does that knows of `htmx:wsClose` only: it takes the region out and puts it in again, which connects, while htmx is about to.
const CONNECT_ANEW: &str = "(() => {
    window.isTheSame = true;
    document.addEventListener('htmx-ws:state', ({ detail }) => {
        if (detail.state !== 'reconnecting' && detail.state !== 'offline') return;
        const old = document.querySelector('[data-ws-connect]');
        const anew = old.cloneNode(false);
        old.replaceWith(anew);
        htmx.process(anew);
    });
    return true;
})()";

async fn a_page_that_connects_anew_while_it_reconnects_has_one_connection(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let proxy = Proxy::start(addr).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &proxy.url("/")).await;
    let _: bool = tab.eval(CONNECT_ANEW).await;
    for round in 1..=3 {
        proxy.cut().await;
        site.count(round);
        proxy.restore();
        tab.wait_for_text("#count", &round.to_string()).await;
        until_live(&tab, "open").await;
        until_right(&tab).await;
    }
    site.count(99);
    tab.wait_for_text("#count", "99").await;
    until_right(&tab).await;
    assert_eq!(site.hub().stats().connections(), 1);
    assert!(tab.eval::<bool>("window.isTheSame === true").await, "the page was not loaded again");
}
