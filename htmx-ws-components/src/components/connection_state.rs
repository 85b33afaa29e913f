//! The markup of a banner that says when a page is not live any more.

use std::fmt::Display;

use maud::Render;

use crate::components::class::classes;
use crate::components::status::Tone;
use crate::components::writer::Writer;

classes! {
    /// The classes of a [`ConnectionState`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, ConnectionStateClasses, Tone};
    ///
    /// const BANNER: ConnectionStateClasses = ConnectionStateClasses {
    ///     sentence: Class::new("alert").tone(Tone::Danger, "alert-danger").tone(Tone::Warning, "alert-warning"),
    ///     ..ConnectionStateClasses::NONE
    /// };
    /// ```
    ConnectionStateClasses {
        /// The banner.
        root: "<div" class="hw-connection" " role=\"status\">",
        /// A sentence of the banner. All stand in it, each with its `data-state`: yours show the one of the state that the root element of the page has in
        /// `data-live`. The tone is danger for `offline`, warning for `reconnecting` and `stale`, neutral for `closed` and `fallback`.
        sentence: "<p" class="" " data-state=\"",
    }
}

/// What a reader has to know about the page's connection: nothing while it is open, one sentence when it is not.
///
/// All sentences stand in the page; our script writes the state to `<html data-live="...">`, and the style sheet shows the one for it. It is a
/// `role="status"`, so the sentence is said when it appears. Put it at the beginning of the `<body>`; it floats at the window's upper
/// edge. A connection that is back within a second shows nothing.
///
/// Behind the sentence for `reconnecting` our style sheet shows how many seconds it is until the next try. Yours can do so as well: the script counts them down in the custom
/// property `--live-in` of the root element, `counter-reset: in var(--live-in); content: counter(in)`.
///
/// ```
/// use htmx_ws_components::ConnectionState;
///
/// let mut html = String::new();
/// ConnectionState::new().closed("Das war's. Bitte neu laden.").render_to(&mut html);
/// assert!(html.contains(r#"<p data-state="closed">Das war's. Bitte neu laden.</p>"#));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionState {
    offline: String,
    reconnecting: String,
    stale: String,
    closed: String,
    fallback: Option<String>,
    classes: Option<&'static ConnectionStateClasses>,
}

impl ConnectionState {
    /// The banner in English.
    pub fn new() -> Self {
        Self {
            offline: "You are offline. What you see may be old.".to_owned(),
            reconnecting: "The connection is lost. Trying again.".to_owned(),
            stale: "This page may be out of date.".to_owned(),
            closed: "Live updates have ended. Reload the page to see what is new.".to_owned(),
            fallback: None,
            classes: None,
        }
    }

    /// What it says while the reader has no network.
    pub fn offline(mut self, text: impl Display) -> Self {
        self.offline = text.to_string();
        self
    }

    /// What it says while the connection is tried again.
    pub fn reconnecting(mut self, text: impl Display) -> Self {
        self.reconnecting = text.to_string();
        self
    }

    /// What it says when what the page shows may be old: while its server hears nothing of the others, or until it has loaded again.
    pub fn stale(mut self, text: impl Display) -> Self {
        self.stale = text.to_string();
        self
    }

    /// What it says when the connection ended and will not be tried again.
    pub fn closed(mut self, text: impl Display) -> Self {
        self.closed = text.to_string();
        self
    }

    /// What it says while the page is live without a WebSocket, which something on the way does not let through. Nothing, if this is not called: the page is only a
    /// little slower.
    pub fn fallback(mut self, text: impl Display) -> Self {
        self.fallback = Some(text.to_string());
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static ConnectionStateClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the banner's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { offline, reconnecting, stale, closed, fallback, classes } = self;
        let mut writer = Writer::new(buffer, Tone::default(), *classes);
        writer.root();
        let sentences = [
            ("offline", Tone::Danger, Some(offline)),
            ("reconnecting", Tone::Warning, Some(reconnecting)),
            ("stale", Tone::Warning, Some(stale)),
            ("closed", Tone::Neutral, Some(closed)),
            ("fallback", Tone::Neutral, fallback.as_ref()),
        ];
        for (state, tone, text) in sentences {
            let Some(text) = text else { continue };
            writer.nested(|buffer| {
                Writer::new(buffer, tone, *classes).sentence().raw(state).raw("\">").str(text).raw("</p>");
            });
        }
        writer.raw("</div>");
    }
}

impl Default for ConnectionState {
    fn default() -> Self {
        Self::new()
    }
}

impl Render for ConnectionState {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_sentence_for_each_state() {
        let state = ConnectionState::default().offline("<o>").reconnecting("<r>").stale("<s>").closed("<c>").fallback("<f>");
        let sentences = [("offline", "o"), ("reconnecting", "r"), ("stale", "s"), ("closed", "c"), ("fallback", "f")]
            .map(|(state, text)| format!(r#"<p data-state="{state}">&lt;{text}&gt;</p>"#));
        let expected = format!(r#"<div class="hw-connection" role="status">{}</div>"#, sentences.concat());
        assert_eq!(state.render().into_string(), expected);
    }
}
