//! One element of a page, rendered: the HTML, the id of its root, and where that root takes further attributes.

use std::sync::Arc;

use crate::html::dom_id::DomId;

/// Whether anyone patches an element *inside* a component on its own.
///
/// The log drops superseded states of a leaf; of a branch it keeps every one, in order, because a state of the branch carries its inner elements
/// with it.
///
/// ```
/// use htmx_ws_components::{Component, Nesting, StatusBadge, Status, Tone};
/// # use std::borrow::Cow;
/// # struct Up;
/// # impl Status for Up {
/// #     fn label(&self) -> Cow<'_, str> { "up".into() }
/// #     fn tone(&self) -> Tone { Tone::Success }
/// # }
/// #[derive(StatusBadge)]
/// #[component(id = "server")]
/// struct Server { #[badge(status)] status: Up }
///
/// assert_eq!(Server::NESTING, Nesting::Leaf);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nesting {
    /// It holds no element id that anyone patches on its own.
    Leaf,
    /// It holds, or may hold, such ids.
    Branch,
}

/// An element id with the HTML of that element.
///
/// ```
/// use htmx_ws_components::{DomId, Fragment, Nesting};
///
/// let id = DomId::new("greeting")?;
/// let fragment = Fragment::new(id, "<p>Good morning</p>".to_owned(), Nesting::Leaf)?;
/// assert_eq!(fragment.html(), r#"<p id="greeting">Good morning</p>"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    id: DomId,
    html: Arc<str>,
    /// The byte of `html` right behind the root's tag name: attributes may be inserted here.
    tag_end: usize,
    nesting: Nesting,
}

impl Fragment {
    /// Takes the HTML of one element and makes sure that its root carries `id`: where it has no id, the id is written into it.
    ///
    /// # Errors
    /// [`InvalidFragment`] when the HTML does not begin with an element, or its root has another id. That there is nothing behind the
    /// root element is the caller's to keep.
    pub fn new(id: DomId, html: String, nesting: Nesting) -> Result<Self, InvalidFragment> {
        let invalid = |problem| InvalidFragment { id: id.clone(), problem };
        let html = if html.starts_with('<') { html } else { html.trim_start().to_owned() };
        let tag_end = tag_end(&html).ok_or_else(|| invalid(Problem::NoElement(excerpt(&html))))?;
        let html = match root_id(&html[tag_end..]) {
            Some(found) if found == id.as_str() => html,
            Some(found) => return Err(invalid(Problem::OtherId(found.to_owned()))),
            None => format!("{} id=\"{id}\"{}", &html[..tag_end], &html[tag_end..]),
        };
        Ok(Self { id, html: html.into(), tag_end, nesting })
    }

    /// The id of the root element.
    pub fn id(&self) -> &DomId {
        &self.id
    }

    /// The element as it stands in a page.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// Whether an element inside is patched on its own.
    pub fn nesting(&self) -> Nesting {
        self.nesting
    }

    /// Every id in the markup, its own included.
    pub(crate) fn ids(&self) -> Vec<DomId> {
        let values = self.html.split(" id=").skip(1).filter_map(|rest| {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest[1..].split(quote).next()
        });
        values.filter_map(|value| DomId::new(value).ok()).collect()
    }

    /// The tag name of the root, as written.
    pub(crate) fn tag(&self) -> &str {
        &self.html[1..self.tag_end]
    }

    /// The HTML in two halves, between which further attributes of the root may be written, each with a leading space.
    pub(crate) fn around_attributes(&self) -> (&str, &str) {
        self.html.split_at(self.tag_end)
    }
}

/// Whether the element that `html` begins with has an id.
pub(crate) fn has_id(html: &str) -> bool {
    tag_end(html).is_some_and(|end| root_id(&html[end..]).is_some())
}

/// The end of the tag name of the element that `html` begins with.
fn tag_end(html: &str) -> Option<usize> {
    let name = html.strip_prefix('<')?;
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len());
    let begins_with_a_letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let ends_as_a_tag = name[length..].starts_with([' ', '\n', '\t', '/', '>']);
    (begins_with_a_letter && ends_as_a_tag).then_some(1 + length)
}

/// The value of the `id` attribute in an opening tag, given from behind its name.
fn root_id(mut rest: &str) -> Option<&str> {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let Some(value) = behind.trim_start().strip_prefix('=').map(str::trim_start) else {
            // `max(1)` in characters: a name that begins with `=` must not stop the walk.
            rest = if end == 0 { behind.get(1..)? } else { behind };
            continue;
        };
        let (value, behind) = attribute_value(value);
        if name.eq_ignore_ascii_case("id") {
            return Some(value);
        }
        rest = behind;
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    text.split_at(end)
}

fn excerpt(html: &str) -> String {
    html.chars().take(40).collect()
}

/// HTML that cannot be the element with the given id, and why.
///
/// ```
/// use htmx_ws_components::{DomId, Fragment, Nesting};
///
/// let id = DomId::new("a").unwrap();
/// let error = Fragment::new(id, r#"<p id="b"></p>"#.to_owned(), Nesting::Leaf).unwrap_err();
/// assert_eq!(error.to_string(), "the markup of `#a` has a root with the id `b`; leave the id out, or write `id=(self.id())`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the markup of `{id:?}` {problem}")]
pub struct InvalidFragment {
    id: DomId,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("does not begin with an element but with `{0}`; wrap it in one")]
    NoElement(String),
    #[error("has a root with the id `{0}`; leave the id out, or write `id=(self.id())`")]
    OtherId(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: Result<&str, &str>) {
        let fragment = Fragment::new(DomId::new("a").unwrap(), html.to_owned(), Nesting::Leaf);
        let found = fragment.as_ref().map(Fragment::html).map_err(ToString::to_string);
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn a_root_without_an_id_gets_it() {
        check("<p>x</p>", Ok(r#"<p id="a">x</p>"#));
        check("<br>", Ok(r#"<br id="a">"#));
        check("<br/>", Ok(r#"<br id="a"/>"#));
        check(r#"<p title="id=b"><b id="c"></b></p>"#, Ok(r#"<p id="a" title="id=b"><b id="c"></b></p>"#));
        check("<p hidden data-id=7>x</p>", Ok(r#"<p id="a" hidden data-id=7>x</p>"#));
    }

    #[test]
    fn a_root_with_the_id_stays() {
        for html in [r#"<p id="a">x</p>"#, "<p class='b' id='a'></p>", "<p id=a>x</p>", "<p ID = \"a\">x</p>"] {
            check(html, Ok(html));
        }
        check("\n  <p id=a>x</p>", Ok("<p id=a>x</p>"));
    }

    #[test]
    fn what_cannot_be_the_element_is_refused() {
        check("text", Err("the markup of `#a` does not begin with an element but with `text`; wrap it in one"));
        check("", Err("the markup of `#a` does not begin with an element but with ``; wrap it in one"));
        check("<!-- c --><p>", Err("the markup of `#a` does not begin with an element but with `<!-- c --><p>`; wrap it in one"));
        check("<1>", Err("the markup of `#a` does not begin with an element but with `<1>`; wrap it in one"));
    }

    #[test]
    fn a_broken_tag_ends_the_walk() {
        check("<p =>", Ok(r#"<p id="a" =>"#));
        check("<p x='", Ok(r#"<p id="a" x='"#));
        check("<p ", Ok(r#"<p id="a" "#));
    }
}
