//! The markup of a status badge: one word about one thing, with a colour that means the same.

use std::fmt::{self, Debug};

use maud::Render;

use crate::components::class::classes;
use crate::components::status::{Look, Status};
use crate::components::text::Text;
use crate::components::writer::Writer;
use crate::html::dom_id::ElementId;

classes! {
    /// The classes of a [`StatusBadge`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, StatusBadgeClasses, Tone};
    ///
    /// const BADGE: StatusBadgeClasses = StatusBadgeClasses {
    ///     root: Class::new("badge").tone(Tone::Success, "text-bg-success").tone(Tone::Danger, "text-bg-danger"),
    ///     ..StatusBadgeClasses::NONE
    /// };
    /// ```
    StatusBadgeClasses {
        /// The badge.
        root: "\"" class="hw-badge" " role=\"status\"",
        /// The dot in front of the words.
        dot: "><span" class="hw-badge-dot" + active " aria-hidden=\"true\"></span>",
        /// More for the dot, while the status is active.
        active: class="",
        /// The status's own icon, which stands in place of the dot.
        icon: "><span" class="hw-badge-icon" " aria-hidden=\"true\">",
        /// What the status is of.
        label: "<span" class="hw-badge-label" ">",
        /// The status.
        status: "<span" class="hw-badge-status" ">",
    }
}

/// A state as a small coloured word: what `#[derive(StatusBadge)]` renders.
///
/// The badge is a `role="status"`: a screen reader says the new word when it changes, and the whole badge with it.
///
/// ```
/// use htmx_ws_components::{DomId, Status, StatusBadge};
///
/// #[derive(Status)]
/// enum Server {
///     #[status(tone = success)]
///     Up,
/// }
///
/// let mut html = String::new();
/// StatusBadge::new(&DomId::new("server")?, &Server::Up).label(Some(&"Server")).render_to(&mut html);
/// assert!(html.starts_with(r#"<span id="server" class="hw-badge" role="status" data-tone="success">"#));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone, Copy)]
pub struct StatusBadge<'a> {
    id: &'a dyn ElementId,
    status: &'a dyn Status,
    label: Option<&'a dyn Text>,
    title: Option<&'a dyn Text>,
    classes: Option<&'a StatusBadgeClasses>,
}

impl<'a> StatusBadge<'a> {
    /// A badge that shows `status`.
    pub fn new(id: &'a dyn ElementId, status: &'a dyn Status) -> Self {
        Self { id, status, label: None, title: None, classes: None }
    }

    /// What the status is of, in front of it.
    pub fn label(mut self, label: Option<&'a dyn Text>) -> Self {
        self.label = label;
        self
    }

    /// More about it, shown on hover. Touch and keyboard do not reach it, so nothing that matters should stand only here.
    pub fn title(mut self, title: Option<&'a dyn Text>) -> Self {
        self.title = title;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'a StatusBadgeClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the badge's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, status, label, title, classes } = *self;
        let Look { label: word, tone, icon, is_active } = status.look();
        let mut writer = Writer::new(buffer, tone, classes);
        writer.raw("<span id=\"").id(id).root().state(is_active);
        if let Some(title) = title {
            writer.raw(" title=\"").display(title).raw("\"");
        }
        match icon {
            Some(icon) => writer.icon().str(icon).raw("</span>"),
            None => writer.dot(is_active),
        };
        if let Some(label) = label {
            // The space keeps the two words apart for readers that see no style.
            writer.label().display(label).raw("</span> ");
        }
        writer.status().str(&word).raw("</span></span>");
    }
}

impl Render for StatusBadge<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for StatusBadge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusBadge").field("status", &self.status.label()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::components::status::Tone;
    use crate::html::dom_id::DomId;

    struct Word(&'static str, bool);

    impl Status for Word {
        fn label(&self) -> Cow<'_, str> {
            self.0.into()
        }

        fn tone(&self) -> Tone {
            Tone::Danger
        }

        fn is_active(&self) -> bool {
            self.1
        }
    }

    #[track_caller]
    fn check(status: &Word, label: Option<&dyn Text>, title: Option<&dyn Text>, attributes: &str, content: &str) {
        let id = DomId::new("b").unwrap();
        let html = StatusBadge::new(&id, status).label(label).title(title).render().into_string();
        let dot = r#"<span class="hw-badge-dot" aria-hidden="true"></span>"#;
        assert_eq!(html, format!(r#"<span id="b" class="hw-badge" role="status" data-tone="danger"{attributes}>{dot}{content}</span>"#));
    }

    #[test]
    fn the_status_stands_alone_or_behind_its_label() {
        check(&Word("Down", false), None, None, "", r#"<span class="hw-badge-status">Down</span>"#);
        let content = r#"<span class="hw-badge-label">Server 3</span> <span class="hw-badge-status">Down</span>"#;
        check(&Word("Down", false), Some(&"Server 3"), None, "", content);
    }

    #[test]
    fn an_active_status_is_marked() {
        check(&Word("Up", true), None, None, " data-active", r#"<span class="hw-badge-status">Up</span>"#);
    }

    #[test]
    fn every_value_is_escaped() {
        let content = r#"<span class="hw-badge-label">&lt;b&gt;</span> <span class="hw-badge-status">&lt;i&gt;</span>"#;
        check(&Word("<i>", false), Some(&"<b>"), Some(&"\"><x"), r#" title="&quot;&gt;&lt;x""#, content);
    }
}
