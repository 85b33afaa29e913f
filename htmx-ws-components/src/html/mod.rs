//! HTML by construction: element ids, fragments, and the patches made of them. No async, no I/O, no htmx.

pub(crate) mod composition;
pub(crate) mod dom_id;
pub(crate) mod escape;
pub(crate) mod fragment;
pub(crate) mod id_template;
pub(crate) mod patch;
pub(crate) mod signal;
