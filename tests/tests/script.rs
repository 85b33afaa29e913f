//! Our scripts: their types, and what a browser gets of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output};

use htmx_ws_components::{Htmx, Hub, Live};
use htmx_ws_tests::page;
use htmx_ws_tests::socket::serve;
use htmx_ws_tests::workspace;
use serde::Deserialize;

/// Runs a program of Node.js in the folder of what is checked here.
fn node(program: PathBuf, arguments: &[PathBuf]) -> Output {
    assert!(workspace::node_modules().join("typescript").is_dir(), "TypeScript is not installed; run `cargo xtask assets`");
    let mut node = Command::new("node");
    node.arg(program).args(arguments).current_dir(workspace::root().join("tests/script"));
    node.output().unwrap_or_else(|error| panic!("node cannot be started, install Node.js: {error}"))
}

#[test]
fn the_types_of_our_scripts_are_right() {
    let tsc = workspace::node_modules().join("typescript/bin/tsc");
    let checked = node(tsc, &["--pretty".into(), "false".into()]);
    assert!(checked.status.success(), "{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
}

/// What `served.mjs` says of a script.
#[derive(Debug, Deserialize)]
struct Served {
    is_the_source: bool,
    has_comments: bool,
    bytes: usize,
    gzipped: usize,
}

/// Loads the script whose name begins so as a page of this hub does, and compares it with its sources.
async fn served(hub: &Hub, name: &str, sources: &[&str]) -> Served {
    let addr = serve(hub.routes().with_state(())).await;
    let head = Live::of(hub).head().into_string();
    let path = head.split('"').find(|value| value.starts_with(&format!("/live/{name}-"))).unwrap().to_owned();
    let script = tokio::task::spawn_blocking(move || page::get(addr, &path)).await.unwrap();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.js"));
    std::fs::write(&file, script).unwrap();
    let assets = workspace::root().join("htmx-ws-components/assets");
    let files: Vec<PathBuf> = [file].into_iter().chain(sources.iter().map(|source| assets.join(source))).collect();
    let compared = node("served.mjs".into(), &files);
    assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stderr));
    serde_json::from_slice(&compared.stdout).unwrap()
}

#[track_caller]
fn check(served: &Served, bytes: usize, gzipped: usize) {
    assert!(served.is_the_source, "something else than comments was taken out");
    assert!(!served.has_comments, "`//` stands on lines of its own, and types in `/** .. */`");
    assert!(served.bytes < bytes && served.gzipped < gzipped, "{served:?}; the limits are {bytes} and {gzipped}");
}

#[tokio::test]
async fn our_scripts_are_small_and_served_without_their_comments() {
    let hub = Hub::builder().htmx(Htmx::V2Morph).build();
    check(&served(&hub, "htmx-ws", &["htmx-ws.js"]).await, 6_000, 2_500);
    check(&served(&hub, "fallback", &["fallback.js"]).await, 2_500, 1_200);
    check(&served(&hub, "extras", &["extras.js"]).await, 2_000, 1_000);
    check(&served(&hub, "htmx2-morph", &["htmx2-morph.js"]).await, 2_000, 1_000);
}
