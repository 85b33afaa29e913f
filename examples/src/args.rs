//! What the command line of every example asks for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use htmx_ws_components::Htmx;
use lexopt::prelude::{Long, Short, ValueExt};

/// The options that every example has, for the end of its usage.
pub const OPTIONS: &str = "\
  --port N       where to listen on 127.0.0.1 (default: 3000, or any free port when that is taken)
  --htmx WHICH   the htmx that the page loads: 2, 2-morph (with idiomorph) or 4 (default: 4)
  --assets DIR   serve htmx from this folder of npm packages instead of a CDN
";

/// What those options say.
#[derive(Debug)]
pub struct Args {
    /// Where to listen; `None`: the usual port if it is free.
    pub port: Option<u16>,
    /// Which htmx the page loads.
    pub htmx: Htmx,
    /// The folder of npm packages that has it.
    pub assets: Option<PathBuf>,
}

/// What to do.
#[derive(Debug)]
pub enum Command {
    /// Serve.
    Run(Args),
    /// Say how the program is called.
    Help,
}

/// Reads the arguments behind the program's name. An option that is not everyone's goes to `own`, which answers whether it is its.
///
/// # Errors
/// Says what is wrong with which argument.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
    mut own: impl FnMut(&str, &mut lexopt::Parser) -> Result<bool, lexopt::Error>,
) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut args = Args { port: None, htmx: Htmx::V4, assets: None };
    while let Some(arg) = parser.next()? {
        match arg {
            Long("port") => args.port = Some(parser.value()?.parse()?),
            Long("htmx") => args.htmx = parser.value()?.parse_with(generation)?,
            Long("assets") => args.assets = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Ok(Command::Help),
            Long(name) => {
                let name = name.to_owned();
                if !own(&name, &mut parser)? {
                    return Err(Long(&name).unexpected());
                }
            }
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Run(args))
}

/// What [`parse`] found, or how the program is to end instead of running.
///
/// # Errors
/// The exit code, behind the words that belong to it.
pub fn or_exit(parsed: Result<Command, lexopt::Error>, usage: &str) -> Result<Args, ExitCode> {
    match parsed {
        Ok(Command::Run(args)) => Ok(args),
        Ok(Command::Help) => {
            print!("{usage}{OPTIONS}");
            Err(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error}\n\n{usage}{OPTIONS}");
            Err(ExitCode::FAILURE)
        }
    }
}

fn generation(text: &str) -> Result<Htmx, &'static str> {
    match text {
        "2" => Ok(Htmx::V2),
        "2-morph" => Ok(Htmx::V2Morph),
        "4" => Ok(Htmx::V4),
        _ => Err("there are 2, 2-morph and 4"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn run(args: &[&str]) -> (Args, Option<PathBuf>) {
        let mut dir = None;
        let parsed = parse(args.iter().map(OsString::from), |name, parser| {
            if name == "dir" {
                dir = Some(parser.value()?.into());
            }
            Ok(name == "dir")
        });
        match parsed.unwrap() {
            Command::Run(args) => (args, dir),
            Command::Help => panic!("help"),
        }
    }

    #[test]
    fn every_option_has_a_default() {
        let (args, dir) = run(&[]);
        assert_eq!((dir, args.port, args.assets), (None, None, None));
        assert!(matches!(args.htmx, Htmx::V4));
    }

    #[test]
    fn every_option_can_be_given() {
        let (args, dir) = run(&["--dir", "a b", "--port=8080", "--htmx", "2", "--assets", "node_modules"]);
        assert_eq!((dir, args.port, args.assets), (Some(PathBuf::from("a b")), Some(8080), Some(PathBuf::from("node_modules"))));
        assert!(matches!(args.htmx, Htmx::V2));
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (args, message) in [
            (["--htmx", "3"], "cannot parse argument \"3\": there are 2, 2-morph and 4"),
            (["--port", "99999"], "cannot parse argument \"99999\": number too large to fit in target type"),
            (["--color", "red"], "invalid option '--color'"),
        ] {
            let error = parse(args.map(OsString::from), |_, _| Ok(false)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
