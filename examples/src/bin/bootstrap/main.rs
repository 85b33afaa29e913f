//! A live page in Bootstrap 5: the components of the kit in its classes.

mod page;
#[path = "../../release/parts.rs"]
mod parts;
mod theme;

use std::io;
use std::process::ExitCode;

use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::release::app;
use htmx_ws_examples::site::Site;

const USAGE: &str = "\
Shows a release that goes live, in Bootstrap 5. Needs `--assets`: Bootstrap's style sheet comes from npm.

usage: bootstrap [options]

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
    let style_sheet = site.package_file("bootstrap/dist/css/bootstrap.min.css")?;
    app::serve(site, page::routes(style_sheet), theme::VIEWS, parts::publish).await
}
