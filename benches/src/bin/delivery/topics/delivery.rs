//! What a delivery costs: a thousand readers at a pace that leaves the server idle in between, and everything at once.

use htmx_ws_benches::table::Table;

use super::{latency, wrong};
use crate::Result;
use crate::order::Order;
use crate::server::Kind;
use crate::turns::{Effort, Measured, Scenario, Turn, deliver};

const KINDS: [Kind; 4] = [Kind::Floor, Kind::CoalescingFloor, Kind::Plain, Kind::Ours];
const READERS: usize = 1_000;
const RATE: u32 = 50;

pub(crate) fn run(effort: Effort) -> Result<()> {
    let seconds = effort.pick(1, 5);
    let scenario = Scenario::paced(READERS, RATE, seconds);
    let at_once = Order { n: effort.pick(200, 1_000), rate: 0, ..scenario.order.clone() };
    let both = Measured::in_turn(effort.pick(3, 5), &KINDS, |kind| {
        let (server, mut load) = scenario.start(kind, effort)?;
        let paced = deliver(&server, &mut load, &scenario.order, scenario.patience)?;
        Ok((paced, deliver(&server, &mut load, &at_once, scenario.patience)?))
    })?;
    let (paced, burst): (Measured<Turn>, Measured<Turn>) = both.unzip();
    let mut table = Table::new(["", "us/delivery", "vs floor", "p50 ms", "p99 ms", "wrong", "at once us", "vs coalescing", "wrong"]);
    for kind in paced.kinds() {
        table.row([
            kind.name().to_owned(),
            format!("{:.2}", paced.median(kind, Turn::micros)),
            format!("{:.2}", paced.ratio(kind, Kind::Floor, Turn::micros)),
            latency(&paced, kind, 50),
            latency(&paced, kind, 99),
            wrong(&paced, kind),
            format!("{:.2}", burst.median(kind, Turn::micros)),
            format!("{:.2}", burst.ratio(kind, Kind::CoalescingFloor, Turn::micros)),
            wrong(&burst, kind),
        ]);
    }
    println!("delivery: {READERS} readers, {RATE} messages a second of 512 bytes for {seconds} s; then {} at once\n\n{table}", at_once.n);
    println!(
        "us: processor time of the server for each message that a reader gets; wrong: those that readers missed or got twice, in all rounds\n"
    );
    Ok(())
}
