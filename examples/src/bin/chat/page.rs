//! The page of a room.

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use htmx_ws_components::{Hub, Live};
use htmx_ws_examples::frame::{self, Frame};
use maud::{Markup, html};

use crate::chat::{Chat, Person, Room, Standing};
use crate::entry;
use crate::view::{Message, present};

/// What the handlers share.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) hub: Hub,
    pub(crate) chat: Chat,
    /// The `Content-Security-Policy` of the pages.
    pub(crate) policy: Option<&'static str>,
}

impl FromRef<App> for Hub {
    fn from_ref(app: &App) -> Self {
        app.hub.clone()
    }
}

/// The routes of the chat, without those of the hub.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(entry::door))
        .route("/enter", post(entry::enter))
        .route("/room/{room}", get(room))
        .route("/chat.css", frame::style(include_str!("chat.css")))
        .route("/chat.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], include_str!("chat.js"))))
        .merge(frame::routes())
}

async fn room(live: Live, Path(room): Path<Room>, headers: HeaderMap, State(app): State<App>) -> Response {
    match entry::person(&headers, &app) {
        None => Redirect::to("/").into_response(),
        Some(person) if person.standing == Standing::Dismissed => entry::gone(&live, &app),
        // Whoever gets the page may read the room, as this person.
        Some(person) => frame::response(app.policy, markup(&live.topic(room.topic()).user(&person.name), room, &person, &app)),
    }
}

fn markup(live: &Live, room: Room, person: &Person, app: &App) -> Markup {
    let frame = Frame {
        title: &format!("#{}", room.name()),
        lede: html! { "You are " strong { (person.name) } @if person.standing == Standing::Moderator { ", and look after the chat" } },
        head: html! { link rel="stylesheet" href="/chat.css"; script src="/chat.js" defer {} },
        hint: "Open this page in another browser, or a private window, to come in as somebody else. A name with an @ in front calls that person.",
    };
    let presence = app.hub.presence(room.topic()).ok();
    frame.around(
        live,
        &html! {
            div class={ "card chat" @if person.standing == Standing::Moderator { " is-moderator" } } data-name=(person.name) {
                nav aria-label="Rooms" {
                    @for other in Room::ALL { a href={ "/room/" (other.name()) } aria-current=[(other == room).then_some("page")] { "#" (other.name()) } }
                }
                @if let Some(people) = presence.as_ref().and_then(present) { (people) }
                // A keyboard scrolls only what can have the focus.
                div class="talk" tabindex="0" role="log" aria-label="Messages" {
                    // Read now that `live` has taken its place: what is said from here on arrives as a patch.
                    ol id="messages" role="list" { @for saying in app.chat.lock().history(room) { (Message::of(saying)) } }
                    p class="quiet" { "Nobody has said anything yet." }
                }
                form id="say" data-ws-send hx-ws:send data-live-busy="10" {
                    input type="hidden" name="action" value="say";
                    input type="hidden" name="room" value=(room.name());
                    input name="text" aria-label="Message" placeholder={ "Say something in #" (room.name()) } required maxlength="1000" autocomplete="off" autofocus;
                    button class="button is-primary" { "Send" }
                }
            }
        },
    )
}
