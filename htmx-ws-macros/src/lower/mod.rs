//! The third phase: every decision taken. What comes out says what to write, and nothing is left to find out.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Generics, Ident, Index, Member, Path, PathSegment, Token, Type};

use crate::template::{Segment, Shown, Template};

pub(crate) mod component;
pub(crate) mod inert;
pub(crate) mod status;
pub(crate) mod topic;

/// `self.member`, written so that an error about it stands under the field's type; of a path, whose last type is written elsewhere, under the template.
pub(crate) struct Access {
    pub(crate) path: Vec<Member>,
    /// The first token of the type. The member stands at its last.
    pub(crate) start: Span,
}

impl Access {
    fn new(member: Member, ty: &Type) -> Self {
        let (start, end) = ends(ty);
        Self { path: vec![placed(member, end)], start }
    }

    fn shown(shown: Shown) -> Self {
        let Shown { member, ty, rest, at } = shown;
        if rest.is_empty() {
            return Self::new(member, &ty);
        }
        let start = Span::call_site().located_at(at);
        let path = std::iter::once(member).chain(rest).map(|member| placed(member, start));
        Self { path: path.collect(), start }
    }
}

/// What of the user's own code stands in an impl once more: its lints were said where it was written.
#[derive(Clone, Copy)]
pub(crate) struct Repeated {
    /// Paths and names, which may be deprecated, or longer than they have to be.
    pub(crate) names: bool,
    pub(crate) lifetimes: bool,
}

impl Repeated {
    /// For an impl that repeats these generics, and beside them `names`.
    fn new(generics: &Generics, names: bool) -> Self {
        let is_generic = !generics.params.is_empty() || generics.where_clause.is_some();
        Self { names: names || is_generic, lifetimes: generics.lifetimes().next().is_some() }
    }
}

/// An element id, or the name of a topic: the text that it begins with, and what follows.
pub(crate) struct Id {
    pub(crate) start: String,
    pub(crate) rest: Vec<Piece>,
}

impl Id {
    /// The template with `{}` for each field.
    pub(crate) fn shape(&self) -> String {
        let rest = self.rest.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Field(_) => "{}",
        });
        std::iter::once(self.start.as_str()).chain(rest).collect()
    }
}

pub(crate) enum Piece {
    Text(String),
    Field(Access),
}

fn lower_id(template: Template) -> Id {
    let mut segments = template.0.into_iter().peekable();
    let start = match segments.next_if(|segment| matches!(segment, Segment::Text(_))) {
        Some(Segment::Text(text)) => text,
        _ => String::new(),
    };
    let rest = segments.map(|segment| match segment {
        Segment::Text(text) => Piece::Text(text),
        Segment::Field(shown) => Piece::Field(Access::shown(*shown)),
    });
    Id { start, rest: rest.collect() }
}

/// One origin with the tokens around it: only so does the compiler underline all of them as one place.
fn placed(member: Member, at: Span) -> Member {
    match member {
        Member::Named(mut ident) => {
            ident.set_span(at);
            Member::Named(ident)
        }
        Member::Unnamed(index) => Member::Unnamed(Index { index: index.index, span: at }),
    }
}

/// Where the first and the last token of a type stand. What is written there resolves as generated code does.
fn ends(ty: &Type) -> (Span, Span) {
    let tokens = quote::ToTokens::to_token_stream(ty);
    let last = tokens.into_iter().last().map_or_else(Span::call_site, |token| token.span());
    let at = |span| Span::call_site().located_at(span);
    (at(ty.span()), at(last))
}

/// The path of the library.
fn library(given: Option<Path>) -> Path {
    given.unwrap_or_else(|| {
        let name = PathSegment::from(Ident::new("htmx_ws_components", Span::call_site()));
        Path { leading_colon: Some(<Token![::]>::default()), segments: [name].into_iter().collect() }
    })
}
