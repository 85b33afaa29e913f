//! What superseding saves: much more is published than anyone could look at.

use htmx_ws_benches::table::Table;

use super::seconds;
use crate::Result;
use crate::order::{Lane, Order, count};
use crate::server::Kind;
use crate::turns::{Effort, Measured, Scenario, Turn};

const READERS: usize = 1_000;

pub(crate) fn run(effort: Effort) -> Result<()> {
    let time = effort.pick(2, 5);
    let events = Scenario::paced(READERS, 100, time);
    let states = Order { lane: Lane::State, ..Scenario::paced(READERS, 10_000, time).order };
    let states = Scenario { order: states, ..events.clone() };
    let measured =
        Measured::in_turn(effort.pick(1, 3), &[Kind::Ours], |kind| Ok((states.measure(kind, effort)?, events.measure(kind, effort)?)))?;
    let mut table = Table::new(["", "frames a reader", "elements a reader", "not at the last value", "processor s"]);
    let mut row = |name: &str, of: fn(&(Turn, Turn)) -> &Turn| {
        let median = |value: fn(&Turn) -> f64| measured.median(Kind::Ours, |turn| value(of(turn)));
        let each = count(READERS as u64);
        table.row([
            name.to_owned(),
            format!("{:.0}", median(|turn| count(turn.frames)) / each),
            format!("{:.0}", median(|turn| count(turn.deliveries)) / each),
            format!("{:.0}", median(|turn| count(turn.behind as u64))),
            format!("{:.2}", median(|turn| seconds(turn.server))),
        ]);
    };
    row("10000 states a second", |turn| &turn.0);
    row("100 events a second", |turn| &turn.1);
    println!("conflation: {READERS} readers of one topic for {time} s, elements of 512 bytes\n\n{table}");
    let ratio = measured.median(Kind::Ours, |turn| seconds(turn.0.server) / seconds(turn.1.server));
    println!("the states take {ratio:.2} times the processor time of the events\n");
    Ok(())
}
