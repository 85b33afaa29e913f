//! Whether a delivery costs more where there are more readers.

use htmx_ws_benches::table::Table;

use crate::Result;
use crate::server::Kind;
use crate::turns::{Effort, Measured, Scenario};

const KINDS: [Kind; 3] = [Kind::Floor, Kind::Plain, Kind::Ours];

pub(crate) fn run(effort: Effort) -> Result<()> {
    let seconds = effort.pick(2, 6);
    let (few, many) = (Scenario::paced(1_000, 50, seconds), Scenario::paced(10_000, 5, seconds));
    let measured = Measured::in_turn(effort.pick(1, 5), &KINDS, |kind| Ok((few.measure(kind, effort)?, many.measure(kind, effort)?)))?;
    let mut table = Table::new(["", "us, 1000 readers", "us, 10000 readers", "growth"]);
    for kind in measured.kinds() {
        table.row([
            kind.name().to_owned(),
            format!("{:.2}", measured.median(kind, |turn| turn.0.micros())),
            format!("{:.2}", measured.median(kind, |turn| turn.1.micros())),
            format!("{:.2}", measured.median(kind, |turn| turn.1.micros() / turn.0.micros())),
        ]);
    }
    println!("growth: processor time for each delivery, 50000 deliveries a second of 512 bytes\n\n{table}");
    Ok(())
}
