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
    /// The `compile_error!`s.
    pub(crate) messages: TokenStream,
}

pub(crate) fn lower(invalid: Invalid) -> Plan {
    let Invalid { ident, generics, krate, error } = invalid;
    let repeated = Repeated::new(&generics, true);
    Plan { ident, generics, repeated, krate: library(krate), messages: error.into_compile_error() }
}
