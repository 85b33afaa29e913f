//! How people come in: a name, and a cookie by which they are known again.
//!
//! The cookie holds a random secret and no name, so nobody can be somebody else by writing a cookie. It is what a login gives as well, once a password, a
//! passkey or another site has said who somebody is; an application has that from its framework, in place of this file.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use htmx_ws_components::Live;
use htmx_ws_examples::frame::{document, response, styles};
use maud::{Markup, html};
use serde::Deserialize;

use crate::chat::{Person, Refused, Room};
use crate::page::App;

const COOKIE: &str = "chat";

/// Who asks for a page, by the cookie.
pub(crate) fn person(headers: &HeaderMap, app: &App) -> Option<Person> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split("; ")).filter_map(|pair| pair.split_once('='));
    let (_, secret) = pairs.find(|(name, _)| *name == COOKIE)?;
    app.chat.lock().by_secret(secret)
}

/// The page with the form.
pub(crate) async fn door(live: Live, headers: HeaderMap, State(app): State<App>) -> Response {
    match person(&headers, &app) {
        Some(_) => Redirect::to("/room/lobby").into_response(),
        None => response(app.policy, form(&live, None)),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    name: String,
    room: Room,
}

/// Takes the form.
pub(crate) async fn enter(live: Live, State(app): State<App>, Form(entry): Form<Entry>) -> Response {
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let secret = format!("{:032x}", u128::from_le_bytes(random));
    // `SameSite`: no other site's form comes in under our name. On a site with TLS it is `Secure`, too.
    let cookie = HeaderValue::from_str(&format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax"));
    // Let go of the chat before anything is awaited or written.
    let entered = app.chat.lock().enter(&entry.name, secret);
    match (entered, cookie) {
        (Ok(()), Ok(cookie)) => ([(header::SET_COOKIE, cookie)], Redirect::to(&format!("/room/{}", entry.room.name()))).into_response(),
        (Err(why), _) => (StatusCode::UNPROCESSABLE_ENTITY, response(app.policy, form(&live, Some(why)))).into_response(),
        (Ok(()), Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn form(live: &Live, problem: Option<Refused>) -> Markup {
    let body = html! {
        main class="door" {
            form class="card" method="post" action="/enter" {
                h1 { "A live chat" }
                p class="lede" { "Choose a name, and a room to begin with. Who comes first looks after the chat." }
                @if let Some(problem) = problem { p class="problem" role="alert" { (problem) } }
                label { "Name" input name="name" required maxlength="24" autocomplete="nickname" autofocus; }
                fieldset {
                    legend { "Room" }
                    @for room in Room::ALL {
                        label class="choice" { input type="radio" name="room" value=(room.name()) checked[room == Room::Lobby]; "#" (room.name()) }
                    }
                }
                button class="button is-primary" { "Come in" }
            }
        }
    };
    still(live, &body)
}

/// A page that is not live, and has the kit's styles nevertheless.
fn still(live: &Live, body: &Markup) -> Markup {
    document("A live chat", &html! { (live.head()) (styles()) link rel="stylesheet" href="/chat.css"; }, body)
}

/// What is left to somebody who was removed.
pub(crate) fn gone(live: &Live, app: &App) -> Response {
    let body = html! {
        main class="door" {
            div class="card" {
                h1 { "You were removed" }
                p class="lede" { "The moderator has ended your visit to this chat." }
            }
        }
    };
    (StatusCode::FORBIDDEN, response(app.policy, still(live, &body))).into_response()
}
