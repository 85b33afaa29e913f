//! A table whose rows come, change, go and change places: published whole, sent in parts.

use maud::{Markup, Render, html};

use crate::components::component::Component;
use crate::components::parts::Parts;
use crate::html::dom_id::{self, DomId};
use crate::html::fragment::Nesting;

/// An id out of letters, digits and hyphens.
pub(super) fn id(text: &str) -> DomId {
    dom_id::written(|buffer| buffer.push_str(text))
}

/// A table of rows, named by the heading `{name}-heading` of its page; what stands in its head does not change.
pub(super) struct Table<R> {
    /// That of the table; its `<tbody>` is `{name}-rows`.
    pub(super) name: &'static str,
    /// The cells of the head.
    pub(super) head: Markup,
    pub(super) rows: Vec<R>,
}

/// The `<tbody>` of the table `name`.
pub(super) fn body(name: &str) -> DomId {
    id(&format!("{name}-rows"))
}

impl<R: Component + Render> Component for Table<R> {
    const NESTING: Nesting = Nesting::Branch;

    fn id(&self) -> DomId {
        id(self.name)
    }

    fn render_to(&self, buffer: &mut String) {
        let markup = html! {
            div id=(self.name) class="hw-table-scroll" role="region" aria-labelledby={ (self.name) "-heading" } tabindex="0" {
                table class="hw-table" {
                    thead { tr { (self.head) } }
                    tbody id=(body(self.name)) { @for row in &self.rows { (row) } }
                }
            }
        };
        buffer.push_str(&markup.0);
    }

    fn parts(&self, parts: &mut Parts) {
        parts.add(&self.rows);
    }
}

/// A row that stays the element that it is while its figures change, so that whoever presses its link or button presses one that is still there: also on htmx 2, which
/// replaces what changes.
pub(super) struct Row {
    id: String,
    body: DomId,
    cells: Vec<Cell>,
}

enum Cell {
    Header(Markup),
    Fixed(&'static str, Markup),
    Figure(Text),
}

impl Row {
    /// The row `id` of the table `name`.
    pub(super) fn new(id: String, name: &str) -> Self {
        Self { id, body: body(name), cells: Vec::new() }
    }

    /// A cell that names the row, and changes with it.
    pub(super) fn header(mut self, content: Markup) -> Self {
        self.cells.push(Cell::Header(content));
        self
    }

    /// A cell that changes with the row.
    pub(super) fn fixed(mut self, class: &'static str, content: Markup) -> Self {
        self.cells.push(Cell::Fixed(class, content));
        self
    }

    /// A cell that changes by itself.
    pub(super) fn figure(mut self, text: String) -> Self {
        let id = id(&format!("{}-{}", self.id, self.cells.len()));
        self.cells.push(Cell::Figure(Text { id, text }));
        self
    }
}

impl Component for Row {
    const NESTING: Nesting = Nesting::Branch;

    fn id(&self) -> DomId {
        id(&self.id)
    }

    fn list(&self) -> Option<DomId> {
        Some(self.body.clone())
    }

    fn render_to(&self, buffer: &mut String) {
        let markup = html! {
            tr id=(self.id()) class="hw-row" data-tone="neutral" {
                @for cell in &self.cells {
                    @match cell {
                        Cell::Header(content) => th scope="row" { (content) },
                        Cell::Fixed(class, content) => td class=[(!class.is_empty()).then_some(class)] { (content) },
                        Cell::Figure(text) => td class="hw-number" { (text) },
                    }
                }
            }
        };
        buffer.push_str(&markup.0);
    }

    fn parts(&self, parts: &mut Parts) {
        for cell in &self.cells {
            if let Cell::Figure(text) = cell {
                parts.add(text);
            }
        }
    }
}

impl Render for Row {
    fn render_to(&self, buffer: &mut String) {
        Component::render_to(self, buffer);
    }
}

/// A text that changes by itself, wherever it stands.
pub(super) struct Text {
    pub(super) id: DomId,
    pub(super) text: String,
}

impl Component for Text {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&html! { span id=(self.id) { (self.text) } }.0);
    }
}

impl Render for Text {
    fn render_to(&self, buffer: &mut String) {
        Component::render_to(self, buffer);
    }
}

impl<R: Component + Render> Render for Table<R> {
    fn render_to(&self, buffer: &mut String) {
        Component::render_to(self, buffer);
    }
}
