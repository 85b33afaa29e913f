//! The pages of the testing kit against real ones: whatever is published, both are the same in the end, on every generation of htmx.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use htmx_ws_components::testing::Page;
use htmx_ws_components::{DomId, Fragment, Htmx, Hub, Live, Nesting, Patch};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

/// Its name, the page in the beginning, and what is published.
type Case = (&'static str, &'static str, Vec<Patch>);

fn id(id: &str) -> DomId {
    DomId::new(id).unwrap()
}

fn leaf(name: &str, html: &str) -> Fragment {
    Fragment::new(id(name), html.to_owned(), Nesting::Leaf).unwrap()
}

fn branch(name: &str, html: &str) -> Fragment {
    Fragment::new(id(name), html.to_owned(), Nesting::Branch).unwrap()
}

fn upsert(list: &str, name: &str, html: &str) -> Patch {
    Patch::Upsert { list: id(list), fragment: leaf(name, html) }
}

fn update(target: &str, html: &str) -> Patch {
    Patch::update(id(target), &PreEscaped(html.to_owned()))
}

const LIST: &str = "<ol id=list> <li id=a>one</li> <li id=b>two</li> </ol>";
const TABLE: &str = "<table><tbody id=rows><tr id=r1><td id=c1>1</td><td>x</td></tr><tr id=r2><td>2</td></tr></tbody></table>";
const SVG: &str = "<svg id=svg viewBox='0 0 9 9'><g id=dots><circle id=d1 r=1></circle><circle id=d2 r=2></circle></g></svg>";
const CARD: &str = "<section id=card><h2>Card</h2><p id=part>old</p><input id=in value=x></section><p id=beside>beside</p>";

fn states() -> Vec<Case> {
    let item = "<li class=\"new\">new</li>";
    vec![
        ("replace", LIST, vec![Patch::Replace(leaf("a", item))]),
        ("replace, another tag", CARD, vec![Patch::Replace(leaf("beside", "<div>more <b>than</b> before</div>"))]),
        ("replace, twice", LIST, vec![Patch::Replace(leaf("a", item)), Patch::Replace(leaf("a", "<li>newer</li>"))]),
        ("morph", CARD, vec![Patch::Morph(branch("card", "<section class=\"x y\" data-n=\"1\"><p id=\"part\">new</p>text</section>"))]),
        ("morph, another tag", CARD, vec![Patch::Morph(leaf("beside", "<div title=\"t\">x</div>"))]),
        ("morph, attributes go", LIST, vec![Patch::Morph(leaf("a", item)), Patch::Morph(leaf("a", "<li>plain</li>"))]),
        (
            "morph, children change places",
            LIST,
            vec![Patch::Morph(branch("list", "<ol><li id=\"b\">2</li><li id=\"z\">z</li><li id=\"a\">1</li></ol>"))],
        ),
        ("update", CARD, vec![update("card", "<p id=\"part\">content</p> and <i>text</i>")]),
        ("update to nothing", LIST, vec![update("list", "")]),
        ("update, text", CARD, vec![update("beside", "a &amp; b &lt;c&gt;")]),
        ("remove", LIST, vec![Patch::remove(id("a"))]),
        ("remove, twice", LIST, vec![Patch::remove(id("a")), Patch::remove(id("a"))]),
        ("remove, and add again", LIST, vec![Patch::remove(id("a")), upsert("list", "a", item)]),
        ("nowhere", LIST, vec![Patch::Replace(leaf("x", item)), Patch::Morph(leaf("y", item)), Patch::append(id("z"), leaf("x", item))]),
        (
            "a part behind its whole",
            CARD,
            vec![Patch::Morph(branch("card", "<section><p id=\"part\">1</p></section>")), Patch::Replace(leaf("part", "<p>2</p>"))],
        ),
        (
            "many at once",
            LIST,
            vec![Patch::Replace(leaf("a", "<li>1</li>")), Patch::Replace(leaf("b", "<li>2</li>")), upsert("list", "c", item)],
        ),
    ]
}

fn insertions() -> Vec<Case> {
    let item = |name| leaf(name, "<li><b>x</b> y</li>");
    vec![
        ("append", LIST, vec![Patch::append(id("list"), item("c")), Patch::append(id("list"), item("d"))]),
        ("append what is there", LIST, vec![Patch::append(id("list"), item("a"))]),
        ("prepend", LIST, vec![Patch::prepend(id("list"), item("c")), Patch::prepend(id("list"), item("d"))]),
        ("prepend to an empty one", "<ul id=list></ul>", vec![Patch::prepend(id("list"), item("c"))]),
        ("before", LIST, vec![Patch::before(id("a"), item("c")), Patch::before(id("b"), item("d"))]),
        ("after", LIST, vec![Patch::after(id("a"), item("c")), Patch::after(id("b"), item("d"))]),
        ("after the last", "<ul id=list><li id=a>1</li></ul>", vec![Patch::after(id("a"), item("c"))]),
        ("upsert, new", LIST, vec![upsert("list", "c", "<li>1</li>"), upsert("list", "c", "<li>2</li>")]),
        ("upsert, known", LIST, vec![upsert("list", "a", "<li class=\"x\">1</li>")]),
        ("upsert elsewhere", CARD, vec![upsert("beside", "part", "<p>stays in its place</p>")]),
    ]
}

fn kinds() -> Vec<Case> {
    let row = |name| leaf(name, "<tr class=\"x\"><td>new</td></tr>");
    let dot = |name| leaf(name, "<circle r=\"5\" data-x=\"1\"></circle>");
    vec![
        ("rows", TABLE, vec![Patch::Replace(row("r1")), Patch::Morph(row("r2")), upsert("rows", "r3", "<tr><td>3</td></tr>")]),
        ("rows around a row", TABLE, vec![Patch::before(id("r1"), row("r0")), Patch::after(id("r2"), row("r3")), Patch::remove(id("r1"))]),
        ("the content of rows", TABLE, vec![update("rows", "<tr><td>all new</td></tr>")]),
        ("cells", TABLE, vec![Patch::Replace(leaf("c1", "<td>1</td>")), upsert("r2", "c2", "<td>2</td>"), update("c1", "<b>3</b>")]),
        (
            "sections of a table",
            "<table id=t><tbody id=b><tr><td>1</td></tr></tbody></table>",
            vec![Patch::Morph(leaf("b", "<tbody><tr><td>2</td></tr></tbody>")), upsert("t", "f", "<tfoot><tr><td>3</td></tr></tfoot>")],
        ),
        (
            "rows beside other elements",
            "<p id=p>1</p><table><tbody id=rows><tr id=r1><td>1</td></tr></tbody></table>",
            vec![Patch::Replace(leaf("p", "<p>2</p>")), Patch::Replace(row("r1")), Patch::Morph(leaf("p", "<p>3</p>"))],
        ),
        (
            "options",
            "<select id=s><option id=o1>1</option></select>",
            vec![Patch::Replace(leaf("o1", "<option value=\"1\">one</option>")), upsert("s", "o2", "<option>2</option>")],
        ),
        ("terms", "<dl id=dl><dt id=t>t</dt></dl>", vec![upsert("dl", "d", "<dd>d</dd>"), Patch::Morph(leaf("t", "<dt>u</dt>"))]),
        ("svg itself", SVG, vec![Patch::Replace(branch("svg", "<svg><path d=\"M0 0\"></path></svg>"))]),
        ("inside svg", SVG, vec![Patch::Replace(dot("d1")), Patch::Morph(dot("d2")), upsert("dots", "d3", "<circle r=\"3\"></circle>")]),
        ("around inside svg", SVG, vec![Patch::before(id("d1"), dot("d0")), Patch::append(id("dots"), dot("d3")), Patch::remove(id("d2"))]),
        ("the content of svg", SVG, vec![update("dots", "<rect width=\"1\"></rect><text>t</text>")]),
        ("math", "<math id=m><mrow id=row><mi>x</mi></mrow></math>", vec![Patch::Replace(leaf("row", "<mrow><mn>1</mn></mrow>"))]),
        (
            "columns",
            "<table><colgroup id=g><col id=w></colgroup></table>",
            vec![Patch::Replace(leaf("w", "<col class=\"x\">")), upsert("g", "v", "<col>")],
        ),
        ("the title", LIST, vec![Patch::title("(1) <b> & c"), Patch::title("(2)")]),
        (
            "events",
            LIST,
            vec![Patch::event("seen", &1).unwrap(), Patch::Replace(leaf("a", "<li>1</li>")), Patch::event("seen", &["<p>", "\""]).unwrap()],
        ),
        (
            "what is kept",
            "<div id=box><p>a</p><input id=kept hx-preserve value=old></div>",
            vec![Patch::Replace(branch("box", "<div><input id=\"kept\" hx-preserve value=\"new\"><p>b</p></div>"))],
        ),
    ]
}

fn cases() -> Vec<Case> {
    let mut all = states();
    all.extend(insertions());
    all.extend(kinds());
    all
}

/// When the patches are published: to a page that is open, or between its rendering and its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Live,
    Replay,
}

#[derive(Debug, Clone)]
struct Site {
    hub: Hub,
    cases: Arc<Vec<Case>>,
}

impl Site {
    fn publish(&self, index: usize, when: When) {
        let topic = format!("case-{index}-{when:?}");
        for patch in &self.cases[index].2 {
            self.hub.publish(&*topic, patch).outcome().unwrap();
        }
        self.hub.publish(&*topic, &update("end", "reached")).outcome().unwrap();
    }

    fn page(&self, index: usize, live: &Live) -> Markup {
        const SCRIPT: &str = "window.seen = []; document.addEventListener('seen', ({ detail }) => seen.push(['seen', detail]))";
        html! {
            (DOCTYPE)
            html lang="en" {
                head { title { "Cases" } link rel="icon" href="data:,"; (live.head()) script { (PreEscaped(SCRIPT)) } }
                body { (live.connect()) div id="case" { (PreEscaped(self.cases[index].1)) } p id="end" { "not yet" } }
            }
        }
    }
}

async fn page(State(site): State<Site>, Path((index, when)): Path<(usize, String)>) -> Markup {
    let when = if when == "Live" { When::Live } else { When::Replay };
    let live = Live::of(&site.hub).topic(format!("case-{index}-{when:?}").as_str());
    let page = site.page(index, &live);
    if when == When::Replay {
        site.publish(index, when);
    }
    page
}

/// What a page is in the end: its elements, its title, and what its script was told.
type Shown = (String, String, Vec<(String, Value)>);

async fn browser_shows(tab: &Tab, site: &Site, url: &str, index: usize, when: When) -> Shown {
    tab.goto(&format!("{url}/case/{index}/{when:?}")).await;
    if when == When::Live {
        tab.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        site.publish(index, when);
    }
    tab.wait_for_text("#end", "reached").await;
    // With the same parser and the same order of attributes.
    let shape = Page::new(Htmx::V4, &tab.shape("#case").await).html("#case");
    (shape, tab.eval("document.title").await, tab.eval("seen").await)
}

fn shown(page: &Page) -> Shown {
    page.assert_text("#end", "reached");
    // As the browser's are read.
    let shape = Page::new(Htmx::V4, &page.html("#case")).html("#case");
    (shape, page.title(), page.events().to_vec())
}

/// The page of the kit that takes the patches one by one.
fn page_takes_patches(htmx: Htmx, html: &str, patches: &[Patch]) -> Shown {
    let mut page = Page::new(htmx, html).lenient();
    for patch in patches {
        page.receive(patch);
    }
    page.receive(&update("end", "reached"));
    shown(&page)
}

/// The page of the kit that takes the frames of a replay, as they go over the wire.
async fn page_takes_frames(site: &Site, url: &str, index: usize) -> Shown {
    let topic = format!("frames-{index}");
    let live = Live::of(&site.hub).topic(topic.as_str());
    let html = site.page(index, &live).into_string();
    for patch in &site.cases[index].2 {
        site.hub.publish(&*topic, patch).outcome().unwrap();
    }
    site.hub.publish(&*topic, &update("end", "reached")).outcome().unwrap();
    let mut socket = Socket::open(url.trim_start_matches("http://").parse().unwrap(), &socket_path(&live)).await;
    let mut page = Page::new(site.hub.htmx(), &html).lenient();
    while page.text("#end") != "reached" {
        page.apply(&socket.text().await);
    }
    shown(&page)
}

async fn every_case_is_the_same(htmx: Htmx) {
    let hub = Hub::builder().htmx(htmx).assets(assets(htmx)).build();
    let site = Site { hub: hub.clone(), cases: Arc::new(cases()) };
    let routes = Router::new().route("/case/{index}/{when}", get(page)).route("/npm/{*file}", get(npm_file)).with_state(site.clone());
    let url = format!("http://{}", serve(routes.merge(hub.routes())).await);
    let browser = Browser::start().await;
    let tab = browser.tab(&format!("{url}/case/0/Live")).await;
    let mut wrong = Vec::new();
    for (index, (name, _, patches)) in site.cases.iter().enumerate() {
        let html = site.page(index, &Live::of(&hub).topic("none")).into_string();
        let ours = [page_takes_patches(htmx, &html, patches), page_takes_frames(&site, &url, index).await];
        for when in [When::Live, When::Replay] {
            let theirs = browser_shows(&tab, &site, &url, index, when).await;
            for (ours, how) in ours.iter().zip(["by patches", "by frames"]) {
                if *ours != theirs {
                    wrong.push(format!("{name}, {how}, {when:?}\n  kit     {ours:?}\n  browser {theirs:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{htmx:?}: {} of {} comparisons differ\n{}", wrong.len(), 4 * site.cases.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn htmx_2() {
    every_case_is_the_same(Htmx::V2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn htmx_2_with_idiomorph() {
    every_case_is_the_same(Htmx::V2Morph).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn htmx_4() {
    every_case_is_the_same(Htmx::V4).await;
}

#[test]
fn there_are_many_cases_and_each_has_a_name_of_its_own() {
    let mut names: Vec<_> = cases().into_iter().map(|(name, ..)| name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert!(count >= 40 && names.len() == count);
}
