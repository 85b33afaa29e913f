//! The derived components of a page about the release.
//!
//! No module of this library: each themed page has this file as a module of its own, so that `theme` is the page's.

use htmx_ws_components::{Hub, InvalidDomId, Overlay, Patch, ProgressBar, Status, StatusBadge, TimelineStep, Tone};
use htmx_ws_examples::release::rollout::{self, Finding, Rollout, Stage};
use htmx_ws_examples::release::views;
use htmx_ws_examples::release::world::World;

use crate::theme;

/// The topic of the page.
pub(crate) const TOPIC: &str = "release";

#[derive(Status)]
enum Outcome {
    #[status(tone = neutral)]
    Waiting,
    #[status(tone = info, active)]
    Running,
    #[status(tone = success, terminal, icon = "✓")]
    Done,
    #[status(tone = success, terminal, icon = "✓")]
    Passed,
    #[status(tone = warning, terminal, icon = "!", label = "{0} remarks")]
    Remarks(u32),
    #[status(tone = danger, terminal, icon = "✕")]
    Failed,
    #[status(tone = neutral, terminal, icon = "–")]
    Skipped,
}

impl From<Stage> for Outcome {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Waiting => Self::Waiting,
            Stage::Running => Self::Running,
            Stage::Done => Self::Done,
        }
    }
}

impl From<Finding> for Outcome {
    fn from(finding: Finding) -> Self {
        match finding {
            Finding::None(stage) => stage.into(),
            Finding::Passed => Self::Passed,
            Finding::Remarks(count) => Self::Remarks(count),
            Finding::Failed => Self::Failed,
            Finding::Skipped => Self::Skipped,
        }
    }
}

#[derive(StatusBadge)]
#[component(id = "release-status", classes = theme::BADGE)]
pub(crate) struct ReleaseStatus {
    #[badge(status)]
    state: Outcome,
}

#[derive(ProgressBar)]
#[component(id = "release-progress", classes = theme::LARGE_BAR)]
pub(crate) struct ReleaseProgress {
    #[progress(value)]
    done: Option<u32>,
    #[progress(max)]
    of: u32,
    #[progress(label)]
    label: &'static str,
    #[progress(tone)]
    tone: Tone,
}

#[derive(TimelineStep)]
#[component(id = "step-{key}", list = "steps", classes = theme::STEP)]
pub(crate) struct Step {
    key: u32,
    #[step(title)]
    title: &'static str,
    #[step(status)]
    state: Outcome,
    #[step(detail)]
    detail: &'static str,
}

#[derive(StatusBadge)]
#[component(id = "check-{key}", classes = theme::BADGE)]
pub(crate) struct Check {
    key: u32,
    pub(crate) name: &'static str,
    #[badge(status)]
    state: Outcome,
}

#[derive(ProgressBar)]
#[component(id = "upload-{key}", classes = theme::BAR)]
pub(crate) struct Upload {
    key: u32,
    #[progress(label)]
    target: &'static str,
    #[progress(value)]
    percent: Option<u32>,
    #[progress(detail)]
    detail: &'static str,
    #[progress(tone)]
    tone: Tone,
}

#[derive(Overlay)]
#[component(id = "warming", classes = theme::OVERLAY, bar_classes = theme::PLAIN_BAR)]
pub(crate) struct Warming {
    #[overlay(open)]
    open: bool,
    #[overlay(title)]
    title: &'static str,
    #[overlay(message)]
    file: &'static str,
    #[overlay(progress)]
    percent: u32,
    #[overlay(stat = "Files")]
    files: u32,
    #[overlay(stat = "Megabytes")]
    size: String,
    #[overlay(stat = "Places")]
    places: &'static str,
    #[overlay(dismiss)]
    hide: &'static str,
}

/// The release at one tick, as the page shows it.
pub(crate) struct Release {
    pub(crate) status: ReleaseStatus,
    pub(crate) progress: ReleaseProgress,
    pub(crate) steps: Vec<Step>,
    pub(crate) checks: Vec<Check>,
    pub(crate) uploads: Vec<Upload>,
    pub(crate) warming: Warming,
}

impl Release {
    pub(crate) fn at(tick: u32) -> Self {
        let Rollout { stage, done, of, queue: _, steps } = Rollout::at(tick);
        let label = match stage {
            Stage::Waiting => "Waits for a machine",
            Stage::Running => "On its way to 5 servers",
            Stage::Done => "On all 5 servers",
        };
        let tone = if stage == Stage::Done { Tone::Success } else { Tone::Info };
        let step = |step: rollout::Step| Step { key: step.key, title: step.title, state: step.stage.into(), detail: step.detail };
        let check = |(key, (name, finding))| Check { key, name, state: Outcome::from(finding) };
        let upload = |(key, upload): (u32, rollout::Upload)| {
            let rollout::Upload { target, percent, detail, tone } = upload;
            Upload { key, target, percent, detail, tone }
        };
        Self {
            status: ReleaseStatus { state: stage.into() },
            progress: ReleaseProgress { done, of, label, tone },
            steps: steps.into_iter().map(step).collect(),
            checks: (0..).zip(rollout::checks(tick)).map(check).collect(),
            uploads: (0..).zip(rollout::uploads(tick)).map(upload).collect(),
            warming: warming(tick),
        }
    }
}

fn warming(tick: u32) -> Warming {
    let rollout::Warming { is_open, percent, file, files, size } = rollout::warming(tick);
    Warming {
        open: is_open,
        title: "Warming the caches",
        file,
        percent,
        files,
        size: format!("{}.{}", size / 10, size % 10),
        places: "5",
        hide: "Hide",
    }
}

/// Publishes the world as it is now. What has not changed costs nothing: the hub sees that it is the same.
pub(crate) fn publish(hub: &Hub, world: &World, lines: &[Patch]) -> Result<(), InvalidDomId> {
    let release = Release::at(world.tick);
    hub.publish(TOPIC, &release.status);
    hub.publish(TOPIC, &release.progress);
    hub.publish(TOPIC, &release.warming);
    for step in &release.steps {
        hub.publish(TOPIC, step);
    }
    for check in &release.checks {
        hub.publish(TOPIC, check);
    }
    for upload in &release.uploads {
        hub.publish(TOPIC, upload);
    }
    views::publish(hub, TOPIC, world, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tone_is_on_the_page() {
        let tones: Vec<Tone> = Release::at(57).checks.iter().map(|check| check.state.tone()).collect();
        assert!(Tone::ALL.iter().all(|tone| tones.contains(tone)), "{tones:?}");
    }
}
