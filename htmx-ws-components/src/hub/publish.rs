//! What a publish did, or why it could not.

use std::future::{IntoFuture, Ready, ready};

use crate::html::fragment::InvalidFragment;
use crate::message::cursor::Version;
use crate::message::topic::{InvalidTopic, Topic};

/// What a publish did.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, Patch};
///
/// let hub = Hub::new();
/// let patch = Patch::remove(DomId::new("job-7").unwrap());
/// let first = hub.publish("jobs", &patch).outcome()?;
/// let second = hub.publish("jobs", &patch).outcome()?;
/// assert!(first.is_change() && !second.is_change());
/// # Ok::<(), htmx_ws_components::PublishError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub(crate) version: Option<Version>,
    pub(crate) readers: usize,
}

impl Published {
    /// Whether the pages change. A value equal to the last one is no change: nothing is sent.
    pub fn is_change(&self) -> bool {
        self.version.is_some()
    }

    /// The version of the change.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// How many connections read the topic at this moment.
    pub fn readers(&self) -> usize {
        self.readers
    }
}

/// A publish: already done when it is returned.
///
/// Dropping it is fine; an error is then still logged and counted. Awaiting it waits until the patch is as durable as the hub can make it,
/// which for a hub in one process is at once.
///
/// ```
/// # async fn example() -> Result<(), htmx_ws_components::PublishError> {
/// use htmx_ws_components::{DomId, Hub, Patch};
///
/// let published = Hub::new().publish("jobs", &Patch::remove(DomId::new("job-7").unwrap())).await?;
/// assert_eq!(published.readers(), 0);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Publish(pub(crate) Result<Published, PublishError>);

impl Publish {
    /// What it did, as far as this process knows.
    ///
    /// # Errors
    /// [`PublishError`] says what was wrong with which value; nothing was published then.
    pub fn outcome(self) -> Result<Published, PublishError> {
        self.0
    }
}

impl IntoFuture for Publish {
    type Output = Result<Published, PublishError>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(self.0)
    }
}

/// Why nothing was published.
///
/// ```
/// use htmx_ws_components::{DomId, Hub, Patch, PublishError};
///
/// let error = Hub::new().publish("", &Patch::remove(DomId::new("job-7").unwrap())).outcome().unwrap_err();
/// assert!(matches!(error, PublishError::Topic(_)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The text is no name of a topic.
    #[error(transparent)]
    Topic(#[from] InvalidTopic),
    /// The markup of a component's own `render` cannot be its element.
    #[error(transparent)]
    Fragment(#[from] InvalidFragment),
    /// The patch is larger than [`HubBuilder::max_patch_bytes`](crate::HubBuilder::max_patch_bytes).
    #[error("the patch of `#{id}` has {size} bytes, more than {limit}; publish smaller components, or raise `max_patch_bytes`")]
    TooLarge {
        /// The id of the element.
        id: String,
        /// The bytes of its HTML.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// The hub has [`HubBuilder::max_topics`](crate::HubBuilder::max_topics) topics already.
    #[error("`{}` would be one topic too many: the hub has {limit}; use fewer names, or raise `max_topics`", topic.shown())]
    TooManyTopics {
        /// The topic that was not made.
        topic: Topic,
        /// The limit.
        limit: usize,
    },
}
