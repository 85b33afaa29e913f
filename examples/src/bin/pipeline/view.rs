//! The pipeline as components, and what is published of it.

use htmx_ws_components::{Component, Hub, Patch, ProgressBar, StatusBadge, TimelineStep, Tone};
use maud::{Markup, html};

use crate::pipeline::{Phase, State, Step};

/// The topic that every page of the pipeline reads.
pub(crate) const TOPIC: &str = "pipeline";

/// How the run stands.
#[derive(StatusBadge)]
#[component(id = "run-status")]
pub(crate) struct RunBadge {
    #[badge(status)]
    phase: Phase,
}

/// How many of its steps have passed.
#[derive(ProgressBar)]
#[component(id = "run-progress")]
pub(crate) struct RunBar {
    #[progress(value)]
    passed: usize,
    #[progress(max)]
    steps: usize,
    #[progress(label)]
    label: &'static str,
    #[progress(tone)]
    tone: Tone,
}

/// One step.
#[derive(TimelineStep)]
#[component(id = "step-{number}")]
pub(crate) struct StepLine {
    number: usize,
    #[step(title)]
    title: String,
    #[step(status)]
    phase: Phase,
    #[step(detail)]
    detail: &'static str,
}

/// The buttons. They are never `disabled`, which would take the focus from who has just pressed one; pressed at the wrong time they do nothing.
#[derive(Component)]
#[component(id = "controls", leaf, render = Self::markup)]
pub(crate) struct Controls {
    is_running: bool,
}

impl RunBadge {
    pub(crate) fn of(state: &State) -> Self {
        Self { phase: state.phase }
    }
}

impl RunBar {
    pub(crate) fn of(state: &State) -> Self {
        let tone = match state.phase {
            Phase::Waiting | Phase::Running => Tone::Info,
            Phase::Passed => Tone::Success,
            Phase::Failed => Tone::Danger,
            Phase::Stopped => Tone::Warning,
        };
        let passed = state.steps.iter().filter(|step| step.phase == Phase::Passed).count();
        Self { passed, steps: state.steps.len(), label: "Steps", tone }
    }
}

impl StepLine {
    pub(crate) fn all(state: &State) -> impl Iterator<Item = Self> {
        let line = |(number, Step { title, detail, phase }): (usize, &Step)| Self { number, title: title.clone(), phase: *phase, detail };
        state.steps.iter().enumerate().map(line)
    }
}

impl Controls {
    pub(crate) fn of(state: &State) -> Self {
        Self { is_running: state.phase == Phase::Running }
    }

    fn markup(&self) -> Markup {
        let unless = |possible: bool| (!possible).then_some("true");
        html! {
            div class="controls" role="group" aria-label="Run" {
                button type="button" class="button is-primary" hx-post="/start" hx-swap="none" aria-disabled=[unless(!self.is_running)] { "Run" }
                button type="button" class="button" hx-post="/start?quality=broken" hx-swap="none" aria-disabled=[unless(!self.is_running)] { "Run broken" }
                button type="button" class="button" hx-post="/stop" hx-swap="none" aria-disabled=[unless(self.is_running)] { "Stop" }
            }
        }
    }
}

/// Publishes everything but the log. What is as it was costs nothing: the hub sees that.
pub(crate) fn publish(hub: &Hub, state: &State) {
    for line in StepLine::all(state) {
        hub.publish(TOPIC, &line);
    }
    hub.publish(TOPIC, &RunBar::of(state));
    hub.publish(TOPIC, &Controls::of(state));
    // The last word: a page that shows the end of a run shows all of it.
    hub.publish(TOPIC, &RunBadge::of(state));
}

/// Publishes a line of the log, and the removal of the one that it pushes out.
pub(crate) fn publish_log(hub: &Hub, patches: &[Patch]) {
    for patch in patches {
        hub.publish(TOPIC, patch);
    }
}
