//! Where a connection stands in its topics, for whoever looks from outside.

use crate::message::cursor::Version;
use crate::message::topic::Topic;

/// Where a connection stands in a topic, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) topic: Topic,
    /// That of the cursor.
    pub(crate) version: Version,
    /// How many versions that is behind the topic's newest change.
    pub(crate) lag: u64,
}
