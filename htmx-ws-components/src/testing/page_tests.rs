//! What a page makes of frames, and what its failures say.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use maud::PreEscaped;

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::Patch;
use crate::testing::Page;

const JOBS: &str =
    "<title>Jobs</title><h1>Jobs</h1><ul id=jobs><li id=a>one</li><li id=b>two</li></ul><p id=count>2</p><button>Stop</button>";

fn id(id: &str) -> DomId {
    DomId::new(id).unwrap()
}

fn item(name: &str, text: &str) -> Fragment {
    Fragment::new(id(name), format!("<li>{text}</li>"), Nesting::Leaf).unwrap()
}

fn upsert(fragment: Fragment) -> Patch {
    Patch::Upsert { list: id("jobs"), fragment }
}

#[track_caller]
fn check(patches: &[Patch], expected: &str) {
    for htmx in Htmx::ALL {
        let mut page = Page::new(htmx, JOBS);
        for patch in patches {
            page.receive(patch);
        }
        page.assert_html("#jobs", &format!("<ul id=jobs>{expected}</ul>"));
    }
}

/// The message of a failure.
#[track_caller]
fn fails(htmx: Htmx, act: impl FnOnce(&mut Page)) -> String {
    let mut page = Page::new(htmx, JOBS);
    let failed = catch_unwind(AssertUnwindSafe(|| act(&mut page)));
    *failed.expect_err("it should fail").downcast::<String>().unwrap()
}

#[test]
fn every_verb() {
    check(&[Patch::Replace(item("a", "1"))], "<li id=a>1</li><li id=b>two</li>");
    check(&[Patch::Morph(item("b", "2"))], "<li id=a>one</li><li id=b>2</li>");
    check(&[upsert(item("b", "2")), upsert(item("c", "3"))], "<li id=a>one</li><li id=b>2</li><li id=c>3</li>");
    check(&[Patch::append(id("jobs"), item("c", "3"))], "<li id=a>one</li><li id=b>two</li><li id=c>3</li>");
    check(&[Patch::prepend(id("jobs"), item("c", "3"))], "<li id=c>3</li><li id=a>one</li><li id=b>two</li>");
    check(&[Patch::before(id("b"), item("c", "3"))], "<li id=a>one</li><li id=c>3</li><li id=b>two</li>");
    check(&[Patch::after(id("b"), item("c", "3"))], "<li id=a>one</li><li id=b>two</li><li id=c>3</li>");
    check(&[Patch::after(id("a"), item("c", "3"))], "<li id=a>one</li><li id=c>3</li><li id=b>two</li>");
    check(&[Patch::append(id("jobs"), item("a", "again"))], "<li id=a>one</li><li id=b>two</li>");
    check(&[Patch::remove(id("a")), Patch::remove(id("a"))], "<li id=b>two</li>");
    check(&[Patch::update(id("jobs"), &PreEscaped("<li id=z>z</li>".to_owned()))], "<li id=z>z</li>");
}

#[test]
fn what_is_no_element() {
    for htmx in Htmx::ALL {
        let mut page = Page::new(htmx, JOBS);
        page.receive(&Patch::title("(3) <Jobs>"));
        page.receive(&Patch::event("counted", &3).unwrap());
        page.receive(&Patch::redirect("/jobs?a=1&b=2").unwrap());
        assert_eq!(page.title(), "(3) <Jobs>");
        assert_eq!(page.events(), [("counted".to_owned(), 3.into())]);
        assert_eq!(page.destination(), Some("/jobs?a=1&b=2"));
        page.apply("<!--htmx-ws! ticket expired-->");
        assert_eq!(page.reload_reason(), Some("ticket expired"));
    }
}

#[test]
fn a_missing_target_shows_the_page() {
    let message = fails(Htmx::V4, |page| page.receive(&Patch::update(id("cuont"), &PreEscaped("3".to_owned()))));
    let expected = "the page has no `#cuont`, which htmx 4 is to update; did you mean `#count`?
  it came with
    <!--htmx-ws testing 0-1--><div hx-swap-oob=\"innerHTML:#cuont\">3</div>
  the page is
    <body>
      <h1>Jobs</h1>
      <ul id=\"jobs\"><li id=\"a\">one</li><li id=\"b\">two</li></ul>
      <p id=\"count\">2</p>
      <button>Stop</button>
    </body>
";
    assert_eq!(message, expected);
    for patch in [Patch::Replace(item("x", "")), Patch::Morph(item("x", "")), Patch::remove(id("x")), Patch::append(id("x"), item("y", ""))]
    {
        for htmx in Htmx::ALL {
            let message = fails(htmx, |page| page.receive(&patch));
            assert!(message.starts_with("the page has no `#x`, which htmx "), "{message}");
            Page::new(htmx, JOBS).lenient().receive(&patch);
        }
    }
}

#[test]
fn an_id_stands_in_a_page_once() {
    let twice = fails(Htmx::V4, |page| page.receive(&Patch::update(id("count"), &PreEscaped("<b id=a>x</b>".to_owned()))));
    let expected = "the id `a` stands in the page 2 times
    <li id=\"a\">one</li>
    <b id=\"a\">x</b>
";
    assert!(twice.starts_with(expected), "{twice}");
    let message = fails(Htmx::V4, |_| drop(Page::new(Htmx::V4, "<p id=a></p><p id=a></p>")));
    assert!(message.starts_with("the id `a` stands in the page 2 times\n"), "{message}");
}

#[test]
fn what_a_generation_does_not_understand() {
    let message = |htmx, frame: &str| fails(htmx, |page| page.apply(frame)).lines().next().unwrap().to_owned();
    let morph = "<li id=a hx-swap-oob=\"outerMorph\">x</li>";
    assert_eq!(message(Htmx::V2, morph), "htmx 2 knows no swap style `outerMorph`, and takes it for `innerHTML`");
    assert_eq!(message(Htmx::V4, "<p id=count>3</p>"), "`<p>` at the top of a frame has no `hx-swap-oob`");
    assert_eq!(message(Htmx::V4, "three"), "text at the top of a frame goes nowhere");
    let table = "<p id=\"count\" hx-swap-oob=\"true\">3</p><tr id=\"r\" hx-swap-oob=\"true\"><td></td></tr>";
    assert_eq!(message(Htmx::V4, table), "a parser loses a part of this frame: parts of tables stand in frames of their own");
}

#[test]
fn htmx_4_resolves_all_targets_first() {
    let frame = "<ul hx-swap-oob=\"beforeend:#jobs\"><li id=\"c\">3</li></ul><li hx-swap-oob=\"true\" id=\"c\">4</li>";
    let mut two = Page::new(Htmx::V2, JOBS);
    two.apply(frame);
    two.assert_text("#c", "4");
    let message = fails(Htmx::V4, |page| page.apply(frame));
    assert!(message.starts_with("the page has no `#c`, which htmx 4 is to replace"), "{message}");
}

#[test]
fn assertions_show_what_is_around() {
    let message = fails(Htmx::V4, |page| page.assert_text("#jobs > #b", "three"));
    let expected = "`#jobs > #b` says something else
  expected: three
     found: two
  around it:
    <ul id=\"jobs\">
      <li id=\"a\">one</li>
      <li id=\"b\">two</li>
    </ul>
";
    assert_eq!(message, expected);
    let message = fails(Htmx::V4, |page| page.assert_has("#jobs > #c"));
    assert_eq!(message.lines().next(), Some("nothing matches `#jobs > #c`; `#jobs` is"));
    let message = fails(Htmx::V4, |page| page.assert_none("#jobs > li"));
    assert_eq!(message.lines().next(), Some("`#jobs > li` matches 2 elements, and should match nothing"));
    let message = fails(Htmx::V4, |page| page.assert_html("#jobs", "<ul id=jobs><li id=a>one<li id=b>2</ul>"));
    assert!(message.starts_with("`#jobs` is not what is expected (- found, + expected)\n"), "{message}");
    assert!(message.contains("  -   <li id=\"b\">two</li>\n  +   <li id=\"b\">2</li>\n"), "{message}");
    let message = fails(Htmx::V4, |page| page.assert_role("button", "Start"));
    assert_eq!(message.lines().next(), Some("the page has no button \"Start\"; its buttons: \"Stop\""));
}
