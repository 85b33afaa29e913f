//! Literal text with fields: `"job-{job}-status"`, `"Failed: {reason}"`.

use syn::{LitStr, Member, Type};

use crate::mistake::{Mistake, Mistakes};
use crate::parse::Field;

/// A template whose fields exist.
#[derive(Default)]
pub(crate) struct Template(pub(crate) Vec<Segment>);

pub(crate) enum Segment {
    Text(String),
    Field(Box<Shown>),
}

/// A field that a template shows.
pub(crate) struct Shown {
    pub(crate) member: Member,
    pub(crate) ty: Type,
}

impl Template {
    /// Reads the template of a label: any text.
    pub(crate) fn label(literal: &LitStr, fields: &[Field], mistakes: &mut Mistakes) -> Self {
        Self::read(literal, fields, |_| Vec::new(), mistakes)
    }

    /// Reads the template of an id: text that begins with a letter, holds id characters only, and keeps two fields apart by a `-`. A field's value
    /// is encoded without `-`, so two different values never give one id.
    pub(crate) fn id(literal: &LitStr, fields: &[Field], mistakes: &mut Mistakes) -> Self {
        let rules = |raw: &[Raw]| [start(raw), bad_character(raw), meeting_fields(raw)].into_iter().flatten().collect();
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
    let texts = template.iter().filter_map(|raw| match raw {
        Raw::Text(text) => Some(text),
        Raw::Field(_) => None,
    });
    let character = texts.flat_map(|text| text.chars()).find(|c| !is_id_character(*c))?;
    Some(Mistake::NotAnIdCharacter { character })
}

fn meeting_fields(template: &[Raw]) -> Option<Mistake> {
    let mut before: Option<&String> = None;
    for raw in template {
        match raw {
            Raw::Text(text) if text.contains('-') => before = None,
            Raw::Text(_) => {}
            Raw::Field(name) => {
                if let Some(first) = before.replace(name) {
                    return Some(Mistake::FieldsMeet { first: first.clone(), second: name.clone() });
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
            let Some(field) = fields.iter().find(|field| field.name() == name) else {
                let known = fields.iter().map(Field::name).collect();
                mistakes.add(literal, Mistake::UnknownField { name, known });
                return None;
            };
            Some(Segment::Field(Box::new(Shown { member: field.member.clone(), ty: field.ty.clone() })))
        }
    }
}
