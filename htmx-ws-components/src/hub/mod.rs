//! Topics and their logs: publish, subscribe, replay. No sockets and no HTML text.

pub(crate) mod exposition;
pub(crate) mod log;
pub(crate) mod publish;
pub(crate) mod stats;
pub(crate) mod subscription;
pub(crate) mod topics;
