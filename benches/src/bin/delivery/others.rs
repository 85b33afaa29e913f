//! What others take of the machine while something is measured: the table of a machine that was not at rest is to be taken again.

use std::fs;
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::Result;

/// A look at the machine's processors.
pub(crate) struct Others {
    at: Instant,
    /// Processor time of all there is, and of this process with its servers that are gone.
    all: Duration,
    own: Duration,
}

impl Others {
    pub(crate) fn look() -> Result<Self> {
        let usage = |usage: Usage| time(usage.user_time()) + time(usage.system_time());
        let own = usage(getrusage(UsageWho::RUSAGE_SELF)?) + usage(getrusage(UsageWho::RUSAGE_CHILDREN)?);
        Ok(Self { at: Instant::now(), all: busy(&fs::read_to_string("/proc/stat")?), own })
    }

    /// How many processors others had in use since then.
    pub(crate) fn processors_since(&self) -> Result<f64> {
        let now = Self::look()?;
        let others = now.all.saturating_sub(self.all).saturating_sub(now.own.saturating_sub(self.own));
        Ok(others.as_secs_f64() / (now.at - self.at).as_secs_f64())
    }
}

/// The first line of `/proc/stat` without the time in which there was nothing to do.
fn busy(stat: &str) -> Duration {
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    // User, nice, system, (idle, waiting), interrupts; the rest is another machine's, or counted already.
    let ticks = fields.take(7).enumerate().filter(|(field, _)| !matches!(field, 3 | 4)).filter_map(|(_, ticks)| ticks.parse::<u64>().ok());
    // `sysconf(_SC_CLK_TCK)` is 100 wherever Linux runs.
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

fn time(time: TimeVal) -> Duration {
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    Duration::from_secs(part(time.tv_sec())) + Duration::from_micros(part(time.tv_usec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_not_busy() {
        assert_eq!(busy("cpu  1 2 3 1000 1000 4 5 0 0 0\ncpu0 9 9 9"), Duration::from_millis(150));
    }
}
