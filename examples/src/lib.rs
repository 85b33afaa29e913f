//! What the examples share: their command line, htmx from a folder, and the server under a page.

pub mod args;
pub mod site;
pub mod vendor;
