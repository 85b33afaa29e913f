//! The kit in real browsers, on every generation of htmx.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

/// Each test on both generations, in a module for each.
macro_rules! on_both_generations {
    ($($(#[doc = $doc:literal])* $name:ident,)+) => {
        mod htmx_2 { $( $(#[doc = $doc])* #[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(htmx_ws_components::Htmx::V2).await } )+ }
        mod htmx_4 { $( $(#[doc = $doc])* #[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(htmx_ws_components::Htmx::V4).await } )+ }
    };
}

mod backplane;
mod basics;
mod connection;
mod faults;
mod motion;
mod overlay;
mod policy;
mod recovery;
mod regions;
mod roots;
mod sending;
mod signals;
mod survival;
mod tab_life;
mod ways;
mod witness;

/// Whether our script sees for itself that its connection is dead, and goes around one that is blocked. Without that, a page waits for the network to say so.
const SCRIPT_OWNS_ITS_LINK: bool = true;
