//! Pages that cannot have a WebSocket: the same topics come another way, and over a socket again when there is one.

use htmx_ws_components::{Counter, Htmx, Hub};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::proxy::{Kind, Proxy};
use htmx_ws_tests::site::Site;
use htmx_ws_tests::socket::serve;
use serde_json::json;

use crate::connection::until_live;
use crate::witness;

on_both_generations! {
    no_message_is_lost_from_way_to_way,
    a_browser_without_websocket_is_live,
}

/// A page behind a wire, and what it was told so far.
struct Scene {
    site: Site,
    proxy: Proxy,
    tab: Tab,
    ticks: u32,
}

impl Scene {
    async fn start(htmx: Htmx) -> Self {
        let site = Site::new(Hub::builder(), htmx);
        let proxy = Proxy::start(serve(site.router()).await).await;
        let tab = witness::open_tab(&Browser::start().await).await;
        Self { site, proxy, tab, ticks: 0 }
    }

    fn change(&mut self) {
        self.ticks = self.site.tick();
        self.site.count(self.ticks);
        self.site.step(&format!("{}", self.ticks % 9));
        self.site.line(&self.ticks.to_string());
    }

    /// Changes the site while the page is on its way to this state, and a little behind that.
    async fn change_until_live(&mut self, state: &str) {
        for _ in 0..150 {
            self.change();
            let live: Option<String> = self.tab.eval("document.documentElement.dataset.live ?? null").await;
            if live.as_deref() == Some(state) {
                break;
            }
            tokio::time::sleep(witness::POLL_INTERVAL).await;
        }
        until_live(&self.tab, state).await;
        self.change();
        self.until_right().await;
    }

    /// Waits until the page is right, and was told all events, once and in order.
    async fn until_right(&self) {
        let seen = witness::until(&self.tab, &self.site, "all has come", |seen| seen.is_right(self.ticks)).await;
        assert_eq!(seen.loads, 1, "nothing was loaded anew");
    }

    async fn until_asked(&self, what: &str, part: &str) {
        let asked = format!("performance.getEntriesByType('resource').some(({{ name }}) => name.includes({}))", json!(part));
        self.tab.wait_until(what, &asked).await;
    }
}

async fn no_message_is_lost_from_way_to_way(htmx: Htmx) {
    let mut scene = Scene::start(htmx).await;
    scene.tab.goto(&scene.proxy.url("/")).await;
    scene.change_until_live("open").await;

    scene.proxy.block(Kind::Upgrade);
    scene.change_until_live("fallback").await;
    let asks = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('hold=')).length";
    assert_eq!(scene.tab.eval::<u32>(asks).await, 0, "an event stream was enough");

    scene.proxy.block(Kind::EventStream);
    scene.tab.wait_until("the stream is gone", "document.documentElement.dataset.live !== 'fallback'").await;
    scene.change_until_live("fallback").await;
    scene.until_asked("it asks one question after the other", "hold=").await;
    for _ in 0..20 {
        scene.change();
        tokio::time::sleep(witness::POLL_INTERVAL).await;
    }
    scene.until_right().await;

    scene.proxy.unblock(Kind::EventStream);
    scene.proxy.unblock(Kind::Upgrade);
    scene.change_until_live("open").await;
    assert_eq!(scene.site.hub().stats().get(Counter::Gap), 0);
}

async fn a_browser_without_websocket_is_live(htmx: Htmx) {
    let mut scene = Scene::start(htmx).await;
    scene.tab.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": "delete window.WebSocket" })).await;
    scene.tab.goto(&scene.proxy.url("/")).await;
    scene.change_until_live("fallback").await;
    // Behind the first time that a socket is looked for again.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    scene.change();
    scene.until_right().await;
    // An upsert is two patches, of which one finds nothing: htmx 2 says so.
    let errors = scene.tab.console_errors().await;
    assert!(errors.iter().all(|error| error.contains("htmx:oobErrorNoTarget")), "{htmx:?}: {errors:?}");
}
