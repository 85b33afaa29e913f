//! The last lines of a log: what a page shows of them, and which patches a new one takes.

use std::collections::VecDeque;
use std::fmt::Display;

use maud::Render;

use crate::components::class::classes;
use crate::components::component::Component;
use crate::components::log_line::LogLine;
use crate::components::status::Tone;
use crate::components::writer::Writer;
use crate::html::dom_id::{DomId, InvalidDomId};
use crate::html::fragment::Nesting;
use crate::html::patch::{Patch, ToPatch};

classes! {
    /// The classes of a [`LogTail`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, LogTailClasses};
    ///
    /// const LOG: LogTailClasses = LogTailClasses { root: Class::new("overflow-auto"), lines: Class::new("list-unstyled") };
    /// ```
    LogTailClasses {
        /// What scrolls.
        root: "\"" class="hw-log" " role=\"log\" aria-label=\"",
        /// The list of the lines.
        lines: "\"" class="hw-log-lines" " role=\"list\">",
    }
}

/// The last lines of a log, in an area that scrolls and stays at its newest line.
///
/// The application keeps it beside what it logs. A page renders it once; after that [`LogTail::push`] says what to publish for one more line: the line,
/// and the removal of the one that it pushes out. The area is a `role="log"`, so new lines are announced politely, unless it is [quiet](LogTail::quiet). It
/// sticks to the newest line by CSS alone; who has scrolled up stays there.
///
/// ```
/// use htmx_ws_components::{Hub, LogTail};
///
/// let hub = Hub::new();
/// let mut log = LogTail::new("build", "Build log", 200)?;
/// for patch in log.push("compiling htmx-ws", |line| line.time("12:00:01")) {
///     hub.publish("build", &patch);
/// }
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTail {
    id: DomId,
    /// The list inside, which takes the lines.
    list: DomId,
    label: String,
    capacity: usize,
    /// The oldest first; at most `capacity`.
    lines: VecDeque<LogLine>,
    /// Counts every line there ever was, so that no id comes twice.
    next: u64,
    quiet: bool,
    classes: Option<&'static LogTailClasses>,
}

impl LogTail {
    /// An empty tail that shows `capacity` lines at the most, one at least; `label` is its name for a screen reader.
    ///
    /// The element has the id `id`, its list `{id}-lines`, its lines `{id}-0`, `{id}-1` and so on.
    ///
    /// # Errors
    /// [`InvalidDomId`] when `id`, or one of those made of it, is no element id.
    pub fn new(id: &str, label: impl Display, capacity: usize) -> Result<Self, InvalidDomId> {
        // The longest that will ever be made of it.
        DomId::new(&format!("{id}-{}", u64::MAX))?;
        Ok(Self {
            id: DomId::new(id)?,
            list: DomId::new(&format!("{id}-lines"))?,
            label: label.to_string(),
            capacity: capacity.max(1),
            lines: VecDeque::new(),
            next: 0,
            quiet: false,
            classes: None,
        })
    }

    /// Does not announce new lines: for a log that writes faster than one can listen.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Takes one more line, which `configure` may complete, and answers with what to publish, in this order.
    #[must_use = "the pages have the line when these patches are published"]
    pub fn push(&mut self, text: impl Display, configure: impl FnOnce(LogLine) -> LogLine) -> Vec<Patch> {
        let mut patches = Vec::with_capacity(2);
        // `new` has tried the longest id, and a line renders the id that it has: neither can fail.
        if let Ok(id) = DomId::new(&format!("{}-{}", self.id, self.next)) {
            let line = configure(LogLine::new(id, &self.list, text));
            patches.extend(line.to_patch());
            self.lines.push_back(line);
            self.next += 1;
        }
        if self.lines.len() > self.capacity {
            patches.extend(self.lines.pop_front().map(|line| Patch::remove(line.id())));
        }
        patches
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'static LogTailClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the area's one element to `buffer`, with all lines.
    pub fn render_to(&self, buffer: &mut String) {
        let mut writer = Writer::new(buffer, Tone::default(), self.classes);
        writer.raw("<div id=\"").id(&self.id).root().str(&self.label);
        // It can be scrolled, so it can be reached by keyboard.
        writer.raw(if self.quiet { "\" aria-live=\"off\" tabindex=\"0\">" } else { "\" tabindex=\"0\">" });
        writer.raw("<ol id=\"").id(&self.list).lines();
        for line in &self.lines {
            writer.nested(|buffer| line.render_to(buffer));
        }
        writer.raw("</ol></div>");
    }
}

impl Component for LogTail {
    const NESTING: Nesting = Nesting::Branch;

    fn id(&self) -> DomId {
        self.id.clone()
    }

    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Render for LogTail {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(log: &mut LogTail, text: &str) -> Vec<String> {
        let patches = log.push(text, |line| line);
        patches
            .iter()
            .map(|patch| format!("{} {}", if patch.fragment().is_some() { "line" } else { "gone" }, patch.id().unwrap()))
            .collect()
    }

    #[test]
    fn a_full_tail_lets_the_oldest_line_go() {
        let mut log = LogTail::new("log", "Log", 2).unwrap();
        assert_eq!(push(&mut log, "a"), ["line log-0"]);
        assert_eq!(push(&mut log, "b"), ["line log-1"]);
        assert_eq!(push(&mut log, "c"), ["line log-2", "gone log-0"]);
        let html = log.render().into_string();
        let texts: Vec<&str> = html.split(r#"<span class="hw-log-text">"#).skip(1).map(|rest| &rest[..1]).collect();
        assert_eq!(texts, ["b", "c"]);
    }

    #[test]
    fn a_tail_shows_one_line_at_least() {
        let mut log = LogTail::new("log", "Log", 0).unwrap();
        push(&mut log, "a");
        assert_eq!(push(&mut log, "b"), ["line log-1", "gone log-0"]);
    }

    #[test]
    fn it_announces_unless_it_is_quiet() {
        let log = LogTail::new("log", "<Log>", 2).unwrap();
        let start = r#"<div id="log" class="hw-log" role="log" aria-label="&lt;Log&gt;""#;
        let end = r#" tabindex="0"><ol id="log-lines" class="hw-log-lines" role="list"></ol></div>"#;
        assert_eq!(log.render().into_string(), format!("{start}{end}"));
        assert_eq!(log.quiet().render().into_string(), format!(r#"{start} aria-live="off"{end}"#));
    }

    #[test]
    fn an_id_that_leaves_no_room_for_those_of_lines_is_refused() {
        assert!(LogTail::new("1", "Log", 2).is_err());
        assert!(LogTail::new(&"x".repeat(DomId::MAX_BYTES - 20), "Log", 2).is_err());
        assert!(LogTail::new(&"x".repeat(DomId::MAX_BYTES - 21), "Log", 2).is_ok());
    }
}
