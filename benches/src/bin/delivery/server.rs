//! The servers that are compared, each a process of its own on a processor of its own, and what the kernel says they take.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cores::Cores;
use crate::floor::{self, Way};
use crate::{Result, plain};

/// Who serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Floor,
    CoalescingFloor,
    Plain,
    Ours,
}

impl Kind {
    /// As the tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::CoalescingFloor => "coalescing floor",
            Self::Plain => "axum + broadcast",
            Self::Ours => "htmx-ws",
        }
    }

    /// As the argument of this program that serves calls it.
    fn argument(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::CoalescingFloor => "coalescing",
            Self::Plain => "plain",
            Self::Ours => "ours",
        }
    }

    /// Starts it. The example `fanout` stands beside this program, where xtask has built both.
    fn command(self) -> Result<Command> {
        let this = std::env::current_exe()?;
        let mut command;
        if self == Self::Ours {
            let fanout: PathBuf = this.with_file_name("fanout");
            if !fanout.is_file() {
                return Err(format!("there is no {}; `cargo xtask bench delivery` builds it", fanout.display()).into());
            }
            command = Command::new(fanout);
            command.args(["--port", "0"]);
        } else {
            command = Command::new(this);
            command.args(["--serve", self.argument()]);
        }
        Ok(command)
    }
}

/// Serves until it is killed: what this program does with `--serve`.
pub(crate) fn serve(kind: &str) -> Result<()> {
    match kind {
        "floor" => floor::run(Way::OneByOne),
        "coalescing" => floor::run(Way::Coalescing),
        "plain" => plain::run(),
        _ => Err(format!("no server is called {kind}").into()),
    }
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) addr: SocketAddr,
}

impl Server {
    /// Starts one, and waits until it listens.
    pub(crate) fn start(kind: Kind, cores: Cores) -> Result<Self> {
        let mut command = kind.command()?;
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = cores.on_the_servers(|| Ok(command.spawn()?))?;
        let (stdout, mut line) = (child.stdout.take().ok_or("no output")?, String::new());
        BufReader::new(stdout).read_line(&mut line)?;
        let addr = line.trim().rsplit(' ').next().unwrap_or_default().parse();
        // From here on it is killed when it is dropped.
        let mut server = Self { child, addr: ([127, 0, 0, 1], 0).into() };
        server.addr = addr.map_err(|_| format!("{} did not say where it listens: {line:?}", kind.name()))?;
        Ok(server)
    }

    /// Processor time of its threads so far.
    pub(crate) fn processor(&self) -> Result<Duration> {
        processor_of(self.child.id())
    }

    /// Its resident memory, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Rss:")).ok_or("no resident memory in smaps_rollup")?;
        Ok(kilobytes.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }
}

/// Processor time of a process that ends none of its threads, to the nanosecond.
pub(crate) fn processor_of(process: u32) -> Result<Duration> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let schedstat = fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += schedstat.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
