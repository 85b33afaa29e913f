//! What the commands of the README run.

mod bench;
mod counts;
mod demo;
mod npm;
mod programs;
mod release;
mod run;
mod screenshot;
mod test;

use run::Failure;
use std::{env, ffi::OsString, process::ExitCode};

const USAGE: &str = "\
usage: cargo xtask <command>

  demo [--dir PATH] [--port N] [--htmx WHICH] run the demo, a live page of a real job
  demo --nodes N [--port N] [--htmx WHICH]    run a page on N nodes that share a NATS server, found or fetched
  demo gallery [--port N] [--htmx WHICH]      run the gallery: each component in each state
  demo chat [--port N] [--htmx WHICH]         run the chat: rooms, presence, a moderator
  demo monitor [--port N] [--htmx WHICH]      run the monitor: this machine, ten times a second
  demo pipeline [--port N] [--htmx WHICH]     run the pipeline: a build, step by step
  demo bootstrap [--port N] [--htmx WHICH]    run a page in Bootstrap's classes
  demo tailwind [--port N] [--htmx WHICH]     run the same page in Tailwind's classes
  test [--fast]                               run every check; --fast leaves out the browser tests
  test --soak                                 a million random schedules of the model, in release
  release                                     check what is published: every selection of features, the documentation, the packages
  counts [--renew]                            check the instructions that the parts inside take, or write their table anew
  bench [--quick]                             measure everything; or in three minutes what delivering takes
  bench [render|parts|topics|compile|abuse]   measure: components beside other ways to write them, the parts inside, the memory of idle topics, what compiling
                                              costs, a server under attack
  bench delivery [--quick] [TOPIC...]         measure what delivering takes beside a bare loop that writes; all topics, or those that are named
  bench page [MS...]                          measure what a busy topic costs a page in the browser; with other flush intervals, too
  assets                                      install htmx and the rest from npm into npm/node_modules
  screenshot URL FILE [--dark] [--forced-colors] [--print] [--size WxH]
                                              picture a page as PNG";

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let command = arguments.next().unwrap_or_default();
    // `cargo xtask demo -- --dir PATH` and `cargo xtask demo --dir PATH` mean the same.
    let arguments: Vec<OsString> = arguments.filter(|argument| argument != "--").collect();
    let result = match command.to_str() {
        Some("demo") => demo::run(&arguments),
        Some("test") => return test::run(&arguments),
        Some("bench") => bench::run(&arguments),
        Some("release") => release::run(&arguments),
        Some("counts") => counts::run(&arguments),
        Some("assets") => npm::install(),
        Some("screenshot") => screenshot::run(&arguments),
        Some("" | "help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(Failure::new(format!("unknown command `{}`\n{USAGE}", command.display()))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
