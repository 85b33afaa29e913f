//! What we cost to compile: the derives beside those of thiserror, the macros themselves and crates that use them; and a whole program beside one without us.
//!
//! What is compared is processor time: a busy machine changes it less than the time on the wall.

mod crates;
mod programs;
mod workspace;

use crates::{ERRORS, PLAIN, TYPES};
use htmx_ws_benches::rounds::median;
use htmx_ws_benches::table::Table;
use workspace::{Incremental, Result, Took, Workspace, locked_version, root};

/// How often each macro crate is built. It takes seconds, so few have to be enough.
const BUILDS: usize = 3;

/// How often each crate is checked.
const CHECKS: usize = 11;

fn main() -> Result<()> {
    println!("seconds to build a program from nothing; medians of {} builds in turn\n\n{}", programs::BUILDS, programs::builds()?);
    let thiserror = format!("thiserror = \"={}\"\n", locked_version("thiserror")?);
    println!("seconds to build the macros; medians of {BUILDS} builds in turn\n\n{}", builds(&thiserror)?);
    let components = format!("htmx-ws-components = {{ path = '{}' }}\n", root().join("htmx-ws-components").display());
    let maud = format!("maud = \"={}\"\n", locked_version("maud")?);
    let names: Vec<String> = (0..crates::all().len()).map(|place| format!("crate-{place}")).collect();
    let workspace = Workspace::new(&names, &(components + &maud + &thiserror))?;
    for (incremental, what) in [(Incremental::No, "check a crate"), (Incremental::Yes, "check a crate again after an edit")] {
        let table = checks(&workspace, &names, incremental)?;
        println!("milliseconds of processor time to {what}; medians of {CHECKS} runs in turn\n\n{table}");
    }
    Ok(())
}

/// A crate of macros, in a workspace that needs nothing else, and what it took to build.
struct Macros {
    name: &'static str,
    workspace: Workspace,
    /// With all it needs.
    all: Vec<Took>,
    /// When all it needs is built.
    last: Vec<Took>,
}

impl Macros {
    fn new(name: &'static str, dependency: &str) -> Result<Self> {
        Ok(Self { name, workspace: Workspace::new(&["user".to_owned()], dependency)?, all: Vec::new(), last: Vec::new() })
    }

    fn build(&mut self) -> Result<()> {
        let Self { name, workspace, all, last } = self;
        workspace.time(&["clean"], Incremental::No)?;
        all.push(workspace.time(&["build", "--package", name], Incremental::No)?);
        workspace.time(&["clean", "--package", name], Incremental::No)?;
        last.push(workspace.time(&["build", "--package", name], Incremental::No)?);
        Ok(())
    }
}

/// What it takes to have the macros.
fn builds(thiserror: &str) -> Result<Table> {
    let ours = format!("htmx-ws-macros = {{ path = '{}' }}\n", root().join("htmx-ws-macros").display());
    let [mut thiserror, mut ours] = [Macros::new("thiserror-impl", thiserror)?, Macros::new("htmx-ws-macros", &ours)?];
    for _ in 0..BUILDS {
        thiserror.build()?;
        ours.build()?;
    }
    let median_of = |times: &[Took], which: fn(&Took) -> f64| median(times.iter().map(which).collect());
    let mut table = Table::new(["", "on the wall", "processor", "to thiserror"]);
    let mut row = |title: String, times: &[Took], beside: &[Took]| {
        let processor = median_of(times, |took| took.processor);
        let ratio = processor / median_of(beside, |took| took.processor);
        table.row([title, format!("{:.2}", median_of(times, |took| took.wall)), format!("{processor:.2}"), format!("{ratio:.2}")]);
    };
    for macros in [&thiserror, &ours] {
        row(format!("{} and what it needs", macros.name), &macros.all, &thiserror.all);
        row(format!("  {} by itself", macros.name), &macros.last, &thiserror.last);
    }
    Ok(table)
}

/// What it takes to check each of the crates, whose dependencies are there.
fn checks(workspace: &Workspace, names: &[String], incremental: Incremental) -> Result<Table> {
    let crates = crates::all();
    for (one, name) in crates.iter().zip(names) {
        workspace.write(name, &one.source(0))?;
    }
    workspace.time(&["check", "--workspace"], incremental)?;
    let mut times = vec![Vec::with_capacity(CHECKS); crates.len()];
    for round in 0..CHECKS {
        for place in 0..crates.len() {
            let place = (place + round) % crates.len();
            workspace.write(&names[place], &crates[place].source(round + 1))?;
            times[place].push(workspace.time(&["check", "--package", &names[place]], incremental)?.processor * 1e3);
        }
    }
    // In each round, as the machine is not the same in all of them.
    let derives = |place: usize| median(times[place].iter().zip(&times[PLAIN]).map(|(time, plain)| time - plain).collect());
    let mut table = Table::new(["", "all", "the derives", "one type", "to thiserror"]);
    for (place, one) in crates.into_iter().enumerate() {
        let all = format!("{:.0}", median(times[place].clone()));
        if place == PLAIN {
            table.row([one.title, all]);
            continue;
        }
        let cost = derives(place);
        let each = format!("{:.2}", cost / f64::from(TYPES));
        table.row([one.title, all, format!("{cost:.0}"), each, format!("{:.2}", cost / derives(ERRORS))]);
    }
    Ok(table)
}
