//! The live part of the page, and what is published of it.

use htmx_ws_components::{Hub, InvalidDomId, Overlay, Patch, ProgressBar, Status, StatusBadge, TimelineStep, Tone};
use htmx_ws_examples::release::rollout::{Rollout, Stage};
use htmx_ws_examples::release::views;
use htmx_ws_examples::release::world::World;
use maud::{Markup, html};

/// The topic of the page.
pub(crate) const TOPIC: &str = "gallery";

#[derive(Status, Clone, Copy, PartialEq)]
enum State {
    #[status(label = "Waiting", tone = neutral)]
    Waiting,
    #[status(label = "Running", tone = info, active)]
    Running,
    #[status(label = "Done", tone = success, terminal)]
    Done,
}

impl From<Stage> for State {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Waiting => Self::Waiting,
            Stage::Running => Self::Running,
            Stage::Done => Self::Done,
        }
    }
}

#[derive(StatusBadge)]
#[component(id = "live-deploy-status")]
struct DeployStatus {
    #[badge(status)]
    state: State,
    #[badge(label)]
    label: &'static str,
}

#[derive(ProgressBar)]
#[component(id = "live-deploy-progress")]
struct DeployProgress {
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
#[component(id = "live-step-{key}", list = "live-steps")]
struct DeployStep {
    key: u32,
    #[step(title)]
    title: &'static str,
    #[step(status)]
    state: State,
    #[step(detail)]
    detail: &'static str,
}

#[derive(Overlay)]
#[component(id = "live-overlay")]
struct Waiting {
    #[overlay(open)]
    open: bool,
    #[overlay(title)]
    title: &'static str,
    #[overlay(stat = "In the queue")]
    queue: u32,
}

/// The deployment at one tick.
struct Deploy {
    status: DeployStatus,
    progress: DeployProgress,
    steps: Vec<DeployStep>,
    waiting: Waiting,
}

impl Deploy {
    fn at(tick: u32) -> Self {
        let Rollout { stage, done, of, queue, steps } = Rollout::at(tick);
        let step = |step: htmx_ws_examples::release::rollout::Step| DeployStep {
            key: step.key,
            title: step.title,
            state: step.stage.into(),
            detail: step.detail,
        };
        let tone = if stage == Stage::Done { Tone::Success } else { Tone::Neutral };
        Self {
            status: DeployStatus { state: stage.into(), label: "Release 4.1" },
            progress: DeployProgress { done, of, label: "Deployment", tone },
            steps: steps.into_iter().map(step).collect(),
            waiting: Waiting { open: stage == Stage::Waiting, title: "Waiting for a machine", queue },
        }
    }
}

/// Publishes the world as it is now.
pub(crate) fn publish(hub: &Hub, world: &World, lines: &[Patch]) -> Result<(), InvalidDomId> {
    let deploy = Deploy::at(world.tick);
    hub.publish(TOPIC, &deploy.status);
    hub.publish(TOPIC, &deploy.progress);
    hub.publish(TOPIC, &deploy.waiting);
    for step in &deploy.steps {
        hub.publish(TOPIC, step);
    }
    views::publish(hub, TOPIC, world, lines)
}

/// The world as it stands in the page.
pub(crate) fn markup(world: &World) -> Result<Markup, InvalidDomId> {
    let deploy = Deploy::at(world.tick);
    Ok(html! {
        section id="live" class="board" aria-labelledby="live-heading" {
            h2 id="live-heading" class="hw-unseen" { "Live" }
            div class="card hero" {
                (views::requests(world)?)
                p class="hint" { "Digits roll where the page is morphed; a screen reader hears of every ten thousandth." }
            }
            div class="card figures" {
                @for (stat, line) in &views::figures(world)? { div { (stat) (line) } }
            }
            div class="card deploy hw-overlay-host" {
                (deploy.status)
                (deploy.progress)
                ol id="live-steps" class="hw-timeline" role="list" { @for step in &deploy.steps { (step) } }
                (deploy.waiting)
            }
            div class="card servers" {
                div class="hw-table-scroll" role="region" aria-label="Servers" tabindex="0" {
                    table class="hw-table" {
                        thead {
                            tr {
                                th scope="col" { "Server" } th scope="col" { "Place" } th scope="col" { "State" }
                                th scope="col" { "Course" } th scope="col" class="hw-number" { "Load" }
                            }
                        }
                        tbody id="live-servers" { @for row in &views::servers(world)? { (row) } }
                    }
                }
            }
            div class="log" { (world.log) }
        }
    })
}

#[cfg(test)]
mod tests {
    use htmx_ws_examples::release::theme::Theme;
    use htmx_ws_examples::release::world::ROUND;

    use super::*;

    #[test]
    fn every_tick_of_a_round_has_its_markup_and_is_published() {
        let (hub, mut world) = (Hub::new(), World::new(Theme::BUILT_IN).unwrap());
        for _ in 0..ROUND {
            let lines = world.advance();
            publish(&hub, &world, &lines).unwrap();
            assert!(markup(&world).unwrap().into_string().contains("live-server-4"));
        }
    }
}
