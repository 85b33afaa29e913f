//! The markup of an overlay: what lies over a region while its content is not there yet.

use std::fmt::{self, Debug, Display};

use maud::{Render, html};

use crate::components::progress_bar;
use crate::html::dom_id::DomId;

/// A notice over a region, with figures that run: what `#[derive(Overlay)]` renders.
///
/// It covers the nearest ancestor with the class `hw-overlay-host`. It is not modal: it takes no focus and keeps none, so it belongs over a region
/// where there is nothing to operate yet. Closed, the element stays in the page, hidden and empty, so that the next patch finds it.
///
/// Only the title is a `role="status"`: a screen reader says it once, when the overlay opens. The message and the figures change many times a
/// second; they can be read, but are not announced. For the same reason the overlay is not `aria-busy`, which would silence its title; the region
/// below may be.
///
/// ```
/// use htmx_ws_components::{DomId, Overlay};
///
/// let mut html = String::new();
/// Overlay::new(&DomId::new("scan")?, true, &"Looking for files").stat("Files found", &1204).render_to(&mut html);
/// assert!(html.contains("<dt>Files found</dt><dd>1204</dd>"));
///
/// html.clear();
/// Overlay::new(&DomId::new("scan")?, false, &"Looking for files").render_to(&mut html);
/// assert_eq!(html, r#"<div id="scan" class="hw-overlay" hidden></div>"#);
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone)]
pub struct Overlay<'a> {
    id: &'a DomId,
    open: bool,
    title: &'a dyn Display,
    message: Option<&'a dyn Display>,
    progress: Option<Bar>,
    /// In the order of the calls to [`Overlay::stat`].
    stats: Vec<(&'static str, &'a dyn Display)>,
}

/// A bar in the overlay.
#[derive(Clone, Copy)]
struct Bar {
    /// How far it is of 100, if that is known.
    value: Option<f64>,
}

impl<'a> Overlay<'a> {
    /// An overlay called `title`. Where it is not `open`, nothing of it is rendered but its place.
    pub fn new(id: &'a DomId, open: bool, title: &'a dyn Display) -> Self {
        Self { id, open, title, message: None, progress: None, stats: Vec::new() }
    }

    /// One line below the title; what is too long is cut off at its beginning, which suits a path.
    pub fn message(mut self, message: Option<&'a dyn Display>) -> Self {
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

    /// One more figure, behind those given before.
    pub fn stat(mut self, label: &'static str, value: &'a dyn Display) -> Self {
        self.stats.push((label, value));
        self
    }

    /// Writes the overlay's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let markup = html! {
            div id=(self.id) class="hw-overlay" hidden[!self.open] {
                @if self.open {
                    div class="hw-overlay-card" {
                        span class="hw-overlay-spinner" aria-hidden="true" {}
                        p class="hw-overlay-title" role="status" { (self.title) }
                        // `bdi` keeps the message in its own direction where the style sheet turns the line round to cut it at its beginning.
                        @if let Some(message) = self.message { p class="hw-overlay-message" { bdi { (message) } } }
                        @if let Some(bar) = self.progress { (progress_bar::nested(bar.value, self.title)) }
                        @if !self.stats.is_empty() {
                            dl class="hw-overlay-stats" {
                                @for (label, value) in &self.stats { div { dt { (label) } dd { (value) } } }
                            }
                        }
                    }
                }
            }
        };
        buffer.push_str(&markup.0);
    }
}

impl Render for Overlay<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for Overlay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay").field("id", self.id).field("open", &self.open).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check(|overlay| overlay.stat("Files", &7).stat("Size", &"<1"), stats);
    }

    #[test]
    fn closed_it_is_hidden_and_empty() {
        let id = DomId::new("o").unwrap();
        let html = Overlay::new(&id, false, &"Listing").message(Some(&"x")).stat("Files", &7).render().into_string();
        assert_eq!(html, r#"<div id="o" class="hw-overlay" hidden></div>"#);
    }
}
