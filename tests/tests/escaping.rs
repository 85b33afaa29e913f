//! No field value of a component leaves its text or its attribute, and the markup has no parse error: both as an independent parser sees it.
//!
//! Each view is rendered with a Greek letter in every text field. The tree of that, with the letters replaced by hostile strings, has to be the tree
//! of the view rendered with those strings: same elements, same attributes, and every string where it belongs, unchanged.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::borrow::Cow;
use std::fmt::{self, Formatter};
use std::fs;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment};
use htmx_ws_components::{
    Component, ConnectionState, DomId, LiveCounter, LogLine, LogTail, Overlay, ProgressBar, ReaderList, Sparkline, Stat, Status,
    StatusBadge, TableRow, Text, TimelineStep, Timestamp, Toast, ToastList, Tone, Trend,
};
use htmx_ws_tests::workspace;
use markup5ever_rcdom::{Node, NodeData, RcDom};
use maud::{Markup, Render, html};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

/// One for each field of a view. They occur nowhere in the markup of a view, and need no escaping.
const HARMLESS: [char; 5] = ['α', 'β', 'γ', 'δ', 'ε'];

/// Pieces of markup: each would end something or begin something, if it stood there unescaped.
const HOSTILE: &str = "\"><script> | </script> | <style> | ' onclick='a() | \" onclick=\"a() | \" style=\"a:b | hx-swap-oob=\"x\" | ' | \" | < | > \
    | & | &lt; | &#60; | &amp | </li> | </td></tr> | </template> | <!-- | --> | <![CDATA[ | \0 | \r\n | \n";

/// What stands in a tree, in the order of the markup.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Start(String),
    Attribute(String, String),
    Text(String),
    End,
    /// A comment and the like, which no view has.
    Other(String),
}

struct Parsed {
    pieces: Vec<Piece>,
    errors: Vec<Cow<'static, str>>,
}

/// Parses `html` as what stands where its root belongs.
fn parse(html: &str) -> Parsed {
    let context = match html.split([' ', '>']).next() {
        Some("<tr") => local_name!("tbody"),
        Some("<li") => local_name!("ol"),
        _ => local_name!("body"),
    };
    let context = QualName::new(None, ns!(html), context);
    let dom = parse_fragment(RcDom::default(), ParseOpts::default(), context, Vec::new(), true).one(html);
    let mut pieces = Vec::new();
    // The parser wraps what it finds in an `<html>`.
    dom.document.children.borrow()[0].children.borrow().iter().for_each(|root| flatten(root, &mut pieces));
    Parsed { pieces, errors: dom.errors.take() }
}

fn flatten(node: &Node, pieces: &mut Vec<Piece>) {
    match &node.data {
        NodeData::Element { name, attrs, .. } => {
            pieces.push(Piece::Start(name.local.to_string()));
            let attributes = attrs.borrow();
            pieces.extend(attributes.iter().map(|each| Piece::Attribute(each.name.local.to_string(), each.value.to_string())));
            node.children.borrow().iter().for_each(|child| flatten(child, pieces));
            pieces.push(Piece::End);
        }
        NodeData::Text { contents } => pieces.push(Piece::Text(contents.borrow().to_string())),
        other => pieces.push(Piece::Other(format!("{other:?}"))),
    }
}

/// The tree of a harmless rendering, with `words` for its letters, as HTML reads them: one kind of line end, and no null.
fn with_words(harmless: &[Piece], words: &[String]) -> Vec<Piece> {
    let put = |text: &str, null: &str| {
        let word =
            |letter: char| HARMLESS.iter().position(|known| *known == letter).map_or(letter.to_string(), |field| words[field].clone());
        text.chars().map(word).collect::<String>().replace("\r\n", "\n").replace('\r', "\n").replace('\0', null)
    };
    let pieces = harmless.iter().map(|piece| match piece {
        Piece::Text(text) => Piece::Text(put(text, "")),
        Piece::Attribute(name, value) => Piece::Attribute(name.clone(), put(value, "\u{fffd}")),
        other => other.clone(),
    });
    pieces.filter(|piece| *piece != Piece::Text(String::new())).collect()
}

fn words(count: usize) -> impl Strategy<Value = Vec<String>> {
    let hostile = select(HOSTILE.split(" | ").collect::<Vec<_>>()).prop_map(str::to_owned);
    let piece = prop_oneof![hostile, any::<char>().prop_map(String::from)];
    vec(vec(piece, 0..6).prop_map(|pieces| pieces.concat()), count)
}

/// Renders a view with `N` text fields, again and again.
#[track_caller]
fn check<const N: usize>(render: impl Fn([&str; N]) -> String) {
    check_with(words(N), render);
}

#[track_caller]
fn check_with<const N: usize>(words: impl Strategy<Value = Vec<String>>, render: impl Fn([&str; N]) -> String) {
    let render = |words: &[String]| render(std::array::from_fn(|field| words[field].as_str()));
    let harmless = parse(&render(&HARMLESS.map(String::from)));
    assert_eq!(harmless.errors, [""; 0]);
    for letter in &HARMLESS[..N] {
        let shows = |piece: &Piece| matches!(piece, Piece::Text(text) | Piece::Attribute(_, text) if text.contains(*letter));
        assert!(harmless.pieces.iter().any(shows), "the field of {letter} is not shown");
    }
    let result = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() }).run(&words, |words| {
        let html = render(&words);
        let hostile = parse(&html);
        prop_assert_eq!(&hostile.pieces, &with_words(&harmless.pieces, &words), "{}", html);
        // A null is an error wherever it stands; escaping cannot help.
        prop_assert!(hostile.errors.is_empty() || html.contains('\0'), "{:?}: {}", hostile.errors, html);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn id(text: &str) -> DomId {
    DomId::new(text).unwrap()
}

#[derive(Status)]
enum Job<'a> {
    #[status(tone = danger, active, label = "{reason}")]
    Failed { reason: &'a str },
}

/// A status with a sign of its own.
struct Signed<'a>(&'a str, &'a str);

impl Status for Signed<'_> {
    fn label(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn tone(&self) -> Tone {
        Tone::Info
    }

    fn icon(&self) -> Option<&str> {
        Some(self.1)
    }
}

struct Moment<'a>(&'a str, &'a str);

impl Timestamp for Moment<'_> {
    fn machine(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn human(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

#[test]
fn status_badge() {
    check(|[status, label, title]| {
        StatusBadge::new(&id("a"), &Job::Failed { reason: status }).label(Some(&label)).title(Some(&title)).render().into_string()
    });
}

#[test]
fn progress_bar() {
    check(|[label, detail]| ProgressBar::new(&id("a"), Some(42.0)).label(Some(&label)).detail(Some(&detail)).render().into_string());
}

#[test]
fn timeline_step() {
    check(|[title, status, detail, machine, human]| {
        let at = Moment(machine, human);
        TimelineStep::new(&id("a"), &title, &Job::Failed { reason: status }).detail(Some(&detail)).at(Some(&at)).render().into_string()
    });
}

#[test]
fn signs() {
    check(|[status, icon]| StatusBadge::new(&id("a"), &Signed(status, icon)).render().into_string());
    check(|[status, icon]| TimelineStep::new(&id("a"), &"a", &Signed(status, icon)).render().into_string());
}

#[test]
fn overlay() {
    check(|[title, message, label, figure, dismiss]| {
        let label = label.to_owned().leak();
        let (id, stats) = (id("a"), [(&*label, &figure as &dyn Text)]);
        let overlay = Overlay::new(&id, true, &title).message(Some(&message)).progress(None).dismiss(Some(&dismiss));
        overlay.stats(&stats).render().into_string()
    });
}

#[test]
fn stat() {
    check(|[label, value, unit, change, word]| {
        Stat::new(id("a"), label, value).unit(unit).trend(Trend::Up, change).trend_word(word).render().into_string()
    });
}

#[test]
fn live_counter() {
    check(|[label]| LiveCounter::new(id("a"), label, 1_234_567).announce_every(1_000).render().into_string());
    let separator = any::<char>().prop_filter("a digit would roll", |separator| !separator.is_ascii_digit());
    check_with(vec(separator.prop_map(String::from), 1), |[separator]| {
        LiveCounter::new(id("a"), "a", 1_234_567).separator(separator.chars().next().unwrap()).announce_every(1_000).render().into_string()
    });
}

#[test]
fn sparkline() {
    check(|[label]| Sparkline::new(id("a"), label, [1.0, 2.0]).render().into_string());
    check(|[label]| Sparkline::new(id("a"), label, []).render().into_string());
    check(|[text]| Sparkline::new(id("a"), "a", [1.0]).text(text).render().into_string());
}

#[test]
fn toasts() {
    let toast = |[title, message, dismiss]: [&str; 3]| Toast::new(id("a"), id("b"), title).message(message).dismiss(dismiss);
    check(|words| toast(words).render().into_string());
    check(|[label, title, message, dismiss]| ToastList::new(id("b"), label).toast(toast([title, message, dismiss])).render().into_string());
}

#[test]
fn table_row() {
    check(|[header, cell, number]| TableRow::new(id("a"), id("b")).header(header).cell(cell).number(number).render().into_string());
}

#[test]
fn reader_list() {
    check(|[label, name, other]| ReaderList::new(id("a"), [name, other]).label(label).render().into_string());
}

#[test]
fn logs() {
    check(|[text, time, level]| LogLine::new(id("a"), id("b"), text).time(time).level(level, Tone::Danger).render().into_string());
    check(|[label, text, time, level]| {
        let mut log = LogTail::new("a", label, 2).unwrap();
        assert_eq!(log.push(text, |line| line.time(time).level(level, Tone::Danger)).len(), 1);
        log.render().into_string()
    });
}

#[test]
fn connection_state() {
    check(|[offline, reconnecting, stale, closed]| {
        ConnectionState::new().offline(offline).reconnecting(reconnecting).stale(stale).closed(closed).render().into_string()
    });
}

/// A component whose id is made of a field, and put into its root by us.
#[derive(Component)]
#[component(id = "note-{text}", render = Self::note)]
struct Note<'a> {
    text: &'a str,
}

impl Note<'_> {
    fn note(&self) -> Markup {
        html! { p title=(self.text) { (self.text) } }
    }
}

#[test]
fn id_of_a_field() {
    check(|[text]| {
        let note = Note { text };
        let html = note.render().into_string();
        // Each text has an id of its own, whose shape is all that can be compared.
        html.replacen(id(note.id().as_str()).as_str(), "id", 1)
    });
}

/// What is wrong with a view's markup, whatever was put into it.
fn faults(Parsed { pieces, errors }: Parsed) -> Vec<String> {
    let forbidden = pieces.into_iter().filter(|piece| match piece {
        Piece::Start(name) => name == "script" || name == "style",
        Piece::Attribute(name, _) => name == "style" || name.starts_with("on"),
        Piece::Other(_) => true,
        Piece::Text(_) | Piece::End => false,
    });
    forbidden.map(|piece| format!("{piece:?}")).chain(errors.into_iter().map(Cow::into_owned)).collect()
}

#[test]
fn golden_files_are_valid_and_hold_no_script_and_no_style() {
    let files: Vec<_> = fs::read_dir(workspace::root().join("tests/golden/markup")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 60, "{files:?}");
    for file in files {
        let html = fs::read_to_string(&file).unwrap();
        assert_eq!(faults(parse(html.trim_end())), [""; 0], "{}", file.display());
    }
}

#[test]
fn the_checker_sees_what_is_broken() {
    let broken = "<div> | <div/> | <p><div></div></p> | <p>a < b</p> | <p>&lt</p> | <p></p></li> | <i a a></i> | <i a=''b></i> | <i a='\0'></i> \
        | <tr>a</tr> | <p><tr></tr></p> | <!-- a --> | <script></script> | <style></style> | <i style></i> | <i onclick></i>";
    for html in broken.split(" | ") {
        assert!(!faults(parse(html)).is_empty(), "{html}");
    }
}

#[test]
#[should_panic(expected = "Test failed")]
fn an_unescaped_field_is_found() {
    check(|[text]| format!("<p>{}</p>", text.replace('<', "&lt;")));
}

#[test]
#[should_panic(expected = "Attribute(\"")]
fn an_unescaped_attribute_is_found() {
    check(|[title]| format!("<p title=\"{}\"></p>", title.replace(['<', '>', '&'], "")));
}

#[test]
#[should_panic(expected = "the field of β is not shown")]
fn a_field_that_is_left_out_is_found() {
    check(|[text, _]| html! { p { (text) } }.into_string());
}
