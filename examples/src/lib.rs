//! What the examples share: their command line, htmx from a folder, the server under a page, and what the page is about.

pub mod args;
pub mod frame;
pub mod release;
pub mod site;
pub mod vendor;
