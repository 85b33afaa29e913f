//! What a page asks for: the tickets of its regions, and how far it came with each topic.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;

use crate::message::cursor::Cursor;
use crate::message::topic::Topic;
use crate::web::ticket::Ticket;

/// What stands in the URL of a connection.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct Asked {
    /// The tickets, separated by commas, the one of the page first. A `!` in front says that nothing was read with it yet.
    t: Option<String>,
    /// How far the page came: `topic~cursor`, separated by commas, topics encoded as in the frames. Our script always says it, if only that there is none.
    at: Option<String>,
    /// Nothing is to be answered before there is something: the state of the page's connection, as it was told.
    pub(super) hold: Option<String>,
    /// It is only asked whether a socket can be had.
    pub(super) probe: Option<String>,
    /// What other nodes have could not be found out.
    #[serde(skip)]
    pub(super) is_cut_off: bool,
}

/// One ticket of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) text: &'a str,
    /// Nothing was read with it yet: it begins at its own cursor, wherever the page stands.
    pub(super) is_fresh: bool,
}

/// How many tickets a page may show.
const TICKETS: usize = 100;

impl Asked {
    /// What stands in this URL; what cannot be read has a ticket in it that is none.
    pub(super) fn of(uri: &Uri) -> Self {
        Query::try_from_uri(uri).map_or_else(|_| Self { t: Some(String::new()), ..Self::default() }, |Query(asked)| asked)
    }

    /// As [`Asked::of`], for the text of a URL.
    pub(super) fn of_text(url: &str) -> Self {
        // That of a WebSocket has another scheme, which nobody looks at.
        url.parse().map_or_else(|_| Self { t: Some(String::new()), ..Self::default() }, |uri| Self::of(&uri))
    }

    /// Where the browser says itself how far it came, which it does on an event stream that broke.
    pub(super) fn came_to(self, last_event: Option<&str>) -> Self {
        match last_event {
            Some(last) => Self { at: Some(last.to_owned()), ..self },
            None => self,
        }
    }

    /// Whether the page has our script.
    pub(super) fn is_of_script(&self) -> bool {
        self.at.is_some()
    }

    pub(super) fn tickets(&self) -> impl Iterator<Item = Shown<'_>> {
        let texts = self.t.iter().flat_map(|t| t.split(',')).take(TICKETS);
        texts.map(|text| text.strip_prefix('!').map_or(Shown { text, is_fresh: false }, |text| Shown { text, is_fresh: true }))
    }

    /// Where to begin each topic of the ticket: where the page says that it is, or else where it was rendered. None when what it says cannot be.
    pub(super) fn starts(&self, ticket: &Ticket, private: &[Topic], is_fresh: bool) -> Option<Vec<(Topic, Cursor)>> {
        let mut starts: Vec<(Topic, Cursor)> =
            ticket.topics.iter().chain(private).map(|topic| (topic.clone(), ticket.start_of(topic))).collect();
        for place in self.at.iter().flat_map(|at| at.split(',')).filter(|place| !place.is_empty()) {
            let (topic, cursor) = place.split_once('~')?;
            let cursor: Cursor = cursor.parse().ok()?;
            // What another ticket grants is none of this one's.
            let start = starts.iter_mut().find(|(granted, _)| granted.encoded().to_string() == topic);
            // The ticket is a right to read from its cursor on, not from before.
            if let Some((_, start)) =
                start.filter(|(_, start)| !is_fresh && (cursor.epoch != start.epoch || cursor.version >= start.version))
            {
                *start = cursor;
            }
        }
        Some(starts)
    }
}

/// Where a topic begins that two regions read: nothing that one of them lacks is left out.
pub(super) fn earlier(one: Cursor, other: Cursor, present: &Cursor) -> Cursor {
    if one == other {
        return one;
    }
    let has_gap = |cursor: &Cursor| !cursor.is_before(present);
    let earlier = if has_gap(&one) || (!has_gap(&other) && one.version < other.version) { one } else { other };
    if earlier == one && has_gap(&one) || earlier == other && has_gap(&other) {
        return Cursor { partial: None, ..earlier };
    }
    // In the middle of a replay, a region has more than its version says, but not all of what the other one has.
    let ordered = one.ordered_up_to().min(other.ordered_up_to());
    Cursor { version: ordered, partial: None, ..earlier }.with_states_up_to(earlier.version)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::recipient::PageId;

    fn ticket() -> Ticket {
        let topics = ["a", "b-c"].map(|name| Topic::new(name).unwrap()).to_vec();
        Ticket { topics, ..Ticket::of_now(PageId(7), "e-10".parse().unwrap(), Duration::ZERO) }
    }

    #[track_caller]
    fn check(at: Option<&str>, expected: Option<[&str; 2]>) {
        let asked = Asked { at: at.map(str::to_owned), ..Asked::default() };
        let found =
            asked.starts(&ticket(), &[], false).map(|starts| starts.iter().map(|(_, cursor)| cursor.to_string()).collect::<Vec<_>>());
        assert_eq!(found, expected.map(|cursors| cursors.map(str::to_owned).to_vec()), "{at:?}");
    }

    #[test]
    fn a_page_begins_where_it_says_it_is() {
        check(None, Some(["e-10", "e-10"]));
        check(Some(""), Some(["e-10", "e-10"]));
        check(Some("a~e-12"), Some(["e-12", "e-10"]));
        check(Some("b%2Dc~e-11-12-11,a~e-10"), Some(["e-10", "e-11-12-11"]));
        check(Some("a~f-1"), Some(["f-1", "e-10"]));
    }

    #[test]
    fn it_cannot_begin_before_its_ticket() {
        check(Some("a~e-9"), Some(["e-10", "e-10"]));
    }

    #[test]
    fn what_another_ticket_grants_is_none_of_this_one() {
        check(Some("c~e-12,b-c~e-12,a~e-11"), Some(["e-11", "e-10"]));
    }

    #[test]
    fn a_region_that_has_just_come_begins_at_its_ticket() {
        let asked = Asked::of_text("ws://host/live/ws?t=x,!y&hold=0&at=a~e-12");
        assert_eq!(asked.tickets().map(|shown| (shown.text, shown.is_fresh)).collect::<Vec<_>>(), [("x", false), ("y", true)]);
        let starts = asked.starts(&ticket(), &[], true).unwrap();
        assert_eq!(starts[0].1.to_string(), "e-10");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for at in ["a", "a~", "a~x", "a~e-12;b~e-12"] {
            check(Some(at), None);
        }
    }

    #[test]
    fn a_topic_begins_where_the_region_that_has_less_of_it_stands() {
        let present = "e-20".parse().unwrap();
        for (one, other, expected) in [
            ("e-4", "e-5", "e-4"),
            ("e-4-9-0-s", "e-7", "e-4-7-0-s"),
            ("e-4-9-0-s", "e-10", "e-4-9-0-s"),
            ("e-4-9-0-s", "e-3", "e-3"),
            ("e-4-9-0-s", "e-5-6-0-s", "e-4-6-0-s"),
            ("e-4-9-7", "e-5", "e-4"),
            ("e-4-9-7", "e-4-9-7", "e-4-9-7"),
            ("f-9", "e-5", "f-9"),
        ] {
            let [one, other] = [one, other].map(|text| text.parse().unwrap());
            assert_eq!(earlier(one, other, &present).to_string(), expected);
            assert_eq!(earlier(other, one, &present).to_string(), expected);
        }
    }
}
