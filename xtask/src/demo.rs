//! `cargo xtask demo`: one of the live pages of the examples, with htmx from npm where there is an npm.

use crate::{
    npm, programs,
    run::{self, Failure},
};
use std::{ffi::OsString, os::unix::process::CommandExt as _};

/// Becomes the demo. Returns only when that fails.
///
/// The demo takes this process's place, so Ctrl-C and the exit code are its own. Its options are its own, too: it knows which
/// there are, and says so.
pub(crate) fn run(options: &[OsString]) -> Result<(), Failure> {
    let (name, options) = chosen(options);
    let mut demo = run::cargo();
    // From the user's own folder, so that `--dir` means what it says. No package is named, so that cargo unifies features as in the
    // tests, and both share one build.
    demo.args(["run", "--quiet", "--bin", name]).arg("--manifest-path").arg(run::root().join("Cargo.toml"));
    if name == NODES {
        let server = programs::nats_server()?;
        demo.args(run::FEATURES).arg("--").arg("--nats-server").arg(server);
    } else {
        demo.arg("--");
    }
    if npm::is_up_to_date() || npm::is_available() || STYLED_BY_NPM.contains(&name) {
        npm::install()?;
        demo.arg("--assets").arg(npm::node_modules());
        if name == "tailwind" {
            demo.arg("--css").arg(npm::tailwind()?);
        }
    } else {
        eprintln!("npm is not installed, so the page links a CDN's copies of htmx; install Node.js to serve them from here");
    }
    demo.args(options);
    let error = demo.exec();
    Err(run::cannot_start(&demo, &error))
}

/// The live pages.
const DEMOS: [&str; 7] = ["job", "gallery", "chat", "monitor", "pipeline", "bootstrap", "tailwind"];

/// The live page of many processes, chosen by how many there are to be: `--nodes N`.
const NODES: &str = "cluster";

/// Those whose style sheet no CDN stands in for.
const STYLED_BY_NPM: [&str; 2] = ["bootstrap", "tailwind"];

/// The example that the first option names, and its options; the job where it names none.
fn chosen(options: &[OsString]) -> (&'static str, Vec<OsString>) {
    if let Some(place) = options.iter().position(|option| option == "--nodes") {
        let mut options = options.to_vec();
        options[place] = "--all".into();
        return (NODES, options);
    }
    let named = options.split_first().and_then(|(name, rest)| Some((DEMOS.into_iter().find(|demo| name == demo)?, rest)));
    let (name, options) = named.unwrap_or(("job", options));
    (name, options.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(options: &[&str], name: &str, rest: &[&str]) {
        let options: Vec<OsString> = options.iter().map(OsString::from).collect();
        let (found, behind) = chosen(&options);
        assert_eq!((found, behind), (name, rest.iter().map(OsString::from).collect::<Vec<_>>()));
    }

    #[test]
    fn the_job_is_the_demo_unless_another_one_is_named() {
        check(&[], "job", &[]);
        check(&["--dir", "gallery"], "job", &["--dir", "gallery"]);
        check(&["gallery", "--port", "1"], "gallery", &["--port", "1"]);
        check(&["chat"], "chat", &[]);
        check(&["tailwind", "--port", "1"], "tailwind", &["--port", "1"]);
        check(&["job"], "job", &[]);
        check(&["--port", "1", "--nodes", "3"], "cluster", &["--port", "1", "--all", "3"]);
    }
}
