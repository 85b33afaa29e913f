//! Where things are in this workspace, and what has to be installed or built in it before a test can run.

use std::{
    env,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
};

/// Ports below the range that Linux gives to outgoing connections (32768 and up): nothing takes a test's port while its server
/// is down.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// The workspace's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests package is a folder of the workspace")
}

/// The files in a folder and below whose names end so: those of the workspace's own, without the sources of the ui tests.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !["target", "node_modules", "ui", ".git"].contains(&name) {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

/// The folder with htmx as installed from npm.
///
/// Panics with the remedy when it is not there.
pub fn node_modules() -> PathBuf {
    let folder = root().join("npm/node_modules");
    assert!(folder.join("htmx.org").is_dir(), "htmx is not installed in {}; run `cargo xtask assets`", folder.display());
    folder
}

/// The executable of the example `name`, built if it is not up to date.
///
/// It goes to the folder and the profile that this test was built in. No package is named, so that cargo unifies the features
/// of the whole workspace: then `cargo xtask test`, `cargo xtask demo` and this share one build of the dependencies.
pub fn example(name: &str) -> PathBuf {
    let profile = env::current_exe()
        .expect("a test knows its own path")
        .ancestors()
        .nth(2)
        .expect("test executables are in <target>/<profile>/deps")
        .to_path_buf();
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .args(["build", "--quiet", "--bin", name, "--target-dir"])
        .arg(profile.parent().expect("a profile's folder is in the target folder"))
        .current_dir(root());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    // As `cargo xtask test` does, so that the components are built once.
    if cfg!(feature = "nats") {
        build.arg("--features=htmx-ws-components/nats,htmx-ws-examples/nats,htmx-ws-tests/nats");
    }
    let status = build.status().expect("cargo can be started");
    assert!(status.success(), "the example `{name}` does not build");
    profile.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// The style sheet that Tailwind makes of the example's classes, made anew by each process that asks for it.
///
/// Panics with the remedy when Tailwind or npm is not there.
pub fn tailwind_sheet() -> &'static Path {
    static SHEET: OnceLock<PathBuf> = OnceLock::new();
    SHEET.get_or_init(|| {
        let sheet = env::current_exe().expect("a test knows its own path").with_file_name("tailwind.css");
        let mut npm = Command::new("npm");
        npm.args(["run", "--silent", "tailwind", "--", "--output"]).arg(&sheet).current_dir(root().join("npm"));
        let output = npm.output().unwrap_or_else(|error| panic!("npm cannot be started, install Node.js: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "Tailwind makes no style sheet; `cargo xtask assets` installs it: {said}");
        sheet
    })
}

/// A port on loopback that nothing listens on, and that this process has not handed out before.
///
/// Use it where a server must come back on the port that it had; elsewhere let the server bind port 0.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    // Test processes that run at the same time start their search far apart.
    let spread = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(count)).expect("it is below a u16");
    (0..count)
        .map(|_| PORTS.start + (spread + NEXT.fetch_add(1, Ordering::Relaxed) % count) % count)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a port in 20000..32000 is free")
}
