//! Every component in every state: as it stands in a page, and live, driven by a task that publishes.

mod board;
mod family;
mod look;
mod page;
mod specimens;

use std::io;
use std::process::ExitCode;

use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::release::app;
use htmx_ws_examples::release::theme::Theme;
use htmx_ws_examples::site::Site;

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
    app::serve(Site::new(args)?, page::routes(), Theme::BUILT_IN, board::publish).await
}
