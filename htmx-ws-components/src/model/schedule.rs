//! Random schedules: what is published, and what happens to the connections meanwhile.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use crate::dialect::Htmx;
use crate::html::composition::Composition;
use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::{Patch, Position};
use crate::hub::log::{Publication, Retention};
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::{Cursor, Epoch};
use crate::message::envelope::Frame;
use crate::message::topic::Topic;
use crate::model::card::{card, inside};
use crate::model::page::Page;

const TOPICS: usize = 2;
const CLIENTS: usize = 4;

/// Nothing is ever evicted.
const AMPLE: Retention =
    Retention { states: 1000, state_bytes: 1 << 20, fences: 1000, fence_bytes: 1 << 20, part_patches: 40, part_bytes: 1 << 20 };

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// A component with its parts.
    Compose {
        topic: usize,
        whole: Composition,
    },
    Publish {
        topic: usize,
        patch: Patch,
    },
    /// The client opens the page anew: it shows everything up to now, and connects when it reads first.
    Open(usize),
    /// The client's connection takes up to so many frames.
    Read(usize, usize),
    /// The connection breaks. What was on its way is lost; the next read is of a new connection.
    Drop(usize),
    /// The hub forgets everything, as a process that was started again.
    Restart,
}

fn id(name: &str) -> DomId {
    DomId::new(name).unwrap()
}

/// Leaves of a topic that stand in the lists `l…` and `m…` of the page.
fn free_leaf(topic: usize) -> impl Strategy<Value = String> {
    (0..4usize).prop_map(move |n| format!("x{topic}{n}"))
}

fn list(topic: usize) -> impl Strategy<Value = DomId> {
    prop_oneof![Just(id(&format!("l{topic}"))), Just(id(&format!("m{topic}")))]
}

/// A leaf. Its name decides whether it is one of those that need a wrapper on the wire.
pub(super) fn leaf(name: &str, state: u8) -> Fragment {
    let tag = match name.as_bytes().last() {
        Some(b'1') => "tr",
        Some(b'2') => "g",
        _ => "p",
    };
    Fragment::new(id(name), format!("<{tag}>{state}</{tag}>"), Nesting::Leaf).unwrap()
}

/// Leaves that stand in the list inside the topic's branch, by their states; none where one is absent.
fn inner_leaves(topic: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::option::of(0..3u8), 3).prop_map(move |states| {
        let leaves = states.iter().enumerate().filter_map(|(n, state)| Some(leaf(&format!("y{topic}{n}"), (*state)?)));
        leaves.map(|fragment| fragment.html().to_owned()).collect()
    })
}

fn position() -> impl Strategy<Value = Position> {
    prop_oneof![Just(Position::LastChild), Just(Position::FirstChild), Just(Position::Before), Just(Position::After)]
}

fn patch(topic: usize) -> impl Strategy<Value = Patch> {
    let inner_list = format!("k{topic}");
    let branch = format!("b{topic}");
    let state = || 0..3u8;
    let inner_leaf = move || (0..3usize).prop_map(move |n| format!("y{topic}{n}"));
    let any_leaf = move || prop_oneof![free_leaf(topic), inner_leaf()];
    let branch_html = {
        let inner_list = inner_list.clone();
        move |leaves: String| format!("<div><ul id=\"{inner_list}\">{leaves}</ul></div>")
    };
    let anchor = move || prop_oneof![list(topic), free_leaf(topic).prop_map(|name| id(&name))];
    prop_oneof![
        4 => (any_leaf(), state()).prop_map(|(name, state)| Patch::Replace(leaf(&name, state))),
        2 => (any_leaf(), state()).prop_map(|(name, state)| Patch::Morph(leaf(&name, state))),
        6 => (free_leaf(topic), list(topic), state()).prop_map(|(name, list, state)| Patch::Upsert { list, fragment: leaf(&name, state) }),
        3 => (inner_leaf(), state()).prop_map(move |(name, state)| Patch::Upsert { list: id(&inner_list), fragment: leaf(&name, state) }),
        4 => any_leaf().prop_map(|name| Patch::remove(id(&name))),
        1 => inner_leaves(topic).prop_map(move |leaves| {
            Patch::Replace(Fragment::new(id(&branch), branch_html(leaves), Nesting::Branch).unwrap())
        }),
        1 => Just(Patch::remove(id(&format!("k{topic}")))),
        1 => inner_leaves(topic).prop_map(move |html| Patch::Update { target: id(&format!("k{topic}")), html: html.into() }),
        1 => (free_leaf(topic), anchor(), position(), state()).prop_map(move |(name, anchor, position, state)| {
            let is_inside_a_leaf = anchor.as_str().starts_with('x') && matches!(position, Position::LastChild | Position::FirstChild);
            let is_outside_a_list = !anchor.as_str().starts_with('x') && matches!(position, Position::Before | Position::After);
            let is_sound = anchor.as_str() != name && !is_inside_a_leaf && !is_outside_a_list;
            let (anchor, position) = if is_sound { (anchor, position) } else { (id(&format!("l{topic}")), Position::LastChild) };
            Patch::Insert { position, anchor, fragment: leaf(&name, state) }
        }),
    ]
}

/// What touches no element.
fn signal(topic: usize) -> impl Strategy<Value = Patch> {
    prop_oneof![9 => any::<u8>().prop_map(move |value| Patch::event(&format!("e{topic}"), &value).unwrap()), 1 => Just(Patch::Refresh)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..TOPICS).prop_flat_map(|topic| patch(topic).prop_map(move |patch| Step::Publish { topic, patch })),
        3 => (0..TOPICS).prop_flat_map(|topic| inside(topic).prop_map(move |patch| Step::Publish { topic, patch })),
        6 => (0..TOPICS).prop_flat_map(|topic| card(topic).prop_map(move |whole| Step::Compose { topic, whole })),
        2 => (0..TOPICS).prop_flat_map(|topic| signal(topic).prop_map(move |patch| Step::Publish { topic, patch })),
        // Between two topics there is no order.
        1 => (0..3u8).prop_map(|title| Step::Publish { topic: 0, patch: Patch::title(&title.to_string()) }),
        1 => (0..CLIENTS).prop_map(Step::Open),
        6 => (0..CLIENTS, 1..4usize).prop_map(|(client, frames)| Step::Read(client, frames)),
        3 => (0..CLIENTS).prop_map(Step::Drop),
        1 => prop::bool::weighted(0.1).prop_map(|restart| if restart { Step::Restart } else { Step::Drop(0) }),
    ]
}

fn retention() -> impl Strategy<Value = Retention> {
    let tight = (1..8usize, 0..4usize).prop_map(|(states, fences)| Retention { states, fences, ..AMPLE });
    // Small parts, so that replays are cut.
    (prop_oneof![2 => Just(AMPLE), 1 => tight], 1..6usize).prop_map(|(retention, part_patches)| Retention { part_patches, ..retention })
}

/// A browser with the page, and what its connection has on the way to it.
struct Client {
    htmx: Htmx,
    page: Page,
    /// As the page itself knows it: the text of the last frame applied.
    cursors: HashMap<Topic, String>,
    connection: Option<Connection>,
}

struct Connection {
    subscriptions: Subscriptions,
    /// The frames of the part that is being sent, the next one, and the topic that they are of.
    on_the_way: Option<(Arc<[Frame]>, usize, usize)>,
}

struct World {
    topics: Topics,
    retention: Retention,
    epoch: u64,
    /// The page that received every patch in order.
    model: Page,
    clients: Vec<Client>,
    gaps: usize,
}

fn topic(index: usize) -> Topic {
    Topic::new(&format!("topic {index}")).unwrap()
}

impl World {
    fn new(retention: Retention) -> Self {
        let part = |t: usize| {
            format!("<ul id=\"l{t}\"></ul><ul id=\"m{t}\"></ul><div id=\"b{t}\"><ul id=\"k{t}\"></ul></div><div id=\"w{t}\"></div>")
        };
        let html = part(0) + &part(1);
        let mut world = Self { topics: topics(0, retention), retention, epoch: 0, model: Page::new(&html), clients: Vec::new(), gaps: 0 };
        for index in 0..CLIENTS {
            let client =
                Client { htmx: Htmx::ALL[index % Htmx::ALL.len()], page: Page::new(&html), cursors: HashMap::new(), connection: None };
            world.clients.push(client);
            world.open(index);
        }
        world
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Publish { topic: index, patch } => {
                self.model.apply(patch);
                self.topics.publish(&topic(*index), vec![Publication::Patch(patch.clone())], None).unwrap();
            }
            Step::Compose { topic: index, whole } => {
                self.model.apply(&whole.whole);
                self.topics.publish(&topic(*index), vec![Publication::Whole(whole.clone())], None).unwrap();
            }
            Step::Open(index) => self.open(*index),
            Step::Read(index, frames) => {
                for _ in 0..*frames {
                    self.read_frame(*index);
                }
            }
            Step::Drop(index) => self.clients[*index].connection = None,
            Step::Restart => {
                self.epoch += 1;
                self.topics = topics(self.epoch, self.retention);
                self.clients.iter_mut().for_each(|client| client.connection = None);
            }
        }
    }

    fn open(&mut self, index: usize) {
        let client = &mut self.clients[index];
        client.page = self.model.clone();
        client.connection = None;
        client.cursors = (0..TOPICS).map(|index| (topic(index), self.topics.cursor().to_string())).collect();
    }

    /// Applies the next frame to the client's page; false when there is none.
    fn read_frame(&mut self, index: usize) -> bool {
        match self.next_frame(index) {
            Ok(Some(frame)) => {
                let text = std::str::from_utf8(&frame.text).unwrap();
                if text.starts_with("<!--htmx-ws! ") {
                    self.open(index);
                    return true;
                }
                let client = &mut self.clients[index];
                client.page.receive(text, client.htmx);
                let (_, place) = text.split_once("topic%20").unwrap();
                let (which, cursor) =
                    place.split_once(if text.starts_with('{') { "\"" } else { "-->" }).unwrap().0.split_once(' ').unwrap();
                client.cursors.insert(topic(which.parse().unwrap()), cursor.to_owned());
                true
            }
            Ok(None) => false,
            Err(Gap) => {
                self.gaps += 1;
                self.open(index);
                true
            }
        }
    }

    fn next_frame(&mut self, index: usize) -> Result<Option<Frame>, Gap> {
        let client = &mut self.clients[index];
        let connection = match &mut client.connection {
            Some(connection) => connection,
            none => {
                let starts: Vec<(Topic, Cursor)> =
                    client.cursors.iter().map(|(topic, text)| (topic.clone(), text.parse().unwrap())).collect();
                let present = self.topics.cursor();
                if !starts.iter().all(|(_, cursor)| cursor.is_before(&present)) {
                    return Err(Gap);
                }
                none.insert(Connection { subscriptions: Subscriptions::new(&self.topics, starts).unwrap(), on_the_way: None })
            }
        };
        loop {
            if let Some((frames, next, topic)) = &mut connection.on_the_way {
                if let Some(frame) = frames.get(*next) {
                    *next += 1;
                    connection.subscriptions.advance(*topic, frame.cursor);
                    return Ok(Some(frame.clone()));
                }
                connection.on_the_way = None;
            }
            let topics = 0..connection.subscriptions.len();
            let unread = |index| connection.subscriptions.unread(index).map(|found| found.map(|envelope| (index, envelope)));
            let Some((index, envelope)) = topics.map(unread).find_map(Result::transpose).transpose().map_err(|_| Gap)? else {
                return Ok(None);
            };
            connection.on_the_way = Some((envelope.frames(client.htmx), 0, index));
        }
    }
}

struct Gap;

fn topics(epoch: u64, retention: Retention) -> Topics {
    Topics::new(Epoch(epoch), TopicLimits { retention, topics: 10, patch_bytes: 1 << 20 }, Arc::default())
}

fn check(retention: Retention, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new(retention);
    for step in steps {
        world.take(step);
    }
    for index in 0..CLIENTS {
        while world.read_frame(index) {}
        let client = &world.clients[index];
        prop_assert_eq!(client.page.html(), world.model.html(), "client {} on {:?}", index, client.htmx);
        prop_assert_eq!(client.page.duplicate_ids(), Vec::<String>::new());
    }
    let is_ample = retention.states >= 1000;
    if is_ample && world.epoch == 0 {
        prop_assert_eq!(world.gaps, 0, "nothing was evicted, so no page had to refresh");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    /// Random publishes, drops in the middle of a replay, resumes, late joins, evictions and restarts, on both generations.
    #[test]
    fn every_page_converges(retention in retention(), steps in prop::collection::vec(step(), 1..60)) {
        check(retention, &steps)?;
    }
}

#[test]
fn an_element_that_went_and_came_back_stands_where_the_model_has_it_also_after_a_cut_in_the_replay() {
    let upsert = |name: &str| Step::Publish { topic: 0, patch: Patch::Upsert { list: id("l0"), fragment: leaf(name, 0) } };
    let fence = || Step::Publish { topic: 0, patch: Patch::append(id("m0"), leaf("x03", 1)) };
    let remove = || Step::Publish { topic: 0, patch: Patch::remove(id("x00")) };
    for frames in 0..6 {
        let steps = [upsert("x00"), Step::Open(0), remove(), upsert("x00"), fence(), upsert("x01"), Step::Read(0, frames), Step::Drop(0)];
        check(AMPLE, &steps).unwrap();
    }
}
