//! What valgrind counts.

use std::env;
use std::process::Command;

use htmx_ws_benches::parts::{PARTS, Part, Result};

/// How often a part runs for its count: so often that what differs from process to process, such as the keys of hash maps, is small beside it.
const TIMES: u32 = 500;

/// The instructions of each part.
pub(crate) fn count_all() -> Result<Vec<(&'static str, u64)>> {
    PARTS.iter().map(|part| Ok((part.name, count(part)?))).collect()
}

/// What the part takes once: what it takes more to run it twice as often. So what all processes do before and after it is not counted.
fn count(part: &Part) -> Result<u64> {
    let (less, more) = (collect(part, TIMES)?, collect(part, 2 * TIMES)?);
    Ok(more.saturating_sub(less) / u64::from(TIMES))
}

/// The instructions of a process that runs the part so often.
fn collect(part: &Part, times: u32) -> Result<u64> {
    let Part { name, only, .. } = part;
    let valgrind = env::var_os("VALGRIND").unwrap_or_else(|| "valgrind".into());
    let mut command = Command::new(valgrind);
    // Nobody looks at where they were spent: see the table's header for that.
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.args(only.map(|function| format!("--toggle-collect={function}")));
    command.arg(env::current_exe()?).arg(name).arg(times.to_string());
    let output =
        command.output().map_err(|error| format!("valgrind cannot be started: {error}; `cargo xtask counts` finds or installs it"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match collected {
        Some(collected) if output.status.success() => Ok(collected),
        _ => Err(format!("`{name}` failed under valgrind:\n{told}").into()),
    }
}

/// Runs the part.
pub(crate) fn run(part: &str, times: u32) -> Result<()> {
    let part = PARTS.iter().find(|other| other.name == part).ok_or_else(|| format!("there is no part called `{part}`"))?;
    (part.candidate)()?.run(times);
    Ok(())
}
