//! What travels: topic names, cursors, and envelopes of patches, encoded once per dialect.

pub(crate) mod cursor;
pub(crate) mod envelope;
pub(crate) mod random;
pub(crate) mod recipient;
pub(crate) mod text_frame;
pub(crate) mod topic;
pub(crate) mod topic_for;
pub(crate) mod written;
