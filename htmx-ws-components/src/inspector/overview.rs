//! The figures of a hub: what it holds, how much it does, and what it has counted.

use std::borrow::Cow;

use maud::{Markup, Render, html};

use crate::components::component::Component;
use crate::components::sparkline::Sparkline;
use crate::components::stat::Stat;
use crate::components::status::{Status, Tone};
use crate::components::status_badge::StatusBadge;
use crate::components::table_row::TableRow;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;
use crate::hub::stats::{Counter, Stats};
use crate::inspector::history::History;
use crate::inspector::table::{self, Table, id};
use crate::inspector::words::{self, Grouped, float};
use crate::transport::simulation::Simulation;

/// A figure, and its course through the last minute.
pub(super) type Figure = (Stat, Sparkline);

pub(super) fn figures(stats: &Stats, history: &History) -> [Figure; 8] {
    let line = |key: &str, label: &str, values: Vec<f64>| {
        let highest = values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
        // From zero, so that a line that hardly moves looks like it.
        Sparkline::new(id(&format!("{key}-line")), label, values).range(0.0, if highest > 0.0 { highest * 1.1 } else { 1.0 })
    };
    let level = |key: &str, label: &str, level: fn(&Stats) -> u64| {
        (Stat::new(id(key), label, Grouped(level(stats))), line(key, label, history.levels(level)))
    };
    let rate = |key: &str, label: &str, unit: &str, counter: Counter| {
        (Stat::new(id(key), label, words::rate(history.rate(counter))).unit(unit), line(key, label, history.rates(counter)))
    };
    let size = |key: &str, label: &str, count: f64, per: &str, values: Vec<f64>| {
        let (figure, unit) = words::bytes(count);
        (Stat::new(id(key), label, figure).unit(format_args!("{unit}{per}")), line(key, label, values))
    };
    let retained = |stats: &Stats| stats.bytes() as u64;
    [
        level("connections-now", "Connections", |stats| stats.connections() as u64),
        level("topics-now", "Topics", |stats| stats.topics() as u64),
        level("producers-now", "Producers", |stats| stats.producers() as u64),
        size("retained", "Retained", float(retained(stats)), "", history.levels(retained)),
        rate("publishes", "Changes published", "/s", Counter::Published),
        rate("frames", "Frames sent", "/s", Counter::FramesSent),
        size("bytes", "Sent", history.rate(Counter::BytesSent), "/s", history.rates(Counter::BytesSent)),
        rate("messages", "Messages handled", "/s", Counter::InboundHandled),
    ]
}

/// Whether the line is as it is.
pub(super) struct Line(pub(super) Simulation);

impl Status for Line {
    fn label(&self) -> Cow<'_, str> {
        let Self(simulation) = self;
        if !simulation.is_on() {
            return "as it is".into();
        }
        let delay = (!simulation.delay().is_zero()).then(|| format!("{} ms late", simulation.delay().as_millis()));
        let drops = (simulation.drop_probability() > 0.0).then(|| format!("{} % break", percent(*simulation)));
        delay.into_iter().chain(drops).collect::<Vec<_>>().join(", ").into()
    }

    fn tone(&self) -> Tone {
        if self.0.is_on() { Tone::Warning } else { Tone::Success }
    }

    fn is_active(&self) -> bool {
        self.0.is_on()
    }
}

/// The probability of a break, as the form has it.
pub(super) fn percent(simulation: Simulation) -> f64 {
    // Two decimals, as many as can be seen.
    (simulation.drop_probability() * 10_000.0).round() / 100.0
}

impl Component for Line {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        id("line")
    }

    fn render_to(&self, buffer: &mut String) {
        StatusBadge::new(&self.id(), self).label(Some(&"The line")).render_to(buffer);
    }
}

impl Render for Line {
    fn render_to(&self, buffer: &mut String) {
        Component::render_to(self, buffer);
    }
}

/// What has been counted at all.
pub(super) fn counters(stats: &Stats) -> Table<TableRow> {
    let body = table::body("counters");
    let row = |counter: Counter| {
        let (name, tone) = (counter.name(), if is_problem(counter) { Tone::Warning } else { Tone::Neutral });
        let about = html! { span class="about" { (counter.description()) } };
        TableRow::new(id(&format!("counter-{name}")), &body)
            .header(html! { code { (name) } })
            .cell(about)
            .number(Grouped(stats.get(counter)).to_string())
            .tone(tone)
    };
    let rows = Counter::ALL.iter().filter(|counter| stats.get(**counter) > 0).map(|counter| row(*counter)).collect();
    let head: Markup =
        html! { th scope="col" { "Counter" } th scope="col" { "What it counts" } th scope="col" class="hw-number" { "Count" } };
    Table { name: "counters", head, rows }
}

/// Whether it should not happen, or not without somebody noticing.
fn is_problem(counter: Counter) -> bool {
    #[rustfmt::skip]
    let is_ordinary = matches!(counter, Counter::Published | Counter::PublishedUnchanged | Counter::Connected | Counter::Disconnected
        | Counter::FramesSent | Counter::BytesSent | Counter::Revoked | Counter::LogEvicted | Counter::TopicsGivenUp | Counter::InboundHandled
        | Counter::CutByHand | Counter::CutSimulated | Counter::Drained | Counter::DrainRefused | Counter::TicketExpired | Counter::Completed
        | Counter::ProducersStarted | Counter::OrderedExpired | Counter::TopicsForgotten);
    !is_ordinary
}
