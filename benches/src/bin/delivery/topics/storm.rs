//! How long it takes until all clients are back behind a restart.

use std::time::{Duration, Instant};

use htmx_ws_benches::table::Table;

use super::seconds;
use crate::Result;
use crate::load::Load;
use crate::order::{Lane, Order, count};
use crate::server::{Kind, Server};
use crate::turns::{Effort, Measured, deliver};

const KINDS: [Kind; 3] = [Kind::Floor, Kind::Plain, Kind::Ours];
const CLIENTS: usize = 10_000;

/// What was seen of one server.
struct Storm {
    /// Until all clients had their answers, and until all had a message, too.
    answered: Duration,
    right: Duration,
    /// Processor time of the server for each handshake, in microseconds.
    micros: f64,
    /// Clients without the message.
    behind: usize,
}

pub(crate) fn run(effort: Effort) -> Result<()> {
    let measured = Measured::in_turn(effort.pick(1, 5), &KINDS, |kind| storm(kind, effort))?;
    let mut table = Table::new(["", "all answered s", "all have a message s", "without", "us/handshake", "vs floor"]);
    for kind in measured.kinds() {
        table.row([
            kind.name().to_owned(),
            format!("{:.2}", measured.median(kind, |storm| seconds(storm.answered))),
            format!("{:.2}", measured.median(kind, |storm| seconds(storm.right))),
            format!("{:.0}", measured.median(kind, |storm| count(storm.behind as u64))),
            format!("{:.1}", measured.median(kind, |storm| storm.micros)),
            format!("{:.2}", measured.ratio(kind, Kind::Floor, |storm| storm.micros)),
        ]);
    }
    println!("storm: {CLIENTS} clients connect to a new server as fast as it takes them; then a message goes to all\n\n{table}");
    Ok(())
}

fn storm(kind: Kind, effort: Effort) -> Result<Storm> {
    let server = Server::start(kind, effort.cores)?;
    let mut load = Load::new(server.addr)?;
    let (processor, began) = (server.processor()?, Instant::now());
    load.connect(CLIENTS, "k")?;
    let answered = began.elapsed();
    let micros = seconds(server.processor()?.saturating_sub(processor)) * 1e6 / count(CLIENTS as u64);
    let order = Order { topic: "k".to_owned(), n: 1, bytes: 512, rate: 0, first: 1, lane: Lane::Event };
    let turn = deliver(&server, &mut load, &order, Duration::from_secs(20))?;
    Ok(Storm { answered, right: began.elapsed(), micros, behind: turn.behind })
}
