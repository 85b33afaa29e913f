//! Which page sent a request.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::message::recipient::PageId;

/// The page that sent an htmx request: an extractor, to leave that page out when its own change is published.
///
/// Our script names the page in each of its requests, in the header `Htmx-Ws-Page`. There is none where the request comes from elsewhere, or the page is not live. It
/// is what the browser says: use it to leave somebody out, not to let somebody in.
///
/// ```no_run
/// use axum::extract::State;
/// use htmx_ws_components::{Component, Hub, Sender};
/// use maud::{Markup, html};
///
/// #[derive(Component)]
/// #[component(id = "likes", leaf, render = Self::markup)]
/// struct Likes(u64);
///
/// impl Likes {
///     fn markup(&self) -> Markup {
///         html! { output { (self.0) } }
///     }
/// }
///
/// async fn like(State(hub): State<Hub>, Sender(sender): Sender) -> Markup {
///     let likes = Likes(7);
///     let batch = hub.batch("likes").with(&likes);
///     match sender {
///         Some(page) => batch.except(page),
///         None => batch,
///     }
///     .publish();
///     // The sender gets it as the answer.
///     html! { (likes) }
/// }
/// # let app: axum::Router<Hub> = axum::Router::new().route("/like", axum::routing::post(like));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sender(pub Option<PageId>);

/// The header in which our script names the page.
const HEADER: &str = "htmx-ws-page";

impl<S: Send + Sync> FromRequestParts<S> for Sender {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let name = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
        Ok(Self(name.and_then(|name| name.parse().ok())))
    }
}
