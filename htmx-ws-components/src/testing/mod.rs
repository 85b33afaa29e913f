//! Tests of live pages without a browser: no socket, no port, no sleep.
//!
//! [`Client`] opens pages of a router in process; a [`LivePage`] follows what is published, through cuts, stalls and reloads; a [`Page`] takes frames exactly as a generation of htmx does,
//! and fails where a browser would be silent. The guide `docs/testing.md` shows how they are used.

// A test fails by a panic: that is how each assertion here says what is wrong.
#![allow(clippy::panic, reason = "assertions")]

mod apply;
mod client;
#[cfg(test)]
mod client_tests;
mod dom;
mod line;
mod live_page;
mod page;
#[cfg(test)]
mod page_tests;
mod role;
mod show;
mod swap;

pub use client::Client;
pub use live_page::LivePage;
pub use page::Page;
