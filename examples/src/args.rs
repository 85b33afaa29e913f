//! What the command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use htmx_ws_components::Htmx;
use lexopt::prelude::{Long, Short, ValueExt};

/// How the program is called.
pub(crate) const USAGE: &str = "\
Hashes every file of a folder, live in the browser.

usage: job [options]

  --dir PATH     the folder to hash (default: the current one)
  --port N       where to listen on 127.0.0.1 (default: 3000, or any free port when that is taken)
  --htmx 2|4     the generation of htmx that the page loads (default: 4)
  --assets DIR   serve htmx from this folder of npm packages instead of a CDN
";

/// The port that is tried when none is asked for.
pub(crate) const DEFAULT_PORT: u16 = 3000;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) dir: PathBuf,
    pub(crate) port: Option<u16>,
    pub(crate) htmx: Htmx,
    pub(crate) assets: Option<PathBuf>,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Run(Args),
    Help,
}

/// Reads the arguments behind the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut args = Args { dir: PathBuf::from("."), port: None, htmx: Htmx::V4, assets: None };
    while let Some(arg) = parser.next()? {
        match arg {
            Long("dir") => args.dir = parser.value()?.into(),
            Long("port") => args.port = Some(parser.value()?.parse()?),
            Long("htmx") => args.htmx = parser.value()?.parse_with(generation)?,
            Long("assets") => args.assets = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Run(args))
}

fn generation(text: &str) -> Result<Htmx, &'static str> {
    match text {
        "2" => Ok(Htmx::V2),
        "4" => Ok(Htmx::V4),
        _ => Err("there is htmx 2 and htmx 4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn run(args: &[&str]) -> Args {
        match parse(args.iter().map(OsString::from)).unwrap() {
            Command::Run(args) => args,
            Command::Help => panic!("help"),
        }
    }

    #[test]
    fn every_option_has_a_default() {
        let args = run(&[]);
        assert_eq!((args.dir, args.port, args.assets), (PathBuf::from("."), None, None));
        assert!(matches!(args.htmx, Htmx::V4));
    }

    #[test]
    fn every_option_can_be_given() {
        let args = run(&["--dir", "a b", "--port=8080", "--htmx", "2", "--assets", "node_modules"]);
        assert_eq!((args.dir, args.port, args.assets), (PathBuf::from("a b"), Some(8080), Some(PathBuf::from("node_modules"))));
        assert!(matches!(args.htmx, Htmx::V2));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (args, message) in [
            (["--htmx", "3"], "cannot parse argument \"3\": there is htmx 2 and htmx 4"),
            (["--port", "99999"], "cannot parse argument \"99999\": number too large to fit in target type"),
            (["--color", "red"], "invalid option '--color'"),
        ] {
            let error = parse(args.map(OsString::from)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
