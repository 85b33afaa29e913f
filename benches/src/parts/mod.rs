//! The parts inside that are measured alone: their instructions are counted, and criterion times them.

#[cfg(htmx_ws_measured)]
pub mod inside;

use std::error::Error;

use crate::rounds::Candidate;

/// What went wrong, in one line.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A part inside.
#[derive(Debug)]
pub struct Part {
    /// What the tables call it.
    pub name: &'static str,
    /// Makes all that it needs.
    pub candidate: fn() -> Result<Candidate>,
    /// The only function of it that counts, by its whole path; none where all of it does.
    pub only: Option<&'static str>,
}

/// The parts whose instructions are counted. Without `--cfg htmx_ws_measured` nothing that is inside can be reached, and there are none.
#[cfg(htmx_ws_measured)]
pub const PARTS: &[Part] = &inside::PARTS;
/// The parts whose instructions are counted: none.
#[cfg(not(htmx_ws_measured))]
pub const PARTS: &[Part] = &[];
