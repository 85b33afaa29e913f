//! What a connection takes of the server's memory while nothing happens, and after a large message has passed.

use std::time::{Duration, Instant};

use htmx_ws_benches::table::Table;

use crate::Result;
use crate::load::{Load, publish_to_topics};
use crate::order::{Lane, Order, count};
use crate::server::{Kind, Server};
use crate::turns::{Effort, Measured, deliver};

const KINDS: [Kind; 3] = [Kind::Floor, Kind::Plain, Kind::Ours];
/// Connections before the first look: what a server has once, it has then.
const BEFORE: usize = 500;
const CONNECTIONS: usize = 4_000;
const LARGE: usize = 20_000;
const TOPICS: usize = 10_000;
const TOPICS_BEFORE: usize = 100;

/// Resident bytes for each connection.
struct Connection {
    idle: f64,
    behind_large: f64,
    later: f64,
}

pub(crate) fn run(effort: Effort) -> Result<()> {
    let measured = Measured::in_turn(effort.pick(1, 3), &KINDS, |kind| connections(kind, effort))?;
    let mut table = Table::new(["", "idle KB", "behind a large message KB", "3 s later KB"]);
    for kind in measured.kinds() {
        let kilobytes = |value: fn(&Connection) -> f64| format!("{:.2}", measured.median(kind, value) / 1e3);
        table.row([
            kind.name().to_owned(),
            kilobytes(|connection| connection.idle),
            kilobytes(|connection| connection.behind_large),
            kilobytes(|connection| connection.later),
        ]);
    }
    println!("memory: resident, for each of {CONNECTIONS} connections; the large message is one of {} KB to all\n\n{table}", LARGE / 1_000);
    let bytes = topics(effort)?;
    println!(
        "memory: a hub with {TOPICS} idle topics of one element of 512 bytes takes {:.1} MB, beside what it has without\n",
        bytes / 1e6
    );
    Ok(())
}

fn connections(kind: Kind, effort: Effort) -> Result<Connection> {
    let server = Server::start(kind, effort.cores)?;
    let mut load = Load::new(server.addr)?;
    let small = Order { topic: "k".to_owned(), n: 1, bytes: 512, rate: 0, first: 1, lane: Lane::Event };
    load.connect(BEFORE, &small.topic)?;
    deliver(&server, &mut load, &small, Duration::from_secs(10))?;
    let before = server.memory()?;
    load.connect(CONNECTIONS, &small.topic)?;
    rest(&mut load, Duration::from_millis(500))?;
    let idle = server.memory()?;
    deliver(&server, &mut load, &Order { bytes: LARGE, ..small }, Duration::from_secs(10))?;
    let behind_large = server.memory()?;
    rest(&mut load, Duration::from_secs(3))?;
    let each = |now: u64| (count(now) - count(before)) / count(CONNECTIONS as u64);
    Ok(Connection { idle: each(idle), behind_large: each(behind_large), later: each(server.memory()?) })
}

/// Lets time pass for the server, while the load client is there for it.
fn rest(load: &mut Load, time: Duration) -> Result<()> {
    load.run_until(Instant::now() + time, |_| false)
}

/// Resident bytes that our server takes for the topics.
fn topics(effort: Effort) -> Result<f64> {
    let server = Server::start(Kind::Ours, effort.cores)?;
    let order = Order { topic: String::new(), n: 1, bytes: 512, rate: 0, first: 1, lane: Lane::State };
    publish_to_topics(server.addr, &order, 0..TOPICS_BEFORE)?;
    let before = server.memory()?;
    publish_to_topics(server.addr, &order, TOPICS_BEFORE..TOPICS_BEFORE + TOPICS)?;
    Ok(count(server.memory()?) - count(before))
}
