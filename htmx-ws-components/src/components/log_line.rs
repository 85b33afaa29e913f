//! The markup of one line of a log.

use std::fmt::Display;

use maud::Render;

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;

classes! {
    /// The classes of a [`LogLine`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, LogLineClasses};
    ///
    /// const LINE: LogLineClasses = LogLineClasses { root: Class::new("font-monospace"), ..LogLineClasses::NONE };
    /// ```
    LogLineClasses {
        /// The item of the list.
        root: "\"" class="hw-log-line",
        /// When it was written.
        time: "<span" class="hw-log-time" ">",
        /// How much it matters.
        level: "<span" class="hw-log-level" ">",
        /// The text.
        text: "<span" class="hw-log-text" ">",
    }
}

/// One line of a log.
///
/// [`LogTail::push`](crate::LogTail::push) makes its id and place; alone it stands in any list. Publishing it appends it there, as
/// [`Patch::append`](crate::Patch::append) does.
///
/// ```
/// use htmx_ws_components::{DomId, LogLine, Tone};
///
/// let list = DomId::new("build-lines")?;
/// let line = LogLine::new(DomId::new("build-7")?, &list, "linking took 3.2 s").time("12:00:01").level("warn", Tone::Warning);
/// let mut html = String::new();
/// line.render_to(&mut html);
/// assert!(html.starts_with(r#"<li id="build-7" class="hw-log-line" data-tone="warning">"#));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    id: DomId,
    list: DomId,
    text: String,
    time: Option<String>,
    level: Option<String>,
    tone: Tone,
    classes: Option<&'static LogLineClasses>,
}

impl LogLine {
    /// The line `text`, as an item of `list`.
    pub fn new(id: impl Into<DomId>, list: impl Into<DomId>, text: impl Display) -> Self {
        let (id, list, text) = (id.into(), list.into(), text.to_string());
        Self { id, list, text, time: None, level: None, tone: Tone::default(), classes: None }
    }

    /// When it was written, in front of it.
    pub fn time(mut self, time: impl Display) -> Self {
        self.time = Some(time.to_string());
        self
    }

    /// How much it matters: a short word in front of the text, and the colour that means the same.
    pub fn level(mut self, word: impl Display, tone: Tone) -> Self {
        self.level = Some(word.to_string());
        self.tone = tone;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static LogLineClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the line's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, list: _, text, time, level, tone, classes } = self;
        let mut writer = Writer::new(buffer, *tone, *classes);
        writer.raw("<li id=\"").id(id).root().tone().raw(">");
        if let Some(time) = time {
            writer.time().str(time).raw("</span> ");
        }
        if let Some(level) = level {
            writer.level().str(level).raw("</span> ");
        }
        writer.text().str(text).raw("</span></li>");
    }
}

impl Component for LogLine {
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

impl Render for LogLine {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: impl FnOnce(LogLine) -> LogLine, tone: &str, before: &str) {
        let html = line(LogLine::new(DomId::new("l-1").unwrap(), DomId::new("l").unwrap(), "<a>")).render().into_string();
        let text = r#"<span class="hw-log-text">&lt;a&gt;</span>"#;
        assert_eq!(html, format!(r#"<li id="l-1" class="hw-log-line" data-tone="{tone}">{before}{text}</li>"#));
    }

    #[test]
    fn a_line_may_have_a_time_and_a_level() {
        check(|line| line, "neutral", "");
        check(|line| line.time("<12:00>"), "neutral", r#"<span class="hw-log-time">&lt;12:00&gt;</span> "#);
        check(|line| line.level("<warn>", Tone::Warning), "warning", r#"<span class="hw-log-level">&lt;warn&gt;</span> "#);
    }
}
