//! What a server takes to deliver: processor time, memory and latency, beside a floor that does nothing but write, and beside axum with a broadcast channel.
//!
//! Each server is a process of its own on a processor of its own, the load comes from one thread on another. Servers take turns, round after round, and ratios are taken
//! in each round: a machine that is slow for a while is slow for all of them.

mod cores;
mod floor;
mod latencies;
mod load;
mod order;
mod others;
mod plain;
mod server;
mod topics;
mod turns;

use std::error::Error;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use cores::Cores;
use others::Others;
use turns::Effort;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Sockets of ten thousand readers, and some more; servers inherit it.
const FILES: u64 = 16_384;

fn main() -> Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(hard.min(FILES)), hard)?;
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, kind] = arguments.as_slice()
        && serve == "--serve"
    {
        return server::serve(kind);
    }
    let before = arguments.len();
    arguments.retain(|argument| argument != "--quick");
    let effort = Effort { cores: Cores::first_two()?, is_quick: arguments.len() < before };
    if let Some(unknown) = arguments.iter().find(|name| topics::ALL.iter().all(|topic| topic.name != *name)) {
        let known: Vec<&str> = topics::ALL.iter().map(|topic| topic.name).collect();
        return Err(format!("unknown topic `{unknown}`; there are {}", known.join(", ")).into());
    }
    effort.cores.stay_with_the_load()?;
    for topic in topics::ALL.iter().filter(|topic| arguments.is_empty() || arguments.iter().any(|name| name == topic.name)) {
        let others = Others::look()?;
        (topic.run)(effort)?;
        println!("({}: others had {:.2} processors in use meanwhile)\n", topic.name, others.processors_since()?);
    }
    Ok(())
}
