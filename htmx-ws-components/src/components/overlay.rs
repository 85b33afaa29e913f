//! The markup of an overlay: what lies over a region while its content is not there yet.

use std::fmt::{self, Debug};

use maud::Render;

use crate::components::class::classes;
use crate::components::progress_bar::{self, ProgressBarClasses};
use crate::components::status::Tone;
use crate::components::text::Text;
use crate::components::writer::Writer;
use crate::html::dom_id::ElementId;

classes! {
    /// The classes of an [`Overlay`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, OverlayClasses};
    ///
    /// const COVER: OverlayClasses = OverlayClasses { card: Class::new("card shadow"), ..OverlayClasses::BUILT_IN };
    /// ```
    OverlayClasses {
        /// What lies over the region. It is `hidden` while the overlay is closed, so its classes do not display it with `!important`.
        root: "\"" class="hw-overlay",
        /// The card in its middle.
        card: "><div" class="hw-overlay-card" ">",
        /// The box that a reader ticks to put the overlay aside. It shows while it is not ticked only, so its classes make a cross of it.
        dismiss: "-dismiss\"" class="hw-overlay-dismiss" " data-hw-dismiss hx-preserve aria-label=\"",
        /// The turning wheel.
        spinner: "<span" class="hw-overlay-spinner" " aria-hidden=\"true\"></span>",
        /// The title.
        title: "<p" class="hw-overlay-title" " role=\"status\">",
        /// The line below the title.
        message: "<p" class="hw-overlay-message" "><bdi>",
        /// The list of figures.
        stats: "<dl" class="hw-overlay-stats" ">",
        /// A figure with its label.
        stat: "<div" class="" ">",
        /// The label of a figure.
        stat_label: "<dt" class="" ">",
        /// A figure.
        stat_value: "</dt><dd" class="" ">",
    }
}

/// A notice over a region, with figures that run: what `#[derive(Overlay)]` renders.
///
/// It covers the nearest ancestor with the class `hw-overlay-host`. It is not modal and takes no focus; but while it is open, what lies below it there cannot be
/// operated: not with a pointer, and, in a browser that knows the `interactivity` of CSS, not by keyboard or with a screen reader either. Closed, the element stays
/// in the page, hidden and empty, so that the next patch finds it.
///
/// Only the title is a `role="status"`: a screen reader says it once, when the overlay opens. The message and the figures change many times a
/// second; they can be read, but are not announced. For the same reason the overlay is not `aria-busy`, which would silence its title; the region
/// below may be.
///
/// ```
/// use htmx_ws_components::{DomId, Overlay};
///
/// let mut html = String::new();
/// Overlay::new(&DomId::new("scan")?, true, &"Looking for files").stats(&[("Files found", &1204)]).render_to(&mut html);
/// assert!(html.contains("<dt>Files found</dt><dd>1204</dd>"));
///
/// html.clear();
/// Overlay::new(&DomId::new("scan")?, false, &"Looking for files").render_to(&mut html);
/// assert_eq!(html, r#"<div id="scan" class="hw-overlay" hidden></div>"#);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone, Copy)]
pub struct Overlay<'a> {
    id: &'a dyn ElementId,
    open: bool,
    title: &'a dyn Text,
    message: Option<&'a dyn Text>,
    progress: Option<Bar>,
    stats: &'a [(&'static str, &'a dyn Text)],
    dismiss: Option<&'a dyn Text>,
    classes: Option<&'a OverlayClasses>,
    bar_classes: Option<&'a ProgressBarClasses>,
}

/// A bar in the overlay.
#[derive(Clone, Copy)]
struct Bar {
    /// How far it is of 100, if that is known.
    value: Option<f64>,
}

impl<'a> Overlay<'a> {
    /// An overlay called `title`. Where it is not `open`, nothing of it is rendered but its place.
    pub fn new(id: &'a dyn ElementId, open: bool, title: &'a dyn Text) -> Self {
        Self { id, open, title, message: None, progress: None, stats: &[], dismiss: None, classes: None, bar_classes: None }
    }

    /// One line below the title; what is too long is cut off at its beginning, which suits a path.
    pub fn message(mut self, message: Option<&'a dyn Text>) -> Self {
        self.message = message;
        self
    }

    /// A bar below the message, filled up to `value` of 100; `None`: it moves, but shows no figure. It has no id: nobody patches it on its own.
    ///
    /// It carries the overlay's title for a screen reader, and is no live region: the figure is told when asked for.
    pub fn progress(mut self, value: Option<f64>) -> Self {
        self.progress = Some(Bar { value });
        self
    }

    /// Figures that run, each behind its label.
    pub fn stats(mut self, stats: &'a [(&'static str, &'a dyn Text)]) -> Self {
        self.stats = stats;
        self
    }

    /// Lets a reader put the overlay aside in their own page: `label` is the name of the cross that does it, such as `Hide`.
    ///
    /// It stays aside while the overlay is updated, and comes again when it was closed and opens anew. It needs no script: the cross is a
    /// checkbox, which htmx preserves, with the id of the overlay and `-dismiss`.
    pub fn dismiss(mut self, label: Option<&'a dyn Text>) -> Self {
        self.dismiss = label;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'a OverlayClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Other classes for the elements of its bar.
    pub fn bar_classes(mut self, classes: &'a ProgressBarClasses) -> Self {
        self.bar_classes = Some(classes);
        self
    }

    /// Writes the overlay's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, open, title, message, progress, classes, .. } = *self;
        let mut writer = Writer::new(buffer, Tone::default(), classes);
        writer.raw("<div id=\"").id(id).root();
        if !open {
            writer.raw(" hidden></div>");
            return;
        }
        writer.card();
        if let Some(label) = self.dismiss {
            writer.raw("<input type=\"checkbox\" id=\"").id(id).dismiss().display(label).raw("\">");
        }
        writer.spinner().title().display(title).raw("</p>");
        if let Some(message) = message {
            // `bdi` keeps the message in its own direction where the style sheet turns the line round to cut it at its beginning.
            writer.message().display(message).raw("</bdi></p>");
        }
        if let Some(bar) = progress {
            writer.nested(|buffer| progress_bar::nested(buffer, bar.value, title, self.bar_classes));
        }
        if !self.stats.is_empty() {
            writer.stats();
            for (label, value) in self.stats {
                writer.stat().stat_label().str(label).stat_value().display(*value).raw("</dd></div>");
            }
            writer.raw("</dl>");
        }
        writer.raw("</div></div>");
    }
}

impl Render for Overlay<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for Overlay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay").field("open", &self.open).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::dom_id::DomId;

    #[test]
    fn a_bar_in_an_overlay_has_no_id() {
        let bar = r#"<div class="hw-progress" data-tone="neutral"><div class="hw-progress-head" aria-hidden="true">"#;
        let id = DomId::new("o").unwrap();
        let html = |value| Overlay::new(&id, true, &"<Listing>").progress(value).render().into_string();
        let known = html(Some(101.0));
        assert!(
            known.contains(bar) && known.contains(r#"aria-label="&lt;Listing&gt;""#) && known.contains(r#"aria-valuenow="100""#),
            "{known}"
        );
        assert!(html(None).contains("data-indeterminate") && !html(None).contains("aria-valuenow"), "{}", html(None));
    }

    const TOP: &str = concat!(
        r#"<div id="o" class="hw-overlay"><div class="hw-overlay-card"><span class="hw-overlay-spinner" aria-hidden="true"></span>"#,
        r#"<p class="hw-overlay-title" role="status">Listing</p>"#,
    );

    #[track_caller]
    fn check(configure: impl FnOnce(Overlay<'_>) -> Overlay<'_>, expected: &str) {
        let id = DomId::new("o").unwrap();
        let html = configure(Overlay::new(&id, true, &"Listing")).render().into_string();
        assert_eq!(html, format!("{TOP}{expected}</div></div>"));
    }

    #[test]
    fn open_it_shows_what_it_was_given() {
        check(|overlay| overlay, "");
        check(|overlay| overlay.message(Some(&"/a<b")), r#"<p class="hw-overlay-message"><bdi>/a&lt;b</bdi></p>"#);
        let stats = r#"<dl class="hw-overlay-stats"><div><dt>Files</dt><dd>7</dd></div><div><dt>Size</dt><dd>&lt;1</dd></div></dl>"#;
        check(|overlay| overlay.stats(&[("Files", &7), ("Size", &"<1")]), stats);
    }

    #[test]
    fn closed_it_is_hidden_and_empty() {
        let id = DomId::new("o").unwrap();
        let html = Overlay::new(&id, false, &"Listing").message(Some(&"x")).stats(&[("Files", &7)]).render().into_string();
        assert_eq!(html, r#"<div id="o" class="hw-overlay" hidden></div>"#);
    }
}
