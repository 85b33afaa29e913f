//! The kit in a real Chromium, on every generation of htmx.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod connection;
mod faults;
mod motion;
mod overlay;
mod recovery;
mod roots;
mod sending;
mod signals;
mod survival;
