//! The third phase: every decision taken. What comes out says what to write, and nothing is left to find out.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Ident, Index, Member, Path, PathSegment, Token, Type};

pub(crate) mod component;
pub(crate) mod inert;
pub(crate) mod status;

/// `self.member`, written so that an error about it stands under the field's type.
pub(crate) struct Access {
    pub(crate) member: Member,
    /// The first token of the type. The member stands at its last.
    pub(crate) start: Span,
}

impl Access {
    fn new(member: Member, ty: &Type) -> Self {
        let (start, end) = ends(ty);
        let member = match member {
            Member::Named(mut ident) => {
                // One origin with the tokens around it: only so does the compiler underline all of them as one place.
                ident.set_span(end);
                Member::Named(ident)
            }
            Member::Unnamed(index) => Member::Unnamed(Index { index: index.index, span: end }),
        };
        Self { member, start }
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
