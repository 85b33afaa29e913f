//! A node's lane and the counter, as components. Each of a lane's is written by its own node alone, so no two nodes overwrite each other.

use std::time::{SystemTime, UNIX_EPOCH};

use htmx_ws_components::{Component, ProgressBar, Status, StatusBadge, TimelineStep, Tone};
use maud::{Markup, html};

use crate::worker::{Job, NUMBERS_OF_A_STEP, STEPS};

/// The topic that every page of every node reads.
pub(crate) const TOPIC: &str = "nodes";

/// What a node is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Status)]
pub(crate) enum Phase {
    #[default]
    #[status(tone = neutral)]
    Ready,
    #[status(tone = info, active)]
    Working,
    #[status(tone = success, terminal)]
    Done,
    #[status(tone = warning)]
    Away,
}

/// How a step of a node's job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Status)]
pub(crate) enum StepState {
    #[status(tone = neutral)]
    Waiting,
    #[status(tone = info, active)]
    Running,
    #[status(tone = success, terminal)]
    Done,
}

/// The word for what a node is doing.
#[derive(StatusBadge)]
#[component(id = "node-{node}-status")]
pub(crate) struct Badge {
    node: usize,
    #[badge(status)]
    phase: Phase,
}

/// How much of its job a node has done.
#[derive(ProgressBar)]
#[component(id = "node-{node}-progress")]
pub(crate) struct Progress {
    node: usize,
    #[progress(value)]
    looked_at: u64,
    #[progress(max)]
    all: u64,
    #[progress(label)]
    label: &'static str,
    #[progress(detail)]
    detail: String,
    #[progress(tone)]
    tone: Tone,
}

/// A step of a node's job.
#[derive(TimelineStep)]
#[component(id = "node-{node}-step-{place}")]
pub(crate) struct Step {
    node: usize,
    place: u64,
    #[step(title)]
    title: String,
    #[step(status)]
    state: StepState,
    #[step(detail)]
    detail: String,
}

/// What a node did last, the newest first.
#[derive(Component)]
#[component(id = "node-{node}-said", leaf, render = Self::markup)]
pub(crate) struct Said {
    pub(crate) node: usize,
    pub(crate) lines: Vec<(SystemTime, String)>,
}

/// A number that every page of every node may change. Its buttons say what it is to be, so no node has to know what it is.
#[derive(Component)]
#[component(id = "shared-counter", leaf, render = Self::markup)]
pub(crate) struct Shared {
    pub(crate) count: u64,
    /// Who set it.
    pub(crate) node: Option<usize>,
}

impl Badge {
    pub(crate) fn of(node: usize, job: &Job) -> Self {
        Self { node, phase: job.phase }
    }
}

impl Progress {
    pub(crate) fn of(node: usize, job: &Job) -> Self {
        let found: u64 = job.found.iter().sum();
        let detail = if job.looked_at == 0 { "No job yet".to_owned() } else { format!("{} primes so far", number(found)) };
        let (detail, tone) = match job.phase {
            Phase::Done => (format!("{} primes below {} million", number(found), STEPS * NUMBERS_OF_A_STEP / 1_000_000), Tone::Success),
            Phase::Away => (detail, Tone::Warning),
            Phase::Ready | Phase::Working => (detail, Tone::Neutral),
        };
        Self { node, looked_at: job.looked_at, all: STEPS * NUMBERS_OF_A_STEP, label: "Counting primes", detail, tone }
    }
}

impl Step {
    pub(crate) fn of(node: usize, step: u64, job: &Job) -> Self {
        let millions = NUMBERS_OF_A_STEP / 1_000_000;
        let title = format!("{} to {} million", step * millions, (step + 1) * millions);
        let found = usize::try_from(step).ok().and_then(|step| job.found.get(step));
        let detail = found.map_or_else(|| "Not begun".to_owned(), |found| format!("{} primes", number(*found)));
        Self { node, place: step, title, state: job.state_of(step), detail }
    }
}

impl Said {
    fn markup(&self) -> Markup {
        html! {
            ol class="said" role="list" {
                @for (at, line) in &self.lines {
                    li { time { (clock(*at)) } span { (line) } }
                }
            }
        }
    }
}

impl Shared {
    fn markup(&self) -> Markup {
        html! {
            div class="counter" role="group" aria-label="The counter of all nodes" {
                button type="button" class="button is-round" aria-label="One less" hx-post={ "/count/" (self.count.saturating_sub(1)) } hx-swap="none" { "−" }
                output class="count" { (number(self.count)) }
                button type="button" class="button is-round" aria-label="One more" hx-post={ "/count/" (self.count.saturating_add(1)) } hx-swap="none" { "+" }
                p class="setter" data-node=[self.node] {
                    @match self.node {
                        Some(node) => { "Set on node " (node) }
                        None => { "Nobody has set it" }
                    }
                }
            }
        }
    }
}

/// With a comma in front of each three digits.
fn number(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// The time of the day, in UTC.
fn clock(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_read_by_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(clock(UNIX_EPOCH + std::time::Duration::from_secs(86_400 + 3_661)), "01:01:01");
    }

    #[test]
    fn a_step_runs_where_the_job_is() {
        let job = Job { phase: Phase::Working, looked_at: NUMBERS_OF_A_STEP, found: vec![283_146, 0] };
        let states = [0, 1, 2].map(|step| job.state_of(step));
        assert_eq!(states, [StepState::Done, StepState::Running, StepState::Waiting]);
        let step = Step::of(1, 0, &job);
        assert_eq!((step.title.as_str(), step.detail.as_str()), ("0 to 4 million", "283,146 primes"));
        assert_eq!(Step::of(1, 2, &job).detail, "Not begun");
    }

    #[test]
    fn the_counter_says_what_it_is_to_be() {
        let markup = Shared { count: 0, node: None }.markup().into_string();
        assert!(markup.contains("/count/0") && markup.contains("/count/1"), "{markup}");
    }
}
