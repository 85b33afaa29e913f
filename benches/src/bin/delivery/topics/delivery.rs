//! What a delivery costs: a thousand readers at a pace that leaves the server idle in between, and everything at once.

use std::time::Duration;

use htmx_ws_benches::table::Table;

use super::millis;
use crate::Result;
use crate::order::{Lane, Order};
use crate::server::Kind;
use crate::turns::{Effort, Scenario, Turn, deliver};

const KINDS: [Kind; 4] = [Kind::Floor, Kind::CoalescingFloor, Kind::Plain, Kind::Ours];
const READERS: usize = 1_000;
const RATE: u32 = 50;

pub(crate) fn run(effort: Effort) -> Result<()> {
    let seconds = effort.pick(2, 5);
    let paced = Order { topic: "k".to_owned(), n: u64::from(RATE) * seconds, bytes: 512, rate: RATE, first: 21, lane: Lane::Event };
    let at_once = Order { n: effort.pick(300, 1_000), rate: 0, first: paced.end(), ..paced.clone() };
    let scenario = Scenario { readers: READERS, order: paced.clone(), patience: Duration::from_secs(30) };
    let measured = effort.measure(effort.pick(3, 5), &KINDS, |kind| {
        let (server, mut load) = scenario.start(kind, effort)?;
        let paced = deliver(&server, &mut load, &scenario.order, scenario.patience)?;
        Ok((paced, deliver(&server, &mut load, &at_once, scenario.patience)?))
    })?;
    let mut table = Table::new(["", "us/delivery", "vs floor", "p50 ms", "p99 ms", "wrong", "at once us", "vs coalescing", "wrong"]);
    for kind in measured.kinds() {
        let at_once = |turn: &(Turn, Turn)| turn.1.micros();
        let latency = |percent| measured.median(kind, |turn| turn.0.latencies.percentile(percent).as_secs_f64());
        table.row([
            kind.name().to_owned(),
            format!("{:.2}", measured.median(kind, |turn| turn.0.micros())),
            format!("{:.2}", measured.ratio(kind, Kind::Floor, |turn| turn.0.micros())),
            millis(Duration::from_secs_f64(latency(50))),
            millis(Duration::from_secs_f64(latency(99))),
            measured.of(kind).iter().map(|turn| turn.0.wrong()).sum::<u64>().to_string(),
            format!("{:.2}", measured.median(kind, at_once)),
            format!("{:.2}", measured.ratio(kind, Kind::CoalescingFloor, at_once)),
            measured.of(kind).iter().map(|turn| turn.1.wrong()).sum::<u64>().to_string(),
        ]);
    }
    println!("{READERS} readers, {RATE} messages a second of 512 bytes for {seconds} s; then {} at once\n\n{table}", at_once.n);
    println!("us: processor time of the server; wrong: messages that readers missed or got twice, of all rounds\n");
    Ok(())
}
