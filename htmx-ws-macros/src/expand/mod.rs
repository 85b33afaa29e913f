//! The last phase, and the only one that writes tokens. Every path is absolute and every local name has underscores in front, so that what the
//! user's module calls `Option`, `str` or `buffer` does not matter.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;

use crate::lower::{Access, Id, Piece, Repeated};

pub(crate) mod component;
pub(crate) mod inert;
pub(crate) mod status;
pub(crate) mod topic;

/// What stands in front of every impl. A lint is allowed only where it can be about something that is repeated: on every impl, these two lines
/// are up to a tenth of what a derive costs the compiler.
fn attributes(repeated: Repeated) -> TokenStream {
    let names = repeated.names.then(allowed_names);
    let lifetimes = repeated.lifetimes.then(|| quote!(#[allow(clippy::elidable_lifetime_names, clippy::needless_lifetimes)]));
    quote!(#[automatically_derived] #names #lifetimes)
}

fn allowed_names() -> TokenStream {
    quote!(#[allow(deprecated, unused_qualifications)])
}

/// The template of an id, written to the local `__buffer`.
fn id(id: &Id, krate: &Path) -> TokenStream {
    let start = &id.start;
    if let Some(arguments) = text_and_field(id) {
        return quote!(#krate::private::write_id(__buffer, #arguments));
    }
    let rest = id.rest.iter().map(|piece| match piece {
        Piece::Text(text) => quote!(.text(#text)),
        Piece::Field(access) => {
            let field = reference(access);
            quote!(.field(#field))
        }
    });
    quote!(#krate::private::IdTemplate::new(__buffer, #start) #(#rest)* .finish())
}

/// The arguments that are all of the most common template: a text and a field.
fn text_and_field(id: &Id) -> Option<TokenStream> {
    let [Piece::Field(access)] = &id.rest[..] else { return None };
    let (start, field) = (&id.start, reference(access));
    Some(quote!(#start, #field))
}

/// `self.field`, from the first token of the field's type to the last. A path stands under its template.
fn copy(access: &Access) -> TokenStream {
    let Access { path, start } = access;
    quote_spanned!(*start=> self #(.#path)*)
}

/// `&self.field`, from the first token of the field's type to the last.
fn reference(access: &Access) -> TokenStream {
    let field = copy(access);
    quote_spanned!(access.start=> &#field)
}
