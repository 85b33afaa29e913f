//! The kit in real browsers, on every generation of htmx.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod basics;
mod connection;
mod motion;
mod overlay;
mod policy;
mod recovery;
mod roots;
mod sending;
mod signals;
mod survival;
