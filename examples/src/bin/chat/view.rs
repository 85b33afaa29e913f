//! The chat as components, and what is published of it.

use std::time::{SystemTime, UNIX_EPOCH};

use htmx_ws_components::{Component, DomId, Inbound, Patch, Presence, ReaderList, To};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::chat::{Chat, Refused, Room, Saying};

/// What the form below a room sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Say {
    room: Room,
    text: String,
}

/// What the moderator's buttons send.
#[derive(Debug, Deserialize)]
pub(crate) struct Remove {
    message: u64,
}

/// See [`Remove`].
#[derive(Debug, Deserialize)]
pub(crate) struct Dismiss {
    name: String,
}

/// One message. All pages get the same one, so it has the moderator's buttons for everybody: the style sheet hides them, and the handlers refuse
/// who is none.
#[derive(Component)]
#[component(id = "message-{id}", list = "messages", leaf, render = Self::markup)]
pub(crate) struct Message {
    id: u64,
    author: String,
    text: String,
    time: String,
}

impl Message {
    pub(crate) fn of(saying: &Saying) -> Self {
        let Saying { id, author, text, time } = saying.clone();
        Self { id, author, text, time }
    }

    fn markup(&self) -> Markup {
        html! {
            li class="message" {
                span class={ "face is-" (self.hue()) } aria-hidden="true" { (self.author.chars().next().unwrap_or('?')) }
                p class="who" { strong { (self.author) } " " time { (self.time) } }
                p class="text" dir="auto" { (self.text) }
                div class="moderation" {
                    (button(&format!("Remove this message of {}", self.author), "Remove", &json!({ "action": "remove", "message": self.id })))
                    (button(&format!("Ban {} from the chat", self.author), "Ban", &json!({ "action": "dismiss", "name": self.author })))
                }
            }
        }
    }

    /// One of six colours, always the same for a name.
    fn hue(&self) -> u32 {
        self.author.chars().fold(0, |sum, letter| (sum * 31 + u32::from(letter)) % 997) % 6
    }
}

/// A button that sends over the socket.
fn button(label: &str, word: &str, values: &serde_json::Value) -> Markup {
    html! {
        button type="button" class="small" aria-label=(label) data-ws-send hx-ws:send hx-vals=(values) { (word) }
    }
}

/// Told to the pages' own script, behind the message itself.
#[derive(Serialize)]
struct Said<'a> {
    message: String,
    author: &'a str,
    text: &'a str,
}

/// Who is in a room, in the pages of that room. Users are named as people are, so there is nothing to look up.
pub(crate) fn present(presence: &Presence) -> Option<ReaderList> {
    Some(ReaderList::new(DomId::new("people").ok()?, presence.users()).label("In this room").at_most(24))
}

pub(crate) fn say(chat: &Chat, message: &Inbound<Say>) -> Result<(), Refused> {
    let (Say { room, text }, hub) = (message.value(), message.hub());
    let mut state = chat.lock();
    let (saying, forgotten) = state.say(sender(message)?, *room, text, time_of_day())?;
    hub.publish(room.topic(), &Message::of(&saying));
    if let Some(forgotten) = forgotten {
        hub.publish(room.topic(), &Patch::remove(Message::of(&forgotten).id()));
    }
    let said = Said { message: format!("message-{}", saying.id), author: &saying.author, text: &saying.text };
    if let Ok(event) = Patch::event("chat-said", &said) {
        hub.publish(room.topic(), &event);
    }
    // The sender's form is emptied only now that what was in it has arrived.
    if let Ok(event) = Patch::event("chat-sent", &()) {
        message.reply(&event);
    }
    Ok(())
}

pub(crate) fn remove(chat: &Chat, message: &Inbound<Remove>) -> Result<(), Refused> {
    let Remove { message: id } = *message.value();
    let mut state = chat.lock();
    if let (Some(room), Ok(id)) = (state.remove(sender(message)?, id)?, DomId::new(&format!("message-{id}"))) {
        message.hub().publish(room.topic(), &Patch::remove(id));
    }
    Ok(())
}

pub(crate) fn dismiss(chat: &Chat, message: &Inbound<Dismiss>) -> Result<(), Refused> {
    let Dismiss { name } = message.value();
    chat.lock().dismiss(sender(message)?, name)?;
    // Their pages lose the connection and load anew, which says what has happened; an old ticket opens nothing any more.
    message.hub().revoke(To::user(name)).map_err(|_| "That is no name.")?;
    Ok(())
}

/// Who sent it, as the page's handler said: the ticket is signed, so no browser can say otherwise.
fn sender<T>(message: &Inbound<T>) -> Result<&str, Refused> {
    message.user().ok_or("You are not in the chat.")
}

fn time_of_day() -> String {
    let minutes = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::Render as _;

    #[test]
    fn what_people_write_is_text() {
        let (author, text) = ("<i>\"Ann\"".to_owned(), "<b onclick='x'>&amp;".to_owned());
        let html = Message { id: 7, author, text, time: "14:03".into() }.render().into_string();
        assert!(html.starts_with("<li id=\"message-7\" class=\"message\">"), "{html}");
        assert!(html.contains("&lt;b onclick='x'&gt;&amp;amp;") && !html.contains("<b ") && !html.contains("<i>"), "{html}");
    }
}
