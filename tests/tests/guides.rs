//! What the compiler does not see of the guides: their links, their pictures, and the book's table of contents. Their programs are doc tests: `tests/src/guides.rs`.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use htmx_ws_tests::workspace;

/// The texts that link to each other: the guides, and what stands at the root.
fn texts() -> Vec<PathBuf> {
    let root = workspace::root();
    let at_root = ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "README.md"].map(|name| root.join(name));
    workspace::files(&root.join("docs"), "md").into_iter().chain(at_root).collect()
}

/// The lines outside of code blocks, numbered from 1.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// The targets of the links and pictures in a line.
fn links(line: &str) -> Vec<&str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

/// The anchors that a text's headings have, as GitHub and mdBook make them.
fn anchors(text: &str) -> HashSet<String> {
    let headings = prose(text).into_iter().filter_map(|(_, line)| line.strip_prefix('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// Why a link of this file leads nowhere, if it does not.
fn problem(file: &Path, text: &str, target: &str) -> Option<&'static str> {
    if ["https://", "http://"].iter().any(|scheme| target.starts_with(scheme)) {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let aim = if path.is_empty() { file.to_owned() } else { file.parent().unwrap().join(path) };
    if !aim.exists() {
        return Some("there is no such file");
    }
    let anchor = anchor?;
    let aimed = if path.is_empty() { text.to_owned() } else { fs::read_to_string(&aim).unwrap() };
    (!anchors(&aimed).contains(anchor)).then_some("there is no such heading")
}

#[test]
fn every_link_leads_somewhere() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for file in texts() {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in prose(&text) {
            for target in links(line) {
                checked += 1;
                wrong.extend(problem(&file, &text, target).map(|problem| format!("{}:{number}: {target}: {problem}", file.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 50, "only {checked} links were found");
    println!("{checked} links");
}

#[test]
fn every_code_block_says_its_language() {
    let mut wrong = Vec::new();
    for file in texts() {
        let mut is_code = false;
        for (index, line) in fs::read_to_string(&file).unwrap().lines().enumerate().filter(|(_, line)| line.starts_with("```")) {
            is_code = !is_code;
            if is_code && line == "```" {
                wrong.push(format!("{}:{}: a block without a language is taken for Rust", file.display(), index + 1));
            }
            // `ignore` rots.
            if line.contains("ignore") {
                wrong.push(format!("{}:{}: a block that is not compiled", file.display(), index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_guide_with_rust_in_it_is_compiled() {
    let root = workspace::root();
    let sources: String = workspace::files(root, "rs").iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for file in workspace::files(&root.join("docs"), "md") {
        let name = file.file_name().unwrap().to_str().unwrap();
        let has_rust = fs::read_to_string(&file).unwrap().contains("```rust");
        assert!(!has_rust || sources.contains(&format!("/docs/{name}\"")), "{name} is in no doc test; see tests/src/guides.rs");
    }
}

#[test]
fn what_the_checks_take_a_link_and_an_anchor_for() {
    assert_eq!(links("[a](b.md#c), ![d](e.svg) and [`f`](https://g.example)"), ["b.md#c", "e.svg", "https://g.example"]);
    assert!(
        anchors("# From 2 to 4\n## It's `code`, and more\n")
            .is_superset(&["from-2-to-4".to_owned(), "its-code-and-more".to_owned()].into())
    );
    assert_eq!(prose("a\n```rust\n[b](c)\n```\nd"), [(1, "a"), (5, "d")]);
}
