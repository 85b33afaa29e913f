//! What it costs to write a component into a buffer that is used again: by our derives, by hand, in maud, in askama.

use std::collections::HashMap;
use std::error::Error;
use std::process::Command;

use htmx_ws_benches::render::{self, Measured};
use htmx_ws_benches::rounds::{Candidate, Times};
use htmx_ws_benches::table::Table;

fn main() -> Result<(), Box<dyn Error>> {
    let allocations = allocations()?;
    println!("rendering into a buffer that is used again; medians of rounds in which all ways run in turn\n");
    for component in render::all() {
        let Measured { name, bytes, ways } = component;
        let mut table = Table::new([&format!("{:<28}", format!("{name}, {bytes} bytes")), "ns", "to by hand", "allocations"]);
        let names: Vec<_> = ways.iter().map(|way| (way.name, way.beside)).collect();
        let mut candidates: Vec<Candidate> = ways.into_iter().map(|way| way.candidate).collect();
        let times = Times::measure(&mut candidates);
        for (place, (way, beside)) in names.into_iter().enumerate() {
            let ratio = beside.map_or_else(String::new, |beside| format!("{:.2}", times.ratio(place, beside)));
            let count = allocations.get(&format!("{name}\t{way}")).cloned().unwrap_or_default();
            table.row([format!("  {way}"), format!("{:.1}", times.median(place)), ratio, count]);
        }
        println!("{table}");
    }
    Ok(())
}

/// What the program beside this one counts, by component and way.
fn allocations() -> Result<HashMap<String, String>, Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("allocations").with_extension(std::env::consts::EXE_EXTENSION);
    let output = Command::new(&program)
        .output()
        .map_err(|error| format!("`{}` cannot be started: {error}; `cargo xtask bench render` builds it", program.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    Ok(lines.lines().filter_map(|line| line.rsplit_once('\t')).map(|(way, count)| (way.to_owned(), count.to_owned())).collect())
}
