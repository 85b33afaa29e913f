//! The mistakes of a status.

use syn::{Expr, Generics, Ident, Path};

use crate::mistake::{Mistake, Mistakes};
use crate::parse::{self, Body, Entry, Field, Written};
use crate::template::Template;
use crate::validate::{Invalid, Slot, add_flaws, add_under_value, alone, kind, krate, krate_of_wrong_item, text};
use crate::vocabulary::{self, TONES, VARIANT_KEYS};

/// A status without a mistake.
pub(crate) struct Status {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Option<Path>,
    pub(crate) variants: Vec<Variant>,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) label: Option<Template>,
    /// The variant of the library's `Tone`.
    pub(crate) tone: Option<&'static str>,
    pub(crate) icon: Option<String>,
    pub(crate) active: bool,
    pub(crate) terminal: bool,
}

pub(crate) fn validate(written: Written) -> Result<Status, Box<Invalid>> {
    let mut mistakes = Mistakes::default();
    let mut krate = None;
    let mut variants = Vec::new();
    match &written.body {
        Body::Enum(_, written_variants) => {
            krate = read_enum(&written, &mut mistakes);
            variants = written_variants.iter().map(|variant| read_variant(variant, &mut mistakes)).collect();
        }
        Body::Struct(token, _) => mistakes.add(token, Mistake::NotAnEnum { found: kind(&written.body) }),
        Body::Union(token) => mistakes.add(token, Mistake::NotAnEnum { found: kind(&written.body) }),
    }
    if !matches!(written.body, Body::Enum(..)) {
        krate = krate_of_wrong_item(&written.attributes);
    }
    let Written { ident, generics, .. } = written;
    match mistakes.finish() {
        Ok(()) => Ok(Status { ident, generics, krate, variants }),
        Err(error) => Err(Box::new(Invalid { ident, generics, krate, has_own_render: false, error })),
    }
}

fn read_enum(written: &Written, mistakes: &mut Mistakes) -> Option<Path> {
    let mut found = Slot::default();
    for entry in written.attributes.iter().flat_map(|attribute| &attribute.entries) {
        let name = entry.key.to_string();
        if name == vocabulary::CRATE {
            found.fill(entry, mistakes, krate);
        } else if VARIANT_KEYS.contains(&name.as_str()) {
            mistakes.add(&entry.key, Mistake::Misplaced { what: name, home: "a variant" });
        } else {
            mistakes.add(&entry.key, Mistake::UnknownKey { name, known: vec![vocabulary::CRATE.to_owned()] });
        }
    }
    add_flaws(&written.attributes, mistakes);
    found.value
}

fn read_variant(variant: &parse::Variant, mistakes: &mut Mistakes) -> Variant {
    let mut keys = Keys::default();
    for entry in variant.attributes.iter().flat_map(|attribute| &attribute.entries) {
        keys.take(entry, &variant.fields, mistakes);
    }
    add_flaws(&variant.attributes, mistakes);
    for attribute in variant.fields.iter().flat_map(|field| &field.attributes) {
        mistakes.add(&attribute.meta, Mistake::Misplaced { what: attribute.shown(), home: "the variant" });
    }
    let Keys { label, tone, icon, active, terminal } = keys;
    Variant {
        ident: variant.ident.clone(),
        label: label.value,
        tone: tone.value,
        icon: icon.value,
        active: active.value.is_some(),
        terminal: terminal.value.is_some(),
    }
}

/// The keys on a variant.
#[derive(Default)]
struct Keys {
    label: Slot<Template>,
    tone: Slot<&'static str>,
    icon: Slot<String>,
    active: Slot<()>,
    terminal: Slot<()>,
}

impl Keys {
    fn take(&mut self, entry: &Entry, fields: &[Field], mistakes: &mut Mistakes) {
        let name = entry.key.to_string();
        match name.as_str() {
            vocabulary::LABEL => self.label.fill(entry, mistakes, |entry, mistakes| {
                text(entry, "In progress", mistakes).map(|literal| Template::label(literal, fields, mistakes))
            }),
            vocabulary::ICON => self.icon.fill(entry, mistakes, |entry, mistakes| text(entry, "✓", mistakes).map(syn::LitStr::value)),
            vocabulary::TONE => self.tone.fill(entry, mistakes, tone),
            vocabulary::ACTIVE => self.active.fill(entry, mistakes, alone),
            vocabulary::TERMINAL => self.terminal.fill(entry, mistakes, alone),
            vocabulary::CRATE => mistakes.add(&entry.key, Mistake::Misplaced { what: name, home: "the enum" }),
            _ => mistakes.add(&entry.key, Mistake::UnknownKey { name, known: VARIANT_KEYS.map(str::to_owned).to_vec() }),
        }
    }
}

fn tone(entry: &Entry, mistakes: &mut Mistakes) -> Option<&'static str> {
    let word = match &entry.value {
        Some(Expr::Path(path)) => path.path.get_ident(),
        _ => None,
    };
    let Some(word) = word else {
        add_under_value(entry, Mistake::TakesTone, mistakes);
        return None;
    };
    let tone = TONES.iter().find(|(name, _)| word == name).map(|(_, variant)| *variant);
    if tone.is_none() {
        let known = TONES.map(|(name, _)| name.to_owned()).to_vec();
        mistakes.add(word, Mistake::UnknownTone { name: word.to_string(), known });
    }
    tone
}
