//! The table of the topics.

use std::borrow::Cow;

use maud::{Markup, PreEscaped, Render, html};

use crate::components::component::Component;
use crate::components::status::{Status, Tone};
use crate::components::status_badge::StatusBadge;
use crate::html::dom_id::DomId;
use crate::html::fragment::Nesting;
use crate::hub::stats::TopicStats;
use crate::inspector::table::{Row, Table, Text, id};
use crate::inspector::view::{Key, Sort};
use crate::inspector::words::{self, Grouped};

/// Rows of five figures each: as many as one reads, and as a browser brings up to date twice a second.
pub(super) const MAX_ROWS: usize = 200;

/// The topics, `base` being where the inspector stands.
pub(super) fn table(topics: &[TopicStats], sort: Sort, base: &str) -> Table<Row> {
    let row = |topic: &TopicStats| {
        let key = Key::of(&topic.topic);
        let private = topic.is_private().then_some("is-private");
        Row::new(format!("topic-{key}"), "topics")
            .header(html! {
                a class=[private] href={ (base) "/topic/" (key) } { (topic.name()) }
                @for state in States::of(topic).0 { " " (state.badge(&format!("topic-{key}"))) }
            })
            .figure(Grouped(topic.readers() as u64).to_string())
            .figure(Grouped(topic.version().get()).to_string())
            .figure(Grouped(topic.entries() as u64).to_string())
            .figure(words::size(topic.bytes()))
            .figure(words::ago(topic.unchanged_for()))
    };
    Table { name: "topics", head: head(sort), rows: sort.first(topics, MAX_ROWS).into_iter().map(row).collect() }
}

/// What there is to say of a topic beside its numbers.
#[derive(Clone, Copy)]
enum State {
    Produced,
    Complete,
}

impl State {
    fn badge(self, of: &str) -> Markup {
        let (mut html, id) = (String::new(), id(&format!("{of}-{}", self.label())));
        StatusBadge::new(&id, &self).render_to(&mut html);
        PreEscaped(html)
    }
}

impl Status for State {
    fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Produced => "producer".into(),
            Self::Complete => "complete".into(),
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Produced => Tone::Info,
            Self::Complete => Tone::Success,
        }
    }
}

/// All that there is to say of a topic, on its own page.
pub(super) struct States(Vec<State>);

impl States {
    pub(super) fn of(topic: &TopicStats) -> Self {
        let states = [(topic.has_producer(), State::Produced), (topic.is_complete(), State::Complete)];
        Self(states.into_iter().filter_map(|(is, state)| is.then_some(state)).collect())
    }
}

impl Component for States {
    const NESTING: Nesting = Nesting::Leaf;

    fn id(&self) -> DomId {
        id("states")
    }

    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&html! { p id="states" class="states" { @for state in &self.0 { (state.badge("states")) } } }.0);
    }
}

impl Render for States {
    fn render_to(&self, buffer: &mut String) {
        Component::render_to(self, buffer);
    }
}

fn head(sorted: Sort) -> Markup {
    html! {
        @for sort in Sort::ALL {
            th scope="col" class=[(sort != Sort::Name).then_some("hw-number")] aria-sort=[(sort == sorted).then_some(sorted.direction())] {
                a href={ "?sort=" (sort.name()) } { (sort.title()) }
            }
        }
    }
}

/// How many of the topics there are to see.
pub(super) fn note(topics: &[TopicStats]) -> Text {
    Text { id: id("topics-note"), text: of(topics.len(), MAX_ROWS) }
}

/// How many of `count` there are to see, where `limit` is the most.
pub(super) fn of(count: usize, limit: usize) -> String {
    let count_text = Grouped(count as u64);
    if count > limit { format!("the first {limit} of {count_text}") } else { count_text.to_string() }
}
