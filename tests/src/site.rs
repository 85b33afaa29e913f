//! A small live site: its state is in one place, its page shows it, and every change of it is published.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRef, Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use htmx_ws_components::{
    Assets, Component, Counter, Htmx, Hub, HubBuilder, Live, LogTail, Patch, ProgressBar, Status, StatusBadge, TimelineStep,
};
use maud::{DOCTYPE, Markup, html};

use crate::workspace;

/// The topic of everything on the site.
pub const TOPIC: &str = "site";

/// htmx out of the installed npm packages, which [`npm_file`] serves.
pub fn assets(htmx: Htmx) -> Assets {
    let files: &[&str] = match htmx {
        Htmx::V2 => &["htmx2/dist/htmx.min.js", "htmx-ext-ws/dist/ws.min.js"],
        Htmx::V2Morph => &["htmx2/dist/htmx.min.js", "htmx-ext-ws/dist/ws.min.js", "idiomorph/dist/idiomorph.min.js"],
        Htmx::V4 => &["htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-ws.min.js"],
    };
    Assets::scripts(files.iter().map(|file| format!("/npm/{file}")))
}

/// A number, as a badge, a bar, and in markup of its own.
#[derive(Debug, Clone, Copy, Status)]
enum Phase {
    #[status(tone = info, active)]
    Counting,
    #[status(tone = success, terminal)]
    Complete,
}

#[derive(StatusBadge)]
#[component(id = "status")]
struct Badge {
    #[badge(status)]
    phase: Phase,
}

#[derive(ProgressBar)]
#[component(id = "progress")]
struct Bar {
    #[progress(value)]
    count: u32,
    #[progress(label)]
    label: &'static str,
}

#[derive(Component)]
#[component(id = "count", leaf, render = Self::markup)]
struct Count(u32);

impl Count {
    fn markup(&self) -> Markup {
        html! { output { (self.0) } }
    }
}

#[derive(Debug, TimelineStep)]
#[component(id = "step-{name}", list = "steps")]
struct Step {
    #[step(title)]
    name: String,
    #[step(status)]
    phase: Phase,
}

/// A component made of components: published whole, sent in parts.
#[derive(Debug, Default, Clone, Component)]
#[component(id = "card", render = Self::markup)]
struct Card {
    title: String,
    #[component(part)]
    meter: Meter,
    #[component(part)]
    rows: Vec<Row>,
}

#[derive(Debug, Default, Clone, ProgressBar)]
#[component(id = "card-meter")]
struct Meter {
    #[progress(value)]
    count: u32,
}

#[derive(Debug, Clone, TimelineStep)]
#[component(id = "card-row-{name}", list = "card-rows")]
struct Row {
    #[step(title)]
    name: String,
    #[step(status)]
    phase: Phase,
}

impl Card {
    fn markup(&self) -> Markup {
        html! {
            section {
                h2 { (self.title) }
                input id="typed";
                (self.meter)
                ol id="card-rows" { @for row in &self.rows { (row) } }
            }
        }
    }
}

/// The site: a hub, and what the page shows.
#[derive(Debug, Clone)]
pub struct Site {
    hub: Hub,
    shown: Arc<Mutex<Shown>>,
}

#[derive(Debug)]
struct Shown {
    count: u32,
    steps: Vec<Step>,
    card: Card,
    log: LogTail,
    /// How many events were published.
    ticks: u32,
}

impl Default for Shown {
    fn default() -> Self {
        let log = LogTail::new("log", "Log", 5).unwrap();
        Self { count: 0, steps: Vec::new(), card: Card::default(), log, ticks: 0 }
    }
}

impl FromRef<Site> for Hub {
    fn from_ref(site: &Site) -> Self {
        site.hub.clone()
    }
}

impl Site {
    /// A site with a hub of these settings, whose pages load htmx from the installed npm packages.
    pub fn new(builder: HubBuilder, htmx: Htmx) -> Self {
        Self { hub: builder.htmx(htmx).assets(assets(htmx)).build(), shown: Arc::default() }
    }

    /// The hub of the site.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Shows this number everywhere.
    pub fn count(&self, count: u32) {
        let mut shown = self.shown.lock().unwrap();
        shown.count = count;
        // Under the lock, so that what is published last is what is shown last.
        let (badge, bar, number) = shown.number();
        self.hub.publish(TOPIC, &badge);
        self.hub.publish(TOPIC, &bar);
        self.hub.publish(TOPIC, &number);
    }

    /// Adds a step, or ends the one of this name.
    pub fn step(&self, name: &str) {
        let mut shown = self.shown.lock().unwrap();
        let known = shown.steps.iter().position(|step| step.name == name);
        let index = known.unwrap_or(shown.steps.len());
        if known.is_none() {
            shown.steps.push(Step { name: name.to_owned(), phase: Phase::Counting });
        } else {
            shown.steps[index].phase = Phase::Complete;
        }
        self.hub.publish(TOPIC, &shown.steps[index]);
    }

    /// Takes the step away.
    pub fn remove_step(&self, name: &str) {
        let mut shown = self.shown.lock().unwrap();
        let Some(index) = shown.steps.iter().position(|step| step.name == name) else { return };
        let step = shown.steps.remove(index);
        self.hub.publish(TOPIC, &Patch::remove(step.id()));
    }

    /// Publishes the card with this title, this figure, and these rows.
    pub fn card(&self, title: &str, count: u32, rows: &[&str]) {
        let mut shown = self.shown.lock().unwrap();
        let row = |name: &&str| Row { name: (*name).to_owned(), phase: Phase::Counting };
        shown.card = Card { title: title.to_owned(), meter: Meter { count }, rows: rows.iter().map(row).collect() };
        self.hub.publish(TOPIC, &shown.card);
    }

    /// Adds a line to the log, which shows the last five.
    pub fn line(&self, text: &str) {
        let mut shown = self.shown.lock().unwrap();
        for patch in shown.log.push(text, |line| line) {
            self.hub.publish(TOPIC, &patch);
        }
    }

    /// Tells the pages' own script the event `tick`, with how many there have been, this one included.
    pub fn tick(&self) -> u32 {
        let mut shown = self.shown.lock().unwrap();
        shown.ticks += 1;
        self.hub.publish(TOPIC, &Patch::event("tick", &shown.ticks).unwrap());
        shown.ticks
    }

    /// The live part of the page, as it must be now.
    pub fn region(&self) -> Markup {
        self.shown.lock().unwrap().region()
    }

    /// The routes of the site: `/` the page; `/plain` the page without our script; `/late` the page, into whose rendering a publish falls; `/slow` the page, whose response comes behind a publish; `/still` a page that is not live;
    /// `/region` what the page must show; `POST /count` a number as the body; `POST /step/{name}`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/plain", get(plain))
            .route("/late", get(late))
            .route("/slow", get(slow))
            .route("/still", get(still))
            .route("/region", get(async |State(site): State<Self>| site.region()))
            .route("/count", post(async |State(site): State<Self>, body: String| site.count(body.trim().parse().unwrap())))
            .route("/step/{name}", post(async |State(site): State<Self>, Path(name): Path<String>| site.step(&name)))
            .route("/npm/{*file}", get(npm_file))
            .merge(self.hub.routes())
            .with_state(self.clone())
    }
}

impl Shown {
    fn number(&self) -> (Badge, Bar, Count) {
        let phase = if self.count >= 100 { Phase::Complete } else { Phase::Counting };
        (Badge { phase }, Bar { count: self.count, label: "Progress" }, Count(self.count))
    }

    fn region(&self) -> Markup {
        let (badge, bar, count) = self.number();
        html! {
            main id="region" {
                (badge) (bar) (count)
                ol id="steps" { @for step in &self.steps { (step) } }
                (self.card)
                (self.log)
            }
        }
    }
}

fn document(head: &Markup, live: &Live, region: &Markup) -> Response {
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Site" } link rel="icon" href="data:,"; (head) }
            body {
                (live.connect())
                (region)
                nav hx-boost="true" hx-boost:inherited="true" { a id="again" href="/slow" { "Again" } " " a id="away" href="/still" { "Away" } }
            }
        }
    };
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:")], body).into_response()
}

async fn page(live: Live, State(site): State<Site>) -> Response {
    let live = live.topic(TOPIC);
    document(&live.head(), &live, &site.region())
}

/// The head without our script: what is left is htmx.
async fn plain(live: Live, State(site): State<Site>) -> Response {
    let live = live.topic(TOPIC);
    let head = live.head().into_string();
    // Ours come last, with what is loaded in development behind it.
    let (before, _) = head.split_once("<script src=\"/live/htmx-ws-").unwrap();
    document(&maud::PreEscaped(before.to_owned()), &live, &site.region())
}

/// Shows what was there before a publish that the page's cursor does not know.
async fn late(live: Live, State(site): State<Site>) -> Response {
    let live = live.topic(TOPIC);
    let before = site.region();
    site.count(99);
    site.step("late");
    document(&live.head(), &live, &before)
}

/// Is on its way to the browser while what it shows changes, and the page that it replaces is told so.
async fn slow(live: Live, State(site): State<Site>) -> Response {
    let response = page(live, State(site.clone())).await;
    let told = site.hub.stats().get(Counter::FramesSent);
    site.count(55);
    site.step("meanwhile");
    while site.hub.stats().connections() > 0 && site.hub.stats().get(Counter::FramesSent) == told {
        tokio::task::yield_now().await;
    }
    response
}

async fn still(State(site): State<Site>) -> Response {
    let head = Live::of(&site.hub).head();
    html! { (DOCTYPE) html lang="en" { head { title { "Still" } (head) } body { p id="still" { "Nothing moves here." } } } }.into_response()
}

/// A file of an npm package, for the route `/npm/{*file}`.
pub async fn npm_file(Path(file): Path<PathBuf>) -> Response {
    let is_below = file.components().all(|component| matches!(component, std::path::Component::Normal(_)));
    assert!(is_below, "a test asks for a file of a package");
    let content = std::fs::read(workspace::node_modules().join(file)).unwrap();
    ([(CONTENT_TYPE, "text/javascript")], Bytes::from(content)).into_response()
}
