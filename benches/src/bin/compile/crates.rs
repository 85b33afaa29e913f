//! The crates that are compiled: hundreds of types each, the same types with this derive, that derive or none.

/// How many types a crate has.
pub(crate) const TYPES: u16 = 200;

/// A struct, what our derive writes for it, and an error with the same fields which shows as many of them as the component.
struct Kind {
    /// The derive, and the beginning of the types' names.
    name: &'static str,
    /// The struct and, behind [`MARK`], what its derive expands to. A test of the macro crate keeps both true.
    file: &'static str,
    message: &'static str,
}

const MARK: &str = "\n// expands to\n\n";

/// The name of the struct in each file.
const NUMBERED: &str = "Numbered";

const KINDS: [Kind; 4] = [
    Kind { name: "StatusBadge", file: include_str!("../../../items/status_badge.rs"), message: "job {job}: {name} is {state:?}, {note:?}" },
    Kind {
        name: "ProgressBar",
        file: include_str!("../../../items/progress_bar.rs"),
        message: "job {job}: {done} of {size} bytes of {name}",
    },
    Kind {
        name: "TimelineStep",
        file: include_str!("../../../items/timeline_step.rs"),
        message: "step {job} of job {job}: {name} is {state:?}, {note:?}",
    },
    Kind { name: "Component", file: include_str!("../../../items/component.rs"), message: "job {job} is not there" },
];

/// What every crate has beside its types, so that it costs the same everywhere: both libraries, and what the structs and the derives name. `drawn` is empty: maud's
/// macro is not what is measured.
const HEAD: &str = r#"
#![allow(unused_imports)]

use htmx_ws_components::{Component, ProgressBar, Status, StatusBadge, TimelineStep, Tone};
use thiserror as _;

#[derive(Debug)]
pub struct State;

impl Status for State {
    fn label(&self) -> std::borrow::Cow<'_, str> {
        "Running".into()
    }

    fn tone(&self) -> Tone {
        Tone::Info
    }
}

pub fn drawn<T>(_: &T) -> maud::Markup {
    maud::PreEscaped(String::new())
}
"#;

/// A crate to compile.
pub(crate) struct Crate {
    /// What the table calls it.
    pub(crate) title: String,
    source: String,
}

impl Crate {
    fn new(title: impl Into<String>, types: impl Iterator<Item = String>) -> Self {
        Self { title: title.into(), source: HEAD.to_owned() + &types.collect::<String>() }
    }

    /// Its one file, with something in it that is another one after each edit.
    pub(crate) fn source(&self, edit: usize) -> String {
        format!("{}\npub fn edited() -> usize {{\n    {edit}\n}}\n", self.source)
    }
}

/// The places of the crates that the others are compared with.
pub(crate) const PLAIN: usize = 0;
pub(crate) const ERRORS: usize = 1;

/// The crates in the order of the table.
pub(crate) fn all() -> Vec<Crate> {
    let mixed =
        |write: fn(&Kind) -> String| (0..usize::from(TYPES)).map(move |number| numbered(&write(&KINDS[number % KINDS.len()]), number));
    let of_one = |kind: &'static Kind| (0..usize::from(TYPES)).map(move |number| numbered(kind.derived(), number));
    let mut crates = vec![
        Crate::new(format!("{TYPES} structs without a derive"), mixed(Kind::plain)),
        Crate::new("  thiserror::Error and Debug", mixed(Kind::error)),
        Crate::new("  ours, as many of each", mixed(|kind| kind.derived().to_owned())),
        Crate::new("  ours, written out", mixed(Kind::written_out)),
    ];
    crates.extend(KINDS.iter().map(|kind| Crate::new(format!("  ours, {} only", kind.name), of_one(kind))));
    crates
}

fn numbered(types: &str, number: usize) -> String {
    types.replace(NUMBERED, &format!("{NUMBERED}{number}"))
}

impl Kind {
    fn derived(&self) -> &'static str {
        self.file.split(MARK).next().unwrap_or_default()
    }

    fn plain(&self) -> String {
        let lines = self.derived().lines().filter(|line| !line.trim_start().starts_with("#["));
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    fn error(&self) -> String {
        format!("#[derive(thiserror::Error, Debug)]\n#[error(\"{}\")]\n{}", self.message, self.plain())
    }

    fn written_out(&self) -> String {
        self.plain() + self.file.split(MARK).nth(1).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_both_halves_and_the_struct_is_numbered() {
        for kind in &KINDS {
            assert!(kind.derived().contains(&format!("#[derive({})]", kind.name)), "{}", kind.file);
            assert!(kind.written_out().contains("impl ::htmx_ws_components::Component for Numbered {"), "{}", kind.file);
            assert!(numbered(&kind.plain(), 7).starts_with("pub struct Numbered7 {\n"), "{}", kind.plain());
        }
    }

    #[test]
    fn the_errors_show_as_many_fields_as_the_components() {
        let shown = |text: &str| text.matches('{').count();
        let uses = |kind: &Kind| kind.written_out().matches("&self.").count();
        assert_eq!(KINDS.iter().map(|kind| shown(kind.message)).sum::<usize>(), KINDS.iter().map(uses).sum::<usize>());
    }

    #[test]
    fn the_crates_to_compare_with_stand_at_their_places() {
        let crates = all();
        assert!(crates[PLAIN].title.contains("without") && crates[ERRORS].title.contains("thiserror"));
        assert_eq!(crates[ERRORS].source(0).matches("thiserror::Error").count(), usize::from(TYPES));
    }
}
