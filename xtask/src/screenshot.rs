//! `cargo xtask screenshot`: a picture of a page as Chromium shows it.

use crate::{
    browser::Browser,
    run::{self, Failure},
};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs, process,
    process::Command,
};

/// Room for a page's whole width on a laptop.
const DEFAULT_SIZE: &str = "1280x800";

/// Writes the picture that the arguments ask for.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let mut names = Vec::new();
    let mut size = OsStr::new(DEFAULT_SIZE);
    let mut scheme = "1";
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.to_str() {
            Some("--dark") => scheme = "0",
            Some("--size") => {
                size = rest
                    .next()
                    .ok_or_else(|| Failure::new("`--size` needs a value such as 390x844"))?;
            }
            Some(option) if option.starts_with("--") => {
                return Err(Failure::new(format!(
                    "unknown option `{option}`; expected one of: `--dark`, `--size`"
                )));
            }
            _ => names.push(argument),
        }
    }
    let [url, file] = names[..] else {
        return Err(Failure::new("`screenshot` needs a URL and a file"));
    };
    let profile = env::temp_dir().join(format!("htmx-ws-screenshot-{}", process::id()));
    let taken = run::succeed_quietly(
        Command::new(Browser::find()?.chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={}", parse_size(size)?))
            .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
            // A live page is never idle; this is how long it gets to connect and to show what is new.
            .arg("--timeout=2000")
            .arg(format!("--screenshot={}", file.display()))
            .arg(url),
    );
    // Left for the system to clean where it cannot be removed.
    let _ = fs::remove_dir_all(profile);
    taken
}

/// `390x844` as Chromium wants it.
fn parse_size(size: &OsStr) -> Result<String, Failure> {
    let parsed = size.to_str().and_then(|size| {
        let (width, height) = size.split_once('x')?;
        Some((width.parse::<u16>().ok()?, height.parse::<u16>().ok()?))
    });
    match parsed {
        Some((width, height)) => Ok(format!("{width},{height}")),
        None => Err(Failure::new(format!(
            "`{}` is not a size; expected one such as 390x844",
            size.display()
        ))),
    }
}
