//! One top-level element of a frame, and the out-of-band swaps that both generations write alike.

use std::fmt::Write;

use crate::html::dom_id::DomId;
use crate::html::fragment::Fragment;
use crate::html::patch::Position;

/// One top-level element of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The HTML, with its `hx-swap-oob`.
    pub(crate) html: String,
    /// Where an HTML parser takes this element. A frame holds pieces of one context only: a table part behind another kind of element is lost.
    pub(crate) context: Context,
}

/// The place in a document at which a parser accepts an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Context {
    /// Anywhere.
    Flow,
    /// Inside a table.
    TableSection,
    /// Inside a table section.
    Row,
    /// Inside a row.
    Cell,
    /// Inside a column group.
    Column,
}

impl Context {
    fn of(tag: &str) -> Self {
        match tag.to_ascii_lowercase().as_str() {
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => Self::TableSection,
            "col" => Self::Column,
            _ => Self::Flow,
        }
    }
}

/// The tag of an element in which a parser accepts children of this tag. htmx throws the wrapper itself away.
fn wrapper(child: &str) -> &'static str {
    match child.to_ascii_lowercase().as_str() {
        "tr" => "tbody",
        "td" | "th" => "tr",
        "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => "table",
        "col" => "colgroup",
        "li" => "ul",
        "option" | "optgroup" => "select",
        "dt" | "dd" => "dl",
        _ => "div",
    }
}

/// The fragment takes the place of the element with its id, in the swap style `style`.
pub(super) fn state(fragment: &Fragment, style: &str) -> Piece {
    let (before, after) = fragment.around_attributes();
    Piece { html: format!("{before} hx-swap-oob=\"{style}\"{after}"), context: Context::of(fragment.tag()) }
}

/// The fragment is inserted, unless the page has its id.
pub(super) fn insert_if_absent(fragment: &Fragment, position: Position, anchor: &DomId) -> Piece {
    let tag = wrapper(fragment.tag());
    let style = match position {
        Position::LastChild => "beforeend",
        Position::FirstChild => "afterbegin",
        Position::Before => "beforebegin",
        Position::After => "afterend",
    };
    // htmx 4 takes what stands before the first `:` for the swap style, unless a space stands before it: hence `html body`.
    let selector = format!("html body:not(:has(#{id})) #{anchor}", id = fragment.id());
    let html = format!("<{tag} hx-swap-oob=\"{style}:{selector}\">{html}</{tag}>", html = fragment.html());
    Piece { html, context: Context::of(tag) }
}

/// The element goes.
pub(super) fn remove(id: &DomId) -> Piece {
    Piece { html: format!("<div id=\"{id}\" hx-swap-oob=\"delete\"></div>"), context: Context::Flow }
}

/// The content of `target` becomes `html`.
pub(super) fn update(target: &DomId, html: &str) -> Piece {
    let first_tag = html.trim_start().strip_prefix('<').unwrap_or("");
    let first_tag = first_tag.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or("");
    let tag = wrapper(first_tag);
    let mut piece = String::with_capacity(html.len() + 64);
    let _ = write!(piece, "<{tag} hx-swap-oob=\"innerHTML:#{target}\">{html}</{tag}>");
    Piece { html: piece, context: Context::of(tag) }
}
