//! The markup of a list of who reads a page.

use std::fmt::Display;

use maud::Render;

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`ReaderList`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, ReaderListClasses};
    ///
    /// const BADGES: ReaderListClasses = ReaderListClasses { reader: Class::new("badge"), ..ReaderListClasses::NONE };
    /// ```
    ReaderListClasses {
        /// The list.
        root: "\"" class="hw-readers" " role=\"list\" aria-label=\"",
        /// A name.
        reader: "<li" class="hw-reader" ">",
        /// How many more there are.
        more: "<li" class="hw-readers-more" ">+",
    }
}

/// Who reads a page: a list of names.
///
/// Publish it where the list changes, with [`HubBuilder::presence`](crate::HubBuilder::presence). Nobody is told aloud that somebody came: it is no live region. An empty list takes no room.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, ReaderList};
///
/// let readers = ReaderList::new(DomId::new("readers")?, ["Ann", "Bob", "Cem", "Dora"]).label("Reading now").at_most(3);
/// let mut html = String::new();
/// readers.render_to(&mut html);
/// assert!(html.contains(r#"<li class="hw-reader">Bob</li><li class="hw-readers-more">+2</li></ul>"#));
///
/// Hub::new().publish("doc-7", &readers);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderList {
    id: DomId,
    label: String,
    names: Vec<String>,
    /// Entries of the list, one of which may be the number of the others.
    at_most: usize,
    classes: Option<&'static ReaderListClasses>,
}

impl ReaderList {
    /// The names, in their order.
    pub fn new<N: Display>(id: impl Into<DomId>, names: impl IntoIterator<Item = N>) -> Self {
        Self {
            id: id.into(),
            label: "Reading now".to_owned(),
            names: names.into_iter().map(|name| name.to_string()).collect(),
            at_most: 8,
            classes: None,
        }
    }

    /// What the list is, for those who do not see it. Default: `Reading now`.
    pub fn label(mut self, label: impl Display) -> Self {
        self.label = label.to_string();
        self
    }

    /// How many entries it has. Where there are more names, the last entry says how many. Default: 8.
    pub fn at_most(mut self, entries: usize) -> Self {
        self.at_most = entries.max(1);
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static ReaderListClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the list's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, label, names, at_most, classes } = self;
        let mut writer = Writer::new(buffer, Tone::default(), *classes);
        writer.raw("<ul id=\"").id(id).root().str(label).raw("\">");
        let shown = if names.len() > *at_most { at_most - 1 } else { names.len() };
        for name in &names[..shown] {
            writer.reader().str(name).raw("</li>");
        }
        if shown < names.len() {
            writer.more().display(&(names.len() - shown)).raw("</li>");
        }
        writer.raw("</ul>");
    }
}

impl Component for ReaderList {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for ReaderList {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], entries: &str) {
        let list = ReaderList::new(DomId::new("r").unwrap(), names).label("<Here>").at_most(2);
        assert_eq!(
            list.render().into_string(),
            format!(r#"<ul id="r" class="hw-readers" role="list" aria-label="&lt;Here&gt;">{entries}</ul>"#)
        );
    }

    #[test]
    fn names_stand_in_their_order_as_long_as_there_is_room() {
        check(&[], "");
        check(&["Bob", "<Ann>"], r#"<li class="hw-reader">Bob</li><li class="hw-reader">&lt;Ann&gt;</li>"#);
        check(&["Bob", "Ann", "Cem"], r#"<li class="hw-reader">Bob</li><li class="hw-readers-more">+2</li>"#);
    }
}
