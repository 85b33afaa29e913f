//! What an application gives for a producer, as the hub's topics take it.

use std::fmt::{self, Debug};
use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::hub::producer::Factory;
use crate::message::topic::Topic;
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
