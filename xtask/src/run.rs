//! Starting other programs, and saying in one line what went wrong.

use std::{
    env,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

/// Why a command of xtask did not do what it says: one line, with the remedy where there is one.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "xtask: {}", self.0)
    }
}

/// What is built beside the default: what runs on many nodes.
pub(crate) const FEATURES: [&str; 1] =
    ["--features=htmx-ws-components/nats,htmx-ws-components/redis,htmx-ws-examples/nats,htmx-ws-tests/nats"];

/// The workspace's root folder.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The same with these arguments, which hold no spaces, in the workspace's root folder.
pub(crate) fn cargo_at_root(arguments: &str) -> Command {
    let mut command = cargo();
    command.args(arguments.split(' ')).current_dir(root());
    command
}

/// The folder that cargo builds in.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The executable `name` as the shell would find it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Runs `command` to its end and passes its output through.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed ({status})", shown(command)))) }
}

/// Runs `command` to its end without a word, unless it fails: then its output is shown.
pub(crate) fn succeed_quietly(command: &mut Command) -> Result<(), Failure> {
    let output = command.output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(());
    }
    eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Failure::new(format!("`{}` failed ({})", shown(command), output.status)))
}

pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` cannot be started: {error}", shown(command)))
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_owned();
    let words: Vec<OsString> = [program].into_iter().chain(command.get_args().map(ToOwned::to_owned)).collect();
    words.join(" ".as_ref()).display().to_string()
}
