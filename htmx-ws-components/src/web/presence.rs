//! Who reads a topic, for the application and for the pages themselves.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use crate::html::patch::{Patch, ToPatch};
use crate::hub::log::Publication;
use crate::hub::presence::{Presence, Presences, Show};
use crate::hub::publish::PublishError;
use crate::hub::snapshot::Source;
use crate::message::topic::InvalidTopic;
use crate::message::topic_for::TopicFor;
use crate::web::builder::{HubBuilder, bounded};
use crate::web::hub::{Hub, WeakHub};

type Shown = dyn Fn(&Presence) -> Option<Result<Publication, PublishError>> + Send + Sync;

/// What the builder knows of presence.
#[derive(Clone)]
pub(super) struct PresenceSettings {
    shows: Vec<Arc<Shown>>,
    grace: Duration,
}

impl PresenceSettings {
    pub(super) fn into_presences(self, hub: &Hub) -> Presences {
        let show = |show: Arc<Shown>| -> Show {
            let hub: WeakHub = hub.downgrade();
            Arc::new(move |presence| {
                if let (Some(hub), Some(publication)) = (hub.upgrade(), show(presence)) {
                    hub.publish_aside(presence.topic(), publication);
                }
            })
        };
        Presences::new(self.shows.into_iter().map(show).collect(), self.grace, Arc::clone(hub.counters()), hub.topics().members().cloned())
    }

    /// What gives a source's snapshots the lists of those who read the topic, as the pages show them.
    pub(super) fn completing(&self, hub: &Hub) -> impl Fn(Source) -> Source + use<> {
        let (shows, hub): (Arc<[Arc<Shown>]>, _) = (self.shows.clone().into(), Arc::new(hub.downgrade()));
        move |source| {
            let (shows, hub) = (Arc::clone(&shows), Arc::clone(&hub));
            Arc::new(move |topic| {
                let (shows, hub, name) = (Arc::clone(&shows), Arc::clone(&hub), topic.clone());
                let snapshot = source(topic)?.map(move |snapshot| {
                    let mut publications = snapshot?;
                    let presence = hub.upgrade().map(|hub| hub.topics().presence(&name));
                    for shown in presence.iter().flat_map(|presence| shows.iter().filter_map(|show| show(presence))) {
                        publications.push(shown.map_err(|error| error.to_string())?);
                    }
                    Ok(publications)
                });
                Some(snapshot.boxed())
            })
        }
    }
}

impl Default for PresenceSettings {
    fn default() -> Self {
        // Longer than a page takes to load anew, or a connection to come back.
        Self { shows: Vec::new(), grace: Duration::from_secs(10) }
    }
}

impl Debug for PresenceSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresenceSettings").field("shows", &self.shows.len()).field("grace", &self.grace).finish()
    }
}

impl HubBuilder {
    /// Shows in the pages of a topic who reads it: `show` makes a component of each new list, for the topics that are its own, and it is published to them.
    ///
    /// It is called when users join and leave, with all who are there, at most every 50 ms for a crowd. A user is named by [`Live::user`](crate::Live::user); pages without one
    /// are nobody's. Several pages of a user count once, and a page that reconnects within [`HubBuilder::presence_grace`] neither leaves nor joins. After a restart everybody
    /// joins anew; a [snapshot](HubBuilder::snapshot) of the topic gets the component as well.
    ///
    /// Where hubs share a [backplane](HubBuilder::backplane), the pages of all of them are counted, `show` is called on every node, and what one of them makes is published. Users of a node that dies leave
    /// within ten seconds and the grace.
    ///
    /// A panic is counted, and that list is not shown.
    ///
    /// ```
    /// use htmx_ws_components::{DomId, Hub, Live, Presence, ReaderList};
    /// use maud::{Markup, html};
    ///
    /// fn readers(presence: &Presence) -> Option<ReaderList> {
    ///     let doc = presence.topic().as_str().strip_prefix("doc-")?;
    ///     // … with the names of the users, out of the application's data
    ///     Some(ReaderList::new(DomId::new(&format!("doc-{doc}-readers")).ok()?, presence.users()))
    /// }
    ///
    /// fn page(hub: &Hub, live: Live) -> Result<Markup, htmx_ws_components::InvalidTopic> {
    ///     let live = live.topic("doc-7").user("ann");
    ///     let readers = readers(&hub.presence("doc-7")?);
    ///     Ok(html! { head { (live.head()) } body { (live.connect()) @if let Some(readers) = readers { (readers) } } })
    /// }
    ///
    /// let hub = Hub::builder().presence(readers).build();
    /// # page(&hub, Live::of(&hub)).unwrap();
    /// ```
    pub fn presence<F, V>(mut self, show: F) -> Self
    where
        F: Fn(&Presence) -> Option<V> + Send + Sync + 'static,
        V: ToPatch,
    {
        self.presence.shows.push(Arc::new(move |presence| show(presence).map(|value| Hub::publication(&value))));
        self
    }

    /// How long a user is still there whose last page has gone: for reconnects, and for pages that load anew. Default: 10 seconds.
    pub fn presence_grace(mut self, grace: Duration) -> Self {
        self.presence.grace = bounded(grace);
        self
    }
}

impl Hub {
    /// Who reads a topic: the users whose pages do, as they were last shown.
    ///
    /// ```
    /// use htmx_ws_components::Hub;
    ///
    /// let hub = Hub::new();
    /// let users: Vec<String> = hub.presence("doc-7")?.users().map(str::to_owned).collect();
    /// assert!(users.is_empty());
    /// # Ok::<(), htmx_ws_components::InvalidTopic>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidTopic`] when the topic is none.
    pub fn presence(&self, topic: impl TopicFor<Patch>) -> Result<Presence, InvalidTopic> {
        Ok(self.topics().presence(&topic.topic_for()?))
    }
}
