//! The second phase: all mistakes of the item at once. What comes out has none.

use syn::{Expr, ExprPath, Generics, Ident, Lit, LitStr, Path};

use crate::mistake::{Mistake, Mistakes};
use crate::parse::{Attribute, Body, Entry};
use crate::vocabulary;

pub(crate) mod component;
pub(crate) mod status;
pub(crate) mod topic;

/// An item with mistakes, and what the inert impls need of it.
pub(crate) struct Invalid {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Option<Path>,
    /// Whether the type implements `maud::Render` itself.
    pub(crate) has_own_render: bool,
    pub(crate) error: syn::Error,
}

/// A key that may be written once. One with a wrong value counts as written, and holds nothing.
struct Slot<T> {
    written: bool,
    value: Option<T>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { written: false, value: None }
    }
}

impl<T> Slot<T> {
    /// Reads `entry` into the slot. Where the key was written before, the mistake stands under the second one.
    fn fill(&mut self, entry: &Entry, mistakes: &mut Mistakes, read: impl FnOnce(&Entry, &mut Mistakes) -> Option<T>) {
        if self.written {
            mistakes.add(&entry.key, Mistake::DuplicateKey { name: entry.key.to_string() });
        } else {
            self.written = true;
            self.value = read(entry, mistakes);
        }
    }
}

fn add_flaws(attributes: &[Attribute], mistakes: &mut Mistakes) {
    for flaw in attributes.iter().filter_map(|attribute| attribute.flaw.as_ref()) {
        mistakes.add(&flaw.at, flaw.mistake.clone());
    }
}

/// The string literal behind `key =`.
fn text<'e>(entry: &'e Entry, example: &'static str, mistakes: &mut Mistakes) -> Option<&'e LitStr> {
    if let Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(literal), .. })) = &entry.value {
        return Some(literal);
    }
    add_under_value(entry, Mistake::TakesText { key: entry.key.to_string(), example }, mistakes);
    None
}

/// The path behind `key =`.
fn path<'e>(entry: &'e Entry, example: &'static str, mistakes: &mut Mistakes) -> Option<&'e ExprPath> {
    if let Some(Expr::Path(path)) = &entry.value {
        return Some(path);
    }
    add_under_value(entry, Mistake::TakesPath { key: entry.key.to_string(), example }, mistakes);
    None
}

/// The path behind `crate =`.
fn krate(entry: &Entry, mistakes: &mut Mistakes) -> Option<Path> {
    path(entry, "some::path", mistakes).map(|path| path.path.clone())
}

/// The path behind `crate =` on an item that the derive is not for: its inert impls need it, whatever else its attributes say.
fn krate_of_wrong_item(attributes: &[Attribute]) -> Option<Path> {
    let entries = attributes.iter().flat_map(|attribute| &attribute.entries);
    let paths = entries.filter(|entry| entry.key == vocabulary::CRATE).map(|entry| &entry.value);
    paths.into_iter().find_map(|value| match value {
        Some(Expr::Path(path)) => Some(path.path.clone()),
        _ => None,
    })
}

/// Checks that `key` stands alone.
fn alone(entry: &Entry, mistakes: &mut Mistakes) -> Option<()> {
    if entry.value.is_some() {
        add_under_value(entry, Mistake::TakesNothing { key: entry.key.to_string() }, mistakes);
        return None;
    }
    Some(())
}

/// Adds a mistake under the value, or, where there is none, under the key.
fn add_under_value(entry: &Entry, mistake: Mistake, mistakes: &mut Mistakes) {
    match &entry.value {
        Some(value) => mistakes.add(value, mistake),
        None => mistakes.add(&entry.key, mistake),
    }
}

/// The keyword that the item begins with, as a message says it.
fn kind(body: &Body) -> &'static str {
    match body {
        Body::Struct(..) => "struct",
        Body::Enum(..) => "enum",
        Body::Union(_) => "union",
    }
}
