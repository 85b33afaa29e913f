//! The page around the components, and its links.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::Response;
use axum::routing::get;
use htmx_ws_components::{ConnectionState, InvalidDomId, Live};
use htmx_ws_examples::release::app::App;
use htmx_ws_examples::release::views;
use htmx_ws_examples::release::world::World;
use htmx_ws_examples::site::INSPECTOR;
use maud::{DOCTYPE, Markup, html};

use crate::look::Look;
use crate::{board, family, specimens};

/// The routes of the page, without those of the hub.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(page))
        .route("/gallery.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("gallery.css"))))
        .route("/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../job/icon.svg"))))
}

async fn page(live: Live, Query(query): Query<HashMap<String, String>>, State(app): State<App>) -> Response {
    app.page(|world| markup(&live.topic(board::TOPIC), Look::of(&query), world))
}

/// The sections of the page: id, and name in the navigation.
const SECTIONS: [(&str, &str); 13] = [
    ("live", "Live"),
    ("badge", "Status badge"),
    ("progress", "Progress bar"),
    ("timeline", "Timeline step"),
    ("overlay", "Overlay"),
    ("stat", "Stat"),
    ("counter", "Live counter"),
    ("sparkline", "Sparkline"),
    ("toast", "Toast"),
    ("table", "Table row"),
    ("log", "Log tail"),
    ("readers", "Reader list"),
    ("connection", "Connection state"),
];

fn markup(live: &Live, look: Look, world: &World) -> Result<Markup, InvalidDomId> {
    Ok(html! {
        (DOCTYPE)
        html lang="en" dir=(look.dir()) data-theme=[look.theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "htmx-ws: the components" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                (live.head())
                link rel="stylesheet" href="/gallery.css";
            }
            body {
                (live.connect())
                (ConnectionState::new())
                header class="masthead" {
                    div {
                        h1 { "Rust values," br; "live in " em { "every" } " browser" }
                        p class="lede" { "The components of htmx-ws, each in every state. No script of yours, no inline style, " code { "default-src 'self'" } "." }
                    }
                    (looks(look))
                }
                nav class="sections" aria-label="Components" {
                    ul role="list" { @for (id, name) in SECTIONS { li { a href={ "#" (id) } { (name) } } } }
                }
                main {
                    (board::markup(world)?)
                    (specimens::markup()?)
                    (family::markup()?)
                }
                footer { p { "Everything above is made of custom properties: set " code { "--hw-accent" } " on any element, and what is in it follows. " a href=(INSPECTOR) { "What the hub does, seen from within" } } }
                (views::toasts(world)?)
            }
        }
    })
}

/// The links that show the page in another scheme or direction.
fn looks(look: Look) -> Markup {
    let themes = [(None, "Auto"), (Some("light"), "Light"), (Some("dark"), "Dark")];
    let current = |is_it: bool| is_it.then_some("true");
    html! {
        nav class="looks" aria-label="Look" {
            ul role="list" {
                @for (theme, name) in themes {
                    li { a href=(Look { theme, ..look }.address()) aria-current=[current(theme == look.theme)] { (name) } }
                }
            }
            ul role="list" {
                @for (is_rtl, name, title) in [(false, "LTR", "Left to right"), (true, "RTL", "Right to left")] {
                    li { a href=(Look { is_rtl, ..look }.address()) aria-current=[current(is_rtl == look.is_rtl)] { abbr title=(title) { (name) } } }
                }
            }
        }
    }
}

/// One component: what it is for, and one specimen a state.
pub(crate) fn section(id: &str, name: &str, about: &str, class: &str, specimens: &[(&str, Markup)]) -> Markup {
    html! {
        section id=(id) class="component" aria-labelledby={ (id) "-heading" } {
            div class="about" {
                h2 id={ (id) "-heading" } { (name) }
                p { (about) }
            }
            div class={ "specimens " (class) } {
                @for (state, specimen) in specimens {
                    figure class="card specimen" {
                        div class="stage" { (specimen) }
                        figcaption { (state) }
                    }
                }
            }
        }
    }
}
