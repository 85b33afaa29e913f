//! The last phase, and the only one that writes tokens. Every path is absolute and every local name has underscores in front, so that what the
//! user's module calls `Option`, `str` or `buffer` does not matter.

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) mod component;
pub(crate) mod inert;
pub(crate) mod status;

/// What stands in front of every impl. The user answers for their own code's lints, not for ours.
fn attributes() -> TokenStream {
    quote! {
        #[automatically_derived]
        #[allow(deprecated, unused_qualifications, clippy::elidable_lifetime_names, clippy::needless_lifetimes)]
    }
}
