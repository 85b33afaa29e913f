//! A release on its way to some servers: what the gallery shows live, and the themed pages too.
//!
//! `parts.rs` is the pages' own: a derive names the classes of the page that it is in.

pub mod app;
pub mod rollout;
pub mod theme;
pub mod views;
pub mod world;
