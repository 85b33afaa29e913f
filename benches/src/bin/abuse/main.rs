//! What a server goes through when somebody means it harm: how late its patches come to readers who do no wrong, and what it takes of memory and processor.
//!
//! The server is a process of its own, on two threads, with a hub as it is built by default; attackers and readers share the rest of the machine. Each attack lasts a few
//! seconds and stops by itself.

mod attacks;
mod readers;
mod server;

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use htmx_ws_benches::table::Table;

/// How long each attack lasts.
const ATTACK: Duration = Duration::from_secs(4);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // A thousand handshakes, and as many readers' worth of sockets.
    let (soft, hard) = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE)?;
    nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE, soft.max(hard.min(16_384)), hard)?;
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        _ => tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(attack_all()),
    }
}

/// The server, and where it is.
struct Target {
    child: Child,
    addr: SocketAddr,
    /// The path of a page's socket.
    path: String,
    /// That of a page which reads a topic under load.
    busy: String,
}

impl Target {
    fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("the server has no output")?).read_line(&mut line)?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [addr, path, busy] = words[..] else { return Err("the server did not say where it is".into()) };
        Ok(Self { addr: addr.parse()?, path: path.to_owned(), busy: busy.to_owned(), child })
    }

    /// Resident memory, in bytes.
    fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no resident memory in the status of the server")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Processor time so far.
    fn processor(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = fields.get(11).ok_or("no user time")?.parse::<u64>()? + fields.get(12).ok_or("no system time")?.parse::<u64>()?;
        // `sysconf(_SC_CLK_TCK)` is 100 wherever Linux runs.
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn attack_all() -> Result<()> {
    let mut table = Table::new(["", "p50 ms", "p99 ms", "processor", "memory", "after", "what became of it"]);
    for attack in attacks::ALL {
        // A server of its own for each, so that nothing is left of the one before.
        let target = Target::start()?;
        let readers = readers::Readers::open(target.addr, &target.path).await?;
        let (memory, processor, started) = (target.memory()?, target.processor()?, Instant::now());
        let became = attack.run(target.addr, &target.path, &target.busy, started + ATTACK).await;
        let share = target.processor()?.saturating_sub(processor).as_secs_f64() / started.elapsed().as_secs_f64();
        let peak = target.memory()?.saturating_sub(memory);
        let latencies = readers.close().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after = target.memory()?.saturating_sub(memory);
        let counters = attacks::get(target.addr, "/stats").await?;
        table.row([
            attack.name().to_owned(),
            millis(latencies.percentile(50)),
            millis(latencies.percentile(99)),
            format!("{:.0} %", share * 100.0),
            format!("+{} KB", peak / 1_000),
            format!("+{} KB", after / 1_000),
            format!("{became}; {}", counters.trim()),
        ]);
    }
    println!("readers' latency, and what the server took, while for {} s\n\n{table}", ATTACK.as_secs());
    Ok(())
}

fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}
