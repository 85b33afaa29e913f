//! What the impl of a status holds.

use proc_macro2::Span;
use syn::{Generics, Ident, Member, Path};

use crate::lower::{Repeated, ends, library, placed};
use crate::template::{Segment, Shown, Template};
use crate::validate;

pub(crate) struct Plan {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    pub(crate) repeated: Repeated,
    pub(crate) variants: Vec<Variant>,
}

pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) label: Label,
    /// The variant of the library's `Tone`.
    pub(crate) tone: Ident,
    pub(crate) icon: Option<String>,
    pub(crate) active: bool,
    pub(crate) terminal: bool,
}

pub(crate) enum Label {
    Text(String),
    /// A text for `format!` with a `{}` for each argument in turn, and the fields that the arguments are the names of.
    Format {
        text: String,
        arguments: Vec<Argument>,
        bindings: Vec<Binding>,
    },
}

/// A bound field, or what a path from it leads to.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) rest: Vec<Member>,
}

/// A field of the variant, under a name that no item of the user's has.
pub(crate) struct Binding {
    pub(crate) member: Member,
    pub(crate) name: Ident,
}

pub(crate) fn lower(status: validate::status::Status) -> Plan {
    let validate::status::Status { ident, generics, krate, variants } = status;
    // The variants' names.
    let repeated = Repeated::new(&generics, true);
    Plan { ident, generics, repeated, krate: library(krate), variants: variants.into_iter().map(variant).collect() }
}

fn variant(variant: validate::status::Variant) -> Variant {
    let validate::status::Variant { ident, label, tone, icon, active, terminal } = variant;
    let label = match label {
        Some(template) => lower_label(template),
        None => Label::Text(words(&syn::ext::IdentExt::unraw(&ident).to_string())),
    };
    Variant { ident, label, tone: Ident::new(tone.unwrap_or("Neutral"), Span::call_site()), icon, active, terminal }
}

fn lower_label(template: Template) -> Label {
    let mut plain = String::new();
    let mut text = String::new();
    let mut arguments = Vec::new();
    let mut bindings: Vec<Binding> = Vec::new();
    for segment in template.0 {
        match segment {
            Segment::Text(part) => {
                text.push_str(&part.replace('{', "{{").replace('}', "}}"));
                plain.push_str(&part);
            }
            Segment::Field(shown) => {
                let Shown { member, ty, rest, at } = *shown;
                text.push_str("{}");
                // A pattern binds a field once, however often the label shows it.
                let bound = bindings.iter().find(|binding| binding.member == member);
                let mut name = match bound {
                    Some(bound) => bound.name.clone(),
                    None => Ident::new(&format!("__field{}", bindings.len()), ends(&ty).0),
                };
                if bound.is_none() {
                    bindings.push(Binding { member, name: name.clone() });
                }
                if !rest.is_empty() {
                    name.set_span(Span::call_site().located_at(at));
                }
                arguments.push(Argument {
                    name,
                    rest: rest.into_iter().map(|member| placed(member, Span::call_site().located_at(at))).collect(),
                });
            }
        }
    }
    if bindings.is_empty() { Label::Text(plain) } else { Label::Format { text, arguments, bindings } }
}

/// `InProgress` as people read it: "In progress". Capitals that stand together stay together: `HTTPError` is "HTTP error".
fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (place, &letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let follows_lower = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let precedes_lower = letters.get(place + 1).is_some_and(|c| c.is_lowercase());
        let ends_capitals = before.is_some_and(|c| c.is_uppercase()) && precedes_lower;
        match letter {
            '_' => text.push(' '),
            _ if letter.is_uppercase() && (follows_lower || ends_capitals) => {
                text.push(' ');
                if precedes_lower { text.extend(letter.to_lowercase()) } else { text.push(letter) }
            }
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variants_name_becomes_words() {
        let cases =
            [("Queued", "Queued"), ("InProgress", "In progress"), ("WaitingForCPU", "Waiting for CPU"), ("HTTPError", "HTTP error")];
        for (name, expected) in cases.into_iter().chain([("Step2Done", "Step2 done"), ("A", "A"), ("X_Ray", "X Ray"), ("IsAOk", "Is A ok")])
        {
            assert_eq!(words(name), expected, "{name}");
        }
    }
}
