//! One top-level element of a frame, and the out-of-band swaps that both generations write alike.

use std::fmt::Write;

use crate::html::dom_id::DomId;
use crate::html::escape::escape;
use crate::html::fragment::Fragment;
use crate::html::patch::{Patch, Position};

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
    /// Nowhere: the members of a JSON object.
    Json,
    /// Nowhere: the page loads itself anew.
    Refresh,
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

/// The tag of an element in which a parser takes this markup for what it is meant to be: rows for rows, SVG for SVG. htmx throws the wrapper itself away.
fn wrapper(html: &str) -> &'static str {
    // These are elements of HTML and of SVG: what stands inside or behind them tells.
    let is_telling = |tag: &&str| !["a", "script", "style"].contains(tag);
    let names = html.split('<').skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or(""));
    let name = names.map(str::to_ascii_lowercase).find(|name| !name.is_empty() && is_telling(&name.as_str()));
    match name.as_deref().unwrap_or("") {
        "tr" => "tbody",
        "td" | "th" => "tr",
        "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => "table",
        "col" => "colgroup",
        "li" => "ul",
        "option" | "optgroup" => "select",
        "dt" | "dd" => "dl",
        name if is_inside_svg(name) => "svg",
        name if is_inside_math(name) => "math",
        _ => "div",
    }
}

/// Whether an element of this name, in lower case, is one of SVG, and not `<svg>` itself. A `<title>` is: HTML's own stands in the head, and htmx takes one that
/// it finds in a frame for the document's.
fn is_inside_svg(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: [&str; 35] = [
        "animate", "animatemotion", "animatetransform", "circle", "clippath", "defs", "desc", "ellipse", "filter", "foreignobject", "g", "image", "line",
        "lineargradient", "marker", "mask", "metadata", "mpath", "path", "pattern", "polygon", "polyline", "radialgradient", "rect", "set", "stop",
        "switch", "symbol", "text", "textpath", "title", "tspan", "use", "view", "hatch",
    ];
    // The primitives of filters are many, and no element of HTML begins like them.
    NAMES.contains(&name) || name.starts_with("fe")
}

/// Whether an element of this name, in lower case, is one of `MathML`, and not `<math>` itself.
fn is_inside_math(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: [&str; 29] = [
        "annotation", "maction", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot",
        "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "semantics",
    ];
    NAMES.contains(&name)
}

/// Whether a parser takes the fragment into its namespace only inside another element.
pub(super) fn is_foreign(fragment: &Fragment) -> bool {
    matches!(wrapper(fragment.html()), "svg" | "math")
}

/// Whether a parser takes the fragment only inside another element, or not among others.
pub(super) fn needs_wrapper(fragment: &Fragment) -> bool {
    is_foreign(fragment) || Context::of(fragment.tag()) != Context::Flow
}

/// The fragment takes the place of the element with its id, in the swap style `style`.
pub(super) fn state(fragment: &Fragment, style: &str) -> Piece {
    let (before, after) = fragment.around_attributes();
    Piece { html: format!("{before} hx-swap-oob=\"{style}\"{after}"), context: Context::of(fragment.tag()) }
}

/// The fragment is swapped inside its wrapper: `swap` says how and where.
pub(super) fn wrapped(fragment: &Fragment, swap: &str) -> Piece {
    let tag = wrapper(fragment.html());
    Piece { html: format!("<{tag} hx-swap-oob=\"{swap}\">{html}</{tag}>", html = fragment.html()), context: Context::of(tag) }
}

/// The fragment is inserted, unless the page has its id.
pub(super) fn insert_if_absent(fragment: &Fragment, position: Position, anchor: &DomId) -> Piece {
    let style = match position {
        Position::LastChild => "beforeend",
        Position::FirstChild => "afterbegin",
        Position::Before => "beforebegin",
        Position::After => "afterend",
    };
    // htmx 4 takes what stands before the first `:` for the swap style, unless a space stands before it: hence `html body`.
    let selector = format!("html body:not(:has(#{id})) #{anchor}", id = fragment.id());
    wrapped(fragment, &format!("{style}:{selector}"))
}

/// What both generations write alike; none for the states of elements.
pub(super) fn alike(patch: &Patch) -> Option<Piece> {
    Some(match patch {
        Patch::Replace(_) | Patch::Morph(_) | Patch::Upsert { .. } => return None,
        Patch::Remove(id) => remove(id),
        Patch::Update { target, html } => update(target, html),
        Patch::Insert { position, anchor, fragment } => insert_if_absent(fragment, *position, anchor),
        Patch::Title(title) => self::title(title),
        Patch::Event(event) => Piece { html: event.members().to_owned(), context: Context::Json },
        Patch::Refresh => Piece { html: String::new(), context: Context::Refresh },
        Patch::Redirect(location) => leave("0;url=", location.as_str()),
    })
}

/// The document's title: `<title>` is an element like another for an out-of-band swap.
fn title(title: &str) -> Piece {
    let mut html = "<div hx-swap-oob=\"innerHTML:html head title\">".to_owned();
    escape(&mut html, title);
    html.push_str("</div>");
    Piece { html, context: Context::Flow }
}

/// A page goes where this says, by itself: the browser acts on the element as soon as it is there.
pub(super) fn leave(when: &str, location: &str) -> Piece {
    let mut html = format!("<div hx-swap-oob=\"beforeend:body\"><meta http-equiv=\"refresh\" content=\"{when}");
    escape(&mut html, location);
    html.push_str("\"></div>");
    Piece { html, context: Context::Flow }
}

/// The element goes.
pub(super) fn remove(id: &DomId) -> Piece {
    Piece { html: format!("<div id=\"{id}\" hx-swap-oob=\"delete\"></div>"), context: Context::Flow }
}

/// Of two elements with this id beside each other, the second goes.
pub(super) fn remove_second(id: &DomId) -> Piece {
    Piece { html: format!("<div hx-swap-oob=\"delete:#{id} ~ #{id}\"></div>"), context: Context::Flow }
}

/// The content of `target` becomes `html`.
pub(super) fn update(target: &DomId, html: &str) -> Piece {
    let tag = wrapper(html);
    let mut piece = String::with_capacity(html.len() + 64);
    let _ = write!(piece, "<{tag} hx-swap-oob=\"innerHTML:#{target}\">{html}</{tag}>");
    Piece { html: piece, context: Context::of(tag) }
}
