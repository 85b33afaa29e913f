//! The markup of the examples' pages and of each golden file, as an HTML validator sees it: `html-validate` from npm.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use htmx_ws_tests::process::Server;
use htmx_ws_tests::{PATIENCE, page, workspace};
use serde_json::{Value, json};

/// All rules but those that are about the style of the source, or give advice where the markup is right.
fn config() -> Value {
    let style = [
        "attr-case",
        "attr-quotes",
        "attribute-boolean-style",
        "attribute-empty-style",
        "doctype-style",
        "element-case",
        "long-title",
        "no-trailing-whitespace",
        "void-style",
    ];
    let advice = [
        // `<progress>` cannot be drawn alike in all browsers, and `<output>` is for what a form computes.
        "prefer-native-element",
        // A list without markers is none to Safari, unless it says so.
        "no-redundant-role",
    ];
    let rules: serde_json::Map<String, Value> = style.into_iter().chain(advice).map(|rule| (rule.to_owned(), json!("off"))).collect();
    json!({ "root": true, "extends": ["html-validate:recommended"], "rules": rules })
}

/// A new folder for what is validated.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What the validator finds in the `.html` files of a folder: file, rule, element and message of each violation.
fn violations(folder: &Path) -> Vec<String> {
    let config_file = folder.join("htmlvalidate.json");
    fs::write(&config_file, config().to_string()).unwrap();
    let program = workspace::node_modules().join("html-validate/bin/html-validate.mjs");
    assert!(program.is_file(), "html-validate is not installed; run `cargo xtask assets`");
    let run = Command::new("node").arg(program).args(["--formatter=json", "--config"]).arg(config_file).arg(folder).output();
    let output = run.unwrap_or_else(|error| panic!("node cannot be started, install Node.js: {error}"));
    let reports: Vec<Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let of_file = |report: &Value| {
        let file = Path::new(report["filePath"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
        let messages = report["messages"].as_array().unwrap().iter();
        messages.map(|found| format!("{file}: {} at {}: {}", found["ruleId"], found["selector"], found["message"])).collect::<Vec<_>>()
    };
    reports.iter().flat_map(of_file).collect()
}

#[track_caller]
fn check(folder: &Path) {
    let found = violations(folder);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A document with this element in a place where it may stand.
fn document(element: &str) -> String {
    let tag = element[1..].split([' ', '>']).next().unwrap();
    let (before, behind) = match tag {
        "tr" => ("<table><tbody>", "</tbody></table>"),
        "li" => ("<ol>", "</ol>"),
        _ => ("", ""),
    };
    format!("<!DOCTYPE html><html lang=\"en\"><head><title>Page</title></head><body><main>{before}{element}{behind}</main></body></html>")
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let folder = folder("wrong");
    fs::write(folder.join("page.html"), document("<p id=\"a\" style=\"color: red\"><div id=\"a\"></div></p>")).unwrap();
    let found = violations(&folder).join("\n");
    for rule in ["no-inline-style", "no-dup-id", "close-order"] {
        assert!(found.contains(rule), "no `{rule}` in\n{found}");
    }
}

#[test]
fn the_built_in_markup_is_valid() {
    let folder = folder("markup");
    let golden = fs::read_dir(workspace::root().join("tests/golden/markup")).unwrap();
    let mut count = 0;
    for file in golden.map(|entry| entry.unwrap().path()) {
        fs::write(folder.join(file.file_name().unwrap()), document(fs::read_to_string(file).unwrap().trim_end())).unwrap();
        count += 1;
    }
    assert!(count > 50, "there is golden markup: {count} files");
    check(&folder);
}

async fn start(example: &str, more: &[&str]) -> Server {
    let (port, assets) = (workspace::free_port().to_string(), workspace::node_modules());
    let arguments = [&["--port", &port, "--assets", assets.to_str().unwrap()], more].concat();
    Server::start(workspace::example(example), arguments, "http://").await
}

#[tokio::test]
async fn the_gallery_and_its_inspector_are_valid() {
    let (folder, server) = (folder("gallery"), start("gallery", &[]).await);
    fs::write(folder.join("gallery.html"), page::get(server.addr(), "/")).unwrap();
    let inspector = page::get(server.addr(), "/inspector");
    let topic = inspector.split("href=\"").find(|link| link.starts_with("/inspector/topic/")).unwrap().split_once('"').unwrap().0;
    fs::write(folder.join("topic.html"), page::get(server.addr(), topic)).unwrap();
    fs::write(folder.join("inspector.html"), inspector).unwrap();
    check(&folder);
}

#[tokio::test]
async fn the_themed_pages_are_valid() {
    let folder = folder("themes");
    let bootstrap = start("bootstrap", &[]).await;
    fs::write(folder.join("bootstrap.html"), page::get(bootstrap.addr(), "/")).unwrap();
    let tailwind = start("tailwind", &["--css", workspace::tailwind_sheet().to_str().unwrap()]).await;
    fs::write(folder.join("tailwind.html"), page::get(tailwind.addr(), "/")).unwrap();
    check(&folder);
}

#[tokio::test]
async fn the_demo_is_valid_before_its_job_and_behind_it() {
    let folder = folder("job");
    let server = start("job", &["--dir", workspace::root().join("htmx-ws-components").to_str().unwrap()]).await;
    fs::write(folder.join("before.html"), page::get(server.addr(), "/")).unwrap();
    page::post(server.addr(), "/start");
    let deadline = std::time::Instant::now() + PATIENCE;
    let done = loop {
        let html = page::get(server.addr(), "/");
        if html.contains(">Done<") {
            break html;
        }
        assert!(std::time::Instant::now() < deadline, "the job does not end: {html}");
        tokio::task::yield_now().await;
    };
    fs::write(folder.join("behind.html"), done).unwrap();
    check(&folder);
}
