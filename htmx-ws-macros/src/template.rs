//! Literal text with fields: `"job-{job}-status"`, `"Failed: {reason}"`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Ident, Index, LitStr, Member, Type};

use crate::mistake::{Mistake, Mistakes};
use crate::parse::Field;

/// A template whose fields exist.
#[derive(Default)]
pub(crate) struct Template(pub(crate) Vec<Segment>);

pub(crate) enum Segment {
    Text(String),
    Field(Box<Shown>),
}

/// What a template shows: a field, or what a path of fields leads to.
pub(crate) struct Shown {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    /// The fields behind the first one: `{job.id}` has one. Whether they exist only the compiler knows.
    pub(crate) rest: Vec<Member>,
    /// Where the template stands.
    pub(crate) at: Span,
}

impl Template {
    /// Reads the template of a label: any text.
    pub(crate) fn label(literal: &LitStr, fields: &[Field], mistakes: &mut Mistakes) -> Self {
        Self::read(literal, fields, |_| Vec::new(), mistakes)
    }

    /// Reads the template of an id: text that begins with a letter, holds id characters only, and keeps two fields apart by a `-`. A field's value
    /// is encoded without `-`, so two different values never give one id.
    pub(crate) fn id(literal: &LitStr, fields: &[Field], mistakes: &mut Mistakes) -> Self {
        let rules = |raw: &[Raw]| [start(raw), bad_character(raw), meeting_fields(raw, "id", |c| c == '-')].into_iter().flatten().collect();
        Self::read(literal, fields, rules, mistakes)
    }

    /// Reads the template of a topic's name. Fields are kept apart by anything that an encoded value does not hold.
    pub(crate) fn topic(literal: &LitStr, fields: &[Field], mistakes: &mut Mistakes) -> Self {
        let separates = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        let rules = |raw: &[Raw]| {
            let empty = raw.is_empty().then_some(Mistake::EmptyName);
            let character = texts(raw).flat_map(str::chars).find(|c| c.is_control());
            let control = character.map(|character| Mistake::NotANameCharacter { character });
            [empty, control, meeting_fields(raw, "name", separates)].into_iter().flatten().collect()
        };
        Self::read(literal, fields, rules, mistakes)
    }

    fn read(literal: &LitStr, fields: &[Field], rules: impl Fn(&[Raw]) -> Vec<Mistake>, mistakes: &mut Mistakes) -> Self {
        let raw = match split(&literal.value()) {
            Ok(raw) => raw,
            Err(mistake) => {
                mistakes.add(literal, mistake);
                return Self::default();
            }
        };
        for mistake in rules(&raw) {
            mistakes.add(literal, mistake);
        }
        Self(raw.into_iter().filter_map(|raw| resolve(raw, literal, fields, mistakes)).collect())
    }
}

fn start(template: &[Raw]) -> Option<Mistake> {
    match template.first() {
        None => Some(Mistake::EmptyId),
        Some(Raw::Field(name)) => Some(Mistake::IdBeginsWithField { name: name.clone() }),
        Some(Raw::Text(text)) => {
            let character = text.chars().next()?;
            // What is no id character at all has a message of its own.
            (is_id_character(character) && !character.is_ascii_alphabetic()).then_some(Mistake::IdBeginsWith { character })
        }
    }
}

fn bad_character(template: &[Raw]) -> Option<Mistake> {
    let character = texts(template).flat_map(str::chars).find(|c| !is_id_character(*c))?;
    Some(Mistake::NotAnIdCharacter { character })
}

fn texts(template: &[Raw]) -> impl Iterator<Item = &str> {
    template.iter().filter_map(|raw| match raw {
        Raw::Text(text) => Some(text.as_str()),
        Raw::Field(_) => None,
    })
}

fn meeting_fields(template: &[Raw], what: &'static str, separates: impl Fn(char) -> bool) -> Option<Mistake> {
    let mut before: Option<&String> = None;
    for raw in template {
        match raw {
            Raw::Text(text) if text.contains(&separates) => before = None,
            Raw::Text(_) => {}
            Raw::Field(name) => {
                if let Some(first) = before.replace(name) {
                    return Some(Mistake::FieldsMeet { first: first.clone(), second: name.clone(), what });
                }
            }
        }
    }
    None
}

fn is_id_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

enum Raw {
    Text(String),
    Field(String),
}

/// Splits at the braces; `{{` and `}}` are braces in the text.
fn split(template: &str) -> Result<Vec<Raw>, Mistake> {
    let mut segments = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        text.push_str(&rest[..brace]);
        let opens = rest[brace..].starts_with('{');
        rest = &rest[brace + 1..];
        let double = if opens { '{' } else { '}' };
        if let Some(behind) = rest.strip_prefix(double) {
            text.push(double);
            rest = behind;
            continue;
        }
        if !opens {
            return Err(Mistake::Unopened);
        }
        let (name, behind) = rest.split_once('}').ok_or(Mistake::Unclosed)?;
        if name.contains('{') {
            return Err(Mistake::Unclosed);
        }
        if name.trim().is_empty() {
            return Err(Mistake::NoField);
        }
        if !text.is_empty() {
            segments.push(Raw::Text(std::mem::take(&mut text)));
        }
        segments.push(Raw::Field(name.trim().to_owned()));
        rest = behind;
    }
    text.push_str(rest);
    if !text.is_empty() {
        segments.push(Raw::Text(text));
    }
    Ok(segments)
}

fn resolve(raw: Raw, literal: &LitStr, fields: &[Field], mistakes: &mut Mistakes) -> Option<Segment> {
    match raw {
        Raw::Text(text) => Some(Segment::Text(text)),
        Raw::Field(name) => {
            let mut names = name.split('.');
            let first = names.next().unwrap_or_default();
            let Some(rest) = names.map(|name| member(name, literal.span())).collect::<Option<Vec<_>>>().filter(|_| !first.is_empty())
            else {
                mistakes.add(literal, Mistake::BadPath { path: name });
                return None;
            };
            let Some(field) = fields.iter().find(|field| field.name() == first) else {
                let known = fields.iter().map(Field::name).collect();
                mistakes.add(literal, Mistake::UnknownField { name: first.to_owned(), known });
                return None;
            };
            Some(Segment::Field(Box::new(Shown { member: field.member.clone(), ty: field.ty.clone(), rest, at: literal.span() })))
        }
    }
}

/// The field that a template writes as `name`: a number, or a name without `r#`.
fn member(name: &str, at: Span) -> Option<Member> {
    if let Ok(index) = name.parse::<u32>() {
        // `01` and `+1` are numbers, but no fields.
        return (index.to_string() == name).then_some(Member::Unnamed(Index { index, span: at }));
    }
    let parsed = Ident::parse_any.parse_str(name).ok()?;
    match name {
        // White space and `r#`, which a parser skips or reads, are no part of a name.
        _ if parsed != name || name.starts_with("r#") => None,
        "_" | "self" | "Self" | "super" | "crate" => None,
        // No keyword: it may be written as it is.
        _ if syn::parse_str::<Ident>(name).is_ok() => Some(Member::Named(Ident::new(name, at))),
        _ => Some(Member::Named(Ident::new_raw(name, at))),
    }
}
