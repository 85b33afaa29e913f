//! The markup of a timeline step: one thing after another, each with its state.

use std::fmt::{self, Debug, Display};

use maud::{Render, html};

use crate::components::status::Status;
use crate::components::timestamp::{self, Timestamp};
use crate::html::dom_id::DomId;

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
    id: &'a DomId,
    title: &'a dyn Display,
    status: &'a dyn Status,
    detail: Option<&'a dyn Display>,
    at: Option<&'a dyn Timestamp>,
}

impl<'a> TimelineStep<'a> {
    /// A step called `title` in the state `status`.
    pub fn new(id: &'a DomId, title: &'a dyn Display, status: &'a dyn Status) -> Self {
        Self { id, title, status, detail: None, at: None }
    }

    /// A line below the title.
    pub fn detail(mut self, detail: Option<&'a dyn Display>) -> Self {
        self.detail = detail;
        self
    }

    /// When it was.
    pub fn at(mut self, at: Option<&'a dyn Timestamp>) -> Self {
        self.at = at;
        self
    }

    /// Writes the step's one element to `buffer`.
    pub fn render_to(&self, buffer: &mut String) {
        let Self { id, title, status, detail, at } = *self;
        let active = status.is_active();
        let markup = html! {
            li id=(id) class="hw-step" data-tone=(status.tone().as_str()) data-active[active] aria-current=[active.then_some("step")] {
                span class="hw-step-mark" aria-hidden="true" {}
                div class="hw-step-body" {
                    p class="hw-step-head" {
                        span class="hw-step-title" { (title) }
                        " "
                        span class="hw-step-status" { (status.label()) }
                    }
                    @if let Some(at) = at { (timestamp::time(at, "hw-step-at")) }
                    @if let Some(detail) = detail { p class="hw-step-detail" { (detail) } }
                }
            }
        };
        buffer.push_str(&markup.0);
    }
}

impl Render for TimelineStep<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.render_to(buffer);
    }
}

impl Debug for TimelineStep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimelineStep").field("id", self.id).field("status", &self.status.label()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::components::status::Tone;

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
    fn check(status: &Phase, detail: Option<&dyn Display>, attributes: &str, status_and_detail: &str) {
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
