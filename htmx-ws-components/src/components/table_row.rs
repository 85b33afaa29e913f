//! The markup of a table row that comes, changes and goes by itself.

use std::fmt::{self, Debug};

use maud::{Markup, Render};

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`TableRow`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, TableRowClasses, Tone};
    ///
    /// const ROW: TableRowClasses = TableRowClasses {
    ///     root: Class::NONE.tone(Tone::Danger, "table-danger"),
    ///     number: Class::new("text-end"),
    ///     ..TableRowClasses::NONE
    /// };
    /// ```
    TableRowClasses {
        /// The row.
        root: "\"" class="hw-row",
        /// The cell that names the row.
        header: "<th scope=\"row\"" class="" ">",
        /// A cell with a text.
        cell: "<td" class="" ">",
        /// A cell with a figure.
        number: "<td" class="hw-number" ">",
    }
}

/// A row of a table: a `<tr>` in the page's own `<tbody>`.
///
/// Publishing it appends it to the body, or changes the row with the same id. A cell takes whatever maud renders: a text, a number, a badge.
/// Nothing in a cell may be published on its own. `class="hw-table"` on the table gives it the look of the family.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, TableRow};
///
/// let body = DomId::new("servers")?;
/// let row = TableRow::new(DomId::new("server-3")?, &body).header("web-3").cell("Frankfurt").number(0.42);
/// let mut html = String::new();
/// row.render_to(&mut html);
/// assert!(html.contains(r#"<th scope="row">web-3</th><td>Frankfurt</td><td class="hw-number">0.42</td>"#));
///
/// Hub::new().publish("servers", &row);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone)]
pub struct TableRow {
    id: DomId,
    body: DomId,
    /// In the order of the columns.
    cells: Vec<(Kind, Markup)>,
    tone: Tone,
    classes: Option<&'static TableRowClasses>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Header,
    Text,
    Number,
}

impl TableRow {
    /// A row without cells, which belongs to the `<tbody>` with the id `body`.
    pub fn new(id: impl Into<DomId>, body: impl Into<DomId>) -> Self {
        Self { id: id.into(), body: body.into(), cells: Vec::new(), tone: Tone::default(), classes: None }
    }

    /// One more cell, which names the row.
    pub fn header(self, content: impl Render) -> Self {
        self.with(Kind::Header, &content)
    }

    /// One more cell.
    pub fn cell(self, content: impl Render) -> Self {
        self.with(Kind::Text, &content)
    }

    /// One more cell, whose figures stand below those of the other rows.
    pub fn number(self, content: impl Render) -> Self {
        self.with(Kind::Number, &content)
    }

    /// The meaning behind the row's colour. It is not said in words, so a cell should.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static TableRowClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the row's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, body: _, cells, tone, classes } = self;
        let mut writer = Writer::new(buffer, *tone, *classes);
        writer.raw("<tr id=\"").id(id).root().tone().raw(">");
        for (kind, content) in cells {
            let (cell, close) = match kind {
                Kind::Header => (writer.header(), "</th>"),
                Kind::Text => (writer.cell(), "</td>"),
                Kind::Number => (writer.number(), "</td>"),
            };
            cell.nested(|buffer| buffer.push_str(&content.0)).raw(close);
        }
        writer.raw("</tr>");
    }

    fn with(mut self, kind: Kind, content: &impl Render) -> Self {
        self.cells.push((kind, content.render()));
        self
    }
}

impl Component for TableRow {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn list(&self) -> Option<DomId> {
        Some(self.body.clone())
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for TableRow {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for TableRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableRow").field("id", &self.id).field("cells", &self.cells.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use maud::PreEscaped;

    use super::*;
    use crate::html::patch::{Patch, ToPatch};

    fn row() -> TableRow {
        TableRow::new(DomId::new("r").unwrap(), DomId::new("body").unwrap())
    }

    #[track_caller]
    fn check(row: &TableRow, tone: &str, cells: &str) {
        let html = row.render().into_string();
        assert_eq!(html, format!(r#"<tr id="r" class="hw-row" data-tone="{tone}">{cells}</tr>"#));
    }

    #[test]
    fn cells_stand_in_their_order() {
        check(&row(), "neutral", "");
        let cells = r#"<th scope="row">web-3</th><td class="hw-number">7</td><td>up</td>"#;
        check(&row().header("web-3").number(7).cell("up").tone(Tone::Success), "success", cells);
    }

    #[test]
    fn a_text_is_escaped_and_markup_is_not() {
        check(&row().cell("<td>").cell(PreEscaped("<b>x</b>")), "neutral", "<td>&lt;td&gt;</td><td><b>x</b></td>");
    }

    #[test]
    fn it_belongs_to_its_body() {
        let Patch::Upsert { list, fragment } = row().to_patch().unwrap() else { panic!("no upsert") };
        assert_eq!((list.as_str(), fragment.tag()), ("body", "tr"));
    }
}
