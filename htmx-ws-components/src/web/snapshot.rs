//! What a topic shows now, out of the application's own data, for pages that the log cannot serve.

use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use crate::html::patch::ToPatch;
use crate::hub::log::Publication;
use crate::hub::publish::PublishError;
use crate::hub::snapshot::{SnapshotLimits, Snapshots, Source};
use crate::hub::stats::Counters;
use crate::message::topic::Topic;
use crate::web::builder::{HubBuilder, bounded};
use crate::web::hub::Hub;

/// What a topic shows now: the components that bring a page up to date, whatever it shows of the topic. See [`HubBuilder::snapshot`].
///
/// The page may show something that is no longer there. So where a topic has a list, give the component that holds it, or its content with
/// [`Patch::update`](crate::Patch::update), rather than its items. No events: a page may get a snapshot more than once.
///
/// ```
/// use htmx_ws_components::{DomId, Patch, ProgressBar, Snapshot};
/// use maud::html;
///
/// #[derive(ProgressBar)]
/// #[component(id = "upload-{file}")]
/// struct Upload { file: u32, #[progress(value)] percent: u8 }
///
/// let uploads = [Upload { file: 1, percent: 40 }, Upload { file: 2, percent: 70 }];
/// let list = html! { @for upload in &uploads { (upload) } };
/// let snapshot = Snapshot::of(&Patch::update(DomId::new("uploads")?, &list)).with(&Patch::title("2 uploads"));
/// # Ok::<(), htmx_ws_components::InvalidDomId>(())
/// ```
#[derive(Debug)]
#[must_use = "a snapshot is what its source gives"]
pub struct Snapshot(Result<Vec<Publication>, PublishError>);

impl Snapshot {
    /// One component, or a [`Patch`](crate::Patch).
    pub fn of<V: ToPatch + ?Sized>(value: &V) -> Self {
        Self::nothing().with(value)
    }

    /// The page is right as it is: for a topic that shows no state, but says what happens.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, Snapshot, Topic};
    /// use std::{convert::Infallible, future::ready};
    ///
    /// let hub = Hub::builder()
    ///     .snapshot(|topic: &Topic| (topic.as_str() == "toasts").then(|| ready(Ok::<_, Infallible>(Snapshot::nothing()))))
    ///     .build();
    /// ```
    pub fn nothing() -> Self {
        Self(Ok(Vec::new()))
    }

    /// One value more, behind those that were added before.
    pub fn with<V: ToPatch + ?Sized>(mut self, value: &V) -> Self {
        if let Ok(publications) = &mut self.0 {
            match Hub::publication(value) {
                Ok(publication) => publications.push(publication),
                Err(error) => self.0 = Err(error),
            }
        }
        self
    }
}

/// What the builder knows of snapshots.
#[derive(Clone)]
pub(super) struct SnapshotSettings {
    sources: Vec<Source>,
    limits: SnapshotLimits,
}

impl SnapshotSettings {
    /// With what every snapshot has beside what its source gave.
    pub(super) fn into_snapshots(self, complete: impl Fn(Source) -> Source, counters: Arc<Counters>) -> Snapshots {
        Snapshots::new(self.sources.into_iter().map(complete).collect(), self.limits, counters)
    }
}

impl Default for SnapshotSettings {
    fn default() -> Self {
        let limits = SnapshotLimits {
            // Longer than a slow query, and shorter than a reader's patience with an old page.
            timeout: Duration::from_secs(5),
            // Pages come back from a restart within some seconds of each other.
            reuse_for: Duration::from_secs(1),
            // A pool of connections to a database is about as large.
            at_once: 32,
        };
        Self { sources: Vec::new(), limits }
    }
}

impl Debug for SnapshotSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotSettings").field("sources", &self.sources.len()).field("limits", &self.limits).finish()
    }
}

impl HubBuilder {
    /// Says what a topic shows now, for pages that its log cannot serve: `source` reads it, for the topics that are its own.
    ///
    /// A page has a gap when it was away for so long that patches went that it lacks; when the topic was forgotten meanwhile; and when the process was restarted (with the
    /// same [`HubBuilder::secret`]: tickets of another are not valid). Without a source the page then loads itself anew. With one it gets the [`Snapshot`], and behind it everything that was
    /// published since the source was called: so nothing is lost that is published while the source reads, and no older state stays. As with a page that is
    /// rendered, an insertion that the snapshot has already may come a second time and is harmless, and an event may.
    ///
    /// It is called once for all pages that wait for the same topic, and what it gave serves those that come within [`HubBuilder::snapshot_reuse`]. An error, a panic, or more than
    /// [`HubBuilder::snapshot_timeout`] is counted, and the pages load themselves anew.
    ///
    /// It is asked for the topics of users and sessions as well, which have no name but [`Topic::user`] and [`Topic::session`]; not for that of a page alone: what was for one page
    /// goes with the process.
    ///
    /// ```
    /// use htmx_ws_components::{Hub, ProgressBar, Snapshot, Topic};
    ///
    /// #[derive(ProgressBar)]
    /// #[component(id = "job-{job}-progress")]
    /// struct JobProgress { job: u64, #[progress(value)] percent: u8 }
    ///
    /// async fn percent_of(job: u64) -> Result<u8, std::io::Error> {
    ///     // … out of the database
    ///     # Ok(7)
    /// }
    ///
    /// let hub = Hub::builder()
    ///     .secret(b"at least 32 random bytes from the environment")
    ///     .snapshot(|topic: &Topic| {
    ///         let job = topic.as_str().strip_prefix("job-")?.parse().ok()?;
    ///         Some(async move { percent_of(job).await.map(|percent| Snapshot::of(&JobProgress { job, percent })) })
    ///     })
    ///     .build();
    /// ```
    pub fn snapshot<F, Fut, E>(mut self, source: F) -> Self
    where
        F: Fn(&Topic) -> Option<Fut> + Send + Sync + 'static,
        Fut: Future<Output = Result<Snapshot, E>> + Send + 'static,
        E: Display,
    {
        self.snapshots.sources.push(Arc::new(move |topic| {
            let snapshot = source(topic)?.map(|snapshot| match snapshot {
                Ok(Snapshot(publications)) => publications.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            });
            Some(snapshot.boxed())
        }));
        self
    }

    /// How long a snapshot source may take. Then the pages that wait for it load themselves anew. Default: 5 seconds.
    pub fn snapshot_timeout(mut self, timeout: Duration) -> Self {
        self.snapshots.limits.timeout = bounded(timeout);
        self
    }

    /// How long a snapshot serves pages that come later, with what was published since; and how long a source that failed is not called again for the same topic. Default: 1 second.
    pub fn snapshot_reuse(mut self, reuse: Duration) -> Self {
        self.snapshots.limits.reuse_for = bounded(reuse);
        self
    }

    /// How many snapshot sources run at the same time; further ones wait for their turn. Default: 32.
    pub fn max_snapshots_at_once(mut self, count: usize) -> Self {
        self.snapshots.limits.at_once = count;
        self
    }
}
