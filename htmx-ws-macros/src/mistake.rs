//! Every message of the derives, and the collector that makes one error of all mistakes of an item.

use std::fmt::{self, Display};

use quote::ToTokens;

/// One mistake, as its message says it. Lower case, no full stop, the remedy after the semicolon.
#[derive(Debug, Clone)]
pub(crate) enum Mistake {
    // The item.
    NotAStruct { derive: &'static str, found: &'static str },
    NotAnEnum { found: &'static str },

    // The text of an attribute.
    NoParentheses { attribute: String },
    NoWord,
    NoValue { key: String },
    NoComma { key: String },
    NoCommaOrEquals { key: String },

    // Roles and keys.
    UnknownRole { name: String, known: Vec<String> },
    UnknownKey { name: String, known: Vec<String> },
    DuplicateRole { name: String },
    DuplicateKey { name: String },
    MissingRole { name: &'static str, attribute: &'static str },
    MissingId,
    MissingRender,
    RenderTo,
    MissingName,
    MissingCarries,
    DuplicateType { name: String },
    LeafWithPart,
    OneId { first: String, second: String },

    // Places.
    IsARole { name: String, attribute: &'static str },
    IsAKey { name: String },
    OfAnotherDerive { name: String, owner: &'static str },
    OfBuiltInMarkup { name: String },
    Misplaced { what: String, home: &'static str },

    // Values.
    TakesText { key: String, example: &'static str },
    TakesPath { key: String, example: &'static str },
    TakesNothing { key: String },
    TakesTypes,
    TakesTone,
    UnknownTone { name: String, known: Vec<String> },

    // Templates.
    EmptyId,
    IdBeginsWithField { name: String },
    IdBeginsWith { character: char },
    NotAnIdCharacter { character: char },
    FieldsMeet { first: String, second: String, what: &'static str },
    EmptyName,
    NotANameCharacter { character: char },
    Unclosed,
    Unopened,
    NoField,
    UnknownField { name: String, known: Vec<String> },
    BadPath { path: String },
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAStruct { derive, found } => write!(f, "`{derive}` is derived for a struct; make the {found} a field of one"),
            Self::NotAnEnum { found } => write!(f, "`Status` is derived for an enum; implement the trait by hand for a {found}"),

            Self::NoParentheses { attribute } => write!(f, "`#[{attribute}]` says nothing on its own; write `#[{attribute}(...)]`"),
            Self::NoWord => write!(f, "expected a word; write `word` or `word = value`"),
            Self::NoValue { key } => write!(f, "expected a value behind `{key} =`; a string literal or a path"),
            Self::NoComma { key } => write!(f, "expected nothing more behind the value of `{key}`; write `,` in front of another word"),
            Self::NoCommaOrEquals { key } => write!(f, "expected `,` or `=` behind `{key}`; write one of them"),

            Self::UnknownRole { name, known } => write!(f, "unknown role `{name}`; {}", Choice(name, known)),
            Self::UnknownKey { name, known } => write!(f, "unknown key `{name}`; {}", Choice(name, known)),
            Self::DuplicateRole { name } => write!(f, "duplicate role `{name}`; give it to one field, once"),
            Self::DuplicateKey { name } => write!(f, "duplicate key `{name}`; give it once"),
            Self::MissingRole { name, attribute } => write!(f, "missing role `{name}`; write `#[{attribute}({name})]` on a field"),
            Self::MissingId => write!(f, r#"missing key `id`; write `#[component(id = "...")]` on the struct"#),
            Self::MissingRender => write!(f, "missing key `render`; write `#[component(render = Self::markup)]` on the struct"),

            Self::RenderTo => {
                write!(f, "`Render::render_to` writes to a buffer; write `Render::render` where the type implements `Render` itself")
            }

            Self::MissingName => write!(f, r#"missing key `name`; write `#[topic(name = "...")]` on the struct"#),
            Self::MissingCarries => {
                write!(f, "missing key `carries`; write `#[topic(carries(JobStatus))]` on the struct, with your components")
            }
            Self::LeafWithPart => write!(f, "a component with a `part` is no leaf; remove `leaf`"),
            Self::DuplicateType { name } => write!(f, "`{name}` is carried already; name it once"),
            Self::OneId { first, second } => {
                write!(
                    f,
                    "`{first}` and `{second}` have one id template; give them different ones, or one takes the other's place in the page"
                )
            }

            Self::IsARole { name, attribute } => write!(f, "`{name}` is a role of a field; write `#[{attribute}({name})]` on the field"),
            Self::IsAKey { name } => write!(f, "`{name}` is a key of the struct; write it into `#[component(...)]` on the struct"),
            Self::OfAnotherDerive { name, owner } => write!(f, "`{name}` belongs to `#[derive({owner})]`; remove it"),
            Self::OfBuiltInMarkup { name } => {
                write!(f, "`{name}` is for the library's markup; remove it, and write the classes into your own")
            }
            Self::Misplaced { what, home } => write!(f, "`{what}` belongs on {home}; move it there"),

            Self::TakesText { key, example } => write!(f, "`{key}` takes a string literal; write `{key} = {example:?}`"),
            Self::TakesPath { key, example } => write!(f, "`{key}` takes a path; write `{key} = {example}`"),
            Self::TakesNothing { key } => write!(f, "`{key}` takes no value; write `{key}`"),
            Self::TakesTypes => write!(f, "`carries` takes types in parentheses; write `carries(JobStatus, JobProgress)`"),
            Self::TakesTone => write!(f, "`tone` takes a word; write `tone = info`"),
            Self::UnknownTone { name, known } => write!(f, "unknown tone `{name}`; {}", Choice(name, known)),

            Self::EmptyId => write!(f, "the id is empty; begin it with a letter"),
            Self::IdBeginsWithField { name } => write!(f, "the id begins with `{{{name}}}`; begin it with a letter, as in `x-{{{name}}}`"),
            Self::IdBeginsWith { character } => write!(f, "the id begins with `{character}`; begin it with an ASCII letter"),
            Self::NotAnIdCharacter { character } => {
                write!(f, "`{}` cannot stand in an id; use ASCII letters, digits, `-` and `_`", character.escape_debug())
            }
            Self::FieldsMeet { first, second, what } => {
                write!(f, "no `-` between `{{{first}}}` and `{{{second}}}`; write one, or two values could give one {what}")
            }
            Self::EmptyName => write!(f, "the name is empty; write the topic's name, as in `job-{{id}}`"),
            Self::NotANameCharacter { character } => {
                write!(f, "`{}` cannot stand in a topic's name; leave control characters out", character.escape_debug())
            }
            Self::Unclosed => write!(f, "`{{` is not closed; write `}}` behind the field's name"),
            Self::Unopened => write!(f, "`}}` closes nothing; write `{{` in front of a field's name"),
            Self::NoField => write!(f, "`{{}}` names no field; write a field's name between the braces"),
            Self::UnknownField { name, known } => write!(f, "unknown field `{name}`; {}", Choice(name, known)),
            Self::BadPath { path } => write!(f, "`{path}` is no path of fields; write names with one `.` between them, as in `job.id`"),
        }
    }
}

/// The words that could stand for one that is not known, with the nearest.
struct Choice<'a>(&'a str, &'a [String]);

impl Display for Choice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, known) = *self;
        if known.is_empty() {
            return write!(f, "there are none here");
        }
        write!(f, "expected one of: `{}`", known.join("`, `"))?;
        match nearest(name, known) {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

/// The known word that `name` was likely meant to be.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let far = name.chars().count() / 3 + 1;
    let near = known.iter().map(|word| (distance(name, word), word.as_str()));
    near.filter(|(steps, word)| *steps <= far && *steps < word.len()).min().map(|(_, word)| word)
}

/// How many characters must be added, dropped or changed to come from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (done, a) in from.chars().enumerate() {
        let mut diagonal = done;
        row[0] = done + 1;
        for (place, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.chars().count()]
}

/// The mistakes of one item, in the order in which they were found.
#[must_use = "mistakes that are not finished are not reported"]
#[derive(Default)]
pub(crate) struct Mistakes {
    error: Option<syn::Error>,
    /// A role was written that could not be taken: one that seems to be missing may be it.
    lost_role: bool,
    /// The same for a key.
    lost_key: bool,
}

impl Mistakes {
    /// Adds a mistake under the tokens `at`.
    pub(crate) fn add(&mut self, at: impl ToTokens, mistake: Mistake) {
        use Mistake::{IsAKey, IsARole, Misplaced, NoComma, NoCommaOrEquals, NoParentheses, NoValue, NoWord, UnknownKey, UnknownRole};
        let unread =
            matches!(mistake, NoParentheses { .. } | NoWord | NoValue { .. } | NoComma { .. } | NoCommaOrEquals { .. } | Misplaced { .. });
        self.lost_role |= unread || matches!(mistake, UnknownRole { .. } | IsARole { .. });
        self.lost_key |= unread || matches!(mistake, UnknownKey { .. } | IsAKey { .. });

        let error = syn::Error::new_spanned(at, mistake);
        match &mut self.error {
            Some(first) => first.combine(error),
            None => self.error = Some(error),
        }
    }

    /// Adds that a role is missing, unless it may be one that was written with a mistake.
    pub(crate) fn add_missing_role(&mut self, at: impl ToTokens, mistake: Mistake) {
        if !self.lost_role {
            self.add(at, mistake);
        }
    }

    /// Adds that a key is missing, unless it may be one that was written with a mistake.
    pub(crate) fn add_missing_key(&mut self, at: impl ToTokens, mistake: Mistake) {
        if !self.lost_key {
            self.add(at, mistake);
        }
    }

    pub(crate) fn finish(self) -> Result<(), syn::Error> {
        self.error.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_nearest(name: &str, expected: Option<&str>) {
        let known = ["value", "max", "label", "detail", "tone"].map(str::to_owned);
        assert_eq!(nearest(name, &known), expected);
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        check_nearest("valeu", Some("value"));
        check_nearest("labl", Some("label"));
        check_nearest("tones", Some("tone"));
        check_nearest("percnt", None);
        check_nearest("x", None);
    }
}
