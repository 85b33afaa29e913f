//! Connections: from a topic's log to a socket, over any sink and stream of our own message type.

pub(crate) mod close;
pub(crate) mod connection;
#[cfg(test)]
mod connection_tests;
pub(crate) mod connections;
pub(crate) mod farewell;
pub(crate) mod grants;
pub(crate) mod inbound;
pub(crate) mod inbox;
pub(crate) mod message;
mod outlet;
#[cfg(all(test, htmx_ws_loom))]
mod races;
pub(crate) mod registry;
pub(crate) mod renewal;
#[cfg(test)]
mod server_end;
pub(crate) mod service;
pub(crate) mod simulation;
pub(crate) mod stats;
