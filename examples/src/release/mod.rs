//! A release on its way to some servers: what the gallery shows live, and the themed pages too.

pub mod app;
pub mod rollout;
pub mod theme;
pub mod views;
pub mod world;
