//! Whatever happens to the connection, the page ends as the server says.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use htmx_ws_components::{Counter, DomId, Fragment, Htmx, Hub, HubBuilder, Nesting, Patch, Renewal, Snapshot, Topic};
use htmx_ws_tests::PATIENCE;
use htmx_ws_tests::browser::{Browser, SHAPE, Tab};
use htmx_ws_tests::process::Server;
use htmx_ws_tests::proxy::Proxy;
use htmx_ws_tests::site::Site;
use htmx_ws_tests::socket::serve;
use htmx_ws_tests::workspace;

on_both_generations! {
    a_killed_server_comes_back_and_the_page_converges,
    a_tab_hidden_and_shown_again_is_right,
    two_tabs_agree,
    an_expired_ticket_refreshes_the_page,
    a_ticket_that_is_renewed_keeps_the_page,
    a_server_that_begins_anew_with_snapshots_keeps_the_page,
    a_page_out_of_the_back_forward_cache_is_right,
    a_boosted_navigation_has_a_connection_of_its_own,
    the_history_of_boosted_pages_is_right,
    of_a_component_with_parts_only_what_changed_is_touched,
}

mod htmx_2_with_idiomorph {
    use htmx_ws_tests::browser::Engine;

    use super::Htmx;
    use crate::basics;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_page_is_right() {
        basics::an_update_is_swapped_in(Engine::Chromium, Htmx::V2Morph).await;
        basics::steps_come_change_and_go_in_order(Engine::Chromium, Htmx::V2Morph).await;
        super::of_a_component_with_parts_only_what_changed_is_touched(Htmx::V2Morph).await;
        basics::a_page_without_our_script_is_live(Engine::Chromium, Htmx::V2Morph).await;
        super::the_history_of_boosted_pages_is_right(Htmx::V2Morph).await;
    }
}

pub(crate) async fn start(htmx: Htmx) -> (Site, SocketAddr) {
    start_with(Hub::builder(), htmx).await
}

async fn start_with(builder: HubBuilder, htmx: Htmx) -> (Site, SocketAddr) {
    let site = Site::new(builder, htmx);
    let addr = serve(site.router()).await;
    (site, addr)
}

/// Opens the page and waits until its socket is open.
pub(crate) async fn open(browser: &Browser, url: &str) -> Tab {
    let tab = browser.tab(url).await;
    until_live(&tab, "open").await;
    tab
}

pub(crate) async fn until_live(tab: &Tab, state: &str) {
    tab.wait_until(&format!("the connection is {state}"), &format!("document.documentElement.dataset.live === '{state}'")).await;
}

/// Waits until the page shows what the server says that it must.
pub(crate) async fn until_right(tab: &Tab) {
    let both = format!(
        "(async () => {{
            const shape = {SHAPE};
            const template = document.createElement('template');
            template.innerHTML = await (await fetch('/region')).text();
            return [shape(document.querySelector('#region')), shape(template.content.firstElementChild)];
        }})()"
    );
    let deadline = Instant::now() + PATIENCE;
    loop {
        let [shown, right]: [String; 2] = tab.eval(&both).await;
        if shown == right {
            return;
        }
        assert!(Instant::now() < deadline, "the page shows\n{shown}\nand the server says\n{right}");
    }
}

async fn a_killed_server_comes_back_and_the_page_converges(htmx: Htmx) {
    let port = workspace::free_port().to_string();
    let generation = format!("{htmx:?}");
    let mut server = Server::start(env!("CARGO_BIN_EXE_site"), [port, generation], "listening on ").await;
    let browser = Browser::start().await;
    let tab = open(&browser, &server.url("/")).await;
    post(&tab, "/count", "5").await;
    tab.wait_for_text("#count", "5").await;

    server.kill();
    until_live(&tab, "reconnecting").await;
    server.restart().await;
    until_live(&tab, "open").await;
    post(&tab, "/count", "7").await;
    tab.wait_for_text("#count", "7").await;
    until_right(&tab).await;
}

async fn post(tab: &Tab, path: &str, body: &str) {
    let ok: bool = tab.eval(&format!("fetch('{path}', {{ method: 'POST', body: '{body}' }}).then((answer) => answer.ok)")).await;
    assert!(ok, "POST {path}");
}

async fn a_tab_hidden_and_shown_again_is_right(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    tab.eval::<bool>("window.isTheSamePage = true").await;
    tab.hide().await;
    if htmx == Htmx::V4 {
        // htmx 4 closes the socket of a hidden tab.
        until_live(&tab, "paused").await;
    }
    for n in 1..=50 {
        site.count(n);
        site.step(&format!("{n}"));
    }
    tab.show().await;
    until_live(&tab, "open").await;
    tab.wait_for_text("#count", "50").await;
    until_right(&tab).await;
    assert!(tab.eval::<bool>("window.isTheSamePage").await, "it resumed, and was not loaded anew");
}

async fn two_tabs_agree(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start().await;
    let first = open(&browser, &format!("http://{addr}/")).await;
    site.count(3);
    site.step("one");
    let second = browser.tab(&format!("http://{addr}/")).await;
    until_live(&second, "open").await;
    site.count(4);
    site.step("two");
    until_right(&second).await;
    until_right(&first).await;
    assert_eq!(first.shape("#region").await, second.shape("#region").await);
}

async fn an_expired_ticket_refreshes_the_page(htmx: Htmx) {
    let (site, addr) = start_with(Hub::builder().ticket_lifetime(Duration::from_secs(3)), htmx).await;
    let browser = Browser::start().await;
    for (path, count) in [("/", 1), ("/plain", 2)] {
        let tab = browser.tab(&format!("http://{addr}{path}")).await;
        tab.eval::<bool>("window.isTheFirstPage = true").await;
        tab.wait_until("the page was loaded anew", "!window.isTheFirstPage").await;
        site.count(count);
        until_right(&tab).await;
    }
    assert!(site.hub().stats().get(Counter::TicketExpired) >= 2);
}

async fn a_ticket_that_is_renewed_keeps_the_page(htmx: Htmx) {
    let builder = Hub::builder().ticket_lifetime(Duration::from_secs(3)).renew_tickets(async |_: Renewal| true);
    let (site, addr) = start_with(builder, htmx).await;
    let proxy = Proxy::start(addr).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &proxy.url("/")).await;
    tab.eval::<bool>("window.isTheFirstPage = true").await;
    let renewed = |times: u64| {
        let hub = site.hub().clone();
        async move {
            while hub.stats().get(Counter::TicketRenewed) < times {
                tokio::task::yield_now().await;
            }
        }
    };
    // Beyond the first ticket, and then a second one.
    renewed(2).await;
    site.count(1);
    tab.wait_for_text("#count", "1").await;
    proxy.cut().await;
    site.count(2);
    proxy.restore();
    tab.wait_for_text("#count", "2").await;
    renewed(4).await;
    until_right(&tab).await;
    assert!(tab.eval::<bool>("window.isTheFirstPage === true").await, "the page was not loaded anew");
    assert_eq!(site.hub().stats().get(Counter::TicketExpired), 0);
    assert_eq!(tab.console_errors().await.into_iter().filter(|error| !error.contains("WebSocket")).collect::<Vec<_>>(), [""; 0]);
}

async fn a_server_that_begins_anew_with_snapshots_keeps_the_page(htmx: Htmx) {
    let builder = || Hub::builder().secret(*b"the same thirty-two bytes in every process of the application");
    let (first, addr) = start_with(builder(), htmx).await;
    let shown = Arc::new(OnceLock::<Site>::new());
    let source = Arc::clone(&shown);
    let snapshot = move |_: &Topic| {
        let html = source.get()?.region().into_string();
        let region = Fragment::new(DomId::new("region").unwrap(), html, Nesting::Branch).unwrap();
        Some(std::future::ready(Ok::<_, Infallible>(Snapshot::of(&Patch::Morph(region)))))
    };
    let (second, second_addr) = start_with(builder().snapshot(snapshot), htmx).await;
    shown.set(second.clone()).unwrap();
    let proxy = Proxy::start(addr).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &proxy.url("/")).await;
    tab.eval::<bool>("window.isTheFirstPage = true").await;
    first.step("of before");
    first.count(1);
    tab.wait_for_text("#count", "1").await;
    proxy.cut().await;
    second.step("of now");
    second.count(2);
    proxy.set_target(second_addr);
    proxy.restore();
    tab.wait_for_text("#count", "2").await;
    until_right(&tab).await;
    second.count(3);
    tab.wait_for_text("#count", "3").await;
    assert!(tab.eval::<bool>("window.isTheFirstPage === true").await, "the page was not loaded anew");
    assert_eq!(second.hub().stats().get(Counter::GapFilled), 1);
}

async fn a_page_out_of_the_back_forward_cache_is_right(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    tab.goto(&format!("http://{addr}/region")).await;
    site.count(12);
    tab.back().await;
    until_live(&tab, "open").await;
    until_right(&tab).await;
    site.count(13);
    tab.wait_for_text("#count", "13").await;
}

async fn a_boosted_navigation_has_a_connection_of_its_own(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    tab.eval::<bool>("window.isTheSamePage = true").await;
    // The response is older than what the page that it replaces was told last.
    tab.click("#again").await;
    tab.wait_until("the next page is there", "location.pathname === '/slow'").await;
    tab.wait_for_text("#count", "55").await;
    until_right(&tab).await;
    site.count(56);
    tab.wait_for_text("#count", "56").await;
    assert!(tab.eval::<bool>("window.isTheSamePage").await, "the navigation was boosted");
    tab.wait_until("one connection is left", "document.querySelectorAll('[data-ws-connect]').length === 1").await;
    tab.click("#away").await;
    tab.wait_for_text("#still", "Nothing moves here.").await;
    tab.wait_until("no connection is shown", "!('live' in document.documentElement.dataset)").await;
}

async fn the_history_of_boosted_pages_is_right(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start().await;
    let tab = open(&browser, &format!("http://{addr}/")).await;
    site.count(1);
    tab.wait_for_text("#count", "1").await;
    tab.click("#away").await;
    tab.wait_for_text("#still", "Nothing moves here.").await;
    site.count(2);
    site.step("while away");
    tab.back().await;
    tab.wait_for_text("#count", "2").await;
    until_right(&tab).await;
    site.count(3);
    tab.wait_for_text("#count", "3").await;
}

async fn of_a_component_with_parts_only_what_changed_is_touched(htmx: Htmx) {
    let (site, addr) = start(htmx).await;
    let browser = Browser::start().await;
    site.card("Job", 1, &["a", "b"]);
    let tab = open(&browser, &format!("http://{addr}/")).await;
    // The shell was never sent to this page, yet it has it: what somebody types into it stays.
    tab.eval::<bool>("(document.querySelector('#typed').value = 'half a word') !== ''").await;
    let sent = site.hub().stats().get(Counter::BytesSent);
    site.card("Job", 2, &["a", "b"]);
    site.card("Job", 2, &["b", "c"]);
    tab.wait_until(
        "the rows are right",
        "[...document.querySelectorAll('#card-rows > li')].map((row) => row.id).join() === 'card-row-b,card-row-c'",
    )
    .await;
    until_right(&tab).await;
    assert_eq!(tab.eval::<String>("document.querySelector('#typed').value").await, "half a word");
    let whole = site.region().into_string().len() as u64;
    assert!(site.hub().stats().get(Counter::BytesSent) - sent < whole, "less than the page");
    site.card("Another title", 2, &["c", "b"]);
    tab.wait_for_text("#card h2", "Another title").await;
    until_right(&tab).await;
}
