//! What the derives accept, and what they say when they do not: a file per message, in folders by kind of mistake.
//!
//! `TRYBUILD=overwrite cargo test -p htmx-ws-tests --test ui` writes the `.stderr` files anew; read what it wrote.

use std::fs;
use std::path::Path;

#[test]
fn every_file_compiles_or_fails_as_it_should() {
    let tests = trybuild::TestCases::new();
    tests.pass("ui/pass/*.rs");
    for kind in ["items", "keys", "placement", "roles", "status", "syntax", "template", "topic", "types"] {
        tests.compile_fail(format!("ui/{kind}/*.rs"));
    }
}

#[test]
fn every_message_of_the_macros_has_a_file() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shown = Vec::new();
    for folder in fs::read_dir(here.join("ui")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "stderr") {
                shown.extend(fs::read_to_string(path).unwrap().lines().map(str::to_owned));
            }
        }
    }
    let source = fs::read_to_string(here.join("../htmx-ws-macros/src/mistake.rs")).unwrap();
    let messages = messages(&source);
    assert!(messages.len() > 30, "the messages are not where this test looks for them");
    let missing: Vec<_> = messages.iter().filter(|message| !shown.iter().any(|line| holds(line, message))).collect();
    assert!(missing.is_empty(), "no `.stderr` file shows {missing:#?}");
}

/// The fixed parts of each text that `write!` gets in `source`.
fn messages(source: &str) -> Vec<Vec<String>> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let texts = code.split("write!(f, ").skip(1).filter_map(|behind| match behind.strip_prefix("r#\"") {
        Some(raw) => raw.split("\"#").next(),
        None => behind.split('"').nth(1),
    });
    texts.map(fixed_parts).filter(|parts| !parts.is_empty()).collect()
}

fn fixed_parts(text: &str) -> Vec<String> {
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    // Behind each opening brace stands what is written there, up to the closing one.
    let parts = text.split('{').map(|part| part.split_once('}').map_or(part, |(_, fixed)| fixed));
    parts.map(|part| part.replace('\u{1}', "{").replace('\u{2}', "}")).filter(|part| !part.is_empty()).collect()
}

/// Whether all of `parts` stand in `line`, in their order.
fn holds(line: &str, parts: &[String]) -> bool {
    let mut rest = line;
    parts.iter().all(|part| match rest.split_once(part.as_str()) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}
