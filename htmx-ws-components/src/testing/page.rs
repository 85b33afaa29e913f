//! A page that takes frames as htmx does.

use std::collections::BTreeSet;

use scraper::{ElementRef, Selector};
use serde_json::Value;

use crate::dialect::Htmx;
use crate::html::patch::ToPatch;
use crate::testing::apply::frames;
use crate::testing::dom::Dom;
use crate::testing::role;
use crate::testing::show::{difference, lines, show, text, words};

/// What a failure says.
pub(super) type Failure = String;

/// A page in a test: the HTML of a response, which takes frames exactly as the given generation of htmx does.
///
/// It is strict: what a browser passes over in silence is a failure here. A frame fails whose target the page lacks, with which an id would stand in the page twice, or which
/// this generation does not understand; the message shows the page. [`Page::lenient`] takes a missing target as a browser does.
///
/// Every assertion panics where it does not hold, with the line of the test, and shows the elements around. No script of the page runs here, and nothing is laid out.
///
/// ```
/// use htmx_ws_components::testing::Page;
/// use htmx_ws_components::{DomId, Htmx, Patch};
/// use maud::html;
///
/// let mut page = Page::new(Htmx::V4, "<h1>Jobs</h1><p id=count>1</p>");
/// page.receive(&Patch::update(DomId::new("count")?, &html! { "2" }));
/// page.assert_text("#count", "2");
/// page.assert_role("heading", "Jobs");
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone)]
pub struct Page {
    pub(super) htmx: Htmx,
    pub(super) dom: Dom,
    /// Every id that was there at some time: one that has gone may be removed again.
    pub(super) known: BTreeSet<String>,
    pub(super) events: Vec<(String, Value)>,
    pub(super) reload: Option<String>,
    pub(super) destination: Option<String>,
    pub(super) is_lenient: bool,
}

impl Page {
    /// A page with this HTML, as a browser parses it.
    ///
    /// # Panics
    /// When an id stands in it twice.
    #[track_caller]
    pub fn new(htmx: Htmx, html: &str) -> Self {
        let mut page = Self {
            htmx,
            dom: Dom::document(html),
            known: BTreeSet::new(),
            events: Vec::new(),
            reload: None,
            destination: None,
            is_lenient: false,
        };
        held(page.check_ids());
        page
    }

    /// The page takes a frame whose target it lacks as a browser does: nothing changes. For pages that show only some of what their topics carry.
    pub fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Takes one frame, as it goes over the wire for this generation.
    ///
    /// # Panics
    /// When the page lacks a target, an id would stand in it twice, or this generation does not understand the frame.
    #[track_caller]
    pub fn apply(&mut self, frame: &str) {
        held(self.try_apply(frame));
    }

    /// Takes a value as if it were published: as its frames of this generation.
    ///
    /// # Panics
    /// As [`Page::apply`], and when the value has no markup that can be published.
    #[track_caller]
    pub fn receive(&mut self, value: &impl ToPatch) {
        let patch = held(value.to_patch().map_err(|error| error.to_string()));
        held(frames(self.htmx, patch).iter().try_for_each(|frame| self.try_apply(frame)));
    }

    /// The events that [`Patch::event`](crate::Patch::event) told the page's script, with their details, in their order.
    pub fn events(&self) -> &[(String, Value)] {
        &self.events
    }

    /// Why the page was told to load itself anew, if it was.
    pub fn reload_reason(&self) -> Option<&str> {
        self.reload.as_deref()
    }

    /// Where the page was told to go, if it was.
    pub fn destination(&self) -> Option<&str> {
        self.destination.as_deref()
    }

    /// The page's title, with white space as its tab shows it.
    pub fn title(&self) -> String {
        self.found("head title").ok().and_then(|all| all.first().map(|title| text(*title))).unwrap_or_default()
    }

    /// What the only element that matches `css` says, with white space as a reader sees it.
    ///
    /// # Panics
    /// When no element or more than one matches.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        text(held(self.only(css)))
    }

    /// The only element that matches `css`, as HTML.
    ///
    /// # Panics
    /// When no element or more than one matches.
    #[track_caller]
    pub fn html(&self, css: &str) -> String {
        held(self.only(css)).html()
    }

    /// How many elements match `css`.
    ///
    /// # Panics
    /// When it is no selector.
    #[track_caller]
    pub fn count(&self, css: &str) -> usize {
        held(self.found(css)).len()
    }

    /// The value of an attribute of the only element that matches `css`, if it has it.
    ///
    /// # Panics
    /// When no element or more than one matches.
    #[track_caller]
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        held(self.only(css)).attr(name).map(str::to_owned)
    }

    /// The only element that matches `css` says this, and nothing else.
    ///
    /// # Panics
    /// When it does not, or it is not the only one.
    #[track_caller]
    pub fn assert_text(&self, css: &str, expected: &str) {
        held(self.check_text(css, expected));
    }

    /// An element matches `css`.
    ///
    /// # Panics
    /// When none does.
    #[track_caller]
    pub fn assert_has(&self, css: &str) {
        held(self.check_has(css));
    }

    /// No element matches `css`.
    ///
    /// # Panics
    /// When one does.
    #[track_caller]
    pub fn assert_none(&self, css: &str) {
        let found = held(self.found(css));
        if let Some(first) = found.first() {
            panic!("`{css}` matches {}, and should match nothing\n{}", counted(found.len()), show(**first));
        }
    }

    /// The only element that matches `css` is this HTML, whatever its white space.
    ///
    /// # Panics
    /// When it is not; the message has the lines that differ.
    #[track_caller]
    pub fn assert_html(&self, css: &str, expected: &str) {
        let found = lines(*held(self.only(css)));
        let expected: Vec<String> = Dom::frame(expected).top().into_iter().flat_map(lines).collect();
        assert!(found == expected, "`{css}` is not what is expected (- found, + expected)\n{}", difference(&found, &expected));
    }

    /// Someone who reads the page by its accessibility tree finds an element of this role and name: `page.assert_role("button", "Save")`.
    ///
    /// The role is the element's `role`, or that of its tag for the commonest tags; the name that of `aria-labelledby`, `aria-label`, a `<label>`, `alt`, the text, or `title`, in
    /// this order. It is not the whole of the standard: style sheets are not read, so only `hidden` and `aria-hidden` hide an element, and a role that depends on what is around is
    /// that of the tag.
    ///
    /// # Panics
    /// When there is none; the message has those of the same role.
    #[track_caller]
    pub fn assert_role(&self, role: &str, name: &str) {
        let named: Vec<String> = role::names(&self.dom, role);
        if !named.iter().any(|found| found == name) {
            let others: Vec<String> = named.iter().map(|name| format!("{name:?}")).collect();
            let others =
                if others.is_empty() { format!("there is no {role} at all") } else { format!("its {role}s: {}", others.join(", ")) };
            panic!("the page has no {role} {name:?}; {others}\n{}", self.show_body());
        }
    }

    pub(super) fn check_ids(&mut self) -> Result<(), Failure> {
        let ids = self.dom.ids();
        if let Some((id, times)) = ids.iter().find(|(_, times)| **times > 1) {
            let all = self.dom.with_id(id).iter().fold(String::new(), |text, element| text + &show(**element));
            return Err(format!("the id `{id}` stands in the page {times} times\n{all}"));
        }
        self.known.extend(ids.into_keys());
        Ok(())
    }

    fn found(&self, css: &str) -> Result<Vec<ElementRef<'_>>, Failure> {
        let selector = Selector::parse(css).map_err(|error| format!("`{css}` is no selector: {error}"))?;
        Ok(self.dom.select(&selector))
    }

    /// The one element that this is about.
    fn only(&self, css: &str) -> Result<ElementRef<'_>, Failure> {
        let found = self.found(css)?;
        match found.as_slice() {
            [only] => Ok(*only),
            [] => Err(self.missing(css)),
            all => {
                let shown = all.iter().take(5).fold(String::new(), |text, element| text + &show(**element));
                Err(format!("`{css}` matches {}, and should match one\n{shown}", counted(all.len())))
            }
        }
    }

    pub(super) fn check_text(&self, css: &str, expected: &str) -> Result<(), Failure> {
        let element = self.only(css)?;
        let found = text(element);
        if found == words(expected) {
            return Ok(());
        }
        let around = element.parent().filter(|parent| parent.value().is_element()).unwrap_or(*element);
        Err(format!("`{css}` says something else\n  expected: {expected}\n     found: {found}\n  around it:\n{}", show(around)))
    }

    pub(super) fn check_has(&self, css: &str) -> Result<(), Failure> {
        if self.found(css)?.is_empty() { Err(self.missing(css)) } else { Ok(()) }
    }

    /// The name and the ticket of each region.
    pub(super) fn tickets(&self) -> Vec<(String, String)> {
        let of = |element: &ElementRef<'_>| {
            let (_, ticket) = element.attr("data-ws-connect")?.rsplit_once("t=")?;
            Some((element.attr("data-page")?.to_owned(), ticket.to_owned()))
        };
        self.dom.elements().iter().filter_map(of).collect()
    }

    /// Where the page connects, without its ticket.
    pub(super) fn connect_path(&self) -> String {
        let url = self.dom.elements().iter().find_map(|element| element.attr("data-ws-connect")).unwrap_or_default().to_owned();
        url.rsplit_once("t=").map_or("", |(path, _)| path.trim_end_matches(['?', '&'])).to_owned()
    }

    /// Where it sends to: beside the script of the fallback.
    pub(super) fn send_path(&self) -> String {
        let script = self.dom.elements().iter().find_map(|element| element.attr("data-fallback")).map(str::to_owned);
        script.unwrap_or_else(|| self.connect_path()).rsplit_once('/').map_or("", |(folder, _)| folder).to_owned() + "/send"
    }

    /// Whether a hidden page has no connection.
    pub(super) fn pauses(&self) -> bool {
        self.htmx == Htmx::V4
    }

    /// Shows the innermost element around the place where something should be.
    fn missing(&self, css: &str) -> Failure {
        let mut outer = css.trim();
        while let Some((before, _)) = outer.rsplit_once([' ', '>']) {
            outer = before.trim_end_matches([' ', '>']);
            if let Ok([only]) = self.found(outer).as_deref() {
                return format!("nothing matches `{css}`; `{outer}` is\n{}", show(**only));
            }
        }
        format!("nothing matches `{css}`\n{}", self.show_body())
    }

    pub(super) fn show_body(&self) -> String {
        let body = self.dom.root().children().find(|node| node.value().as_element().is_some_and(|element| element.name() == "body"));
        format!("  the page is\n{}", body.map(show).unwrap_or_default())
    }
}

/// The value, or the failure of the test.
#[track_caller]
pub(super) fn held<T>(result: Result<T, Failure>) -> T {
    result.unwrap_or_else(|why| panic!("{why}"))
}

fn counted(count: usize) -> String {
    if count == 1 { "one element".to_owned() } else { format!("{count} elements") }
}
