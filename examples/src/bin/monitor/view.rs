//! The machine as components. Figures are views, made where they are shown; bars are derived.

use htmx_ws_components::{DomId, Hub, InvalidDomId, LiveCounter, ProgressBar, Sparkline, Stat, Tone};

use crate::machine::{Disk, Machine, as_f64};

/// The topic that every page of the monitor reads.
pub(crate) const TOPIC: &str = "machine";

/// One core of the processor.
#[derive(ProgressBar)]
#[component(id = "core-{number}")]
pub(crate) struct CoreBar {
    number: usize,
    #[progress(value)]
    percent: f64,
    #[progress(label)]
    label: String,
    #[progress(tone)]
    tone: Tone,
}

/// One disk. What is no letter of its name is encoded in the id.
#[derive(ProgressBar)]
#[component(id = "disk-{name}")]
pub(crate) struct DiskBar {
    #[progress(label)]
    name: String,
    #[progress(value)]
    used: u64,
    #[progress(max)]
    total: u64,
    #[progress(detail)]
    detail: String,
    #[progress(tone)]
    tone: Tone,
}

impl CoreBar {
    pub(crate) fn all(machine: &Machine) -> impl Iterator<Item = Self> {
        (0..).zip(&machine.cores).map(|(number, load)| Self {
            number,
            percent: load.round(),
            label: format!("Core {}", number + 1),
            tone: tone(*load / 100.0),
        })
    }
}

impl DiskBar {
    pub(crate) fn of(disk: &Disk) -> Self {
        let Disk { name, used, total } = disk.clone();
        let detail = format!("{} of {} in use", gigabytes(used), gigabytes(total));
        Self { name, used, total, detail, tone: tone(as_f64(used) / as_f64(total)) }
    }

    pub(crate) fn all(machine: &Machine) -> impl Iterator<Item = Self> {
        machine.disks().into_iter().map(|disk| Self::of(&disk))
    }
}

/// The figures and lines that there is one of.
pub(crate) struct Figures {
    pub(crate) load: Stat,
    pub(crate) load_line: Sparkline,
    pub(crate) memory: Stat,
    pub(crate) memory_line: Sparkline,
    pub(crate) uptime: Stat,
    pub(crate) cores: Stat,
    pub(crate) measurements: LiveCounter,
}

impl Figures {
    pub(crate) fn of(machine: &Machine) -> Result<Self, InvalidDomId> {
        let load = machine.load.back().copied().unwrap_or_default();
        let (used, total) = (as_f64(machine.memory_used()), as_f64(machine.memory_total()));
        Ok(Self {
            load: Stat::new(DomId::new("load")?, "Processor", format!("{load:.0}")).unit("%").tone(tone(load / 100.0)),
            load_line: Sparkline::new(DomId::new("load-line")?, "Processor in percent", machine.load.iter().map(|load| tenths(*load)))
                .range(0.0, 100.0)
                .tone(tone(load / 100.0)),
            memory: Stat::new(DomId::new("memory")?, "Memory", format!("{:.2}", used / GIGABYTE))
                .unit(format!("of {:.1} GB", total / GIGABYTE))
                .tone(tone(used / total)),
            memory_line: Sparkline::new(DomId::new("memory-line")?, "Memory in GB", machine.memory.iter().map(|used| used / GIGABYTE))
                .tone(tone(used / total)),
            uptime: Stat::new(DomId::new("uptime")?, "Running for", Machine::uptime()),
            cores: Stat::new(DomId::new("cores")?, "Cores", machine.cores.len()),
            measurements: LiveCounter::new(DomId::new("measurements")?, "measurements, while somebody looks", machine.measurements),
        })
    }
}

/// Publishes everything. What is as it was costs nothing: the hub sees that.
pub(crate) fn publish(hub: &Hub, machine: &Machine) -> Result<(), InvalidDomId> {
    let Figures { load, load_line, memory, memory_line, uptime, cores, measurements } = Figures::of(machine)?;
    // One batch, so that nobody else's figures come in between.
    let figures = hub.batch(TOPIC).with(&load).with(&load_line).with(&memory).with(&memory_line);
    let figures = figures.with(&uptime).with(&cores).with(&measurements);
    let bars = CoreBar::all(machine).fold(figures, |batch, bar| batch.with(&bar));
    DiskBar::all(machine).fold(bars, |batch, bar| batch.with(&bar)).publish();
    Ok(())
}

const GIGABYTE: f64 = 1e9;

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", as_f64(bytes) / GIGABYTE)
}

/// A share of one that is high is said by colour, too.
fn tone(share: f64) -> Tone {
    match share {
        share if share >= 0.9 => Tone::Danger,
        share if share >= 0.7 => Tone::Warning,
        _ => Tone::Info,
    }
}

/// A line needs no more digits, and each is sent ten times a second.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::Render as _;

    #[test]
    fn a_disk_may_have_any_name() {
        let disk = DiskBar::of(&Disk { name: "/mnt/<b> & co".into(), used: 95_000_000_000, total: 100_000_000_000 });
        let html = disk.render().into_string();
        assert!(
            html.contains("&lt;b&gt; &amp; co") && html.contains("95.0 GB of 100.0 GB in use") && html.contains("data-tone=\"danger\""),
            "{html}"
        );
    }

    #[test]
    fn what_is_published_stands_in_the_page() {
        let hub = Hub::new();
        let mut machine = Machine::default();
        publish(&hub, &machine).unwrap();
        let before = hub.stats();
        machine.measure();
        publish(&hub, &machine).unwrap();
        assert!(hub.stats().bytes() > 0 && before.bytes() > 0);
    }
}
