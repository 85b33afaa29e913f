//! What browsers send over the socket, typed.

use std::collections::HashMap;
use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use maud::html;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::dialect::Htmx;
use crate::html::dom_id::DomId;
use crate::html::patch::{Patch, ToPatch};
use crate::html::signal::Event;
use crate::hub::publish::Publish;
use crate::hub::stats::Counter;
use crate::message::recipient::{PageId, To};
use crate::transport::inbox::Inbox;
use crate::transport::registry::Handle;
use crate::web::fields;
use crate::web::hub::{Hub, WeakHub};

/// The id of the element where a page shows what could not be handled.
pub(super) const ERRORS: &str = "htmx-ws-errors";

/// The field that says what is to be done.
const ACTION: &str = "action";

/// The field in which our script counts the messages of a sender that is busy until it is answered.
const NUMBER: &str = "htmx-ws-id";

/// A message from a page, with its fields as a `T`.
///
/// A form or a button with htmx's `ws-send` sends its fields over the socket. The field `action` says which handler of [`HubBuilder::on`](crate::HubBuilder::on) gets
/// them; the others are read as those of a form: numbers out of texts, a `Vec` of a field that may be there more than once, an `Option` of one that may be missing or
/// empty, a `bool` of a checkbox with `value="true"`. Values out of `hx-vals` keep their types.
///
/// Messages of a page are handled one after the other, each to its end, also when the page has gone meanwhile; those of two pages at the same time. What a handler answers with an error,
/// and fields that are not those of `T`, are shown to the sender, where [`Live::errors`](crate::Live::errors) stands in its page.
///
/// ```
/// use htmx_ws_components::{Component, Hub, Inbound, Live};
/// use maud::{Markup, html};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Vote { option: String, weight: u32 }
///
/// #[derive(Component)]
/// #[component(id = "votes-{option}", leaf, render = Self::markup)]
/// struct Votes { option: String, count: u32 }
///
/// impl Votes {
///     fn markup(&self) -> Markup {
///         html! { output { (self.option) ": " (self.count) } }
///     }
/// }
///
/// async fn vote(message: Inbound<Vote>) -> Result<(), &'static str> {
///     let Vote { option, weight } = message.value();
///     if *weight > 3 {
///         return Err("No vote counts more than three times");
///     }
///     message.hub().publish("votes", &Votes { option: option.clone(), count: *weight });
///     Ok(())
/// }
///
/// async fn page(live: Live) -> Markup {
///     let live = live.topic("votes");
///     html! {
///         head { (live.head()) }
///         body {
///             (live.connect_around(&html! {
///                 (live.errors())
///                 // Its button is disabled until the handler has returned, or for ten seconds.
///                 form data-ws-send hx-ws:send data-live-busy="10" {
///                     input type="hidden" name="action" value="vote";
///                     input name="option";
///                     input name="weight" type="number";
///                     button { "Vote" }
///                 }
///             }))
///         }
///     }
/// }
///
/// let hub = Hub::builder().on("vote", vote).build();
/// ```
pub struct Inbound<T> {
    value: T,
    hub: Hub,
    from: Arc<Handle>,
    headers: Map<String, Value>,
}

impl<T> Inbound<T> {
    /// The fields.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The fields, to keep.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The hub that the page is connected to.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The page that sent the message.
    pub fn page(&self) -> PageId {
        self.from.identity.page
    }

    /// Whose page it is, as its handler said with [`Live::user`](crate::Live::user). Signed: the browser cannot say otherwise.
    pub fn user(&self) -> Option<&str> {
        self.from.identity.user.as_deref()
    }

    /// The session that the page is of, as its handler said with [`Live::session`](crate::Live::session).
    pub fn session(&self) -> Option<&str> {
        self.from.identity.session.as_deref()
    }

    /// What htmx says of the sender, such as `HX-Current-URL`; see the documentation of its ws extension. The browser's word, and different for each generation.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
    }

    /// Publishes to the page that sent the message, and to no other.
    pub fn reply<V: ToPatch + ?Sized>(&self, value: &V) -> Publish {
        self.hub.publish(To::page(self.page()), value)
    }
}

impl<T: Debug> Debug for Inbound<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound")
            .field("value", &self.value)
            .field("page", &self.page())
            .field("user", &self.user())
            .finish_non_exhaustive()
    }
}

/// What a handler of messages may answer: nothing, or what went wrong, for its sender to read.
///
/// ```
/// use htmx_ws_components::Outcome;
///
/// assert_eq!(().problem(), None);
/// assert_eq!(Err::<(), _>("not now").problem().as_deref(), Some("not now"));
/// ```
pub trait Outcome: Send {
    /// What the sender is told.
    fn problem(self) -> Option<String>;
}

impl Outcome for () {
    fn problem(self) -> Option<String> {
        None
    }
}

impl<E: Display + Send> Outcome for Result<(), E> {
    fn problem(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

/// Why a message was not handled.
enum Problem {
    NotJson,
    Unhandled { action: String },
    Invalid(fields::Invalid),
    Failed(String),
}

type Handler = dyn Fn(Message) -> BoxFuture<'static, Result<(), Problem>> + Send + Sync;

/// A message, as a handler's wrapper gets it.
struct Message {
    fields: Map<String, Value>,
    headers: Map<String, Value>,
    hub: Hub,
    from: Arc<Handle>,
}

/// The handlers of a hub, by their actions.
#[derive(Clone, Default)]
pub(super) struct Routes(HashMap<String, Arc<Handler>>);

impl Routes {
    pub(super) fn add<T, F, Fut, R>(&mut self, action: &str, handler: F)
    where
        T: DeserializeOwned + Send + 'static,
        F: Fn(Inbound<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Outcome,
    {
        let handler = Arc::new(handler);
        let typed = move |message: Message| {
            let Message { fields, headers, hub, from } = message;
            let handler = Arc::clone(&handler);
            async move {
                let value = fields::read(&fields).map_err(Problem::Invalid)?;
                let outcome = handler(Inbound { value, hub, from, headers }).await;
                outcome.problem().map_or(Ok(()), |problem| Err(Problem::Failed(problem)))
            }
            .boxed()
        };
        self.0.insert(action.to_owned(), Arc::new(typed));
    }

    /// None where nobody handles anything.
    pub(super) fn into_inbox(self, htmx: Htmx) -> Option<Arc<Handlers>> {
        // Each generation writes its own headers under a name that a form's field cannot take from it.
        let headers = match htmx {
            Htmx::V2 | Htmx::V2Morph => "HEADERS",
            Htmx::V4 => "headers",
        };
        (!self.0.is_empty()).then(|| Arc::new(Handlers { routes: self, headers, hub: OnceLock::new() }))
    }
}

impl Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The inbox of a hub.
#[derive(Debug)]
pub(super) struct Handlers {
    routes: Routes,
    headers: &'static str,
    /// Set as soon as the hub is there, which has this.
    hub: OnceLock<WeakHub>,
}

impl Handlers {
    pub(super) fn set_hub(&self, hub: &Hub) {
        let _ = self.hub.set(hub.downgrade());
    }

    fn hub(&self) -> Option<Hub> {
        self.hub.get()?.upgrade()
    }

    fn read(&self, text: &[u8], hub: &Hub, from: &Arc<Handle>, number: &mut Option<Value>) -> Result<(Arc<Handler>, Message), Problem> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(text) else { return Err(Problem::NotJson) };
        *number = fields.remove(NUMBER).filter(Value::is_string);
        let headers = match fields.remove(self.headers) {
            Some(Value::Object(headers)) => headers,
            _ => Map::new(),
        };
        let action = match fields.remove(ACTION) {
            Some(Value::String(action)) => action,
            _ => String::new(),
        };
        let Some(handler) = self.routes.0.get(&action) else { return Err(Problem::Unhandled { action }) };
        Ok((Arc::clone(handler), Message { fields, headers, hub: hub.clone(), from: Arc::clone(from) }))
    }
}

impl Inbox for Handlers {
    fn receive(&self, text: Bytes, from: Arc<Handle>) -> BoxFuture<'static, ()> {
        let Some(hub) = self.hub() else { return std::future::ready(()).boxed() };
        let mut number = None;
        let read = self.read(&text, &hub, &from, &mut number);
        async move {
            let result = match read {
                Ok((handler, message)) => handler(message).await,
                Err(problem) => Err(problem),
            };
            answer(&hub, &from, result);
            if let Some(number) = number {
                hub.publish(To::page(from.identity.page), &Patch::Event(Event::own("done", &number)));
            }
        }
        .boxed()
    }

    fn panicked(&self, from: &Handle) {
        if let Some(hub) = self.hub() {
            hub.counters().count(Counter::InboundPanicked);
            show(&hub, from, "Something went wrong. Please try again.");
        }
    }
}

fn answer(hub: &Hub, from: &Handle, result: Result<(), Problem>) {
    let page = from.identity.page;
    let (counter, text) = match result {
        Ok(()) => (Counter::InboundHandled, String::new()),
        Err(Problem::NotJson) => (Counter::InboundNotJson, "The message was not understood.".to_owned()),
        Err(Problem::Unhandled { action }) => {
            tracing::warn!(name: "htmx_ws.message_unhandled", target: "htmx_ws", %page, action, "nobody handles what a page sent: the field `action` names a handler of `HubBuilder::on`");
            (Counter::InboundUnhandled, "The message was not understood.".to_owned())
        }
        Err(Problem::Invalid(invalid)) => {
            tracing::debug!(name: "htmx_ws.message_invalid", target: "htmx_ws", %page, error = %invalid, "the fields of a message are not those of its handler");
            (Counter::InboundInvalid, invalid.to_string())
        }
        Err(Problem::Failed(problem)) => (Counter::InboundFailed, problem),
    };
    hub.counters().count(counter);
    show(hub, from, &text);
}

/// Shows a problem in the page that caused it, or that there is none any more.
fn show(hub: &Hub, from: &Handle, text: &str) {
    let shown = from.shows_problem(!text.is_empty());
    if text.is_empty() && !shown {
        return;
    }
    if let Ok(errors) = DomId::new(ERRORS) {
        let content = html! { @if !text.is_empty() { p { (text) } } };
        hub.publish(To::page(from.identity.page), &Patch::update(errors, &content));
    }
}
