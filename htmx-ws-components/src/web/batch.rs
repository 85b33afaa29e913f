//! Several values at once, and what a page has already.

use crate::html::patch::ToPatch;
use crate::hub::log::Publication;
use crate::hub::publish::{Publish, PublishError};
use crate::message::recipient::PageId;
use crate::message::topic_for::TopicFor;
use crate::web::hub::Hub;

/// Several values for one topic, which are published at once: nobody else's fall in between, and the pages get them together.
///
/// Together is one after the other without a pause: many values come in several frames, so that a page shows the first ones while it takes the next.
///
/// ```
/// use htmx_ws_components::{Hub, Patch, ProgressBar};
///
/// #[derive(ProgressBar)]
/// #[component(id = "job-{job}-progress")]
/// struct Progress { job: u64, #[progress(value)] percent: u8 }
///
/// let hub = Hub::new();
/// let published = hub.batch("job-7").with(&Progress { job: 7, percent: 100 }).with(&Patch::title("Done")).publish().outcome()?;
/// assert!(published.is_change());
/// # Ok::<(), htmx_ws_components::PublishError>(())
/// ```
#[derive(Debug)]
#[must_use = "a batch is published by `publish`"]
pub struct Batch<'h, T> {
    hub: &'h Hub,
    topic: T,
    /// With the topic's name, as soon as something is in it.
    publications: Result<Vec<Publication>, PublishError>,
    name: Option<crate::message::topic::Topic>,
    origin: Option<PageId>,
}

impl<'h, T: Copy> Batch<'h, T> {
    pub(super) fn new(hub: &'h Hub, topic: T) -> Self {
        Self { hub, topic, publications: Ok(Vec::new()), name: None, origin: None }
    }

    /// One value more, behind those that were added before. It is rendered here, before anything is locked.
    pub fn with<V: ToPatch + ?Sized>(mut self, value: &V) -> Self
    where
        T: TopicFor<V>,
    {
        if let Ok(publications) = &mut self.publications {
            let added = self.topic.topic_for().map_err(PublishError::from).and_then(|name| {
                publications.push(Hub::publication(value)?);
                Ok(name)
            });
            match added {
                Ok(name) => self.name = Some(name),
                Err(error) => self.publications = Err(error),
            }
        }
        self
    }

    /// The page `page` is left out: it has shown all this itself. That is the page that sent the request, or the message, which caused the change; see
    /// [`Sender`](crate::Sender).
    ///
    /// A page that is left out gets the next value, whoever causes that. What it shows meanwhile is its own affair: where it may be wrong, publish to all.
    pub fn except(mut self, page: PageId) -> Self {
        self.origin = Some(page);
        self
    }

    /// Publishes all of it, or, where something was wrong with one of the values, nothing.
    pub fn publish(self) -> Publish {
        let Self { hub, publications, name, origin, .. } = self;
        hub.publish_all(publications.map(|publications| (name, publications)), origin)
    }
}
