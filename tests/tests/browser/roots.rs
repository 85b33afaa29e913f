//! Every verb on every kind of root element: also on those that a parser takes at some places only, as table parts and what stands inside SVG.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::{Assets, DomId, Fragment, Htmx, Hub, Live, Nesting, Patch};
use htmx_ws_tests::browser::{Browser, Tab};
use htmx_ws_tests::site::{assets, npm_file};
use htmx_ws_tests::socket::serve;
use maud::{DOCTYPE, PreEscaped, html};

const HTML: &str = "http://www.w3.org/1999/xhtml";
const SVG: &str = "http://www.w3.org/2000/svg";
const MATHML: &str = "http://www.w3.org/1998/Math/MathML";

/// A kind of root: its name, its namespace, what stands inside it, and the elements around its list, which is the innermost of them.
struct Kind {
    tag: &'static str,
    namespace: &'static str,
    content: &'static str,
    around: &'static [&'static str],
}

const fn kind(tag: &'static str, namespace: &'static str, content: &'static str, around: &'static [&'static str]) -> Kind {
    Kind { tag, namespace, content, around }
}

/// `%` stands for the state.
#[rustfmt::skip]
const KINDS: &[Kind] = &[
    kind("p", HTML, "<b>%</b>", &["div"]),
    kind("tr", HTML, "<td>%</td>", &["table", "tbody"]),
    kind("td", HTML, "<b>%</b>", &["table", "tbody", "tr"]),
    kind("th", HTML, "%", &["table", "tbody", "tr"]),
    kind("tbody", HTML, "<tr><td>%</td></tr>", &["table"]),
    kind("col", HTML, "", &["table", "colgroup"]),
    kind("li", HTML, "<b>%</b>", &["ol"]),
    kind("dd", HTML, "%", &["dl"]),
    kind("option", HTML, "%", &["select"]),
    kind("optgroup", HTML, "<option>%</option>", &["select"]),
    kind("svg", SVG, "<path></path>", &["div"]),
    kind("g", SVG, "<path d=\"M% 0\"></path>", &["svg"]),
    kind("circle", SVG, "", &["svg"]),
    kind("path", SVG, "<title>%</title>", &["svg", "g"]),
    kind("rect", SVG, "", &["svg", "g"]),
    kind("line", SVG, "", &["svg"]),
    kind("polyline", SVG, "", &["svg"]),
    kind("text", SVG, "% <tspan>%</tspan>", &["svg"]),
    kind("tspan", SVG, "%", &["svg", "text"]),
    kind("a", SVG, "<text>%</text>", &["svg"]),
    kind("stop", SVG, "", &["svg", "defs", "linearGradient"]),
    kind("linearGradient", SVG, "<stop></stop>", &["svg", "defs"]),
    kind("feFuncR", SVG, "", &["svg", "filter", "feComponentTransfer"]),
    kind("title", SVG, "%", &["svg"]),
    kind("foreignObject", SVG, "<p>%</p>", &["svg"]),
    kind("mrow", MATHML, "<mi>%</mi>", &["math"]),
];

/// An item of a list, and the state that it is in.
type Item = (&'static str, u8);

impl Kind {
    fn id(&self, name: &str) -> DomId {
        DomId::new(&format!("{}-{name}", self.tag)).unwrap()
    }

    /// An element whose attributes, too, are those of its state only.
    fn fragment(&self, (name, state): Item) -> Fragment {
        let content = self.content.replace('%', &state.to_string());
        let html = format!("<{tag} data-{state}=\"\">{content}</{tag}>", tag = self.tag);
        let html = if self.tag == "col" { html.replace("</col>", "") } else { html };
        Fragment::new(self.id(name), html, Nesting::Leaf).unwrap()
    }

    /// The list `name` with these items.
    fn list(&self, name: &str, items: &[Item]) -> String {
        let (inner, outer) = self.around.split_last().unwrap();
        let open = outer.iter().fold(String::new(), |mut html, tag| {
            let _ = write!(html, "<{tag}>");
            html
        });
        let close = outer.iter().rev().fold(String::new(), |mut html, tag| {
            let _ = write!(html, "</{tag}>");
            html
        });
        let items: String = items.iter().map(|item| self.fragment(*item).html().to_owned()).collect();
        format!("{open}<{inner} id=\"{id}\">{items}</{inner}>{close}", id = self.id(name))
    }

    /// Each verb, so that [`AFTER`] is what [`BEFORE`] becomes.
    fn patches(&self) -> Vec<Patch> {
        let of = |name, state| self.fragment((name, state));
        let upsert = |name, state| Patch::Upsert { list: self.id("list"), fragment: of(name, state) };
        vec![
            Patch::Replace(of("a", 1)),
            Patch::Morph(of("b", 2)),
            upsert("c", 3),
            upsert("d", 4),
            Patch::append(self.id("list"), of("e", 5)),
            Patch::prepend(self.id("list"), of("f", 6)),
            Patch::before(self.id("b"), of("g", 7)),
            Patch::after(self.id("b"), of("h", 8)),
            Patch::remove(self.id("x")),
            Patch::Replace(of("nowhere", 9)),
            Patch::Morph(of("nowhere", 9)),
            Patch::update(self.id("other"), &PreEscaped(of("i", 1).html().to_owned() + of("j", 2).html())),
        ]
    }
}

/// What the lists `list` and `other` hold in the beginning, and in the end.
const BEFORE: [&[Item]; 2] = [&[("a", 0), ("b", 0), ("x", 0), ("c", 0)], &[("y", 0)]];
const AFTER: [&[Item]; 2] = [&[("f", 6), ("a", 1), ("g", 7), ("b", 2), ("h", 8), ("c", 3), ("d", 4), ("e", 5)], &[("i", 1), ("j", 2)]];

/// What the pages load, and whether a morph keeps elements there.
fn set_ups() -> [(Htmx, Assets, bool); 5] {
    let [htmx, ws, morph] =
        ["htmx2/dist/htmx.min.js", "htmx-ext-ws/dist/ws.min.js", "idiomorph/dist/idiomorph-ext.min.js"].map(|file| format!("/npm/{file}"));
    [
        (Htmx::V2, assets(Htmx::V2), false),
        (Htmx::V2Morph, assets(Htmx::V2Morph), true),
        // The application has idiomorph with its own extension, which ours replaces.
        (Htmx::V2Morph, Assets::scripts([htmx, ws, morph]), true),
        // Idiomorph was forgotten.
        (Htmx::V2Morph, assets(Htmx::V2), false),
        (Htmx::V4, assets(Htmx::V4), true),
    ]
}

/// A page of all lists, as they are before the patches or behind them. Its cursor is that of the beginning in both cases: then every frame that the latter gets
/// is a repetition.
async fn page(State(live): State<Arc<Live>>, Path(when): Path<String>) -> Response {
    let [list, other] = if when == "before" { BEFORE } else { AFTER };
    let lists: String = KINDS.iter().map(|kind| kind.list("list", list) + &kind.list("other", other)).collect();
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Roots" } link rel="icon" href="data:,"; (live.head()) }
            body hx-ext="morph" { (live.connect()) (PreEscaped(lists)) p id="end" { "not yet" } }
        }
    };
    ([(CONTENT_SECURITY_POLICY, "default-src 'self'; img-src 'self' data:")], body).into_response()
}

/// Each list with its elements: their id, name, namespace, state and content.
const SHOWN: &str =
    "[...document.querySelectorAll('[id$=-list], [id$=-other]')].map((list) => [list.id, ...[...list.childNodes].map((node) => {
    const states = [...node.attributes].map(({ name }) => name).filter((name) => /^data-\\d/.test(name));
    return [node.id, node.localName, node.namespaceURI, ...states, node.innerHTML].join(' ');
})].join('\\n'))";

/// What [`SHOWN`] must be at the end.
fn expected() -> Vec<String> {
    let lists = KINDS.iter().flat_map(|kind| ["list", "other"].into_iter().zip(AFTER).map(move |(name, items)| (kind, name, items)));
    let shown = lists.map(|(kind, name, items)| {
        items.iter().fold(kind.id(name).to_string(), |mut text, (item, state)| {
            let (id, content) = (kind.id(item), kind.content.replace('%', &state.to_string()));
            let _ = write!(text, "\n{id} {} {} data-{state} {content}", kind.tag, kind.namespace);
            text
        })
    });
    shown.collect()
}

async fn check(tab: &Tab, what: &str) {
    tab.wait_for_text("#end", "reached").await;
    let shown: Vec<String> = tab.eval(SHOWN).await;
    for (shown, expected) in shown.iter().zip(expected()) {
        assert_eq!(*shown, expected, "{what}");
    }
    assert_eq!(shown.len(), expected().len());
    let twice: Vec<String> = tab
        .eval("((ids) => ids.filter((id, at) => ids.indexOf(id) !== at))([...document.querySelectorAll('[id]')].map(({ id }) => id))")
        .await;
    assert_eq!(twice, [""; 0], "{what}");
    assert_eq!(tab.eval::<String>("document.title").await, "Roots");
    let is_expected = |error: &String| ["htmx:oobErrorNoTarget", "idiomorph is not loaded"].iter().any(|expected| error.contains(expected));
    let errors: Vec<String> = tab.console_errors().await.into_iter().filter(|error| !is_expected(error)).collect();
    assert_eq!(errors, [""; 0], "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_root_takes_every_verb() {
    let browser = Browser::start().await;
    for (htmx, files, keeps) in set_ups() {
        let hub = Hub::builder().htmx(htmx).assets(files).build();
        let live = Arc::new(Live::of(&hub).topic("t"));
        let routes = Router::new().route("/{when}", get(page)).with_state(live);
        let addr = serve(routes.route("/npm/{*file}", get(npm_file)).merge(hub.routes().with_state(()))).await;
        let open = async |when: &str| browser.tab(&format!("http://{addr}/{when}")).await;

        let watching = open("before").await;
        watching.wait_until("the connection is open", "document.documentElement.dataset.live === 'open'").await;
        watching.eval::<()>("document.querySelectorAll('[id$=-b]').forEach((node) => { node.isTheSame = true })").await;
        for patch in KINDS.iter().flat_map(Kind::patches) {
            hub.publish("t", &patch).outcome().unwrap();
        }
        hub.publish("t", &Patch::update(DomId::new("end").unwrap(), &html! { "reached" })).outcome().unwrap();
        check(&watching, &format!("{htmx:?}, one by one")).await;
        let replaced: Vec<String> = watching
            .eval("[...document.querySelectorAll('[id$=-b]')].filter((node) => !node.isTheSame).map(({ localName }) => localName)")
            .await;
        let expected: Vec<&str> = KINDS.iter().filter(|_| !keeps).map(|kind| kind.tag).collect();
        assert_eq!(replaced, expected, "{htmx:?}: a morph keeps the element");
        check(&open("before").await, &format!("{htmx:?}, as a replay")).await;
        check(&open("after").await, &format!("{htmx:?}, repeated")).await;
    }
}
