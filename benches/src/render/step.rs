//! A step of a timeline, with the moment it is of.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use askama::Template;
use htmx_ws_components::{DomId, TimelineStep, Timestamp};
use maud::html;

use super::Subject;
use super::hand::{escape, number};
use super::moment::{Human, Machine, Moment};
use super::state::State;

#[derive(Debug, TimelineStep)]
#[component(id = "job-{job}-step-{number}", list = "job-{job}-steps")]
pub(super) struct Step {
    job: u32,
    number: u8,
    #[step(title)]
    title: String,
    #[step(status)]
    state: State,
    #[step(detail)]
    detail: Option<String>,
    #[step(at)]
    since: Option<SystemTime>,
}

#[derive(Template)]
#[template(path = "step.html")]
struct Page<'a> {
    step: &'a Step,
    since: Option<Moment>,
}

impl Subject for Step {
    const NAME: &'static str = "TimelineStep";

    fn samples() -> Vec<Self> {
        let since = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
        vec![
            Self {
                job: 4711,
                number: 3,
                title: "Run the tests".to_owned(),
                state: State::Running,
                detail: Some("421 of 1204 passed, none failed".to_owned()),
                since: since(1_795_394_383),
            },
            Self {
                job: 0,
                number: 0,
                title: "<&>".to_owned(),
                state: State::Failed,
                detail: Some("\"'".to_owned()),
                since: since(951_782_400),
            },
            Self { job: 1, number: 255, title: "x".to_owned(), state: State::Queued, detail: None, since: None },
        ]
    }

    fn id_by_hand(&self, buffer: &mut String) {
        buffer.push_str("job-");
        number(self.job, buffer);
        buffer.push_str("-step-");
        number(self.number, buffer);
    }

    fn by_hand(&self, id: impl FnOnce(&mut String), buffer: &mut String) {
        buffer.push_str(r#"<li id=""#);
        id(buffer);
        buffer.push_str(r#"" class="hw-step" data-tone=""#);
        buffer.push_str(self.state.color());
        buffer.push('"');
        if self.state.moves() {
            buffer.push_str(r#" data-active aria-current="step""#);
        }
        buffer.push_str(concat!(
            r#"><span class="hw-step-mark" aria-hidden="true"></span>"#,
            r#"<div class="hw-step-body"><p class="hw-step-head"><span class="hw-step-title">"#,
        ));
        escape(&self.title, buffer);
        buffer.push_str(r#"</span> <span class="hw-step-status">"#);
        escape(self.state.word(), buffer);
        buffer.push_str("</span></p>");
        if let Some(since) = self.since {
            let since = Moment::of(since);
            buffer.push_str(r#"<time class="hw-step-at" datetime=""#);
            since.machine(buffer);
            buffer.push_str(r#"">"#);
            since.human(buffer);
            buffer.push_str("</time>");
        }
        if let Some(detail) = &self.detail {
            buffer.push_str(r#"<p class="hw-step-detail">"#);
            escape(detail, buffer);
            buffer.push_str("</p>");
        }
        buffer.push_str("</div></li>");
    }

    fn in_maud(&self, buffer: &mut String) {
        let active = self.state.moves();
        let markup = html! {
            li id={ "job-" (self.job) "-step-" (self.number) } class="hw-step" data-tone=(self.state.color()) data-active[active]
                aria-current=[active.then_some("step")] {
                span class="hw-step-mark" aria-hidden="true" {}
                div class="hw-step-body" {
                    p class="hw-step-head" {
                        span class="hw-step-title" { (self.title) }
                        " "
                        span class="hw-step-status" { (self.state.word()) }
                    }
                    @if let Some(since) = self.since.map(Moment::of) {
                        time class="hw-step-at" datetime=(Machine(since)) { (Human(since)) }
                    }
                    @if let Some(detail) = &self.detail { p class="hw-step-detail" { (detail) } }
                }
            }
        };
        buffer.push_str(&markup.0);
    }

    fn in_askama(&self, buffer: &mut String) {
        // Writing to a `String` does not fail.
        let _ = Page { step: self, since: self.since.map(Moment::of) }.render_into(buffer);
    }

    fn view(&self, id: &DomId, buffer: &mut String) {
        TimelineStep::new(id, &self.title, &self.state)
            .detail(self.detail.as_ref().map(|detail| detail as _))
            .at(self.since.as_ref().map(|since| since as &dyn Timestamp))
            .render_to(buffer);
    }
}
