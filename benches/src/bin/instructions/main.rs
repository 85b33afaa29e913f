//! How many instructions the parts inside take, beside those of a checked-in table: a time is the machine's, a count is the program's.
//!
//! Without arguments it checks, with `renew` it writes the table, and with a part's name and a number it runs that part so often, for valgrind to count.

mod callgrind;
mod recorded;

use std::env;
use std::process::ExitCode;

use htmx_ws_benches::parts::{PARTS, Result};
use recorded::Recorded;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    if PARTS.is_empty() {
        return Err("this was built without `--cfg htmx_ws_measured`; `cargo xtask counts` builds it with that".into());
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Recorded::read()?.check(&callgrind::count_all()?),
        ["renew"] => Recorded::write(&callgrind::count_all()?),
        [part, times] => callgrind::run(part, times.parse()?),
        _ => Err("it takes nothing, `renew`, or a part and how often it is to run".into()),
    }
}
