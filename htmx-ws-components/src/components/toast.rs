//! The markup of a toast, a short message about what has just happened, and of the list that takes toasts.

use std::fmt::Display;

use maud::Render;

use crate::components::class::{Class, classes};
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`Toast`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, ToastClasses};
    ///
    /// const CARD: ToastClasses = ToastClasses { card: Class::new("toast show"), ..ToastClasses::NONE };
    /// ```
    ToastClasses {
        /// The item of the list.
        root: "\"" class="hw-toast",
        /// What a reader sees, a `dialog`. Closing it takes its `open` away, so classes that display it do so only where it is `open`.
        card: " aria-atomic=\"true\"><dialog" class="hw-toast-card" " open aria-label=\"",
        /// The sign at its side.
        mark: "\"><span" class="hw-toast-mark" " aria-hidden=\"true\"></span>",
        /// What stands beside the sign.
        body: "<div" class="hw-toast-body" ">",
        /// The title.
        title: "<p" class="hw-toast-title" ">",
        /// The line below the title.
        message: "<p" class="hw-toast-message" ">",
        /// What holds the button, a `form`.
        form: "<form" class="" " method=\"dialog\">",
        /// The button that closes it, which is empty.
        dismiss: "<button type=\"submit\"" class="hw-toast-dismiss" " aria-label=\"",
    }
}

/// A short message about what has just happened, in a [`ToastList`].
///
/// Publishing it adds it to the list, or changes the one with the same id; `Patch::remove` takes it away again, which is up to the application
/// because only it knows when a message is over. With [`Toast::dismiss`] the reader can close it as well, without a script: it is an open
/// dialog (not a modal one: it takes no focus) whose button closes it. A toast that changes afterwards is shown again.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, Toast, Tone};
///
/// let list = DomId::new("toasts")?;
/// let toast = Toast::new(DomId::new("toast-7")?, &list, "Saved").message("report.pdf, 3 MB").tone(Tone::Success).dismiss("Dismiss");
/// let mut html = String::new();
/// toast.render_to(&mut html);
/// assert!(html.contains(r#"<form method="dialog">"#));
///
/// Hub::new().publish("user-7", &toast);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    id: DomId,
    list: DomId,
    title: String,
    message: Option<String>,
    dismiss: Option<String>,
    tone: Tone,
    classes: Option<&'static ToastClasses>,
}

impl Toast {
    /// The message `title`, as an item of `list`.
    pub fn new(id: impl Into<DomId>, list: impl Into<DomId>, title: impl Display) -> Self {
        let (id, list, title) = (id.into(), list.into(), title.to_string());
        Self { id, list, title, message: None, dismiss: None, tone: Tone::default(), classes: None }
    }

    /// A line below the title.
    pub fn message(mut self, message: impl Display) -> Self {
        self.message = Some(message.to_string());
        self
    }

    /// Gives the reader a button that closes the toast in this page; `label` is the button's name.
    pub fn dismiss(mut self, label: impl Display) -> Self {
        self.dismiss = Some(label.to_string());
        self
    }

    /// The meaning behind the toast's colour and sign.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static ToastClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the toast's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, list: _, title, message, dismiss, tone, classes } = self;
        let mut writer = Writer::new(buffer, *tone, *classes);
        writer.raw("<li id=\"").id(id).root().tone().card().str(title).mark().body().title().str(title).raw("</p>");
        if let Some(message) = message {
            writer.message().str(message).raw("</p>");
        }
        writer.raw("</div>");
        if let Some(label) = dismiss {
            writer.form().dismiss().str(label).raw("\"></button></form>");
        }
        writer.raw("</dialog></li>");
    }
}

impl Component for Toast {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn list(&self) -> Option<DomId> {
        Some(self.list.clone())
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for Toast {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

/// The list that toasts appear in: once in a page, in a corner of the window.
///
/// It is a polite live region, and stays where it is while toasts come and go, so a screen reader says each of them when it has time.
///
/// ```
/// use htmx_ws_components::{DomId, ToastList};
///
/// let mut html = String::new();
/// ToastList::new(DomId::new("toasts")?, "Messages").render_to(&mut html);
/// assert_eq!(html, r#"<ul id="toasts" class="hw-toasts" role="list" aria-label="Messages" aria-live="polite"></ul>"#);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToastList {
    id: DomId,
    label: String,
    toasts: Vec<Toast>,
    class: Class,
}

impl ToastList {
    /// An empty list; `label` is its name for a screen reader.
    pub fn new(id: impl Into<DomId>, label: impl Display) -> Self {
        Self { id: id.into(), label: label.to_string(), toasts: Vec::new(), class: Class::new("hw-toasts") }
    }

    /// One that is there when the page is rendered.
    pub fn toast(mut self, toast: Toast) -> Self {
        self.toasts.push(toast);
        self
    }

    /// Other classes for it.
    pub fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// Writes the list's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, label, toasts, class } = self;
        let mut writer = Writer::new(buffer, Tone::default(), None::<&()>);
        // Without markers a list is none to VoiceOver, unless it says so.
        writer
            .raw("<ul id=\"")
            .id(id)
            .raw("\"")
            .class(class)
            .raw(" role=\"list\" aria-label=\"")
            .str(label)
            .raw("\" aria-live=\"polite\">");
        for toast in toasts {
            writer.nested(|buffer| toast.render_to(buffer));
        }
        writer.raw("</ul>");
    }
}

impl Component for ToastList {
    const NESTING: Nesting = Nesting::Branch;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for ToastList {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::patch::{Patch, ToPatch};

    fn toast() -> Toast {
        Toast::new(DomId::new("t").unwrap(), DomId::new("toasts").unwrap(), "<Saved>")
    }

    #[track_caller]
    fn check(toast: &Toast, tone: &str, rest: &str) {
        let root = format!(r#"<li id="t" class="hw-toast" data-tone="{tone}" aria-atomic="true">"#);
        let card =
            r#"<dialog class="hw-toast-card" open aria-label="&lt;Saved&gt;"><span class="hw-toast-mark" aria-hidden="true"></span>"#;
        let body = r#"<div class="hw-toast-body"><p class="hw-toast-title">&lt;Saved&gt;</p>"#;
        assert_eq!(toast.render().into_string(), format!("{root}{card}{body}{rest}</dialog></li>"));
    }

    #[test]
    fn a_toast_has_a_title_and_may_have_more() {
        check(&toast(), "neutral", "</div>");
        let message = toast().message("<3 MB>").tone(Tone::Success);
        check(&message, "success", r#"<p class="hw-toast-message">&lt;3 MB&gt;</p></div>"#);
    }

    #[test]
    fn a_reader_may_close_it() {
        let button = r#"</div><form method="dialog"><button type="submit" class="hw-toast-dismiss" aria-label="Close"></button></form>"#;
        check(&toast().dismiss("Close"), "neutral", button);
    }

    #[test]
    fn it_belongs_to_its_list() {
        let Patch::Upsert { list, fragment } = toast().to_patch().unwrap() else { panic!("no upsert") };
        assert_eq!((list.as_str(), fragment.id().as_str()), ("toasts", "t"));
        let html = ToastList::new(list, "M").toast(toast()).render().into_string();
        assert!(html.ends_with(&format!(r#"aria-live="polite">{}</ul>"#, toast().render().into_string())), "{html}");
    }
}
