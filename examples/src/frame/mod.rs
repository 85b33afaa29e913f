//! The frame around an example's page: the document, its heading, the state of the connection, and the styles of these.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use htmx_ws_components::Live;
use maud::{DOCTYPE, Markup, Render, html};

use crate::site::{INSPECTOR, connection};

/// What stands in a frame.
#[derive(Debug)]
pub struct Frame<'a> {
    /// The heading, which is the title as well.
    pub title: &'a str,
    /// What the page is about, below the heading.
    pub lede: Markup,
    /// Further elements of the `<head>`: the example's own styles and scripts.
    pub head: Markup,
    /// What to try, below the content.
    pub hint: &'a str,
}

impl Frame<'_> {
    /// The whole document around the content of a page that is live. What is in it may send over the socket.
    pub fn around(&self, live: &Live, content: &impl Render) -> Markup {
        let body = html! {
            header class="masthead" {
                div { h1 { (self.title) } p class="lede" { (self.lede) } }
                (connection())
            }
            (live.errors())
            main { (content) }
            footer { p { (self.hint) " " a href=(INSPECTOR) { "What the hub does, seen from within" } } }
        };
        document(self.title, &html! { (live.head()) (styles()) (self.head) }, &live.connect_around(&body))
    }
}

/// What a `<head>` has of the frame, behind the kit's.
pub fn styles() -> Markup {
    html! { link rel="stylesheet" href="/frame.css"; }
}

/// A document without anything live in it, unless `head` and `body` bring it.
pub fn document(title: &str, head: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                (head)
            }
            body { (body) }
        }
    }
}

/// A page as a response, with the policy that it can have. It may be for one person, so nobody else keeps a copy of it.
pub fn response(policy: Option<&'static str>, page: Markup) -> Response {
    let policy = policy.map(|policy| [(header::CONTENT_SECURITY_POLICY, policy)]);
    (policy, [(header::CACHE_CONTROL, "no-store")], page).into_response()
}

/// The files that the frame loads.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/frame.css", style(include_str!("frame.css")))
        .route("/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../bin/job/icon.svg"))))
}

/// A style sheet of an example's own.
pub fn style<S: Clone + Send + Sync + 'static>(css: &'static str) -> axum::routing::MethodRouter<S> {
    get(async move || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css))
}
