//! What a component may be published to.

use crate::html::patch::ToPatch;
use crate::message::topic::{InvalidTopic, Topic};

/// What can be named as the topic of a `V`.
///
/// A text and a [`Topic`] carry everything. A topic of your own says in one place how it is called and what it carries, and the compiler refuses the rest:
///
/// ```
/// use htmx_ws_components::{ProgressBar, Topic, TopicFor};
///
/// #[derive(ProgressBar)]
/// #[component(id = "job-{job}-progress")]
/// struct JobProgress { job: u64, #[progress(value)] percent: u8 }
///
/// #[derive(Topic)]
/// #[topic(name = "job-{id}", carries(JobProgress))]
/// struct JobTopic { id: u64 }
///
/// assert_eq!(TopicFor::<JobProgress>::topic_for(&JobTopic { id: 7 })?, Topic::new("job-7")?);
/// # Ok::<(), htmx_ws_components::InvalidTopic>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a topic for `{V}`",
    label = "carries no `{V}`",
    note = "publish it to a topic that carries it, or name it in `carries(...)` of this one",
    note = "a text and a `Topic` carry everything; a topic with `#[derive(Topic)]` is borrowed: `&topic`"
)]
pub trait TopicFor<V: ToPatch + ?Sized> {
    /// The topic.
    ///
    /// # Errors
    /// [`InvalidTopic`] when the name that it has with these values is none.
    fn topic_for(self) -> Result<Topic, InvalidTopic>;
}

impl<V: ToPatch + ?Sized> TopicFor<V> for Topic {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        Ok(self)
    }
}

impl<V: ToPatch + ?Sized> TopicFor<V> for &Topic {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        Ok(self.clone())
    }
}

impl<V: ToPatch + ?Sized> TopicFor<V> for &str {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        Topic::new(self)
    }
}

impl<V: ToPatch + ?Sized> TopicFor<V> for String {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        Topic::new(&self)
    }
}

impl<V: ToPatch + ?Sized> TopicFor<V> for &String {
    fn topic_for(self) -> Result<Topic, InvalidTopic> {
        Topic::new(self)
    }
}

/// The topic that a derived template writes. Field values are encoded as in the id of a component, for the same reason: who may read `user-7` must not
/// read what another value makes of the same template.
pub fn named(write: impl FnOnce(&mut String)) -> Result<Topic, InvalidTopic> {
    let mut name = String::new();
    // What is too long for an id as well is a hash by now, and still too long for a topic.
    write(&mut name);
    Topic::new(&name)
}
