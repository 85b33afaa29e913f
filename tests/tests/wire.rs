//! Every verb on the wire, for every generation of htmx side by side: `tests/golden/wire/*.txt`.
//!
//! `UPDATE_GOLDEN=1 cargo test -p htmx-ws-tests --test wire` writes them anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fmt::Write;

use htmx_ws_components::{DomId, Fragment, Htmx, Hub, Live, Nesting, Patch};
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use htmx_ws_tests::workspace;
use maud::PreEscaped;

fn id(id: &str) -> DomId {
    DomId::new(id).unwrap()
}

fn leaf(name: &str, html: &str) -> Fragment {
    Fragment::new(id(name), html.to_owned(), Nesting::Leaf).unwrap()
}

fn upsert(list: &str, fragment: Fragment) -> Patch {
    Patch::Upsert { list: id(list), fragment }
}

/// The frames that a page gets for these patches, with the epoch written as `E`.
async fn frames(htmx: Htmx, patches: &[Patch]) -> String {
    let hub = Hub::builder().htmx(htmx).build();
    let addr = serve(hub.routes().with_state(())).await;
    // The page is rendered before the patches and connects behind them, so it gets all of them as one replay.
    let path = socket_path(&Live::of(&hub).topic("t"));
    for patch in patches {
        hub.publish("t", patch);
    }
    let last = hub.cursor().to_string();
    let epoch = last.split_once('-').unwrap().0.to_owned();
    let mut socket = Socket::open(addr, &path).await;
    let mut text = String::new();
    loop {
        let frame = socket.text().await;
        writeln!(text, "{}", frame.replace(&epoch, "E")).unwrap();
        if frame.contains(&format!(" {last}-->")) {
            return text;
        }
    }
}

async fn check(name: &str, patches: &[Patch]) {
    let mut found = String::new();
    for (title, htmx) in [("htmx 2", Htmx::V2), ("htmx 2 with idiomorph", Htmx::V2Morph), ("htmx 4", Htmx::V4)] {
        writeln!(found, "{title}\n{}", frames(htmx, patches).await).unwrap();
    }
    let path = workspace::root().join("tests/tests/golden/wire").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{}: run with UPDATE_GOLDEN=1 and read the difference", path.display());
}

#[tokio::test]
async fn states_of_an_element() {
    check(
        "state",
        &[
            Patch::Replace(leaf("a", "<p>replaced</p>")),
            Patch::Morph(leaf("b", "<p class=\"x\">morphed</p>")),
            Patch::remove(id("c")),
            Patch::update(id("d"), &PreEscaped("<b>content</b>".to_owned())),
        ],
    )
    .await;
}

#[tokio::test]
async fn insertions() {
    let item = |name: &str| leaf(name, "<li>item</li>");
    check(
        "insert",
        &[
            upsert("list", item("a")),
            Patch::append(id("list"), item("b")),
            Patch::prepend(id("list"), item("c")),
            Patch::before(id("a"), item("d")),
            Patch::after(id("a"), item("e")),
        ],
    )
    .await;
}

#[tokio::test]
async fn table_parts_stand_in_frames_of_their_own_kind() {
    check(
        "table",
        &[
            Patch::Replace(leaf("a", "<p>before</p>")),
            upsert("rows", leaf("r1", "<tr><td>1</td></tr>")),
            upsert("rows", leaf("r2", "<tr><td>2</td></tr>")),
            Patch::update(id("rows"), &PreEscaped("<tr><td>3</td></tr>".to_owned())),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_inside_svg_stands_in_svg() {
    let dot = |name: &str| leaf(name, "<circle r=\"1\"></circle>");
    check(
        "svg",
        &[
            Patch::Replace(dot("a")),
            Patch::Morph(dot("b")),
            upsert("dots", dot("c")),
            Patch::append(id("dots"), dot("d")),
            Patch::before(id("a"), dot("e")),
            Patch::remove(id("f")),
            Patch::update(id("g"), &PreEscaped("words <tspan>more</tspan>".to_owned())),
            Patch::Replace(leaf("h", "<p>beside it</p>")),
            Patch::Morph(leaf("i", "<mrow><mi>x</mi></mrow>")),
        ],
    )
    .await;
}

#[tokio::test]
async fn options_and_parts_of_rows() {
    check(
        "parts",
        &[
            upsert("choice", leaf("o", "<option>1</option>")),
            Patch::append(id("choice"), leaf("p", "<optgroup label=\"more\"></optgroup>")),
            upsert("row", leaf("c", "<td>1</td>")),
            upsert("table", leaf("b", "<tbody></tbody>")),
            upsert("columns", leaf("w", "<col>")),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_fence_stands_alone() {
    let branch = Fragment::new(id("card"), "<div><p id=\"inner\">1</p></div>".to_owned(), Nesting::Branch).unwrap();
    check(
        "fence",
        &[
            Patch::Replace(leaf("a", "<p>1</p>")),
            Patch::Replace(leaf("b", "<p>1</p>")),
            Patch::Morph(branch),
            Patch::Replace(leaf("inner", "<p>2</p>")),
            Patch::Replace(leaf("a", "<p>2</p>")),
        ],
    )
    .await;
}

#[tokio::test]
async fn signals() {
    check(
        "signals",
        &[
            Patch::Replace(leaf("a", "<p>1</p>")),
            Patch::title("(3) <Inbox>"),
            Patch::event("counted", &["<p>", "\""]).unwrap(),
            Patch::event("counted", &()).unwrap(),
            Patch::redirect("/jobs?a=1&b=2").unwrap(),
            Patch::refresh(),
            Patch::Replace(leaf("b", "<p>1</p>")),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_long_replay_is_cut_into_frames() {
    let items: Vec<Patch> = (0..95).map(|n| Patch::Replace(leaf(&format!("i{n}"), "<i></i>"))).collect();
    check("long", &items).await;
}
