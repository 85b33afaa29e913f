//! The chat: who is in it, and what was said. It knows nothing of the web.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

/// Messages that a room remembers: what one reads on coming in.
pub(crate) const HISTORY: usize = 100;

/// Names in use. Each takes some hundred bytes until the process ends.
const MAX_PEOPLE: usize = 1_000;

/// Characters of a name, and of what is said at once.
const MAX_NAME: usize = 24;
const MAX_TEXT: usize = 1_000;

/// Where one talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Room {
    Lobby,
    Rust,
    Garden,
}

impl Room {
    pub(crate) const ALL: [Self; 3] = [Self::Lobby, Self::Rust, Self::Garden];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lobby => "lobby",
            Self::Rust => "rust",
            Self::Garden => "garden",
        }
    }

    /// The topic that the pages of the room read.
    pub(crate) fn topic(self) -> &'static str {
        match self {
            Self::Lobby => "room-lobby",
            Self::Rust => "room-rust",
            Self::Garden => "room-garden",
        }
    }
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Member,
    /// Removes messages and people. Here that is whoever came first; with a login it is a role.
    Moderator,
    /// Was removed, and so is the name.
    Dismissed,
}

/// Somebody with a name, which nobody else has.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) standing: Standing,
    /// What the person's cookie holds.
    secret: String,
}

/// Something that was said.
#[derive(Debug, Clone)]
pub(crate) struct Saying {
    /// Counts all messages, so that no id comes twice.
    pub(crate) id: u64,
    pub(crate) author: String,
    pub(crate) text: String,
    /// The time of day, as `14:03`, in UTC.
    pub(crate) time: String,
}

/// What could not be done, for who tried it to read.
pub(crate) type Refused = &'static str;

/// A handle on the chat: its clones are one chat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chat(Arc<Mutex<State>>);

/// The chat while nobody else changes it: what is published while this is held comes in the order in which it happened.
#[derive(Debug, Default)]
pub(crate) struct State {
    people: Vec<Person>,
    /// One for each of [`Room::ALL`], the oldest message first.
    rooms: [VecDeque<Saying>; Room::ALL.len()],
    next: u64,
}

impl Chat {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets somebody in, under a name that is free.
    pub(crate) fn enter(&mut self, name: &str, secret: String) -> Result<(), Refused> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err("A name has 1 to 24 characters.");
        }
        if self.people.iter().any(|person| person.name.eq_ignore_ascii_case(name)) {
            return Err("That name is taken.");
        }
        if self.people.len() == MAX_PEOPLE {
            return Err("The chat is full.");
        }
        let standing = if self.people.is_empty() { Standing::Moderator } else { Standing::Member };
        self.people.push(Person { name: name.to_owned(), standing, secret });
        Ok(())
    }

    /// Whose secret this is.
    pub(crate) fn by_secret(&self, secret: &str) -> Option<Person> {
        self.people.iter().find(|person| person.secret == secret).cloned()
    }

    pub(crate) fn history(&self, room: Room) -> impl Iterator<Item = &Saying> {
        self.rooms[room as usize].iter()
    }

    /// Says something, and answers with it and with the message that the room forgets for it.
    pub(crate) fn say(&mut self, author: &str, room: Room, text: &str, time: String) -> Result<(Saying, Option<Saying>), Refused> {
        if !matches!(self.standing(author), Some(Standing::Member | Standing::Moderator)) {
            return Err("You are not in the chat.");
        }
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            return Err("A message has 1 to 1,000 characters.");
        }
        let saying = Saying { id: self.next, author: author.to_owned(), text: text.to_owned(), time };
        self.next += 1;
        let said = &mut self.rooms[room as usize];
        said.push_back(saying.clone());
        let forgotten = if said.len() > HISTORY { said.pop_front() } else { None };
        Ok((saying, forgotten))
    }

    /// Removes a message, and answers with the room that it was in, if any.
    pub(crate) fn remove(&mut self, by: &str, id: u64) -> Result<Option<Room>, Refused> {
        self.only_a_moderator(by)?;
        let found = Room::ALL.into_iter().find(|room| self.history(*room).any(|saying| saying.id == id));
        if let Some(room) = found {
            self.rooms[room as usize].retain(|saying| saying.id != id);
        }
        Ok(found)
    }

    /// Removes a person, who does not come back under this name.
    pub(crate) fn dismiss(&mut self, by: &str, name: &str) -> Result<(), Refused> {
        self.only_a_moderator(by)?;
        match self.people.iter_mut().find(|person| person.name == name && person.standing == Standing::Member) {
            Some(person) => person.standing = Standing::Dismissed,
            None => return Err("There is no such member."),
        }
        Ok(())
    }

    fn standing(&self, name: &str) -> Option<Standing> {
        self.people.iter().find(|person| person.name == name).map(|person| person.standing)
    }

    fn only_a_moderator(&self, name: &str) -> Result<(), Refused> {
        if self.standing(name) == Some(Standing::Moderator) { Ok(()) } else { Err("Only the moderator may do that.") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(names: &[&str]) -> State {
        let mut state = State::default();
        for name in names {
            state.enter(name, format!("secret of {name}")).unwrap();
        }
        state
    }

    #[test]
    fn a_name_is_somebodys_and_who_came_first_moderates() {
        let mut state = with(&["Ann", "Bob"]);
        assert_eq!(state.enter(" ann ", "other".into()), Err("That name is taken."));
        assert_eq!(state.enter(" \t", "other".into()), Err("A name has 1 to 24 characters."));
        assert_eq!(state.by_secret("secret of Ann").unwrap().standing, Standing::Moderator);
        assert_eq!(state.by_secret("secret of Bob").unwrap().standing, Standing::Member);
        assert!(state.by_secret("other").is_none());
    }

    #[test]
    fn a_room_remembers_so_many_messages() {
        let mut state = with(&["Ann"]);
        for number in 0..=HISTORY {
            let (_, forgotten) = state.say("Ann", Room::Rust, &number.to_string(), String::new()).unwrap();
            assert_eq!(forgotten.map(|saying| saying.id), (number == HISTORY).then_some(0));
        }
        assert_eq!((state.history(Room::Rust).count(), state.history(Room::Lobby).count()), (HISTORY, 0));
    }

    #[test]
    fn only_the_moderator_removes() {
        let mut state = with(&["Ann", "Bob"]);
        let (saying, _) = state.say("Bob", Room::Lobby, "hello", String::new()).unwrap();
        assert!(state.remove("Bob", saying.id).is_err() && state.dismiss("Bob", "Ann").is_err());
        assert_eq!(state.remove("Ann", saying.id), Ok(Some(Room::Lobby)));
        assert_eq!(state.remove("Ann", saying.id), Ok(None));
        state.dismiss("Ann", "Bob").unwrap();
        assert!(state.say("Bob", Room::Lobby, "again", String::new()).is_err() && state.enter("Bob", "new".into()).is_err());
        assert!(state.dismiss("Ann", "Ann").is_err(), "the moderator stays");
    }
}
