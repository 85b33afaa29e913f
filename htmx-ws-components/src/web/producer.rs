//! What an application gives for a producer, as the hub's topics take it.

use std::fmt::{self, Debug};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::hub::producer::Factory;
use crate::message::topic::Topic;
use crate::web::builder::{HubBuilder, bounded};
use crate::web::hub::{Hub, WeakHub};

type Task = dyn Fn(Hub, &Topic) -> Option<BoxFuture<'static, ()>> + Send + Sync;

/// A producer, before its hub is there.
#[derive(Clone)]
pub(super) struct Producer(Arc<Task>);

impl Producer {
    pub(super) fn new<F, Fut>(task: F) -> Self
    where
        F: Fn(Hub, &Topic) -> Option<Fut> + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |hub, topic| task(hub, topic).map(FutureExt::boxed)))
    }

    pub(super) fn into_factory(self, hub: WeakHub) -> Factory {
        Arc::new(move |topic| (self.0)(hub.upgrade()?, topic))
    }
}

impl Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Producer(..)")
    }
}

impl HubBuilder {
    /// Runs a task while a topic has readers: `task` makes it, for the topics that are its own, when the first reader comes.
    ///
    /// There is one task for each topic, however many readers come at once; where hubs share a [backplane](HubBuilder::backplane), one of those with readers runs it, and another one goes on within ten seconds when
    /// its process dies, or at once when its readers have gone. It is dropped, at its next await, when the last reader has been gone for
    /// [`HubBuilder::producer_linger`]; it starts anew with the next reader. One that panics starts again after a second, then two, and so on up to a minute. One that ends by itself is
    /// not started again before the readers have gone and come.
    ///
    /// ```
    /// use std::time::Duration;
    /// use htmx_ws_components::{Component, Hub, Topic};
    /// use maud::{Markup, html};
    ///
    /// #[derive(Component)]
    /// #[component(id = "price-{name}", leaf, render = Self::markup)]
    /// struct Price { name: String, cents: u64 }
    ///
    /// impl Price {
    ///     fn markup(&self) -> Markup {
    ///         html! { output { (self.cents) } }
    ///     }
    /// }
    ///
    /// async fn ask(name: &str) -> u64 {
    ///     // … of a service that knows
    ///     # 7
    /// }
    ///
    /// let hub = Hub::builder().producer(|hub: Hub, topic: &Topic| {
    ///     let (topic, name) = (topic.clone(), topic.as_str().strip_prefix("price-")?.to_owned());
    ///     Some(async move {
    ///         loop {
    ///             let cents = ask(&name).await;
    ///             hub.publish(&topic, &Price { name: name.clone(), cents });
    ///             tokio::time::sleep(Duration::from_secs(2)).await;
    ///         }
    ///     })
    /// }).build();
    /// ```
    pub fn producer<F, Fut>(mut self, task: F) -> Self
    where
        F: Fn(Hub, &Topic) -> Option<Fut> + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.producers.push(Producer::new(task));
        self
    }

    /// How long a producer goes on without a reader. Default: 10 seconds, for pages that load anew.
    pub fn producer_linger(mut self, linger: Duration) -> Self {
        self.producer_linger = bounded(linger);
        self
    }
}
