//! Pages of a router in process, under paused time.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use axum::Router;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use maud::{Markup, html};
use serde_json::json;

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::testing::{Client, LivePage};
use crate::web::hub::Hub;
use crate::web::inbound::Inbound;
use crate::web::live::Live;

async fn page(live: Live) -> Markup {
    let live = live.topic("count").topic("list");
    html! {
        head { title { "Test" } (live.head()) }
        body { (live.connect()) (live.errors()) p id="count" { "0" } ul id="list" {} }
    }
}

fn count(count: u32) -> Patch {
    Patch::update(DomId::new("count").unwrap(), &html! { (count) })
}

fn line(id: u32) -> Patch {
    let fragment = Fragment::new(DomId::new(&format!("line-{id}")).unwrap(), format!("<li>{id}</li>"), Nesting::Leaf).unwrap();
    Patch::append(DomId::new("list").unwrap(), fragment)
}

fn router(htmx: Htmx) -> (Hub, Client) {
    let hub = Hub::builder().htmx(htmx).on("bump", |message: Inbound<serde_json::Value>| async move {
        message.hub().publish("count", &count(99));
        Err::<(), _>("too much")
    });
    let hub = hub.build();
    let app = Router::new().route("/", get(page)).merge(hub.routes()).with_state(hub.clone());
    (hub, Client::new(app).htmx(htmx))
}

async fn open(htmx: Htmx) -> (Hub, LivePage) {
    let (hub, client) = router(htmx);
    (hub, client.get("/").await)
}

fn publish(hub: &Hub, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        hub.publish("count", &count(number));
        hub.publish("list", &line(number));
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_follows_what_is_published() {
    for htmx in Htmx::ALL {
        let (hub, mut page) = open(htmx).await;
        assert_eq!(page.state(), "fallback");
        publish(&hub, 1..=3);
        page.assert_text("#count", "0");
        page.wait_for_text("#count", "3").await;
        page.settle().await;
        page.assert_html("#list", "<ul id=list><li id=line-1>1</li><li id=line-2>2</li><li id=line-3>3</li></ul>");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_resumes_where_it_stood() {
    let (hub, mut page) = open(Htmx::V4).await;
    publish(&hub, 1..=2);
    page.settle().await;
    page.disconnect();
    publish(&hub, 3..=4);
    page.settle().await;
    page.assert_text("#count", "2");
    page.reconnect().await;
    page.wait_for_text("#count", "4").await;
    page.settle().await;
    assert_eq!((page.count("#list > li"), page.reloads()), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_comes_late_misses_nothing() {
    let (hub, client) = router(Htmx::V4);
    let mut page = client.get_late("/").await;
    publish(&hub, 1..=2);
    page.reconnect().await;
    page.wait_for_text("#count", "2").await;
}

#[tokio::test(start_paused = true)]
async fn a_page_that_stalls_reads_less_later() {
    let (hub, mut page) = open(Htmx::V4).await;
    page.stall();
    publish(&hub, 1..=50);
    page.settle().await;
    page.assert_text("#count", "0");
    page.unstall();
    page.slow(Duration::from_millis(50));
    page.wait_for_text("#count", "50").await;
    page.settle().await;
    assert_eq!(page.count("#list > li"), 50);
}

#[tokio::test(start_paused = true)]
async fn a_hidden_page_is_away_on_htmx_4() {
    for (htmx, expected) in [(Htmx::V2, "1"), (Htmx::V4, "0")] {
        let (hub, mut page) = open(htmx).await;
        page.hide();
        publish(&hub, 1..=1);
        page.settle().await;
        page.assert_text("#count", expected);
        page.show().await;
        page.wait_for_text("#count", "1").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_whose_ticket_is_not_taken_loads_itself_anew() {
    let (hub, mut page) = open(Htmx::V4).await;
    page.expire().await;
    assert_eq!((page.reloads(), page.state()), (1, "fallback"));
    publish(&hub, 1..=1);
    page.wait_for_text("#count", "1").await;
    hub.publish("count", &Patch::refresh());
    page.settle().await;
    assert_eq!(page.reloads(), 2);
    page.assert_text("#count", "0");
    page.reload().await;
    assert_eq!(page.state(), "fallback");
}

#[tokio::test(start_paused = true)]
async fn a_page_sends_and_is_told_what_was_wrong() {
    let (_hub, mut page) = open(Htmx::V4).await;
    page.submit("bump", &json!({ "by": 1 })).await;
    page.wait_for_text("#count", "99").await;
    page.wait_for_text("#htmx-ws-errors", "too much").await;
    page.assert_role("alert", "too much");
}

#[tokio::test(start_paused = true)]
async fn a_page_whose_topics_are_complete_stays_away() {
    let (hub, mut page) = open(Htmx::V4).await;
    hub.complete("count").unwrap();
    hub.complete("list").unwrap();
    page.settle().await;
    assert_eq!(page.state(), "complete");
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "`#count` says something else\n  expected: 7\n     found: 1\n")]
async fn waiting_in_vain_shows_the_page() {
    let (hub, mut page) = open(Htmx::V4).await;
    publish(&hub, 1..=1);
    page.wait_for_text("#count", "7").await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the page has no `#line-8`, which htmx 4 is to remove; did you mean `#line-1`?")]
async fn an_id_that_the_page_does_not_have_is_a_failure() {
    let (hub, mut page) = open(Htmx::V4).await;
    publish(&hub, 1..=1);
    hub.publish("list", &Patch::remove(DomId::new("line-8").unwrap()));
    page.settle().await;
}

#[tokio::test]
async fn cookies_and_redirections() {
    let app = Router::new()
        .route("/login", get(|| async { ([(SET_COOKIE, "user=7; Path=/; HttpOnly")], Redirect::to("/me")).into_response() }))
        .route(
            "/me",
            get(|headers: axum::http::HeaderMap| async move {
                html! { p { (headers["cookie"].to_str().unwrap()) } }
            }),
        );
    let client = Client::new(app);
    client.set_cookie("theme", "dark");
    let page = client.get("/login").await;
    page.assert_text("p", "theme=dark; user=7");
    assert!(!page.is_live());
}
