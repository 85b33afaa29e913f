//! The components of the page that are made where they are published: figures, servers, messages.

use htmx_ws_components::{
    Component as _, DomId, Hub, InvalidDomId, LiveCounter, Patch, Sparkline, Stat, TableRow, Toast, ToastList, Tone, Trend,
};

use crate::release::theme::Theme;
use crate::release::world::{self, ROUND, World};

/// How far back the lines of the figures go.
const HISTORY: u32 = 48;

/// The ticks of a round that the fifth server is there.
const FIFTH_SERVER: std::ops::Range<u32> = 40..89;

const PLACES: [&str; 5] = ["Frankfurt", "Dublin", "Virginia", "Tokyo", "São Paulo"];

fn id(text: &str) -> Result<DomId, InvalidDomId> {
    DomId::new(text)
}

/// All requests that were ever answered.
pub fn requests(world: &World) -> Result<LiveCounter, InvalidDomId> {
    let counter = LiveCounter::new(id("live-requests")?, "requests answered", world.requests);
    Ok(counter.announce_every(10_000).classes(world.theme.counter))
}

/// Each figure, and the line below it.
pub fn figures(world: &World) -> Result<[(Stat, Sparkline); 3], InvalidDomId> {
    let World { tick, theme, .. } = *world;
    let line = |key: &str, label: &str, course: fn(u32) -> f64| {
        let values = world::history(tick, HISTORY, course);
        Ok(Sparkline::new(id(&format!("live-{key}-line"))?, label, values).classes(theme.sparkline))
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
        let stat = Stat::new(id(&format!("live-{key}"))?, label, value).unit(unit).tone(tone).classes(theme.stat);
        Ok(stat.trend(trend, format_args!("{:.0} %", percent.abs())))
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
pub fn servers(world: &World) -> Result<Vec<TableRow>, InvalidDomId> {
    let World { tick, theme, .. } = *world;
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
            .cell((theme.state)(word, tone))
            .cell(line.range(0.0, 1.0).tone(tone).classes(theme.sparkline))
            .number(format!("{:.0} %", load * 100.0))
            .tone(tone)
            .classes(theme.row))
    });
    rows.collect()
}

/// What a tick has to say in the corner: a message, or the id of one that is over.
fn toast(tick: u32, theme: &Theme) -> Result<Option<Result<Toast, DomId>>, InvalidDomId> {
    let new = |kind: &str, title: &str| {
        let id = id(&format!("live-toast-{kind}-{}", tick / ROUND))?;
        Ok(Toast::new(id, self::id("live-toasts")?, title).dismiss("Dismiss").classes(theme.toast))
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
pub fn toasts(world: &World) -> Result<ToastList, InvalidDomId> {
    let mut open: Vec<Toast> = Vec::new();
    for tick in world.tick - world.tick % ROUND..=world.tick {
        match toast(tick, &world.theme)? {
            Some(Ok(toast)) => open.push(toast),
            Some(Err(gone)) => open.retain(|toast| toast.id() != gone),
            None => {}
        }
    }
    Ok(open.into_iter().fold(ToastList::new(id("live-toasts")?, "Messages").class(world.theme.toasts), ToastList::toast))
}

/// Publishes all of them as they are now. What has not changed costs nothing: the hub sees that it is the same.
pub fn publish(hub: &Hub, topic: &str, world: &World, lines: &[Patch]) -> Result<(), InvalidDomId> {
    hub.publish(topic, &requests(world)?);
    for (stat, line) in figures(world)? {
        hub.publish(topic, &stat);
        hub.publish(topic, &line);
    }
    for row in servers(world)? {
        hub.publish(topic, &row);
    }
    if world.tick % ROUND == FIFTH_SERVER.end {
        hub.publish(topic, &Patch::remove(id("live-server-5")?));
    }
    for line in lines {
        hub.publish(topic, line);
    }
    match toast(world.tick, &world.theme)? {
        Some(Ok(toast)) => drop(hub.publish(topic, &toast)),
        Some(Err(gone)) => drop(hub.publish(topic, &Patch::remove(gone))),
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use maud::Render;

    use super::*;

    #[test]
    fn a_message_goes_in_the_round_that_it_came_in() {
        let world = |tick| World { tick, ..World::new(Theme::BUILT_IN).unwrap() };
        let shown = |tick| toasts(&world(tick)).unwrap().render().into_string().matches("<li").count();
        assert_eq!([47, 48, 77, 78, 90, 99].map(shown), [0, 1, 1, 0, 2, 0]);
    }
}
