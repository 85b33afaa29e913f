//! The axum side: routes, tickets, the live handle of a page, assets.

pub(crate) mod assets;
pub(crate) mod builder;
pub(crate) mod hub;
pub(crate) mod live;
mod origin;
mod router;
mod socket;
mod ticket;
