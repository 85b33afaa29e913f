//! The mistakes of a component.

use syn::{ExprPath, Generics, Ident, LitStr, Member, Path, Type};

use crate::mistake::{Mistake, Mistakes};
use crate::parse::{Attribute, Body, Entry, Field, Written};
use crate::template::Template;
use crate::validate::{Invalid, Slot, add_flaws, alone, kind, krate, krate_of_wrong_item, path, text};
use crate::vocabulary::{self, COMPONENT_ATTRIBUTE, Derive, Key, Presence, Role};

/// A component without a mistake.
pub(crate) struct Component {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) is_deprecated: bool,
    pub(crate) derive: &'static Derive,
    pub(crate) krate: Option<Path>,
    pub(crate) id: Template,
    pub(crate) list: Option<Template>,
    /// There for `Component`, and for no other derive.
    pub(crate) render: Option<Render>,
    pub(crate) leaf: bool,
    pub(crate) classes: Option<ExprPath>,
    pub(crate) bar_classes: Option<ExprPath>,
    /// In the order of the fields.
    pub(crate) roles: Vec<Taken>,
    /// The fields that are components themselves.
    pub(crate) parts: Vec<(Member, Type)>,
}

/// What writes the component's markup.
pub(crate) enum Render {
    /// A function of the user's.
    Function(ExprPath),
    /// The type's own `maud::Render`, so the derive implements none.
    Own(ExprPath),
}

/// A role with the field that has it.
pub(crate) struct Taken {
    pub(crate) role: &'static Role,
    /// There for a repeatable role, and for no other.
    pub(crate) label: Option<LitStr>,
    pub(crate) member: Member,
    pub(crate) ty: Type,
}

pub(crate) fn validate(written: Written, derive: &'static Derive) -> Result<Component, Box<Invalid>> {
    let mut mistakes = Mistakes::default();
    let mut keys = Keys::default();
    let (mut roles, mut parts) = (Vec::new(), Vec::new());
    match &written.body {
        Body::Struct(_, fields) => {
            keys = Keys::read(&written.attributes, fields, derive, &mut mistakes);
            roles = read_roles(fields, derive, &mut mistakes);
            parts = read_parts(fields, derive, &mut mistakes);
            if let (Some(leaf), false) = (&keys.leaf.value, parts.is_empty()) {
                mistakes.add(leaf, Mistake::LeafWithPart);
            }
            keys.add_missing(&written.ident, derive, &mut mistakes);
            add_missing_roles(&written.ident, &roles, derive, &mut mistakes);
        }
        // One message: what the attributes of the wrong item say does not matter.
        Body::Enum(token, _) => mistakes.add(token, Mistake::NotAStruct { derive: derive.name, found: kind(&written.body) }),
        Body::Union(token) => mistakes.add(token, Mistake::NotAStruct { derive: derive.name, found: kind(&written.body) }),
    }
    if !matches!(written.body, Body::Struct(..)) {
        keys.krate.value = krate_of_wrong_item(&written.attributes);
    }
    let Written { ident, generics, is_deprecated, .. } = written;
    let Keys { krate, id, list, render, leaf, classes, bar_classes } = keys;
    match mistakes.finish() {
        Ok(()) => {
            // Without an id there was a mistake, so there is one here.
            let id = id.value.unwrap_or_default();
            let (krate, list, render, leaf) = (krate.value, list.value, render.value, leaf.value.is_some());
            let (classes, bar_classes) = (classes.value, bar_classes.value);
            Ok(Component { ident, generics, is_deprecated, derive, krate, id, list, render, leaf, classes, bar_classes, roles, parts })
        }
        Err(error) => {
            let has_own_render = matches!(render.value, Some(Render::Own(_)));
            Err(Box::new(Invalid { ident, generics, krate: krate.value, has_own_render, error }))
        }
    }
}

/// The keys on the struct.
#[derive(Default)]
struct Keys {
    krate: Slot<Path>,
    id: Slot<Template>,
    list: Slot<Template>,
    render: Slot<Render>,
    leaf: Slot<Ident>,
    classes: Slot<ExprPath>,
    bar_classes: Slot<ExprPath>,
}

impl Keys {
    fn read(attributes: &[Attribute], fields: &[Field], derive: &'static Derive, mistakes: &mut Mistakes) -> Self {
        let mut keys = Self::default();
        for attribute in attributes {
            if attribute.name != COMPONENT_ATTRIBUTE {
                mistakes.add(&attribute.meta, Mistake::Misplaced { what: attribute.shown(), home: "a field" });
                continue;
            }
            for entry in &attribute.entries {
                keys.take(entry, fields, derive, mistakes);
            }
            add_flaws(std::slice::from_ref(attribute), mistakes);
        }
        keys
    }

    fn take(&mut self, entry: &Entry, fields: &[Field], derive: &'static Derive, mistakes: &mut Mistakes) {
        let name = entry.key.to_string();
        let Some(key) = vocabulary::key(&name).filter(|key| derive.has(key)) else {
            mistakes.add(&entry.key, unknown_key(name, derive));
            return;
        };
        match key.name {
            vocabulary::ID => self.id.fill(entry, mistakes, |entry, mistakes| template(entry, fields, mistakes)),
            vocabulary::LIST => self.list.fill(entry, mistakes, |entry, mistakes| template(entry, fields, mistakes)),
            vocabulary::CRATE => self.krate.fill(entry, mistakes, krate),
            vocabulary::RENDER => self.render.fill(entry, mistakes, render),
            vocabulary::CLASSES => self.classes.fill(entry, mistakes, classes),
            vocabulary::BAR_CLASSES => self.bar_classes.fill(entry, mistakes, classes),
            vocabulary::LEAF => self.leaf.fill(entry, mistakes, |entry, mistakes| alone(entry, mistakes).map(|()| entry.key.clone())),
            _ => {}
        }
    }

    fn add_missing(&self, ident: &Ident, derive: &'static Derive, mistakes: &mut Mistakes) {
        if !self.id.written {
            mistakes.add_missing_key(ident, Mistake::MissingId);
        }
        let renders = vocabulary::key(vocabulary::RENDER).is_some_and(|key| derive.has(key));
        if renders && !self.render.written {
            mistakes.add_missing_key(ident, Mistake::MissingRender);
        }
    }
}

fn template(entry: &Entry, fields: &[Field], mistakes: &mut Mistakes) -> Option<Template> {
    text(entry, "job-{job}", mistakes).map(|literal| Template::id(literal, fields, mistakes))
}

/// The path behind `classes =`.
fn classes(entry: &Entry, mistakes: &mut Mistakes) -> Option<ExprPath> {
    path(entry, "theme::CLASSES", mistakes).cloned()
}

/// The path behind `render =`.
fn render(entry: &Entry, mistakes: &mut Mistakes) -> Option<Render> {
    let path = path(entry, "Self::markup", mistakes)?;
    let names: Vec<_> = path.path.segments.iter().map(|segment| &segment.ident).collect();
    match names[..] {
        [.., owner, function] if owner == "Render" && function == "render" => Some(Render::Own(path.clone())),
        [.., owner, function] if owner == "Render" && function == "render_to" => {
            mistakes.add(path, Mistake::RenderTo);
            None
        }
        _ => Some(Render::Function(path.clone())),
    }
}

/// What is wrong with a word on the struct that is no key of `derive`.
fn unknown_key(name: String, derive: &'static Derive) -> Mistake {
    match vocabulary::key(&name).map(Key::owner) {
        Some(Some(owner)) => return Mistake::OfAnotherDerive { name, owner },
        Some(None) => return Mistake::OfBuiltInMarkup { name },
        None => {}
    }
    match (derive.role(&name), derive.role_attribute()) {
        (Some(_), Some(attribute)) => Mistake::IsARole { name, attribute },
        _ => Mistake::UnknownKey { name, known: derive.key_names() },
    }
}

fn read_roles(fields: &[Field], derive: &'static Derive, mistakes: &mut Mistakes) -> Vec<Taken> {
    let mut roles = Vec::new();
    for field in fields {
        for attribute in &field.attributes {
            if attribute.name == COMPONENT_ATTRIBUTE {
                add_component_on_field(attribute, derive, mistakes);
                continue;
            }
            for entry in &attribute.entries {
                take_role(entry, field, derive, &mut roles, mistakes);
            }
            add_flaws(std::slice::from_ref(attribute), mistakes);
        }
    }
    roles
}

/// The fields with `#[component(part)]`.
fn read_parts(fields: &[Field], derive: &'static Derive, mistakes: &mut Mistakes) -> Vec<(Member, Type)> {
    let mut parts = Vec::new();
    for field in fields {
        let mut part = Slot::default();
        for entry in field.attributes.iter().flat_map(|attribute| &attribute.entries).filter(|entry| entry.key == vocabulary::PART) {
            if derive.name == vocabulary::OWN {
                part.fill(entry, mistakes, alone);
            } else {
                mistakes.add(&entry.key, Mistake::OfAnotherDerive { name: vocabulary::PART.to_owned(), owner: vocabulary::OWN });
            }
        }
        parts.extend(part.value.map(|()| (field.member.clone(), field.ty.clone())));
    }
    parts
}

fn take_role(entry: &Entry, field: &Field, derive: &'static Derive, roles: &mut Vec<Taken>, mistakes: &mut Mistakes) {
    let name = entry.key.to_string();
    let Some(role) = derive.role(&name) else {
        let mistake = match vocabulary::key(&name) {
            Some(_) => Mistake::IsAKey { name },
            None => Mistake::UnknownRole { name, known: derive.role_names() },
        };
        mistakes.add(&entry.key, mistake);
        return;
    };
    let repeatable = role.presence == Presence::Repeatable;
    if !repeatable && roles.iter().any(|taken| taken.role.name == role.name) {
        mistakes.add(&entry.key, Mistake::DuplicateRole { name });
        return;
    }
    let label = if repeatable {
        text(entry, "Files found", mistakes).cloned()
    } else {
        alone(entry, mistakes);
        None
    };
    roles.push(Taken { role, label, member: field.member.clone(), ty: field.ty.clone() });
}

/// `#[component(...)]` on a field: says for each word in it where that word belongs.
fn add_component_on_field(attribute: &Attribute, derive: &'static Derive, mistakes: &mut Mistakes) {
    add_flaws(std::slice::from_ref(attribute), mistakes);
    let misplaced = || Mistake::Misplaced { what: attribute.shown(), home: "the struct" };
    if attribute.entries.is_empty() {
        mistakes.add(&attribute.meta, misplaced());
        return;
    }
    // A part has its own reader.
    for entry in attribute.entries.iter().filter(|entry| entry.key != vocabulary::PART) {
        let name = entry.key.to_string();
        let mistake = match (derive.role(&name), derive.role_attribute(), vocabulary::key(&name)) {
            (Some(_), Some(attribute), _) => Mistake::IsARole { name, attribute },
            (_, _, Some(_)) => Mistake::IsAKey { name },
            _ => misplaced(),
        };
        mistakes.add(&entry.key, mistake);
    }
}

fn add_missing_roles(ident: &Ident, roles: &[Taken], derive: &'static Derive, mistakes: &mut Mistakes) {
    let Some(attribute) = derive.role_attribute() else { return };
    for role in derive.roles.iter().filter(|role| role.presence == Presence::Required) {
        if !roles.iter().any(|taken| taken.role.name == role.name) {
            mistakes.add_missing_role(ident, Mistake::MissingRole { name: role.name, attribute });
        }
    }
}
