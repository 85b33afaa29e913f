//! Whole programs, built from nothing: what a newcomer waits for.

use htmx_ws_benches::rounds::median;
use htmx_ws_benches::table::Table;

use crate::workspace::{Incremental, Result, Took, Workspace, locked_version, root};

/// How often each program is built. It takes the better part of a minute, so few have to be enough.
pub(crate) const BUILDS: usize = 3;

/// One page, as it is on the first page of axum's documentation, with maud.
const PLAIN: &str = r#"
use axum::{Router, routing::get};
use maud::{DOCTYPE, Markup, html};

async fn page() -> Markup {
    html! { (DOCTYPE) html lang="en" { head { title { "Hello" } } body { p { "Hello" } } } }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/", get(page));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
"#;

/// The program of the README.
const QUICKSTART: &str = include_str!("../../../../examples/src/bin/quickstart.rs");

/// A program, and what it took to build.
struct Program {
    title: &'static str,
    workspace: Workspace,
    /// The crates that are in it.
    crates: usize,
    times: Vec<Took>,
}

impl Program {
    fn new(title: &'static str, source: &str, dependencies: &str) -> Result<Self> {
        let workspace = Workspace::new(&[NAME.to_owned()], dependencies)?;
        workspace.write_program(NAME, source)?;
        let crates = workspace.crates()?;
        Ok(Self { title, workspace, crates, times: Vec::new() })
    }

    fn build(&mut self) -> Result<()> {
        self.workspace.time(&["clean"], Incremental::No)?;
        self.times.push(self.workspace.time(&["build"], Incremental::Yes)?);
        Ok(())
    }

    fn median_of(&self, which: fn(&Took) -> f64) -> f64 {
        median(self.times.iter().map(which).collect())
    }
}

const NAME: &str = "program";

/// What it takes to build each of them without optimisation.
pub(crate) fn builds() -> Result<Table> {
    let version = |package: &str| Ok::<_, Box<dyn std::error::Error>>(format!("version = \"={}\"", locked_version(package)?));
    let plain = format!(
        "axum = {{ {} }}\nmaud = {{ {}, features = [\"axum\"] }}\ntokio = {{ {}, features = [\"macros\", \"net\", \"rt-multi-thread\", \"time\"] }}\n",
        version("axum")?,
        version("maud")?,
        version("tokio")?,
    );
    let ours = format!("{plain}htmx-ws-components = {{ path = '{}' }}\n", root().join("htmx-ws-components").display());
    let mut programs = [Program::new("axum and maud, one page", PLAIN, &plain)?, Program::new("the quickstart", QUICKSTART, &ours)?];
    for _ in 0..BUILDS {
        for program in &mut programs {
            program.build()?;
        }
    }
    let mut table = Table::new(["", "crates", "on the wall", "processor", "wall to plain", "processor to plain"]);
    for program in &programs {
        let [wall, processor]: [fn(&Took) -> f64; 2] = [|took| took.wall, |took| took.processor];
        let ratio = |which| format!("{:.2}", program.median_of(which) / programs[0].median_of(which));
        let seconds = |which| format!("{:.1}", program.median_of(which));
        let cells = [program.crates.to_string(), seconds(wall), seconds(processor), ratio(wall), ratio(processor)];
        table.row([vec![program.title.to_owned()], cells.to_vec()].concat());
    }
    Ok(table)
}
