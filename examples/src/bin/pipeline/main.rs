//! A pipeline: sources are written, built by a real `cargo build`, and run; every page sees each step and each line of output.
//!
//! [`sources`] is what is built, [`pipeline`] the run and its state, [`child`] its processes, [`view`] what is published, [`page`] the page.

mod child;
mod messages;
mod page;
mod pipeline;
mod sources;
mod view;

use std::io;
use std::process::ExitCode;

use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::site::Site;

use crate::page::App;
use crate::pipeline::Pipeline;

const USAGE: &str = "\
Builds a small program with cargo and runs it, live in the browser.

usage: pipeline [options]

";

#[tokio::main]
async fn main() -> ExitCode {
    let parsed = args::parse(std::env::args_os().skip(1), |_, _| Ok(false));
    let args = match args::or_exit(parsed, USAGE) {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> io::Result<()> {
    let site = Site::new(args)?;
    let pipeline = Pipeline::new(site.hub().clone()).map_err(io::Error::other)?;
    let app = App { hub: site.hub().clone(), pipeline: pipeline.clone(), policy: site.policy() };
    site.serve(page::routes(), app, move || pipeline.stop()).await
}
