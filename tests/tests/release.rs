//! What the two published crates promise to whoever depends on them: what a registry wants to know, the oldest compiler, and the licences beneath.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::{BTreeSet, HashMap};
use std::process::Command;
use std::sync::LazyLock;

use htmx_ws_tests::workspace;
use serde_json::Value;

const PUBLISHED: [&str; 2] = ["htmx-ws-components", "htmx-ws-macros"];

/// Licences under which what is beneath may come: permissive ones, which ask for no more than their text, and the MPL, which asks for changes of its own files only.
const LICENCES: [&str; 9] =
    ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MPL-2.0", "Unicode-3.0"];

/// What cargo says of the workspace and of everything beneath it, with all features.
static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--all-features", "--locked"])
        .current_dir(workspace::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The package of this name in the workspace.
fn own(name: &str) -> &'static Value {
    let packages = list(&METADATA["packages"]);
    packages.iter().find(|package| package["name"] == name && package["source"].is_null()).unwrap()
}

/// The packages that are built with the published crates, without what only their tests need.
fn beneath() -> Vec<&'static Value> {
    let packages: HashMap<&str, &Value> = list(&METADATA["packages"]).iter().map(|package| (text(&package["id"]), package)).collect();
    let nodes: HashMap<&str, &Value> = list(&METADATA["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
    let mut open: Vec<&str> = PUBLISHED.iter().map(|name| text(&own(name)["id"])).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let needed = |dependency: &&Value| {
            // A target is the loom of the race tests.
            list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev" && !text(&kind["target"]).contains("loom"))
        };
        open.extend(list(&nodes[id]["deps"]).iter().filter(needed).map(|dependency| text(&dependency["pkg"])));
    }
    seen.into_iter().map(|id| packages[id]).collect()
}

/// `1.88` as (1, 88).
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or_default())
}

#[test]
fn a_registry_knows_what_it_wants_to_know() {
    for name in PUBLISHED {
        let package = own(name);
        for field in ["description", "license", "documentation", "readme", "rust_version"] {
            assert!(!text(&package[field]).is_empty(), "{name} has no {field}");
        }
        assert!((1..=5).contains(&list(&package["keywords"]).len()), "{name}: up to five keywords");
        assert!(!list(&package["categories"]).is_empty(), "{name} has no categories");
        assert_eq!(package["metadata"]["docs"]["rs"]["all-features"], true, "{name}: docs.rs shows all features");
        assert!(package["publish"].is_null(), "{name} is to be published");
        for file in ["LICENSE-APACHE", "LICENSE-MIT", text(&package["readme"])] {
            assert!(workspace::root().join(name).join(file).is_file(), "{name}: there is no {file}");
        }
    }
    assert_eq!(own(PUBLISHED[0])["version"], own(PUBLISHED[1])["version"], "they are released together");
}

#[test]
fn nothing_beneath_needs_a_newer_compiler() {
    let oldest = version(text(&own(PUBLISHED[0])["rust_version"]));
    let newer = beneath().into_iter().filter(|package| package["rust_version"].as_str().is_some_and(|needed| version(needed) > oldest));
    let newer: Vec<_> =
        newer.map(|package| format!("{} {} needs {}", package["name"], package["version"], package["rust_version"])).collect();
    assert!(newer.is_empty(), "{}", newer.join("\n"));
}

#[test]
fn what_is_beneath_has_a_licence_that_lets_it() {
    let is_allowed = |expression: &str| {
        let alternatives = expression.replace('/', " OR ").replace(['(', ')'], "");
        alternatives
            .split(" OR ")
            .any(|all| all.split(" AND ").all(|one| LICENCES.contains(&one.trim().trim_end_matches(" WITH LLVM-exception"))))
    };
    let wrong = beneath().into_iter().filter(|package| !is_allowed(text(&package["license"])));
    let wrong: Vec<_> = wrong.map(|package| format!("{}: {}", package["name"], package["license"])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
