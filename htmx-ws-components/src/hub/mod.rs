//! Topics and their logs: publish, subscribe, replay. No sockets and no HTML text.

pub(crate) mod bell;
mod change;
pub(crate) mod clock;
pub(crate) mod exposition;
mod fanout;
#[cfg(test)]
mod fanout_tests;
pub(crate) mod log;
pub(crate) mod look;
mod place;
pub(crate) mod presence;
#[cfg(test)]
mod presence_tests;
pub(crate) mod producer;
pub(crate) mod publish;
#[cfg(all(test, htmx_ws_loom))]
mod races;
pub(crate) mod reader;
mod readers;
pub(crate) mod replica;
mod room;
pub(crate) mod snapshot;
#[cfg(test)]
mod snapshot_tests;
pub(crate) mod standing;
pub(crate) mod stats;
pub(crate) mod subscription;
mod sweep;
pub(crate) mod sync;
pub(crate) mod topics;
