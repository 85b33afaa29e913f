//! Every component in every state: as it stands in a page, and live, driven by a task that publishes.

mod board;
mod family;
mod look;
mod page;
mod specimens;
mod world;

use std::io;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::site::Site;

use crate::page::App;
use crate::world::World;

const USAGE: &str = "\
Shows every component in every state, live in the browser.

usage: gallery [options]

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
    let world = Arc::new(Mutex::new(World::new().map_err(io::Error::other)?));
    let ticking = tokio::spawn(world::run(site.hub().clone(), Arc::clone(&world)));
    let app = App { hub: site.hub().clone(), world, policy: site.policy() };
    site.serve(page::routes(), app, move || ticking.abort()).await
}
