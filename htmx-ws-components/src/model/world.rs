//! A hub, browsers with its pages, and the page that received every patch in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

use crate::backplane::memory::Memory;
use crate::dialect::Htmx;
use crate::hub::log::Publication;
use crate::hub::replica::nodes::Nodes;
use crate::hub::stats::Counters;
use crate::hub::subscription::Subscriptions;
use crate::hub::topics::{TopicLimits, Topics};
use crate::message::cursor::{Cursor, Epoch};
use crate::message::envelope::{Frame, Frames};
use crate::message::topic::Topic;
use crate::model::page::Page;
use crate::model::snapshot::Sources;
use crate::model::step::{CLIENTS, Step, TOPICS};

/// As the page itself knows them: the text of the last frame applied of each topic.
type Cursors = [String; TOPICS];

/// A browser with the page, and what its connection has on the way to it.
struct Client {
    htmx: Htmx,
    page: Page,
    cursors: Cursors,
    /// Whether the page shows more than its cursors say.
    is_late: bool,
    connection: Option<Connection>,
    /// The node that it connects to next, of those that there are.
    node: usize,
    aside: (Page, Cursors, bool),
}

struct Connection {
    subscriptions: Subscriptions,
    /// The frames of the part that is being sent, the next one, and the topic that they are of.
    part: Option<(Arc<Frames>, usize, usize)>,
    /// What the socket has taken and the page has not.
    wire: VecDeque<Frame>,
    is_gap: bool,
    /// Whether it was ever given a snapshot, or waits for one.
    has_asked: bool,
}

/// What the application publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    Anything,
    /// No patch of an element that is not there, or beside one.
    OnlyWhatIsThere,
}

thread_local! {
    /// Time goes on when a step says so. One for all worlds of a thread, which take longer to make than to use.
    static TIME: &'static Runtime =
        Box::leak(Box::new(Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()));
}

/// Nodes that share their topics.
struct Cluster {
    memory: Memory,
    nodes: Vec<Topics>,
    /// How often something was published: each time by the next node.
    published: usize,
}

impl Cluster {
    fn new(nodes: usize, limits: TopicLimits, runtime: &Handle) -> Self {
        let memory = Memory::new(Epoch(1));
        let nodes = (0..nodes).map(|_| node(&memory, limits, runtime)).collect();
        Self { memory, nodes, published: 0 }
    }
}

fn node(memory: &Memory, limits: TopicLimits, runtime: &Handle) -> Topics {
    let counters: Arc<Counters> = Arc::default();
    let nodes = Nodes::new(Arc::new(memory.clone()), runtime.clone(), Arc::clone(&counters), 1 << 20);
    Topics::of_nodes(nodes, limits, counters)
}

pub(super) struct World {
    pub(super) time: &'static Runtime,
    _entered: EnterGuard<'static>,
    habit: Habit,
    names: [Topic; TOPICS],
    pub(super) topics: Topics,
    /// Where there are several, `topics` is one of them, and the clients are on any of them.
    cluster: Option<Cluster>,
    limits: TopicLimits,
    pub(super) epoch: u64,
    /// The page that received every patch in order.
    pub(super) model: Page,
    clients: Vec<Client>,
    /// How often a page had to refresh because the log did not reach back.
    pub(super) gaps: usize,
    /// The number of the last event or toast.
    once: usize,
    pub(super) sources: Option<Sources>,
}

impl World {
    /// A hub by itself, or several that share their topics.
    pub(super) fn new(limits: TopicLimits, habit: Habit, nodes: Option<usize>) -> Self {
        let part = |t: usize| {
            let lists = format!("<ul id=\"l{t}\"></ul><ul id=\"m{t}\"></ul>");
            format!("<div id=\"a{t}\">{lists}<div id=\"b{t}\"><ul id=\"k{t}\"></ul></div><div id=\"w{t}\"></div></div>")
        };
        let model = Page::new(&(part(0) + &part(1)));
        let time = TIME.with(|time| *time);
        let entered = time.enter();
        let cluster = nodes.map(|nodes| Cluster::new(nodes, limits, time.handle()));
        let topics = cluster.as_ref().map_or_else(|| topics(0, limits), |cluster| cluster.nodes[0].clone());
        let client = |index: usize| {
            let (page, cursors) = (model.clone(), cursors(&topics));
            let aside = (page.clone(), cursors.clone(), false);
            Client { htmx: Htmx::ALL[index % Htmx::ALL.len()], page, cursors, is_late: false, connection: None, node: index, aside }
        };
        let clients = (0..CLIENTS).map(client).collect();
        let names = std::array::from_fn(|index| Topic::new(&format!("topic {index}")).unwrap());
        Self { time, _entered: entered, habit, names, topics, cluster, limits, epoch: 0, model, clients, gaps: 0, once: 0, sources: None }
    }

    pub(super) fn take(&mut self, step: &Step) {
        if let Some((topic, publication)) = step.publication(&mut self.once) {
            return self.publish(topic, publication);
        }
        match step {
            Step::Publish(..) | Step::Compose(_) | Step::Event(_) | Step::Toast { .. } => {}
            Step::Open(index) => self.open(*index),
            Step::Send(index, frames) => (0..*frames).for_each(|_| self.send(*index)),
            Step::Read(index, frames) => {
                for _ in 0..*frames {
                    self.read(*index);
                }
            }
            Step::Drop(index) => self.clients[*index].break_off(),
            Step::Save(index) => {
                let client = &mut self.clients[*index];
                client.aside = (client.page.clone(), client.cursors.clone(), client.is_late);
            }
            Step::Back(index) => {
                let client = &mut self.clients[*index];
                (client.page, client.cursors, client.is_late) = client.aside.clone();
                client.connection = None;
            }
            Step::Late(index) => {
                let client = &mut self.clients[*index];
                client.page = self.model.clone();
                client.cursors = client.aside.1.clone();
                client.is_late = true;
                client.connection = None;
            }
            Step::Answer(topic) => {
                self.answer(|asked| asked == *topic);
            }
            Step::Wait(minutes) => self.time.block_on(tokio::time::advance(Duration::from_secs(60) * *minutes)),
            Step::Restart if self.cluster.is_some() => self.restart_a_node(),
            Step::Restart => {
                self.epoch += 1;
                self.topics = topics(self.epoch, self.limits);
                self.set_sources();
                self.clients.iter_mut().for_each(|client| client.connection = None);
            }
        }
    }

    fn publish(&mut self, topic: usize, publication: Publication) {
        let patch = publication.patch();
        if self.habit == Habit::OnlyWhatIsThere && !self.model.is_concerned_by(patch) {
            return;
        }
        self.model.apply(patch);
        if let Some(cluster) = &mut self.cluster {
            cluster.published += 1;
            let node = &cluster.nodes[cluster.published % cluster.nodes.len()];
            let (_, told) = node.post(&self.names[topic], &[publication], None).unwrap().unwrap();
            // Its own topics, and those of the others, may not have it yet.
            self.time.block_on(told).unwrap().unwrap();
            return;
        }
        self.topics.publish(&self.names[topic], vec![publication], None).unwrap();
    }

    /// A node forgets everything, and comes back without what it knew.
    fn restart_a_node(&mut self) {
        let Some(cluster) = &mut self.cluster else { return };
        let nodes = cluster.nodes.len();
        let index = cluster.published % nodes;
        self.clients.iter_mut().filter(|client| client.node % nodes == index).for_each(Client::break_off);
        cluster.nodes[index] = node(&cluster.memory, self.limits, self.time.handle());
        self.topics = cluster.nodes[0].clone();
    }

    /// Everything that was published comes to all nodes.
    fn deliver(&self) {
        if self.cluster.is_some() {
            self.time.block_on(async {
                for _ in 0..64 {
                    tokio::task::yield_now().await;
                }
            });
        }
    }

    /// The topics that a client reads, which know of all that was published.
    fn topics_of(&self, index: usize) -> Topics {
        let Some(Cluster { nodes, .. }) = &self.cluster else { return self.topics.clone() };
        let topics = nodes[self.clients[index].node % nodes.len()].clone();
        self.time.block_on(topics.catch_up()).unwrap();
        topics
    }

    /// Reads to the end, and says where the page then differs from the model.
    pub(super) fn settle(&mut self, index: usize) -> Option<String> {
        self.read(index);
        self.deliver();
        while self.read(index) || self.answer(|_| true) {}
        let Client { page, is_late, htmx, .. } = &self.clients[index];
        let duplicates = page.duplicate_ids();
        let twice = (!duplicates.is_empty()).then(|| format!("{duplicates:?} stand there twice"));
        let difference = if *is_late { page.loose_difference(&self.model) } else { page.difference(&self.model) };
        twice.or(difference).map(|difference| format!("client {index} on {htmx:?}: {difference}"))
    }

    fn open(&mut self, index: usize) {
        let topics = self.topics_of(index);
        let client = &mut self.clients[index];
        client.page = self.model.clone();
        client.cursors = cursors(&topics);
        client.is_late = false;
        client.connection = None;
    }

    fn refresh(&mut self, index: usize) {
        self.gaps += 1;
        self.open(index);
    }

    /// Hands the next frame to the client's socket.
    fn send(&mut self, index: usize) {
        let topics = self.topics_of(index);
        let client = &mut self.clients[index];
        let htmx = client.htmx;
        let connection = client.connected(&self.names, &topics);
        if !connection.is_gap {
            match connection.next_frame(htmx) {
                Ok(frame) => connection.wire.extend(frame),
                Err(Gap) => connection.is_gap = true,
            }
        }
        // A snapshot shows more than its cursor says.
        let has_asked = connection.has_asked;
        client.is_late |= has_asked;
    }

    /// Applies the next frame to the client's page; false when there is none.
    fn read(&mut self, index: usize) -> bool {
        if self.clients[index].connection.as_ref().is_none_or(|connection| connection.wire.is_empty()) {
            self.send(index);
        }
        let client = &mut self.clients[index];
        let Some(connection) = &mut client.connection else { return true };
        let Some(frame) = connection.wire.pop_front() else {
            let is_gap = connection.is_gap;
            if is_gap {
                self.refresh(index);
            }
            return is_gap;
        };
        let text = std::str::from_utf8(&frame.text).unwrap();
        if text.starts_with("<!--htmx-ws! ") {
            self.open(index);
            return true;
        }
        client.page.receive(text, client.htmx);
        let place = &text[text.find("topic%20").unwrap() + "topic%20".len()..];
        let end = place.find(if text.starts_with('{') { '"' } else { '>' }).unwrap();
        let (topic, cursor) = place[..end].trim_end_matches("--").split_once(' ').unwrap();
        client.cursors[topic.parse::<usize>().unwrap()] = cursor.to_owned();
        true
    }
}

impl Client {
    /// The next connection is to another node.
    fn break_off(&mut self) {
        self.connection = None;
        self.node += 1;
    }

    fn connected(&mut self, names: &[Topic; TOPICS], topics: &Topics) -> &mut Connection {
        let cursors = &self.cursors;
        self.connection.get_or_insert_with(|| {
            let starts: Vec<(Topic, Cursor)> = names.iter().cloned().zip(cursors.iter().map(|text| text.parse().unwrap())).collect();
            let subscriptions = Subscriptions::new(topics, starts).unwrap();
            Connection { subscriptions, part: None, wire: VecDeque::new(), is_gap: false, has_asked: false }
        })
    }
}

impl Connection {
    fn next_frame(&mut self, htmx: Htmx) -> Result<Option<Frame>, Gap> {
        loop {
            if let Some((frames, next, topic)) = &mut self.part {
                if let Some(frame) = frames.get(*next) {
                    *next += 1;
                    self.subscriptions.advance(*topic, frame.cursor);
                    return Ok(Some(frame.clone()));
                }
                self.part = None;
            }
            for index in 0..self.subscriptions.len() {
                let mut unread = self.subscriptions.unread(index);
                while unread.is_err() {
                    self.subscriptions.ask(index).map_err(|_| Gap)?;
                    self.has_asked = true;
                    unread = self.subscriptions.unread(index);
                }
                if let Some(envelope) = unread.map_err(|_| Gap)? {
                    self.part = Some((envelope.frames(htmx), 0, index));
                    break;
                }
            }
            if self.part.is_none() {
                return Ok(None);
            }
        }
    }
}

struct Gap;

fn cursors(topics: &Topics) -> Cursors {
    let cursor = topics.cursor().to_string();
    [cursor.clone(), cursor]
}

fn topics(epoch: u64, limits: TopicLimits) -> Topics {
    Topics::new(Epoch(epoch), limits, Arc::default())
}
