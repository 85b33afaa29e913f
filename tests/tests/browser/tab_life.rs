//! What happens to a tab in a day: it is hidden and shown, left and come back to, put to sleep and woken up, and forgotten for hours.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::map_response;
use axum::response::Response;
use htmx_ws_components::{Counter, Htmx, Hub, HubBuilder, Renewal};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::proxy::Proxy;
use htmx_ws_tests::site::Site;
use htmx_ws_tests::socket::{Socket, serve};
use serde_json::json;

use crate::SCRIPT_OWNS_ITS_LINK;
use crate::witness::{self, Seen, until};

on_both_generations! {
    a_tab_hidden_again_and_again_misses_nothing,
    a_page_out_of_the_cache_is_right,
    a_page_that_is_loaded_again_on_the_way_back_is_right,
    boosted_navigation_forth_and_back_is_right,
    a_laptop_that_wakes_up_is_right_within_seconds,
    a_tab_that_was_frozen_is_right_within_seconds,
    an_expired_page_that_connects_again_is_loaded_once,
    an_expired_page_out_of_the_cache_is_loaded_once,
}

/// Long enough for a slow machine to load a page in, and short enough to wait for.
const TICKET_LIFETIME: Duration = Duration::from_secs(6);

/// How long a user waits who opens a laptop.
const WAKING_TIME: Duration = Duration::from_secs(6);

/// A page in a tab that sees what it is told, a wire to cut, and the server.
struct Scene {
    site: Site,
    addr: SocketAddr,
    proxy: Proxy,
    tab: Tab,
}

impl Scene {
    async fn open(htmx: Htmx, builder: HubBuilder) -> Self {
        let site = Site::new(builder, htmx);
        let router = site.router();
        Self::open_of(site, router).await
    }

    async fn open_of(site: Site, router: Router) -> Self {
        let addr = serve(router).await;
        let proxy = Proxy::start(addr).await;
        let tab = witness::open_tab(&Browser::start().await).await;
        tab.goto(&proxy.url("/")).await;
        let scene = Self { site, addr, proxy, tab };
        scene.until("it is connected", Seen::is_connected).await;
        scene
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Seen) -> bool) -> Seen {
        until(&self.tab, &self.site, what, is_so).await
    }

    /// Waits until the page is right, and then until it follows a change.
    async fn until_it_follows(&self) -> Seen {
        self.until("it is right", |seen| seen.shown == seen.right && seen.is_connected()).await;
        self.site.line("follows");
        self.until("it follows", |seen| seen.shown == seen.right && seen.is_connected()).await
    }

    fn change(&self, number: u32) {
        self.site.count(number);
        self.site.step(&format!("{}", number % 7));
        self.site.line(&number.to_string());
    }

    /// Goes to a page that is not live, changes the site, and comes back.
    async fn away_and_back(&self, number: u32) {
        self.tab.goto(&self.proxy.url("/region")).await;
        self.change(number);
        self.tab.back().await;
    }

    /// Where the page connects to, with its ticket.
    async fn ticket(&self) -> String {
        self.tab.attribute("[data-ws-connect]", "data-ws-connect").await.unwrap()
    }

    /// Waits until the server ends a connection because its ticket has expired.
    async fn until_expired(&self, ticket: &str) {
        let mut socket = Socket::open(self.addr, ticket).await;
        let code = loop {
            if let Err(code) = socket.text_or_end().await {
                break code;
            }
        };
        assert_eq!(code, 4401, "the ticket has expired");
    }

    /// Waits until the ticket of the page that is open was renewed, so that it is older than a ticket lives.
    async fn until_renewed(&self) {
        let renewed = self.site.hub().stats().get(Counter::TicketRenewed);
        while self.site.hub().stats().get(Counter::TicketRenewed) < renewed + 2 {
            tokio::task::yield_now().await;
        }
    }
}

/// Tickets that live shortly, and are renewed from the moment on that the answer says so.
fn short_tickets() -> (HubBuilder, Arc<AtomicBool>) {
    let renews = Arc::new(AtomicBool::new(false));
    let answer = Arc::clone(&renews);
    let builder = Hub::builder().ticket_lifetime(TICKET_LIFETIME).renew_tickets(move |_: Renewal| {
        let renews = answer.load(Ordering::SeqCst);
        async move { renews }
    });
    (builder, renews)
}

async fn a_tab_hidden_again_and_again_misses_nothing(htmx: Htmx) {
    let scene = Scene::open(htmx, Hub::builder()).await;
    let mut ticks = 0;
    for round in 1..=4 {
        scene.tab.hide().await;
        for number in 0..20 {
            scene.change(round * 20 + number);
            ticks = scene.site.tick();
        }
        if round == 2 {
            scene.proxy.cut().await;
            scene.change(99);
            scene.proxy.restore();
        }
        scene.tab.show().await;
        scene.change(round);
        // Not always as long as it needs to catch up.
        if round % 2 == 0 {
            scene.until("it is right", |seen| seen.is_right(ticks)).await;
        }
    }
    let seen = scene.until_it_follows().await;
    assert!(seen.is_right(ticks), "{seen}");
    assert_eq!(seen.loads, 1, "it resumed, and was not loaded anew");
}

async fn a_page_out_of_the_cache_is_right(htmx: Htmx) {
    let scene = Scene::open(htmx, Hub::builder()).await;
    for round in 1..=3 {
        scene.away_and_back(round).await;
        let seen = scene.until_it_follows().await;
        assert!(seen.persisted, "it came out of the back-forward cache");
    }
    let connections = scene.site.hub().stats().connections();
    assert_eq!(connections, 1);
}

async fn a_page_that_is_loaded_again_on_the_way_back_is_right(htmx: Htmx) {
    let site = Site::new(Hub::builder(), htmx);
    // What has no place in a cache has none in this one.
    let router = site.router().layer(map_response(async |mut response: Response| {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }));
    let scene = Scene::open_of(site, router).await;
    for round in 1..=3 {
        scene.away_and_back(round).await;
        let seen = scene.until_it_follows().await;
        assert!(!seen.persisted, "it did not come out of the back-forward cache");
    }
}

async fn boosted_navigation_forth_and_back_is_right(htmx: Htmx) {
    let scene = Scene::open(htmx, Hub::builder()).await;
    let is_away = "document.querySelector('#still') && !document.querySelector('[data-ws-connect]')";
    for round in 1..=4 {
        scene.change(round * 10);
        scene.tab.click("#away").await;
        scene.change(round * 10 + 1);
        scene.tab.wait_until("it is away", is_away).await;
        scene.change(round * 10 + 2);
        scene.tab.back().await;
        scene.change(round * 10 + 3);
        if round % 2 == 0 {
            scene.until_it_follows().await;
            scene.tab.forward().await;
            scene.tab.wait_until("it is away", is_away).await;
            scene.change(round * 10 + 4);
            scene.tab.back().await;
        }
        scene.until_it_follows().await;
    }
    let connections = scene.site.hub().stats().connections();
    assert_eq!(connections, 1);
}

/// An hour passes, and the page has seen nothing of it.
const AN_HOUR_LATER: &str = "void (() => {
    const [date, sinceStart] = [Date.now, performance.now.bind(performance)];
    Date.now = () => date() + 3_600_000;
    performance.now = () => sinceStart() + 3_600_000;
})()";

/// A site whose silent connections are used each second, so that a page can notice soon that one is dead.
async fn restless(htmx: Htmx) -> Scene {
    let heartbeat = Duration::from_secs(1);
    Scene::open(htmx, Hub::builder().heartbeat(heartbeat, 3 * heartbeat)).await
}

impl Scene {
    /// Changes the site while the network loses the page's connection, and nobody tells the page if it can find out for itself.
    async fn change_behind_its_back(&self) -> u32 {
        if SCRIPT_OWNS_ITS_LINK {
            self.proxy.half_open();
        } else {
            self.proxy.cut().await;
        }
        let mut ticks = 0;
        for number in 1..=20 {
            self.change(number);
            ticks = self.site.tick();
        }
        self.proxy.restore();
        ticks
    }

    async fn is_right_soon(&self, ticks: u32) {
        let start = Instant::now();
        let seen = self.until("it is right", |seen| seen.is_right(ticks) && seen.is_connected()).await;
        assert!(start.elapsed() < WAKING_TIME, "it took {:?}", start.elapsed());
        assert_eq!(seen.loads, 1, "it resumed, and was not loaded anew");
        self.until_it_follows().await;
    }
}

async fn a_laptop_that_wakes_up_is_right_within_seconds(htmx: Htmx) {
    let scene = restless(htmx).await;
    let ticks = scene.change_behind_its_back().await;
    scene.tab.eval::<()>(AN_HOUR_LATER).await;
    scene.is_right_soon(ticks).await;
}

async fn a_tab_that_was_frozen_is_right_within_seconds(htmx: Htmx) {
    let scene = restless(htmx).await;
    // As a browser does with tabs that nobody looks at: no script of theirs runs any more.
    scene.tab.hide().await;
    scene.tab.cdp("Page.setWebLifecycleState", json!({ "state": "frozen" })).await;
    let ticks = scene.change_behind_its_back().await;
    scene.tab.cdp("Page.setWebLifecycleState", json!({ "state": "active" })).await;
    scene.tab.show().await;
    scene.is_right_soon(ticks).await;
}

async fn an_expired_page_that_connects_again_is_loaded_once(htmx: Htmx) {
    let (builder, renews) = short_tickets();
    let scene = Scene::open(htmx, builder).await;
    let ticket = scene.ticket().await;
    scene.proxy.cut().await;
    scene.until_expired(&ticket).await;
    scene.change(5);
    renews.store(true, Ordering::SeqCst);
    scene.proxy.restore();
    scene.until("it is loaded anew", |seen| seen.loads == 2).await;
    scene.until_it_follows().await;
    scene.until_renewed().await;
    assert_eq!(scene.until_it_follows().await.loads, 2, "once, and not again and again");
}

async fn an_expired_page_out_of_the_cache_is_loaded_once(htmx: Htmx) {
    let (builder, renews) = short_tickets();
    let scene = Scene::open(htmx, builder).await;
    let ticket = scene.ticket().await;
    scene.tab.goto(&scene.proxy.url("/region")).await;
    scene.until_expired(&ticket).await;
    scene.change(5);
    renews.store(true, Ordering::SeqCst);
    scene.tab.back().await;
    // The page, the one that it was left for, and the page again.
    let seen = scene.until("it is loaded anew", |seen| seen.loads == 3).await;
    assert!(seen.persisted, "it came out of the back-forward cache");
    scene.until_it_follows().await;
    scene.until_renewed().await;
    assert_eq!(scene.until_it_follows().await.loads, 3, "once, and not again and again");
}
