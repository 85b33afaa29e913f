//! Whether one processor keeps up with much, and how late it gets.

use htmx_ws_benches::table::Table;

use super::{latency, millis, percent, seconds, wrong};
use crate::Result;
use crate::order::count;
use crate::server::Kind;
use crate::turns::{Effort, Measured, Scenario, Turn};

const KINDS: [Kind; 4] = [Kind::Floor, Kind::CoalescingFloor, Kind::Plain, Kind::Ours];

pub(crate) fn run(effort: Effort) -> Result<()> {
    many_messages(effort)?;
    many_readers(effort)
}

fn many_messages(effort: Effort) -> Result<()> {
    let scenario = Scenario::paced(2_000, 200, effort.pick(1, 5));
    let measured = Measured::in_turn(effort.pick(1, 3), &KINDS, |kind| scenario.measure(kind, effort))?;
    let mut table =
        Table::new(["", "a second", "late s", "us/delivery", "vs coalescing", "server busy", "p50 ms", "p99 ms", "wrong", "load busy"]);
    for kind in measured.kinds() {
        table.row([
            kind.name().to_owned(),
            format!("{:.0}", measured.median(kind, |turn| count(turn.deliveries) / seconds(turn.took))),
            format!("{:.2}", measured.median(kind, |turn| seconds(turn.took.saturating_sub(scenario.order.duration())))),
            format!("{:.2}", measured.median(kind, Turn::micros)),
            format!("{:.2}", measured.ratio(kind, Kind::CoalescingFloor, Turn::micros)),
            percent(measured.median(kind, Turn::busy)),
            latency(&measured, kind, 50),
            latency(&measured, kind, 99),
            wrong(&measured, kind),
            percent(measured.median(kind, Turn::load_busy)),
        ]);
    }
    println!("load: 2000 readers, 200 messages a second of 512 bytes: 400000 deliveries a second where they are kept up with\n\n{table}");
    println!(
        "a second: deliveries, until the last reader had the last message; late: how long that was behind when the last was due; load busy: the load \
         client's processor.\nA latency is from when a message was published, which is late where the server does not keep up.\n"
    );
    Ok(())
}

fn many_readers(effort: Effort) -> Result<()> {
    let scenario = Scenario::paced(10_000, 20, effort.pick(2, 10));
    let measured = Measured::in_turn(effort.pick(1, 3), &KINDS[1..], |kind| scenario.measure(kind, effort))?;
    let mut table = Table::new([
        "",
        "us/delivery",
        "server busy",
        "p50 ms at first",
        "in the end",
        "p99 ms at first",
        "in the end",
        "wrong",
        "load busy",
    ]);
    for kind in measured.kinds() {
        let lag = |percent, is_end: bool| {
            millis(measured.median(kind, |turn| {
                let (first, last) = turn.latencies.first_and_last_quarter();
                seconds((if is_end { last } else { first }).percentile(percent))
            }))
        };
        table.row([
            kind.name().to_owned(),
            format!("{:.2}", measured.median(kind, Turn::micros)),
            percent(measured.median(kind, Turn::busy)),
            lag(50, false),
            lag(50, true),
            lag(99, false),
            lag(99, true),
            wrong(&measured, kind),
            percent(measured.median(kind, Turn::load_busy)),
        ]);
    }
    println!("load: 10000 readers, 20 messages a second of 512 bytes\n\n{table}");
    println!("at first, in the end: of what was published in the first and in the last quarter of the time\n");
    Ok(())
}
