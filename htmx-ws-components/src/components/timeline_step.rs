//! The markup of a timeline step: one thing after another, each with its state.

use std::fmt::{self, Debug};

use maud::Render;

use crate::components::class::classes;
use crate::components::status::{Look, Status};
use crate::components::text::Text;
use crate::components::timestamp::{self, Timestamp};
use crate::components::writer::Writer;
use crate::html::dom_id::ElementId;

classes! {
    /// The classes of a [`TimelineStep`]'s elements.
    ///
    /// ```
    /// use htmx_ws_components::{Class, TimelineStepClasses};
    ///
    /// const STEP: TimelineStepClasses = TimelineStepClasses { root: Class::new("list-group-item"), ..TimelineStepClasses::NONE };
    /// ```
    TimelineStepClasses {
        /// The item.
        root: "\"" class="hw-step",
        /// The mark at its side.
        mark: "<span" class="hw-step-mark" + active " aria-hidden=\"true\">",
        /// More for the mark, while the status is active.
        active: class="",
        /// The status's own icon, which stands in place of the mark.
        icon: "<span" class="hw-step-icon" " aria-hidden=\"true\">",
        /// What stands beside the mark.
        body: "</span><div" class="hw-step-body" ">",
        /// The line with the title and the status.
        head: "<p" class="hw-step-head" ">",
        /// The title.
        title: "<span" class="hw-step-title" ">",
        /// The status.
        status: "</span> <span" class="hw-step-status" ">",
        /// When it was.
        at: "<time" class="hw-step-at",
        /// The line below.
        detail: "<p" class="hw-step-detail" ">",
    }
}

/// One item of a list of steps: what `#[derive(TimelineStep)]` renders.
///
/// The list around it is the page's own, `<ol class="hw-timeline" id="...">`. A step whose status is active is the list's current one
/// for a screen reader; a change of a step is not announced, since a list may have many.
///
/// ```
/// use htmx_ws_components::{DomId, Status, TimelineStep};
///
/// #[derive(Status)]
/// enum Step {
///     #[status(tone = info, active)]
///     Running,
/// }
///
/// let mut html = String::new();
/// TimelineStep::new(&DomId::new("step-1")?, &"Build", &Step::Running).detail(Some(&"3 of 9 crates")).render_to(&mut html);
/// assert!(html.starts_with(r#"<li id="step-1" class="hw-step" data-tone="info" data-active aria-current="step">"#));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Clone, Copy)]
pub struct TimelineStep<'a> {
    id: &'a dyn ElementId,
    title: &'a dyn Text,
    status: &'a dyn Status,
    detail: Option<&'a dyn Text>,
    at: Option<&'a dyn Timestamp>,
    order: Option<i64>,
    classes: Option<&'a TimelineStepClasses>,
}

impl<'a> TimelineStep<'a> {
    /// A step called `title` in the state `status`.
    pub fn new(id: &'a dyn ElementId, title: &'a dyn Text, status: &'a dyn Status) -> Self {
        Self { id, title, status, detail: None, at: None, order: None, classes: None }
    }

    /// A line below the title.
    pub fn detail(mut self, detail: Option<&'a dyn Text>) -> Self {
        self.detail = detail;
        self
    }

    /// When it was.
    pub fn at(mut self, at: Option<&'a dyn Timestamp>) -> Self {
        self.at = at;
        self
    }

    /// Its number in the list, which the mark shows while the step waits. It does not move the step: a page that does not show it yet appends it, so publish
    /// steps in their order.
    pub fn order(mut self, order: Option<i64>) -> Self {
        self.order = order;
        self
    }

    /// Other classes for its elements.
    pub fn classes(mut self, classes: &'a TimelineStepClasses) -> Self {
        self.classes = Some(classes);
        self
    }

    /// Writes the step's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, title, status, detail, at, order, classes } = *self;
        let Look { label: word, tone, icon, is_active } = status.look();
        let mut writer = Writer::new(buffer, tone, classes);
        writer.raw("<li id=\"").id(id).root();
        if let Some(order) = order {
            writer.raw(" value=\"").display(&order).raw("\"");
        }
        writer.state(is_active).raw(if is_active { " aria-current=\"step\">" } else { ">" });
        match (icon, order) {
            (Some(icon), _) => writer.icon().str(icon),
            (None, Some(order)) => writer.mark(is_active).display(&order),
            (None, None) => writer.mark(is_active),
        };
        writer.body().head().title().display(title).status().str(&word).raw("</span></p>");
        if let Some(at) = at {
            timestamp::time(writer.at(), at);
        }
        if let Some(detail) = detail {
            writer.detail().display(detail).raw("</p>");
        }
        writer.raw("</div></li>");
    }
}

/// A whole number that can be the place of a step in its list.
///
/// ```
/// use htmx_ws_components::Ordinal;
///
/// assert_eq!(3_u8.ordinal(), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a place in a list",
    label = "not a whole number",
    note = "use an integer, or implement `Ordinal` for your type"
)]
pub trait Ordinal {
    /// The number. What is larger than an `i64` can be is the largest.
    fn ordinal(&self) -> i64;
}

macro_rules! ordinals {
    ($($integer:ty)*) => {$(
        impl Ordinal for $integer {
            fn ordinal(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

ordinals! { u8 u16 u32 u64 usize i8 i16 i32 i64 }

impl Render for TimelineStep<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for TimelineStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimelineStep").field("status", &self.status.label()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::components::status::Tone;
    use crate::html::dom_id::DomId;

    enum Phase {
        Waiting,
        Running,
    }

    impl Status for Phase {
        fn label(&self) -> Cow<'_, str> {
            if self.is_active() { "<Running>".into() } else { "Waiting".into() }
        }

        fn tone(&self) -> Tone {
            if self.is_active() { Tone::Info } else { Tone::Neutral }
        }

        fn is_active(&self) -> bool {
            matches!(self, Self::Running)
        }
    }

    #[track_caller]
    fn check(status: &Phase, detail: Option<&dyn Text>, attributes: &str, status_and_detail: &str) {
        let id = DomId::new("s").unwrap();
        let html = TimelineStep::new(&id, &"<Build>", status).detail(detail).render().into_string();
        let mark = r#"<span class="hw-step-mark" aria-hidden="true"></span>"#;
        let head = r#"<div class="hw-step-body"><p class="hw-step-head"><span class="hw-step-title">&lt;Build&gt;</span> "#;
        assert_eq!(html, format!(r#"<li id="s" class="hw-step" {attributes}>{mark}{head}{status_and_detail}</div></li>"#));
    }

    #[test]
    fn a_moment_stands_between_the_head_and_the_detail() {
        let id = DomId::new("s").unwrap();
        let html = TimelineStep::new(&id, &"x", &Phase::Waiting).at(Some(&UNIX_EPOCH)).detail(Some(&"y")).render().into_string();
        let time = r#"<time class="hw-step-at" datetime="1970-01-01T00:00:00Z">1970-01-01 00:00:00 UTC</time>"#;
        assert!(html.contains(&format!(r#"</p>{time}<p class="hw-step-detail">"#)), "{html}");
    }

    #[test]
    fn a_step_that_waits_is_not_current() {
        check(&Phase::Waiting, None, r#"data-tone="neutral""#, r#"<span class="hw-step-status">Waiting</span></p>"#);
    }

    #[test]
    fn an_active_step_is_the_current_one() {
        let attributes = r#"data-tone="info" data-active aria-current="step""#;
        let rest = r#"<span class="hw-step-status">&lt;Running&gt;</span></p><p class="hw-step-detail">&lt;3&gt;</p>"#;
        check(&Phase::Running, Some(&"<3>"), attributes, rest);
    }
}
