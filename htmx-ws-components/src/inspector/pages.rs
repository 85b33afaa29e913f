//! What the browser asks the inspector for.

use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, Render, html};
use serde::Deserialize;

use crate::inspector::page::{Frame, Home};
use crate::inspector::state::Inspector;
use crate::inspector::view::{Key, Sort, View};
use crate::inspector::{connections, overview, simulator, topics};
use crate::web::live::Live;

#[derive(Debug, Deserialize)]
pub(super) struct Order {
    sort: Option<String>,
}

/// The first page: everything at a glance.
pub(super) async fn home(
    live: Live,
    OriginalUri(original): OriginalUri,
    inner: Uri,
    Query(order): Query<Order>,
    State(inspector): State<Inspector>,
) -> Response {
    let sort: Sort = order.sort.and_then(|sort| sort.parse().ok()).unwrap_or_default();
    let base = base(&original, &inner);
    let views = [View::Overview, View::Topics(sort), View::Connections];
    let live = views.iter().fold(live, |live, view| live.topic(view.to_string()));
    let masthead = html! { div { h1 { "Inspector" } p class="lede" { "One hub, from within." } } };
    let content = inspector.look(&base, &views, |shown| {
        let home = Home {
            figures: &overview::figures(&shown.stats, &shown.history),
            simulator: simulator::markup(shown.simulation),
            topics: (topics::table(&shown.topics, sort, &base).render(), topics::note(&shown.topics)),
            connections: (connections::table(&shown.connections).render(), connections::note(shown.stats.connections())),
            counters: overview::counters(&shown.stats).render(),
        };
        home.render()
    });
    page(&Frame { live: &live, base: &base, htmx: inspector.htmx() }.document("Overview", &masthead, &content))
}

/// The page of a topic.
pub(super) async fn topic(
    live: Live,
    OriginalUri(original): OriginalUri,
    inner: Uri,
    Path(key): Path<String>,
    State(inspector): State<Inspector>,
) -> Response {
    let base = base(&original, &inner);
    let Ok(view) = key.parse::<Key>().map(View::Topic) else { return StatusCode::NOT_FOUND.into_response() };
    let live = live.topic(view.to_string());
    let back = html! { nav aria-label="Back" { a href=(if base.is_empty() { "/" } else { &base }) { span aria-hidden="true" { "← " } "Inspector" } } };
    let looked = inspector.look(&base, &[view], |shown| shown.topic(view));
    let frame = Frame { live: &live, base: &base, htmx: inspector.htmx() };
    let Some((name, states, content)) = looked else {
        let masthead = html! { div { (back) h1 { "No such topic" } } };
        let content = html! { p class="hint" { "It was given up, or the process is another one." } };
        return (StatusCode::NOT_FOUND, page(&frame.document("No such topic", &masthead, &content))).into_response();
    };
    let masthead = html! { div { (back) h1 class="name" { (name) } (states) } };
    page(&frame.document(&name, &masthead, &content))
}

fn page(markup: &Markup) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], markup.render()).into_response()
}

/// Where the inspector is mounted: what stands in front of the path that its own routes see.
fn base(original: &Uri, inner: &Uri) -> String {
    let (whole, own) = (original.path(), inner.path());
    whole.strip_suffix(own).unwrap_or(whole).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inspector_knows_where_it_is_mounted() {
        for (original, inner, expected) in [
            ("/inspector", "/", "/inspector"),
            ("/a/b?sort=name", "/?sort=name", "/a/b"),
            ("/a/b/topic/7", "/topic/7", "/a/b"),
            ("/", "/", ""),
            ("/topic/7", "/topic/7", ""),
        ] {
            assert_eq!(base(&original.parse().unwrap(), &inner.parse().unwrap()), expected, "{original}");
        }
    }
}
