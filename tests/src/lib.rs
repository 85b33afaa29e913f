//! What the tests stand on: a real [browser], a [proxy] that fails on command, a [server process](process) that can be
//! killed, [many of them](nodes) with one hub, and the [workspace]'s own paths.
//!
//! Everything here fails by panicking with a message that says what was seen, because its callers are tests. Nothing sleeps for
//! a fixed time: every wait ends when its condition holds, or panics after [`PATIENCE`].

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test support: a panic is how it reports"
)]

pub mod axe;
pub mod browser;
#[cfg(doctest)]
mod guides;
pub mod nodes;
pub mod page;
pub mod process;
pub mod proxy;
pub mod random;
pub mod site;
pub mod socket;
pub mod workspace;

use std::time::Duration;

/// How long a test waits for a condition before it fails: far more than a busy two-core machine needs, and still short
/// enough to sit through.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// How often a condition is looked at that cannot announce itself.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
