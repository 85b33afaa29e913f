//! The axum side: routes, tickets, the live handle of a page, assets.

mod asked;
pub(crate) mod assets;
pub(crate) mod batch;
pub(crate) mod builder;
mod development;
mod event_stream;
mod fields;
mod form;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub(crate) mod hub;
pub(crate) mod inbound;
mod line;
pub(crate) mod live;
#[cfg(htmx_ws_measured)]
pub mod measured;
mod metrics;
mod nodes;
mod origin;
mod pacing;
mod presence;
mod producer;
mod question;
pub(crate) mod renewal;
mod revocation;
mod rights;
pub(crate) mod router;
pub(crate) mod sender;
pub(crate) mod snapshot;
pub(crate) mod socket;
pub(crate) mod stop;
mod ticket;
pub(crate) mod upgrade;
mod way;
mod websocket;
#[cfg(test)]
mod websocket_tests;
