//! A topic on many nodes: each holds its log, and a backplane brings all of them the same records in the same order.
//!
//! The log's rule is applied where the log is: a record says what was published, not what it does to a log. So there is one rule, and nothing to agree on but the order.

#[cfg(test)]
mod behind_tests;
pub(crate) mod claim;
pub(crate) mod cluster;
mod echo;
pub(crate) mod feed;
mod known;
pub(crate) mod life;
pub(crate) mod membership;
#[cfg(test)]
mod membership_tests;
mod newest;
pub(crate) mod nodes;
#[cfg(test)]
mod nodes_tests;
pub(crate) mod outbox;
#[cfg(test)]
mod outbox_tests;
mod readers;
pub(crate) mod record;
