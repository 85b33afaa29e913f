//! A live job page: hashes every file of a folder on threads of its own, and shows it in every browser that looks.
//!
//! The job itself ([`job`], [`folder`], [`walk`], [`digest`], [`runner`]) knows nothing of the web; [`view`] is where it becomes components.

mod digest;
mod folder;
mod job;
mod pace;
mod page;
mod phase;
mod runner;
mod view;
mod walk;
mod words;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::site::Site;

use crate::page::App;
use crate::runner::Runner;

const USAGE: &str = "\
Hashes every file of a folder, live in the browser.

usage: job [options]

  --dir PATH     the folder to hash (default: the current one)
";

#[tokio::main]
async fn main() -> ExitCode {
    let mut dir = PathBuf::from(".");
    let parsed = args::parse(std::env::args_os().skip(1), |name, parser| {
        if name == "dir" {
            dir = parser.value()?.into();
        }
        Ok(name == "dir")
    });
    let args = match args::or_exit(parsed, USAGE) {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(dir, &args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(dir: PathBuf, args: &Args) -> io::Result<()> {
    let dir = dir.canonicalize().map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", dir.display())))?;
    let site = Site::new(args)?;
    let runner = Runner::new(dir, view::publisher(site.hub().clone()));
    let app = App { hub: site.hub().clone(), runner: Arc::clone(&runner), policy: site.policy() };
    site.serve(page::routes(), app, move || runner.cancel()).await
}
