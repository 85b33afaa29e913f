//! The live part of the page, and what is published of it.

use htmx_ws_components::{
    Component as _, DomId, Hub, InvalidDomId, LiveCounter, Overlay, Patch, ProgressBar, Sparkline, Stat, Status, StatusBadge, TableRow,
    TimelineStep, Toast, ToastList, Tone, Trend,
};
use maud::{Markup, html};

use crate::world::{self, ROUND, World};

/// The topic of the page.
pub(crate) const TOPIC: &str = "gallery";

/// How far back the lines of the figures go.
const HISTORY: u32 = 48;

/// The ticks of a round that the deployment waits for a machine, and that it is done at.
const BEGINS: u32 = 6;
const ENDS: u32 = 80;

/// The ticks of a round that the fifth server is there.
const FIFTH_SERVER: std::ops::Range<u32> = 40..89;

#[derive(Status, Clone, Copy, PartialEq)]
enum State {
    #[status(label = "Waiting", tone = neutral)]
    Waiting,
    #[status(label = "Running", tone = info, active)]
    Running,
    #[status(label = "Done", tone = success, terminal)]
    Done,
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

/// When each step begins; it ends where the next one does.
const STEPS: [(u32, &str, &str); 4] = [
    (BEGINS, "Build", "214 crates"),
    (30, "Test", "1,204 tests"),
    (54, "Upload", "38.2 MB to 5 servers"),
    (73, "Switch over", "Without a request lost"),
];

const PLACES: [&str; 5] = ["Frankfurt", "Dublin", "Virginia", "Tokyo", "São Paulo"];

/// The deployment at one tick.
struct Deploy {
    status: DeployStatus,
    progress: DeployProgress,
    steps: Vec<DeployStep>,
    waiting: Waiting,
}

impl Deploy {
    fn at(tick: u32) -> Self {
        let now = tick % ROUND;
        let state = match now {
            0..BEGINS => State::Waiting,
            BEGINS..ENDS => State::Running,
            _ => State::Done,
        };
        let ends = STEPS.iter().skip(1).map(|(begins, ..)| *begins).chain([ENDS]);
        let steps = STEPS.iter().zip(ends).zip(0..).map(|(((begins, title, detail), ends), key)| {
            let state = match now {
                now if now < *begins => State::Waiting,
                now if now < ends => State::Running,
                _ => State::Done,
            };
            DeployStep { key, title, state, detail }
        });
        let tone = if state == State::Done { Tone::Success } else { Tone::Neutral };
        Self {
            status: DeployStatus { state, label: "Release 4.1" },
            progress: DeployProgress { done: now.checked_sub(BEGINS), of: ENDS - BEGINS, label: "Deployment", tone },
            steps: steps.collect(),
            waiting: Waiting { open: now < BEGINS, title: "Waiting for a machine", queue: BEGINS.saturating_sub(now) },
        }
    }
}

fn id(text: &str) -> Result<DomId, InvalidDomId> {
    DomId::new(text)
}

fn requests(world: &World) -> Result<LiveCounter, InvalidDomId> {
    Ok(LiveCounter::new(id("live-requests")?, "requests answered", world.requests).announce_every(10_000))
}

/// A figure, and the line below it.
fn figures(tick: u32) -> Result<[(Stat, Sparkline); 3], InvalidDomId> {
    let line = |key: &str, label: &str, course: fn(u32) -> f64| {
        Ok(Sparkline::new(id(&format!("live-{key}-line"))?, label, world::history(tick, HISTORY, course)))
    };
    let stat = |key: &str, label: &str, value: String, unit: &str, course: fn(u32) -> f64, good: Trend| {
        let (before, now) = (course(tick.saturating_sub(12)), course(tick));
        let percent = (now / before.max(0.01) - 1.0) * 100.0;
        let trend = match percent {
            percent if percent >= 0.5 => Trend::Up,
            percent if percent <= -0.5 => Trend::Down,
            _ => Trend::Flat,
        };
        let tone = match trend {
            Trend::Flat => Tone::Neutral,
            trend if trend == good => Tone::Success,
            _ => Tone::Danger,
        };
        Ok(Stat::new(id(&format!("live-{key}"))?, label, value).unit(unit).trend(trend, format_args!("{:.0} %", percent.abs())).tone(tone))
    };
    let (throughput, latency, errors) =
        (world::requests_per_second as fn(u32) -> f64, world::latency_ms as fn(u32) -> f64, world::errors_percent as fn(u32) -> f64);
    Ok([
        (
            stat("throughput", "Throughput", format!("{:.0}", throughput(tick)), "req/s", throughput, Trend::Up)?,
            line("throughput", "Throughput", throughput)?,
        ),
        (
            stat("latency", "Latency, 95th percentile", format!("{:.0}", latency(tick)), "ms", latency, Trend::Down)?,
            line("latency", "Latency", latency)?.tone(Tone::Success),
        ),
        (
            stat("errors", "Errors", format!("{:.2}", errors(tick)), "%", errors, Trend::Down)?,
            line("errors", "Errors", errors)?.tone(Tone::Danger).range(0.0, 1.0),
        ),
    ])
}

/// The servers that are there.
fn servers(tick: u32) -> Result<Vec<TableRow>, InvalidDomId> {
    let count = if FIFTH_SERVER.contains(&(tick % ROUND)) { 5 } else { 4 };
    let rows = (1..).zip(PLACES).take(count).map(|(server, place)| {
        let load = world::load(server, tick);
        let (word, tone) = if load > 0.8 { ("Busy", Tone::Warning) } else { ("Healthy", Tone::Success) };
        let line = Sparkline::new(
            id(&format!("live-server-{server}-line"))?,
            "Load",
            world::history(tick, HISTORY / 2, |tick| world::load(server, tick)),
        );
        Ok(TableRow::new(id(&format!("live-server-{server}"))?, id("live-servers")?)
            .header(format!("web-{server}"))
            .cell(place)
            .cell(word)
            .cell(line.range(0.0, 1.0).tone(tone))
            .number(format!("{:.0} %", load * 100.0))
            .tone(tone))
    });
    rows.collect()
}

/// What a tick has to say in the corner: a message, or the id of one that is over.
fn toast(tick: u32) -> Result<Option<Result<Toast, DomId>>, InvalidDomId> {
    let new = |kind: &str, title: &str| {
        let id = id(&format!("live-toast-{kind}-{}", tick / ROUND))?;
        Ok(Toast::new(id, self::id("live-toasts")?, title).dismiss("Dismiss"))
    };
    Ok(match tick % ROUND {
        48 => Some(Ok(new("tests", "All 1,204 tests passed")?.message("Release 4.1 is on its way to the servers.").tone(Tone::Success))),
        78 => Some(Err(new("tests", "")?.id())),
        81 => Some(Ok(new("live", "Release 4.1 is live")?.message("It took 30 seconds.").tone(Tone::Success))),
        96 => Some(Err(new("live", "")?.id())),
        88 => Some(Ok(new("lost", "web-5 does not answer")?.message("It was taken out of the pool.").tone(Tone::Danger))),
        99 => Some(Err(new("lost", "")?.id())),
        _ => None,
    })
}

/// The messages that are in the corner when a page is loaded.
pub(crate) fn toasts(world: &World) -> Result<ToastList, InvalidDomId> {
    let mut open: Vec<Toast> = Vec::new();
    for tick in world.tick - world.tick % ROUND..=world.tick {
        match toast(tick)? {
            Some(Ok(toast)) => open.push(toast),
            Some(Err(gone)) => open.retain(|toast| toast.id() != gone),
            None => {}
        }
    }
    Ok(open.into_iter().fold(ToastList::new(id("live-toasts")?, "Messages"), ToastList::toast))
}

/// Publishes the world as it is now. What has not changed costs nothing: the hub sees that it is the same.
pub(crate) fn publish(hub: &Hub, world: &World, lines: &[Patch]) -> Result<(), InvalidDomId> {
    hub.publish(TOPIC, &requests(world)?);
    for (stat, line) in figures(world.tick)? {
        hub.publish(TOPIC, &stat);
        hub.publish(TOPIC, &line);
    }
    for row in servers(world.tick)? {
        hub.publish(TOPIC, &row);
    }
    if world.tick % ROUND == FIFTH_SERVER.end {
        hub.publish(TOPIC, &Patch::remove(id("live-server-5")?));
    }
    let deploy = Deploy::at(world.tick);
    hub.publish(TOPIC, &deploy.status);
    hub.publish(TOPIC, &deploy.progress);
    hub.publish(TOPIC, &deploy.waiting);
    for step in &deploy.steps {
        hub.publish(TOPIC, step);
    }
    for line in lines {
        hub.publish(TOPIC, line);
    }
    match toast(world.tick)? {
        Some(Ok(toast)) => drop(hub.publish(TOPIC, &toast)),
        Some(Err(gone)) => drop(hub.publish(TOPIC, &Patch::remove(gone))),
        None => {}
    }
    Ok(())
}

/// The world as it stands in the page.
pub(crate) fn markup(world: &World) -> Result<Markup, InvalidDomId> {
    let deploy = Deploy::at(world.tick);
    Ok(html! {
        section id="live" class="board" aria-labelledby="live-heading" {
            h2 id="live-heading" class="hw-unseen" { "Live" }
            div class="card hero" {
                (requests(world)?)
                p class="hint" { "Digits roll where the page is morphed; a screen reader hears of every ten thousandth." }
            }
            div class="card figures" {
                @for (stat, line) in &figures(world.tick)? { div { (stat) (line) } }
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
                        tbody id="live-servers" { @for row in &servers(world.tick)? { (row) } }
                    }
                }
            }
            div class="log" { (world.log) }
        }
    })
}

#[cfg(test)]
mod tests {
    use maud::Render;

    use super::*;

    #[test]
    fn a_round_goes_through_every_state() {
        let states = |tick| Deploy::at(tick).steps.iter().map(|step| step.state.label().into_owned()).collect::<Vec<_>>();
        assert_eq!(states(0), ["Waiting"; 4]);
        assert_eq!(states(BEGINS), ["Running", "Waiting", "Waiting", "Waiting"]);
        assert_eq!(states(60), ["Done", "Done", "Running", "Waiting"]);
        assert_eq!(states(ENDS), ["Done"; 4]);
    }

    #[test]
    fn every_tick_of_a_round_has_its_markup_and_is_published() {
        let (hub, mut world) = (Hub::new(), World::new().unwrap());
        for _ in 0..ROUND {
            let lines = world.advance();
            publish(&hub, &world, &lines).unwrap();
            assert!(markup(&world).unwrap().into_string().contains("live-server-4"));
        }
    }

    #[test]
    fn a_message_goes_in_the_round_that_it_came_in() {
        let world = |tick| World { tick, ..World::new().unwrap() };
        let shown = |tick| toasts(&world(tick)).unwrap().render().into_string().matches("<li").count();
        assert_eq!([47, 48, 77, 78, 90, 99].map(shown), [0, 1, 1, 0, 2, 0]);
    }
}
