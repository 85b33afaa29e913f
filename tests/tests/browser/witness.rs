//! A tab that sees what its pages are told, and how often they are loaded.

use std::fmt;
use std::time::{Duration, Instant};

use htmx_ws_tests::PATIENCE;
use htmx_ws_tests::browser::{Browser, SHAPE, Tab};
use htmx_ws_tests::site::Site;
use serde::Deserialize;
use serde_json::json;

/// How often a page is looked at: many pages take turns.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// What every page of a tab does first.
const WITNESS: &str = "(() => {
    window.ticks = [];
    document.addEventListener('tick', ({ detail }) => ticks.push(detail));
    addEventListener('pageshow', ({ persisted }) => { window.wasPersisted = persisted; if (persisted) sessionStorage.persisted = true; });
    try { sessionStorage.loads = +(sessionStorage.loads || 0) + 1; } catch {}
})()";

/// What a page shows, and what it should.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) shown: String,
    pub(crate) right: String,
    /// The events that the page was told.
    pub(crate) ticks: Vec<u32>,
    /// How often the tab has loaded a page of this origin.
    pub(crate) loads: u32,
    /// Whether a page of this origin came out of the back-forward cache.
    pub(crate) persisted: bool,
    pub(crate) live: Option<String>,
}

/// Opens a tab whose pages are witnesses.
pub(crate) async fn open_tab(browser: &Browser) -> Tab {
    let tab = browser.tab("about:blank").await;
    tab.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WITNESS })).await;
    tab
}

/// What the page shows now, and what the server says. No request goes over the wire for this.
pub(crate) async fn look(tab: &Tab, site: &Site) -> Seen {
    let region = json!(site.region().into_string());
    let js = format!(
        "((right) => {{
            const shape = {SHAPE};
            const template = document.createElement('template');
            template.innerHTML = right;
            const region = document.querySelector('#region');
            return {{
                shown: region ? shape(region) : '',
                right: shape(template.content.firstElementChild),
                ticks: window.ticks,
                loads: +sessionStorage.loads,
                persisted: 'persisted' in sessionStorage,
                live: document.documentElement.dataset.live ?? null,
            }};
        }})({region})"
    );
    tab.eval(&js).await
}

/// Waits until what the page shows is so; `what` says it in words.
pub(crate) async fn until(tab: &Tab, site: &Site, what: &str, is_so: impl Fn(&Seen) -> bool) -> Seen {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = look(tab, site).await;
        if is_so(&seen) {
            return seen;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} until {what}; {seen}");
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

impl Seen {
    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.live.as_deref(), Some("open" | "fallback"))
    }

    /// Whether the page is what the server says, and was told the events up to this one, once and in order.
    pub(crate) fn is_right(&self, ticks: u32) -> bool {
        self.shown == self.right && self.ticks.iter().copied().eq(1..=ticks)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shown, right, ticks, loads, persisted, live } = self;
        write!(
            f,
            "the page has {ticks:?}; it is {live:?}, loaded {loads} times{}",
            if *persisted { ", and came out of the cache" } else { "" }
        )?;
        if shown != right {
            let is_same = |(one, other): &(char, char)| one == other;
            let from = shown.chars().zip(right.chars()).take_while(is_same).count().saturating_sub(40);
            let rest = |html: &str| html.chars().skip(from).take(400).collect::<String>();
            write!(f, "\nfrom character {from} on it shows\n  {}\nand the server says\n  {}", rest(shown), rest(right))?;
        }
        Ok(())
    }
}
