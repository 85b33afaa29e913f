//! A live page in the style of Tailwind: the components of the kit in utility classes.

mod page;
#[path = "../../release/parts.rs"]
mod parts;
mod theme;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::release::app;
use htmx_ws_examples::site::Site;

const USAGE: &str = "\
Shows a release that goes live, in Tailwind's classes. Needs the style sheet that Tailwind makes of them: `cargo xtask demo -- tailwind` has it made.

usage: tailwind --css FILE [options]

  --css FILE     the style sheet
";

#[tokio::main]
async fn main() -> ExitCode {
    let mut css = None;
    let parsed = args::parse(std::env::args_os().skip(1), |name, parser| {
        if name == "css" {
            css = Some(parser.value()?.into());
        }
        Ok(name == "css")
    });
    let args = match args::or_exit(parsed, USAGE) {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args, css).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args, css: Option<PathBuf>) -> io::Result<()> {
    let css = css.ok_or_else(|| io::Error::other("there is no style sheet; `cargo xtask demo -- tailwind` has it made"))?;
    let style_sheet = fs::read_to_string(&css).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", css.display())))?;
    app::serve(Site::new(args)?, page::routes(style_sheet), theme::VIEWS, parts::publish).await
}
