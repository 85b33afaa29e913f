//! What stands in for the impls of an item with mistakes, so that one mistake gives one message.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, Path};

use crate::lower::{Repeated, library};
use crate::validate::Invalid;

pub(crate) struct Plan {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) krate: Path,
    pub(crate) repeated: Repeated,
    /// Whether the type implements `maud::Render` itself.
    pub(crate) has_own_render: bool,
    /// The `compile_error!`s.
    pub(crate) messages: TokenStream,
}

pub(crate) fn lower(invalid: Invalid) -> Plan {
    let Invalid { ident, generics, krate, has_own_render, error } = invalid;
    let repeated = Repeated::new(&generics, true);
    Plan { ident, generics, repeated, krate: library(krate), has_own_render, messages: error.into_compile_error() }
}
