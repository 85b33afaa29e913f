//! What a publish did, or why it could not.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::backplane::{AppendError, Position};
use crate::html::fragment::InvalidFragment;
use crate::hub::replica::nodes::Acknowledged;
use crate::hub::replica::record::version_behind;
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
    pub(crate) is_change: bool,
    pub(crate) readers: usize,
}

impl Published {
    /// Whether the pages change. A value equal to the last one is no change: nothing is sent.
    pub fn is_change(&self) -> bool {
        self.is_change
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
/// Dropping it is fine; an error is then still logged and counted. Awaiting it waits until the patch is as durable as the hub can make it: for a hub in one process that is at once, for
/// one of many it is when the [backplane](crate::Backplane) has acknowledged it. Cancel-safe: it goes on without whoever waits.
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
#[derive(Debug)]
pub struct Publish(pub(crate) Progress);

#[derive(Debug)]
pub(crate) enum Progress {
    Done(Result<Published, PublishError>),
    Sent { topic: Topic, readers: usize, told: Acknowledged },
}

impl Publish {
    pub(crate) fn done(outcome: Result<Published, PublishError>) -> Self {
        Self(Progress::Done(outcome))
    }

    /// What it did, as far as this process knows.
    ///
    /// # Errors
    /// [`PublishError`] says what was wrong with which value; nothing was published then. What a [backplane](crate::Backplane) says comes later, to whoever awaits.
    pub fn outcome(self) -> Result<Published, PublishError> {
        match self.0 {
            Progress::Done(outcome) => outcome,
            Progress::Sent { readers, .. } => Ok(Published { version: None, is_change: true, readers }),
        }
    }
}

impl IntoFuture for Publish {
    type Output = Result<Published, PublishError>;
    type IntoFuture = Publishing;

    fn into_future(self) -> Publishing {
        Publishing(Some(self.0))
    }
}

/// The future of a [`Publish`].
///
/// ```
/// use std::future::IntoFuture;
/// use htmx_ws_components::{DomId, Hub, Patch, PublishError};
///
/// # async fn example() -> Result<(), PublishError> {
/// let publishing = Hub::new().publish("jobs", &Patch::remove(DomId::new("job-7").unwrap())).into_future();
/// assert!(publishing.await?.is_change());
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct Publishing(Option<Progress>);

impl Future for Publishing {
    type Output = Result<Published, PublishError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let told = match &mut self.0 {
            Some(Progress::Sent { told, .. }) => Some(ready!(Pin::new(told).poll(context))),
            Some(Progress::Done(_)) | None => None,
        };
        match (self.0.take(), told) {
            (Some(Progress::Done(outcome)), _) => Poll::Ready(outcome),
            (Some(Progress::Sent { topic, readers, told: _ }), Some(told)) => {
                let told = told.unwrap_or_else(|_| Err(AppendError::Unknown("the runtime of the hub has ended".to_owned())));
                let published = |position: Position| Published { version: Some(version_behind(position.0)), is_change: true, readers };
                Poll::Ready(told.map(published).map_err(|error| PublishError::of(&topic, &error)))
            }
            (Some(Progress::Sent { .. }) | None, _) => Poll::Pending,
        }
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
    /// The [backplane](crate::Backplane) did not take it, nor will it: it is away for too long, or full, or too much waits for it.
    #[error("nothing was published to `{}`: {reason}", topic.shown())]
    Refused {
        /// The topic.
        topic: Topic,
        /// Why, in words.
        reason: String,
    },
    /// No answer came from the [backplane](crate::Backplane): pages may have it, or may yet get it. Published again, a state does no harm; an insertion or an event may come twice.
    #[error("whether it was published to `{}` is not known: {reason}", topic.shown())]
    Unknown {
        /// The topic.
        topic: Topic,
        /// Why, in words.
        reason: String,
    },
}

impl PublishError {
    pub(crate) fn of(topic: &Topic, error: &AppendError) -> Self {
        let (topic, reason) = (topic.clone(), error.to_string());
        if matches!(error, AppendError::Unknown(_)) { Self::Unknown { topic, reason } } else { Self::Refused { topic, reason } }
    }
}
