//! A workspace in a folder for the time being, and cargo in it.

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use tempfile::TempDir;

/// What went wrong, in one line.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The root of our workspace.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The version of `package` that our workspace builds; of several the newest.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let heading = format!("name = \"{package}\"\nversion = \"");
    // They stand in the order of their versions.
    let version = lock.split(&heading).skip(1).last().and_then(|behind| behind.split('"').next());
    Ok(version.ok_or_else(|| format!("no {package} in Cargo.lock"))?.to_owned())
}

/// Packages that were written to a folder. Their dependencies are locked to the versions of ours.
pub(crate) struct Workspace(TempDir);

impl Workspace {
    /// A workspace of packages with these names, all with the same dependencies, whose libraries are empty.
    pub(crate) fn new(names: &[String], dependencies: &str) -> Result<Self> {
        let folder = TempDir::new()?;
        fs::write(folder.path().join("Cargo.toml"), format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n"))?;
        fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
        let workspace = Self(folder);
        for name in names {
            fs::create_dir_all(workspace.0.path().join(name).join("src"))?;
            let manifest =
                format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}");
            fs::write(workspace.0.path().join(name).join("Cargo.toml"), manifest)?;
            workspace.write(name, "")?;
        }
        Ok(workspace)
    }

    /// Writes the library of a package.
    pub(crate) fn write(&self, name: &str, source: &str) -> Result<()> {
        Ok(fs::write(self.0.path().join(name).join("src/lib.rs"), source)?)
    }

    /// Writes the program of a package.
    pub(crate) fn write_program(&self, name: &str, source: &str) -> Result<()> {
        Ok(fs::write(self.0.path().join(name).join("src/main.rs"), source)?)
    }

    /// How many crates the package is made of, with the macros and itself.
    pub(crate) fn crates(&self) -> Result<usize> {
        let mut tree = self.cargo(&["tree", "--edges", "normal", "--prefix", "none", "--no-dedupe"]);
        let tree = String::from_utf8(output(&mut tree)?.stdout)?;
        Ok(tree.lines().collect::<HashSet<_>>().len())
    }

    /// What `cargo` takes for this.
    pub(crate) fn time(&self, arguments: &[&str], incremental: Incremental) -> Result<Took> {
        let mut command = self.cargo(arguments);
        // A cache of compilations would be what is measured.
        command.env("RUSTC_WRAPPER", "").env("CARGO_INCREMENTAL", if incremental == Incremental::Yes { "1" } else { "0" });
        let (start, before) = (Instant::now(), processor_time()?);
        output(command.args(["--target-dir", "target"]))?;
        Ok(Took { wall: start.elapsed().as_secs_f64(), processor: processor_time()? - before })
    }

    /// It asks no registry for anything: what our own workspace has built is there.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).args(["--offline", "--quiet"]).current_dir(self.0.path());
        command
    }
}

/// What the command wrote, if it succeeded.
fn output(command: &mut Command) -> Result<Output> {
    let output = command.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let arguments: Vec<_> = command.get_args().map(|argument| argument.display().to_string()).collect();
    Err(format!("`cargo {}` failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
}

/// What a command took, in seconds.
pub(crate) struct Took {
    /// By the clock on the wall.
    pub(crate) wall: f64,
    /// Of all processors together.
    pub(crate) processor: f64,
}

/// The processor time of all commands so far, and of what they started, in seconds.
fn processor_time() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let mut seconds = 0.0;
    for time in [usage.user_time(), usage.system_time()] {
        let whole = Duration::from_secs(time.tv_sec().try_into()?);
        seconds += (whole + Duration::from_micros(time.tv_usec().try_into()?)).as_secs_f64();
    }
    Ok(seconds)
}

/// Whether a compilation takes over what it can of the one before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incremental {
    Yes,
    No,
}
