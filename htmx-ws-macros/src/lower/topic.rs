//! What the impls of a topic hold.

use proc_macro2::Span;
use syn::{GenericParam, Generics, Ident, Lifetime, LifetimeParam, Path, Type};

use crate::lower::{Id, Repeated, ends, library, lower_id};
use crate::mistake::Mistake;
use crate::validate::Invalid;
use crate::validate::topic::{Topic, shown};

pub(crate) struct Plan {
    pub(crate) target: Target,
    pub(crate) name: Id,
    pub(crate) carries: Vec<Carried>,
    pub(crate) pairs: Vec<Pair>,
}

/// The type of the topic, borrowed: that is what is published to.
pub(crate) struct Target {
    pub(crate) ident: Ident,
    /// As the type has them.
    pub(crate) generics: Generics,
    /// With that of the borrow in front.
    pub(crate) borrowed: Generics,
    pub(crate) lifetime: Lifetime,
    pub(crate) krate: Path,
    pub(crate) repeated: Repeated,
}

/// A component that the topic carries.
pub(crate) struct Carried {
    pub(crate) ty: Type,
    /// Where it is said that it is none.
    pub(crate) at: Span,
}

/// Two components that must not have one id.
pub(crate) struct Pair {
    pub(crate) first: Type,
    pub(crate) second: Type,
    /// What is said if they do, as a text without arguments for `assert!`.
    pub(crate) message: String,
    /// Where it is said.
    pub(crate) at: Span,
}

pub(crate) fn lower(topic: Topic) -> Plan {
    let Topic { ident, generics, krate, name, carries } = topic;
    // A constant outside of the impls cannot name the topic's parameters.
    let pairs = if generics.params.is_empty() { pairs(&carries) } else { Vec::new() };
    let carries = carries.into_iter().map(|ty| Carried { at: ends(&ty).0, ty });
    Plan { target: target(ident, generics, krate), name: lower_id(name), carries: carries.collect(), pairs }
}

pub(crate) fn inert(invalid: Invalid) -> (Target, syn::Error) {
    let Invalid { ident, generics, krate, error, .. } = invalid;
    (target(ident, generics, krate), error)
}

fn target(ident: Ident, generics: Generics, krate: Option<Path>) -> Target {
    let lifetime = Lifetime::new("'__topic", Span::call_site());
    let mut borrowed = generics.clone();
    borrowed.params.insert(0, GenericParam::Lifetime(LifetimeParam::new(lifetime.clone())));
    // The names of the components.
    let repeated = Repeated::new(&borrowed, true);
    Target { ident, generics, borrowed, lifetime, krate: library(krate), repeated }
}

fn pairs(types: &[Type]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (place, second) in types.iter().enumerate() {
        for first in &types[..place] {
            let mistake = Mistake::OneId { first: shown(first), second: shown(second) };
            let message = mistake.to_string().replace('{', "{{").replace('}', "}}");
            pairs.push(Pair { first: first.clone(), second: second.clone(), message, at: ends(second).0 });
        }
    }
    pairs
}
