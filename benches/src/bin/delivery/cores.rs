//! Which processor runs what: servers have one of their own, the load comes from another.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::Result;

/// Two processors of those that this process may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cores {
    server: usize,
    load: usize,
}

impl Cores {
    /// The first two.
    pub(crate) fn first_two() -> Result<Self> {
        let allowed = sched_getaffinity(Pid::from_raw(0))?;
        let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false));
        match (cores.next(), cores.next()) {
            (Some(server), Some(load)) => Ok(Self { server, load }),
            _ => Err("two processors are needed: one for the server, one for the load".into()),
        }
    }

    /// Keeps this thread, and so what it starts from now on, on the load's processor.
    pub(crate) fn stay_with_the_load(self) -> Result<()> {
        stay_on(self.load)
    }

    /// Does something on the server's processor: what it starts stays there.
    pub(crate) fn on_the_servers<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        stay_on(self.server)?;
        let result = work();
        stay_on(self.load)?;
        result
    }
}

fn stay_on(core: usize) -> Result<()> {
    let mut one = CpuSet::new();
    one.set(core)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &one)?)
}
