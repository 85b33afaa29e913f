//! What each derive writes, against the files in `tests/golden/expand`: an item, and below it what it expands to. The files in `benches/items` are of the
//! same kind: the benchmark of the compile cost compiles both halves.
//!
//! `UPDATE_GOLDEN=1 cargo test -p htmx-ws-macros` rewrites the lower half. The compiler's own check of the same code are the files in `tests/ui/pass`.

use std::fs;
use std::path::Path;

use syn::DeriveInput;

use crate::vocabulary::{COMPONENT, OVERLAY, PROGRESS_BAR, STATUS_BADGE, TIMELINE_STEP};
use crate::{expand_component, expand_status, expand_topic};

const MARK: &str = "\n// expands to\n\n";

#[track_caller]
fn check(folder: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(name).with_extension("rs");
    let golden = fs::read_to_string(&path).unwrap();
    let item = golden.split(MARK).next().unwrap();
    let expansion = format!("{}{MARK}{}", item.trim_end().to_owned() + "\n", expand(item));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &expansion).unwrap();
    } else {
        assert_eq!(golden, expansion, "{name} expands to something else; UPDATE_GOLDEN=1 rewrites the file");
    }
}

/// The expansion of the one derive on `item`.
fn expand(item: &str) -> String {
    let input: DeriveInput = syn::parse_str(item).unwrap();
    let derive: syn::Ident = input.attrs.iter().find(|attribute| attribute.path().is_ident("derive")).unwrap().parse_args().unwrap();
    let derives = [&STATUS_BADGE, &PROGRESS_BAR, &TIMELINE_STEP, &OVERLAY, &COMPONENT];
    let tokens = match derives.into_iter().find(|known| derive == known.name) {
        Some(derive) => expand_component(input, derive),
        None if derive == "Status" => expand_status(input),
        None if derive == "Topic" => expand_topic(input),
        None => panic!("`{derive}` is no derive of ours"),
    };
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}

#[test]
fn every_derive_writes_what_its_file_shows() {
    for name in [
        "status_badge",
        "progress_bar",
        "timeline_step",
        "overlay",
        "component",
        "component_with_own_render",
        "component_with_parts",
        "status",
        "topic",
    ] {
        check("tests/golden/expand", name);
    }
}

#[test]
fn the_benchmark_compiles_what_the_derives_write() {
    for name in ["status_badge", "progress_bar", "timeline_step", "component"] {
        check("benches/items", name);
    }
}

#[test]
fn an_item_with_mistakes_expands_to_messages_and_inert_impls() {
    for name in ["component_with_mistakes", "status_with_mistakes", "topic_with_mistakes"] {
        check("tests/golden/expand", name);
    }
}
