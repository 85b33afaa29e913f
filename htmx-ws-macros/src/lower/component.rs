//! What the impls of a component hold.

use proc_macro2::Span;
use syn::{ExprPath, GenericArgument, Generics, Ident, LitStr, Path, PathArguments, PathSegment, Type};

use crate::lower::{Access, Id, Repeated, library, lower_id};
use crate::validate::component::{Component, Render, Taken};
use crate::vocabulary::{BAR_CLASSES, CLASSES, Derive, Needs, Presence};

pub(crate) struct Plan {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    pub(crate) repeated: Repeated,
    pub(crate) nesting: Nesting,
    pub(crate) id: Id,
    pub(crate) list: Option<Id>,
    pub(crate) body: Body,
    /// The fields that are components themselves.
    pub(crate) parts: Vec<Access>,
}

#[derive(Clone, Copy)]
pub(crate) enum Nesting {
    Leaf,
    Branch,
}

/// How the component renders itself.
pub(crate) enum Body {
    /// By a function of the user's.
    Call(ExprPath),
    /// By the type's own `maud::Render`.
    Own(ExprPath),
    /// By a view of the library: `View::new(id, arguments..).setter(..)`.
    View(View),
}

pub(crate) struct View {
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Value>,
    pub(crate) setters: Vec<(Ident, Value)>,
    /// The fields of the repeatable role, each with its label, for the one setter that takes all of them.
    pub(crate) labelled: Vec<(LitStr, Value)>,
    /// The setters that take a path of the user's.
    pub(crate) paths: Vec<(Ident, ExprPath)>,
}

pub(crate) struct Value {
    pub(crate) access: Access,
    pub(crate) passed: Passed,
}

/// How a field is handed to the view.
#[derive(Clone, Copy)]
pub(crate) enum Passed {
    /// `self.field`
    Copy,
    /// `&self.field`
    Reference,
    /// `&self.field`, of a type that is called like a text.
    Text,
    /// The number that it is.
    Progress,
    /// `Some` of the whole number that it is.
    Order,
    /// `Some(&self.field)`
    Some(Shown),
    /// The field is an `Option` itself: `self.field.as_ref()`.
    Option(Shown),
}

/// What a view sees of a field of any type.
#[derive(Clone, Copy)]
pub(crate) enum Shown {
    Text,
    /// Of a type that is called like a text.
    Plain,
    Time,
}

pub(crate) fn lower(component: Component) -> Plan {
    let Component { ident, generics, is_deprecated, derive, krate, id, list, render, leaf, classes, bar_classes, roles, parts } = component;
    let parts = parts.into_iter().map(|(member, ty)| Access::new(member, &ty)).collect();
    let own_markup = if leaf { Nesting::Leaf } else { Nesting::Branch };
    let (nesting, body) = match render {
        Some(Render::Function(function)) => (own_markup, Body::Call(function)),
        Some(Render::Own(function)) => (own_markup, Body::Own(function)),
        None => (Nesting::Leaf, Body::View(view(derive, &roles, [(CLASSES, classes), (BAR_CLASSES, bar_classes)]))),
    };
    let repeated = Repeated::new(&generics, is_deprecated);
    Plan { ident, generics, krate: library(krate), repeated, nesting, id: lower_id(id), list: list.map(lower_id), body, parts }
}

fn view(derive: &'static Derive, roles: &[Taken], paths: [(&str, Option<ExprPath>); 2]) -> View {
    let name = |name| Ident::new(name, Span::call_site());
    let paths = paths.into_iter().filter_map(|(key, path)| Some((name(key), path?))).collect();
    let mut view = View { name: name(derive.name), arguments: Vec::new(), setters: Vec::new(), labelled: Vec::new(), paths };
    // The order of the roles, not of the fields: it is the constructor's.
    for role in derive.roles {
        for taken in roles.iter().filter(|taken| taken.role.name == role.name) {
            let value = value(taken);
            match (&taken.label, role.presence) {
                (Some(label), _) => view.labelled.push((label.clone(), value)),
                (None, Presence::Required) => view.arguments.push(value),
                (None, _) => view.setters.push((name(role.name), value)),
            }
        }
    }
    view
}

fn value(taken: &Taken) -> Value {
    let passed = match taken.role.needs {
        Needs::Text if is_called_text(&taken.ty) => Passed::Text,
        Needs::Status | Needs::Text => Passed::Reference,
        Needs::Tone | Needs::Flag => Passed::Copy,
        Needs::Progress => Passed::Progress,
        Needs::Order => Passed::Order,
        Needs::OptionalText => match option(&taken.ty) {
            Some(inner) if is_called_text(inner) => Passed::Option(Shown::Plain),
            Some(_) => Passed::Option(Shown::Text),
            None if is_called_text(&taken.ty) => Passed::Some(Shown::Plain),
            None => Passed::Some(Shown::Text),
        },
        Needs::OptionalTime if option(&taken.ty).is_some() => Passed::Option(Shown::Time),
        Needs::OptionalTime => Passed::Some(Shown::Time),
    };
    Value { access: Access::new(taken.member.clone(), &taken.ty), passed }
}

/// What an `Option<..>`, by whatever path, is of. A macro cannot see more than what is written.
fn option(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty).filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

/// Whether the type is written as `String`, or as a reference to `str`.
fn is_called_text(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_called_text(&group.elem),
        Type::Paren(paren) => is_called_text(&paren.elem),
        Type::Reference(reference) => last_segment(&reference.elem).is_some_and(|last| last.ident == "str"),
        _ => last_segment(ty).is_some_and(|last| last.ident == "String"),
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}
