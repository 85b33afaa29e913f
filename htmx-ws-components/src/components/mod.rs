//! What a component is, and the markup of the built-in ones.

pub(crate) mod component;
pub(crate) mod overlay;
pub(crate) mod progress_bar;
pub(crate) mod status;
pub(crate) mod status_badge;
pub(crate) mod timeline_step;
