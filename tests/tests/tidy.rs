//! Rules of the house that no compiler checks: imports go down only, a room does not know what it must not, files stay small.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use htmx_ws_tests::workspace;

/// The floors of the components crate, and what a room must not know: words that do not occur in it outside of comments.
const ROOMS: &[(&str, u8, &[&str])] = &[
    ("html", 1, &["tokio", "axum", "async", "hx-"]),
    // A page's own `hx-preserve` is the same in both generations, and nothing of the wire.
    ("components", 2, &["tokio", "axum", "async", "dialect", "hx-s", "hx-t", "hx-e", "hx-w"]),
    ("dialect", 2, &["tokio", "axum", "async", "components"]),
    ("message", 3, &["tokio", "axum", "async", "hx-"]),
    ("backplane", 4, &["axum", "crate::hub"]),
    ("hub", 5, &["axum", "WebSocket", "hx-", "Markup"]),
    ("transport", 6, &["axum", "async_nats", "crate::components", "hx-"]),
    ("web", 7, &["crate::components"]),
    ("testing", 7, &["crate::components"]),
    ("inspector", 8, &["hx-swap-oob", "WebSocketUpgrade", "tokio::net"]),
    // What is tested from outside, and what only re-exports.
    ("model", 9, &[]),
    ("private", 9, &[]),
    ("lib", 9, &[]),
];

/// Lines above which a file asks to be two.
const MAX_LINES: usize = 400;

/// The sources of the components crate that are not tests.
fn sources() -> Vec<PathBuf> {
    let is_test = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem.to_str().unwrap().ends_with("_tests"));
    workspace::files(&components(), "rs").into_iter().filter(|path| !is_test(path)).collect()
}

fn components() -> PathBuf {
    workspace::root().join("htmx-ws-components/src")
}

/// The room that a file of the components crate is in.
fn room(file: &Path) -> &'static (&'static str, u8, &'static [&'static str]) {
    let below = file.strip_prefix(components()).unwrap();
    let first = below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
    ROOMS.iter().find(|(name, ..)| *name == first).unwrap_or_else(|| panic!("{}: which floor is `{first}` on?", file.display()))
}

/// The lines of code of a file, numbered from 1, without comments and without what only tests see.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().enumerate().map(|(index, line)| (index + 1, line.split("//").next().unwrap())).filter(|(_, line)| !line.is_empty())
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for file in sources() {
        let (own, floor, _) = room(&file);
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in code(&text) {
            for (_, path) in line.match_indices("crate::").map(|(at, _)| line.split_at(at + "crate::".len())) {
                let used = path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                let is_item_of_the_root = used.starts_with(char::is_uppercase);
                let target = ROOMS.iter().find(|(name, ..)| *name == used);
                let is_below = target.is_some_and(|(name, below, _)| name == own || below < floor);
                if is_item_of_the_root || !is_below {
                    wrong.push(format!("{}:{number}: `{own}` (floor {floor}) imports `crate::{used}`", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_room_does_not_know_what_it_must_not() {
    let mut wrong = Vec::new();
    for file in sources() {
        let (_, _, forbidden) = room(&file);
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in code(&text) {
            let known = forbidden.iter().find(|word| line.contains(**word));
            wrong.extend(known.map(|word| format!("{}:{number}: `{word}`", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_expand_writes_code_and_it_knows_nothing_of_parse() {
    let source = workspace::root().join("htmx-ws-macros/src");
    let mut wrong = Vec::new();
    for file in workspace::files(&source, "rs") {
        let is_expand = file.strip_prefix(&source).unwrap().starts_with("expand") || file.ends_with("expand.rs");
        let is_test = file.ends_with("tests.rs");
        for (number, line) in code(&fs::read_to_string(&file).unwrap()) {
            let writes_code = line.contains("quote!") || line.contains("quote_spanned!");
            let sees_parse = is_expand && line.contains("crate::parse");
            if !is_test && (writes_code && !is_expand || sees_parse) {
                wrong.push(format!("{}:{number}: {line}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_small() {
    let sources = ["rs", "js", "css"].into_iter().flat_map(|extension| workspace::files(workspace::root(), extension));
    let long: Vec<String> = sources
        .filter_map(|file| {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            (lines > MAX_LINES).then(|| format!("{}: {lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "more than {MAX_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn our_scripts_are_plain() {
    for file in workspace::files(&workspace::root().join("htmx-ws-components/assets"), "js") {
        let (name, script) = (file.display(), fs::read_to_string(&file).unwrap());
        // Every browser that knows `:has()`, with which our insertions are written, knows ES2022.
        for newer in [".toSorted(", ".findLast(", "groupBy(", "withResolvers", ".union("] {
            assert!(!script.contains(newer), "{name}: `{newer}` is newer than ES2022");
        }
    }
}

#[test]
fn the_integrity_hashes_are_those_of_the_npm_packages() {
    let assets = fs::read_to_string(components().join("web/assets.rs")).unwrap();
    let modules = workspace::node_modules();
    for (url, file) in [
        ("htmx.org@2.0.11/dist/htmx.min.js", "htmx2/dist/htmx.min.js"),
        ("htmx-ext-ws@2.0.4/dist/ws.min.js", "htmx-ext-ws/dist/ws.min.js"),
        ("idiomorph@0.7.4/dist/idiomorph.min.js", "idiomorph/dist/idiomorph.min.js"),
        ("htmx.org@4.0.1/dist/htmx.min.js", "htmx.org/dist/htmx.min.js"),
        ("htmx.org@4.0.1/dist/ext/hx-ws.min.js", "htmx.org/dist/ext/hx-ws.min.js"),
    ] {
        let (_, behind) = assets.split_once(&format!("path: \"{url}\"")).unwrap_or_else(|| panic!("no {url} in assets.rs"));
        let (_, hash) = behind.split_once("integrity: \"sha384-").unwrap();
        let expected = hash.split_once('"').unwrap().0;
        assert_eq!(sha384(&fs::read(modules.join(file)).unwrap()), expected, "{url}");
        let package = file.split('/').next().unwrap();
        let manifest = fs::read_to_string(modules.join(package).join("package.json")).unwrap();
        let version = url.split_once('@').unwrap().1.split('/').next().unwrap();
        assert!(manifest.contains(&format!("\"version\": \"{version}\"")), "{package} is installed in another version than {version}");
    }
}

fn sha384(data: &[u8]) -> String {
    use sha2::Digest;
    data_encoding::BASE64.encode(&sha2::Sha384::digest(data))
}
