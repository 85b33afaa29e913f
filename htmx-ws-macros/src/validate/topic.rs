//! The mistakes of a topic.

use quote::ToTokens;
use syn::{Generics, Ident, Path, Type};

use crate::mistake::{Mistake, Mistakes};
use crate::parse::{Body, Entry, Field, Written};
use crate::template::Template;
use crate::validate::{Invalid, Slot, add_flaws, add_under_value, kind, krate, krate_of_wrong_item, text};
use crate::vocabulary::{self, TOPIC_KEYS};

/// A topic without a mistake.
pub(crate) struct Topic {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Option<Path>,
    pub(crate) name: Template,
    /// The components, each once.
    pub(crate) carries: Vec<Type>,
}

pub(crate) fn validate(written: Written) -> Result<Topic, Box<Invalid>> {
    let mut mistakes = Mistakes::default();
    let mut keys = Keys::default();
    match &written.body {
        Body::Struct(_, fields) => keys.read(&written, fields, &mut mistakes),
        Body::Enum(token, _) => mistakes.add(token, Mistake::NotAStruct { derive: "Topic", found: kind(&written.body) }),
        Body::Union(token) => mistakes.add(token, Mistake::NotAStruct { derive: "Topic", found: kind(&written.body) }),
    }
    if !matches!(written.body, Body::Struct(..)) {
        keys.krate.value = krate_of_wrong_item(&written.attributes);
    }
    let Written { ident, generics, .. } = written;
    let Keys { krate, name, carries } = keys;
    match mistakes.finish() {
        Ok(()) => {
            // Without one of them there was a mistake, so there is one here.
            let (name, carries) = (name.value.unwrap_or_default(), carries.value.unwrap_or_default());
            Ok(Topic { ident, generics, krate: krate.value, name, carries })
        }
        Err(error) => Err(Box::new(Invalid { ident, generics, krate: krate.value, has_own_render: false, error })),
    }
}

/// The keys on the struct.
#[derive(Default)]
struct Keys {
    krate: Slot<Path>,
    name: Slot<Template>,
    carries: Slot<Vec<Type>>,
}

impl Keys {
    fn read(&mut self, written: &Written, fields: &[Field], mistakes: &mut Mistakes) {
        for entry in written.attributes.iter().flat_map(|attribute| &attribute.entries) {
            self.take(entry, fields, mistakes);
        }
        add_flaws(&written.attributes, mistakes);
        for attribute in fields.iter().flat_map(|field| &field.attributes) {
            mistakes.add(&attribute.meta, Mistake::Misplaced { what: attribute.shown(), home: "the struct" });
        }
        if !self.name.written {
            mistakes.add_missing_key(&written.ident, Mistake::MissingName);
        }
        if !self.carries.written {
            mistakes.add_missing_key(&written.ident, Mistake::MissingCarries);
        }
    }

    fn take(&mut self, entry: &Entry, fields: &[Field], mistakes: &mut Mistakes) {
        let name = entry.key.to_string();
        match name.as_str() {
            vocabulary::NAME => self.name.fill(entry, mistakes, |entry, mistakes| {
                text(entry, "job-{id}", mistakes).map(|literal| Template::topic(literal, fields, mistakes))
            }),
            vocabulary::CARRIES => self.carries.fill(entry, mistakes, types),
            vocabulary::CRATE => self.krate.fill(entry, mistakes, krate),
            _ => mistakes.add(&entry.key, Mistake::UnknownKey { name, known: TOPIC_KEYS.map(str::to_owned).to_vec() }),
        }
    }
}

fn types(entry: &Entry, mistakes: &mut Mistakes) -> Option<Vec<Type>> {
    let types = entry.types.as_deref().unwrap_or_default();
    if types.is_empty() {
        add_under_value(entry, Mistake::TakesTypes, mistakes);
        return None;
    }
    let names: Vec<String> = types.iter().map(shown).collect();
    for (place, ty) in types.iter().enumerate() {
        if names[..place].contains(&names[place]) {
            mistakes.add(ty, Mistake::DuplicateType { name: names[place].clone() });
        }
    }
    Some(types.to_vec())
}

/// A type as a message names it.
pub(crate) fn shown(ty: &Type) -> String {
    let tokens = ty.to_token_stream().to_string();
    [" :: ", " < ", " >", " ,"].iter().fold(tokens, |text, spaced| text.replace(spaced, spaced.trim()))
}
