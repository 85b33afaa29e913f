//! The parts, each with what it is measured on.

use std::time::Duration;

use htmx_ws_components::measured::{self, Readers};
use htmx_ws_components::{Htmx, Hub, InvalidTopic, Patch, StatusBadge, ToPatch, Topic};

use crate::parts::{Part, Result};
use crate::render;
use crate::render::state::State;
use crate::rounds::Candidate;

/// Where a publish is by itself: [`publish_once`].
const PUBLISH: Option<&str> = Some("htmx_ws_benches::parts::inside::publish_once");

pub(super) const PARTS: [Part; 12] = [
    Part { name: "render a StatusBadge", candidate: || render("StatusBadge"), only: None },
    Part { name: "render a ProgressBar", candidate: || render("ProgressBar"), only: None },
    Part { name: "encode 10 badges for htmx 2", candidate: || encode(Htmx::V2), only: None },
    Part { name: "encode 10 badges for htmx 2 with idiomorph", candidate: || encode(Htmx::V2Morph), only: None },
    Part { name: "encode 10 badges for htmx 4", candidate: || encode(Htmx::V4), only: None },
    Part { name: "publish to nobody", candidate: || publish(1), only: None },
    Part { name: "publish until 100 readers have it", candidate: || follow(100), only: None },
    Part { name: "publish to 10 readers, by itself", candidate: || follow(10), only: PUBLISH },
    Part { name: "publish to 400 readers, by itself", candidate: || follow(400), only: PUBLISH },
    Part { name: "replay 100 of 1,000 entries", candidate: || replay(1000, 100), only: None },
    Part { name: "sign a ticket", candidate: || Ok(Candidate::new(measured::sign(names()?))), only: None },
    Part { name: "verify a ticket", candidate: || Ok(Candidate::new(measured::verify(names()?))), only: None },
];

/// What is published.
#[derive(Debug, Clone, StatusBadge)]
#[component(id = "job-{number}-status")]
struct Job {
    number: u32,
    #[badge(status)]
    state: State,
    #[badge(label)]
    name: String,
}

impl Job {
    fn new(number: u32, state: State) -> Self {
        Self { number, state, name: "Build of main".to_owned() }
    }
}

/// A derived component, written into a buffer that is used again.
fn render(component: &str) -> Result<Candidate> {
    let measured = render::all().into_iter().find(|measured| measured.name == component);
    let way = measured.and_then(|measured| measured.ways.into_iter().find(|way| way.name == "derived"));
    Ok(way.ok_or_else(|| format!("nothing renders a {component}"))?.candidate)
}

/// An envelope's frames for one generation of htmx.
pub fn encode(htmx: Htmx) -> Result<Candidate> {
    Ok(Candidate::new(measured::encode(&topic(0)?, badges(10)?, htmx)))
}

/// A log of so many entries is read from a cursor that lacks the last of them.
pub fn replay(entries: u32, newer: u64) -> Result<Candidate> {
    Ok(Candidate::new(measured::replay(&topic(0)?, badges(entries)?, newer)))
}

/// A component changes in a topic that nobody reads, beside so many others.
pub fn publish(topics: usize) -> Result<Candidate> {
    let hub = Hub::builder().max_topics(topics).build();
    for other in 1..topics {
        hub.publish(topic(other)?, &Job::new(1, State::Queued)).outcome()?;
    }
    let (topic, mut changes) = (topic(0)?, Changes::new());
    Ok(Candidate::new(move || drop(hub.publish(topic.clone(), changes.next()))))
}

/// A component changes, and so many readers follow.
fn follow(number: usize) -> Result<Candidate> {
    let mut followed = Followed::new(number)?;
    Ok(Candidate::new(move || followed.follow(|publish| publish())))
}

/// Both of a ticket, as the page and its socket have it done.
pub fn sign_and_verify() -> Result<Candidate> {
    let (mut sign, mut verify) = (measured::sign(names()?), measured::verify(names()?));
    Ok(Candidate::new(move || {
        sign();
        verify();
    }))
}

/// A topic with readers.
#[derive(Debug)]
pub struct Followed {
    hub: Hub,
    topic: Topic,
    /// Nobody reads it.
    other: Topic,
    readers: Readers,
    changes: Changes,
}

impl Followed {
    /// A topic with so many of them, who wait.
    pub fn new(number: usize) -> Result<Self> {
        // Without a pace: each publish is followed at once.
        let (hub, topic, other) = (Hub::builder().flush_interval(Duration::ZERO).build(), topic(0)?, topic(1)?);
        let readers = Readers::new(&hub, &topic, number, Htmx::V4)?;
        Ok(Self { hub, topic, other, readers, changes: Changes::new() })
    }

    /// Gives `measure` a publish to do once, and returns when all readers have it.
    pub fn follow<T>(&mut self, measure: impl FnOnce(&mut dyn FnMut()) -> T) -> T {
        let Self { hub, topic, readers, changes, .. } = self;
        readers.follow(|| measure(&mut || publish_once(hub, topic, changes.next())))
    }

    /// Gives `measure` a publish to do once that nobody reads, while the others have as much to do as ever.
    pub fn beside<T>(&mut self, measure: impl FnOnce(&mut dyn FnMut()) -> T) -> T {
        let Self { hub, topic, other, readers, changes } = self;
        readers.follow(|| {
            let change = changes.next();
            let measured = measure(&mut || publish_once(hub, other, change));
            publish_once(hub, topic, change);
            measured
        })
    }
}

/// Not inlined, so that it can be counted by itself.
#[inline(never)]
fn publish_once(hub: &Hub, topic: &Topic, change: &Job) {
    drop(hub.publish(topic.clone(), change));
}

/// The values of a component that changes with each publish.
#[derive(Debug)]
struct Changes {
    values: [Job; 2],
    count: usize,
}

impl Changes {
    fn new() -> Self {
        Self { values: [Job::new(1, State::Queued), Job::new(1, State::Running)], count: 0 }
    }

    fn next(&mut self) -> &Job {
        self.count += 1;
        &self.values[self.count % 2]
    }
}

fn badges(number: u32) -> Result<Vec<Patch>> {
    Ok((0..number).map(|number| Job::new(number, State::Running).to_patch()).collect::<std::result::Result<_, _>>()?)
}

fn topic(number: usize) -> std::result::Result<Topic, InvalidTopic> {
    Topic::new(&format!("jobs/{number}"))
}

/// What a page's ticket says.
fn names() -> std::result::Result<Vec<Topic>, InvalidTopic> {
    ["jobs/4711", "presence/main"].into_iter().map(Topic::new).collect()
}
