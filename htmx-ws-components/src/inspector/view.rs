//! What a page of the inspector can look at, each a topic of the inspector's own hub.

use std::fmt::{self, Display, Formatter};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use crate::hub::stats::TopicStats;
use crate::message::topic::Topic;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum View {
    Overview,
    Topics(Sort),
    Connections,
    Topic(Key),
}

/// What the table of topics is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Sort {
    #[default]
    Name,
    Readers,
    Version,
    Entries,
    Bytes,
    Changed,
}

/// Stands for a topic where its name cannot: in URLs and in the ids of elements. The name may hold any character, and may be nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key(u64);

impl Key {
    pub(super) fn of(topic: &Topic) -> Self {
        let mut hasher = DefaultHasher::new();
        topic.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A text that is none of what is written here.
#[derive(Debug)]
pub(super) struct Unknown;

impl FromStr for Key {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        u64::from_str_radix(text, 16).map(Self).map_err(|_| Unknown)
    }
}

impl Sort {
    pub(super) const ALL: [Self; 6] = [Self::Name, Self::Readers, Self::Version, Self::Entries, Self::Bytes, Self::Changed];

    /// As it stands in a URL.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Readers => "readers",
            Self::Version => "version",
            Self::Entries => "entries",
            Self::Bytes => "bytes",
            Self::Changed => "changed",
        }
    }

    /// The head of its column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Name => "Topic",
            Self::Readers => "Readers",
            Self::Version => "Version",
            Self::Entries => "Entries",
            Self::Bytes => "Bytes",
            Self::Changed => "Last change",
        }
    }

    /// As `aria-sort` has it: numbers begin with the greatest.
    pub(super) fn direction(self) -> &'static str {
        if self == Self::Name { "ascending" } else { "descending" }
    }

    /// The first `count` topics in this order; those that are alike, in the order in which they were given.
    pub(super) fn first(self, topics: &[TopicStats], count: usize) -> Vec<&TopicStats> {
        let mut sorted: Vec<&TopicStats> = topics.iter().collect();
        let number = |topic: &TopicStats| match self {
            Self::Name => 0,
            Self::Readers => topic.readers() as u64,
            // Changes are in the order of their versions.
            Self::Version | Self::Changed => topic.version().get(),
            Self::Entries => topic.entries() as u64,
            Self::Bytes => topic.bytes() as u64,
        };
        sorted.sort_by_key(|topic| std::cmp::Reverse(number(topic)));
        sorted.truncate(count);
        sorted
    }
}

impl FromStr for Sort {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL.into_iter().find(|sort| sort.name() == text).ok_or(Unknown)
    }
}

impl Display for View {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overview => f.write_str("overview"),
            Self::Topics(sort) => write!(f, "topics-{}", sort.name()),
            Self::Connections => f.write_str("connections"),
            Self::Topic(key) => write!(f, "topic-{key}"),
        }
    }
}

impl FromStr for View {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        match text.split_once('-') {
            None if text == "overview" => Ok(Self::Overview),
            None if text == "connections" => Ok(Self::Connections),
            Some(("topics", sort)) => sort.parse().map(Self::Topics),
            Some(("topic", key)) => key.parse().map(Self::Topic),
            _ => Err(Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::hub::Hub;

    #[test]
    fn a_view_is_read_as_it_is_written() {
        let key = Key::of(&Topic::new("a/b c").unwrap());
        let views = [View::Overview, View::Connections, View::Topic(key)].into_iter().chain(Sort::ALL.map(View::Topics));
        for view in views {
            assert_eq!(view.to_string().parse::<View>().unwrap(), view);
        }
        for text in ["", "topics", "topics-x", "topic-", "topic-xyz", "user-7"] {
            assert!(text.parse::<View>().is_err(), "{text}");
        }
    }

    #[test]
    fn topics_are_sorted_the_greatest_first_and_cut() {
        let hub = Hub::new();
        for (topic, title) in [("b", "long"), ("a", "x"), ("c", "longest")] {
            hub.publish(topic, &crate::html::patch::Patch::title(title));
        }
        let topics = hub.topic_stats();
        let names = |sort: Sort, count| sort.first(&topics, count).iter().map(|topic| topic.name().into_owned()).collect::<Vec<_>>();
        assert_eq!(names(Sort::Name, 9), ["a", "b", "c"]);
        assert_eq!(names(Sort::Bytes, 9), ["c", "b", "a"]);
        assert_eq!(names(Sort::Changed, 2), ["c", "a"]);
        assert_eq!(names(Sort::Readers, 2), ["a", "b"]);
    }
}
