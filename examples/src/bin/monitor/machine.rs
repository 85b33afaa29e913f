//! The machine, measured.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sysinfo::{DiskRefreshKind, Disks, System};

/// Measurements that a line shows: twelve seconds of them.
pub(crate) const HISTORY: usize = 120;

/// How often disks are asked, in measurements: what they hold changes slowly, and a network's disk takes long to answer.
const DISKS_EVERY: u64 = 50;

/// How much of a measurement is seen at once. A core that is asked every tenth of a second is always all or nothing; this is about the mean of the last half second.
const WEIGHT: f64 = 0.2;

/// A handle on the machine: its clones are one machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Machine>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was measured last, and before.
#[derive(Debug)]
pub(crate) struct Machine {
    system: System,
    disks: Disks,
    /// In percent, one for each core.
    pub(crate) cores: Vec<f64>,
    /// The mean of all cores in percent, the oldest first.
    pub(crate) load: VecDeque<f64>,
    /// The bytes in use, the oldest first.
    pub(crate) memory: VecDeque<f64>,
    /// How often it was measured.
    pub(crate) measurements: u64,
}

/// A disk, and how full it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    pub(crate) name: String,
    pub(crate) used: u64,
    pub(crate) total: u64,
}

impl Default for Machine {
    fn default() -> Self {
        let (load, memory) = (VecDeque::with_capacity(HISTORY + 1), VecDeque::with_capacity(HISTORY + 1));
        let mut machine = Self { system: System::new(), disks: Disks::new(), cores: Vec::new(), load, memory, measurements: 0 };
        machine.measure();
        machine
    }
}

impl Machine {
    pub(crate) fn measure(&mut self) {
        // It measures the processor at most every fifth of a second, and else answers with what it has: the mean glides over that.
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        if self.measurements.is_multiple_of(DISKS_EVERY) {
            self.disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage());
        }
        self.cores.resize(self.system.cpus().len(), 0.0);
        for (shown, cpu) in self.cores.iter_mut().zip(self.system.cpus()) {
            let measured = f64::from(cpu.cpu_usage());
            // Nothing is known before the first figure.
            let weight = if *shown == 0.0 { 1.0 } else { WEIGHT };
            *shown += (measured - *shown) * weight;
        }
        let count = u32::try_from(self.cores.len().max(1)).unwrap_or(u32::MAX);
        push(&mut self.load, self.cores.iter().sum::<f64>() / f64::from(count));
        push(&mut self.memory, as_f64(self.system.used_memory()));
        self.measurements += 1;
    }

    pub(crate) fn memory_used(&self) -> u64 {
        self.system.used_memory()
    }

    pub(crate) fn memory_total(&self) -> u64 {
        self.system.total_memory()
    }

    /// Each disk once, under its shortest name: one that is mounted at several places is still one.
    pub(crate) fn disks(&self) -> Vec<Disk> {
        let mut seen: Vec<(&std::ffi::OsStr, Disk)> = Vec::new();
        for disk in self.disks.list().iter().filter(|disk| disk.total_space() > 0) {
            let found = Disk {
                name: disk.mount_point().display().to_string(),
                used: disk.total_space().saturating_sub(disk.available_space()),
                total: disk.total_space(),
            };
            match seen.iter_mut().find(|(device, _)| *device == disk.name()) {
                Some((_, known)) if found.name.len() < known.name.len() => *known = found,
                Some(_) => {}
                None => seen.push((disk.name(), found)),
            }
        }
        seen.into_iter().map(|(_, disk)| disk).collect()
    }

    /// How long it runs, in words.
    pub(crate) fn uptime() -> String {
        let minutes = System::uptime() / 60;
        let (days, hours, minutes) = (minutes / 60 / 24, minutes / 60 % 24, minutes % 60);
        if days > 0 { format!("{days} d {hours} h") } else { format!("{hours} h {minutes} min") }
    }
}

fn push(line: &mut VecDeque<f64>, value: f64) {
    line.push_back(value);
    if line.len() > HISTORY {
        line.pop_front();
    }
}

/// Exact below 8 PiB.
#[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
pub(crate) fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_that_runs_this_has_a_processor_and_memory() {
        let mut machine = Machine::default();
        for _ in 0..HISTORY {
            machine.measure();
        }
        assert!(!machine.cores.is_empty() && machine.cores.iter().all(|load| (0.0..=100.5).contains(load)), "{machine:?}");
        assert!(machine.memory_used() > 0 && machine.memory_used() < machine.memory_total());
        assert_eq!((machine.load.len(), machine.memory.len(), machine.measurements), (HISTORY, HISTORY, 121));
    }
}
