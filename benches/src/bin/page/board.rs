//! What is published: fifty components, each with the time of its publish in its text.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::ws::Utf8Bytes;
use htmx_ws_components::{Component, Hub, ProgressBar, Status, StatusBadge, ToPatch};
use maud::{Markup, Render, html};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, interval};

/// The topic of all of them.
pub(crate) const TOPIC: &str = "board";

/// How many components the page has.
pub(crate) const COMPONENTS: u32 = 50;

/// How many publishes there are in a second.
pub(crate) const PUBLISHES: u32 = 5_000;

/// How often some of them are published.
const PACE: Duration = Duration::from_millis(1);

/// Microseconds since 1970, which server and browser agree on.
pub(crate) type Stamp = u64;

#[derive(ProgressBar)]
#[component(id = "bar-{number}")]
struct Bar {
    number: u32,
    #[progress(value)]
    percent: u8,
    #[progress(label)]
    at: String,
}

#[derive(Status)]
enum State {
    #[status(tone = info, active)]
    Running,
    #[status(tone = success)]
    Done,
}

#[derive(StatusBadge)]
#[component(id = "badge-{number}")]
struct Badge {
    number: u32,
    #[badge(status)]
    state: State,
    #[badge(label)]
    at: String,
}

#[derive(Component)]
#[component(id = "gauge-{number}", leaf, render = Self::markup)]
struct Gauge {
    number: u32,
    at: Stamp,
}

impl Gauge {
    fn markup(&self) -> Markup {
        html! { p { "Gauge " (self.number) ": " output { (self.at) } } }
    }
}

/// Does with the component of a number, as it is now, what a visitor does with any.
fn visit(number: u32, round: u32, at: Stamp, visitor: &mut impl Visitor) {
    match number % 5 {
        0 | 1 => visitor.visit(&Bar { number, percent: u8::try_from(round % 101).unwrap_or(0), at: at.to_string() }),
        2 | 3 => {
            let state = if round % 50 < 25 { State::Running } else { State::Done };
            visitor.visit(&Badge { number, state, at: at.to_string() });
        }
        _ => visitor.visit(&Gauge { number, at }),
    }
}

trait Visitor {
    fn visit(&mut self, component: &(impl ToPatch + Render));
}

impl Visitor for String {
    fn visit(&mut self, component: &(impl ToPatch + Render)) {
        Render::render_to(component, self);
    }
}

/// All of them, before the first publish.
pub(crate) fn all() -> Markup {
    let mut buffer = String::new();
    for number in 0..COMPONENTS {
        visit(number, 0, 0, &mut buffer);
    }
    html! { main id="board" { (maud::PreEscaped(buffer)) } }
}

/// Whom it is published to.
#[derive(Clone)]
pub(crate) enum Way {
    Hub(Hub),
    /// One frame for each publish, which htmx swaps in out of band: as axum's examples send what they broadcast.
    Plain(broadcast::Sender<Utf8Bytes>),
}

impl Visitor for &Way {
    fn visit(&mut self, component: &(impl ToPatch + Render)) {
        match self {
            Way::Hub(hub) => drop(hub.publish(TOPIC, component)),
            Way::Plain(sender) => {
                let html = Render::render(component).into_string().replacen(" id=", " hx-swap-oob=\"true\" id=", 1);
                // Nobody may be there to receive it.
                let _ = sender.send(html.into());
            }
        }
    }
}

/// Publishes at its pace until it is told to stop, and returns the time of the last one.
pub(crate) async fn publish(way: Way, mut stop: watch::Receiver<bool>) -> Stamp {
    let mut ticks = interval(PACE);
    let started = Instant::now();
    let (mut number, mut last) = (0_u32, 0);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return last,
        }
        // By the clock, as a tick may come late.
        let due = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX) * (PUBLISHES / 1_000);
        while number < due {
            last = now();
            visit(number % COMPONENTS, number / COMPONENTS, last, &mut &way);
            number += 1;
        }
    }
}

pub(crate) fn now() -> Stamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(Stamp::MAX)
}
