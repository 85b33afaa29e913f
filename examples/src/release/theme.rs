//! The classes that a page gives to the components which it shares with the others.

use htmx_ws_components::{
    Class, LiveCounterClasses, LogLineClasses, LogTailClasses, SparklineClasses, StatClasses, TableRowClasses, ToastClasses, Tone,
};
use maud::{Markup, html};

/// What the views wear in a page. The classes of a derived component stand at its struct instead.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Of the counter.
    pub counter: &'static LiveCounterClasses,
    /// Of the figures.
    pub stat: &'static StatClasses,
    /// Of their courses.
    pub sparkline: &'static SparklineClasses,
    /// Of a server.
    pub row: &'static TableRowClasses,
    /// The markup of a server's state.
    pub state: fn(&'static str, Tone) -> Markup,
    /// Of the list of messages.
    pub toasts: Class,
    /// Of a message.
    pub toast: &'static ToastClasses,
    /// Of the log.
    pub log: &'static LogTailClasses,
    /// Of a line in it.
    pub line: &'static LogLineClasses,
}

impl Theme {
    /// The look of the library's own style sheet.
    pub const BUILT_IN: Self = Self {
        counter: &LiveCounterClasses::BUILT_IN,
        stat: &StatClasses::BUILT_IN,
        sparkline: &SparklineClasses::BUILT_IN,
        row: &TableRowClasses::BUILT_IN,
        state: |word, _| html! { (word) },
        toasts: Class::new("hw-toasts"),
        toast: &ToastClasses::BUILT_IN,
        log: &LogTailClasses::BUILT_IN,
        line: &LogLineClasses::BUILT_IN,
    };
}
