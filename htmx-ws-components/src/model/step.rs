//! What can happen, each step made of two random numbers: proptest draws and shrinks these fast.

use std::fmt;

use proptest::prelude::*;

use crate::html::dom_id::DomId;
use crate::html::fragment::{Fragment, Nesting};
use crate::html::patch::{Patch, Position};
use crate::hub::log::Publication;
use crate::model::card::{Card, inside};

pub(super) const TOPICS: usize = 2;
pub(super) const CLIENTS: usize = 4;

/// One thing that happens. In a report it is one line.
#[derive(Clone)]
pub(super) enum Step {
    Publish(usize, Patch),
    /// A component with its parts.
    Compose(Card),
    /// An event with a number that no other has.
    Event(usize),
    /// An insertion of an element that the page's own script removes as soon as it is there.
    Toast {
        topic: usize,
        position: Position,
        anchor: DomId,
    },
    /// The client opens the page anew: it shows everything up to now, and connects when it reads first.
    Open(usize),
    /// So many frames are handed to the client's socket. The page has not seen them yet.
    Send(usize, usize),
    /// The page takes up to so many frames.
    Read(usize, usize),
    /// The connection breaks. What was on its way is lost; the next read is of a new connection.
    Drop(usize),
    /// The browser puts the page aside, with its cursors.
    Save(usize),
    /// The browser brings back the page that was put aside, where it was.
    Back(usize),
    /// The client opens a page that was rendered after its cursors were taken: these are of the page that was put aside.
    Late(usize),
    /// A source of the application that was asked looks at what the topic shows; or, where it has looked, gives what it saw.
    Answer(usize),
    /// So many minutes go by.
    Wait(u32),
    /// The hub forgets everything, as a process that was started again.
    Restart,
}

impl Step {
    /// What it publishes, and to which topic. `once` is the number of the last event or toast.
    pub(super) fn publication(&self, once: &mut usize) -> Option<(usize, Publication)> {
        let (topic, patch) = match self {
            Self::Publish(topic, patch) => (*topic, patch.clone()),
            Self::Compose(card) => return Some((card.topic, Publication::Whole(card.compose()))),
            Self::Event(topic) => {
                *once += 1;
                (*topic, Patch::event(&format!("e{topic}"), &*once).unwrap())
            }
            Self::Toast { topic, position, anchor } => {
                *once += 1;
                let fragment = leaf(&format!("t{topic}-{once}"), 0);
                (*topic, Patch::Insert { position: *position, anchor: anchor.clone(), fragment })
            }
            _ => return None,
        };
        Some((topic, Publication::Patch(patch)))
    }
}

/// Small numbers out of one large one: its digits, each in a base of its own.
pub(super) struct Digits(u64);

impl Digits {
    /// A number below `base`.
    pub(super) fn below(&mut self, base: usize) -> usize {
        let base = base as u64;
        let digit = self.0 % base;
        self.0 /= base;
        usize::try_from(digit).unwrap()
    }

    /// The smallest schedule has it not.
    pub(super) fn is_one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    /// A number below `base`, or none as often.
    pub(super) fn maybe(&mut self, base: usize) -> Option<usize> {
        let is_there = self.is_one_in(2);
        is_there.then(|| self.below(base))
    }
}

/// How often each kind of step comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mix {
    pub(super) publish: usize,
    pub(super) inside: usize,
    pub(super) compose: usize,
    pub(super) once: usize,
    pub(super) connection: usize,
    pub(super) late: usize,
    pub(super) answer: usize,
}

impl Mix {
    pub(super) fn step(self) -> impl Strategy<Value = Step> {
        let total = self.publish + self.inside + self.compose + self.once + self.connection + self.late + self.answer;
        (0..total, any::<u64>()).prop_map(move |(kind, digits)| self.make(kind, &mut Digits(digits)))
    }

    fn make(self, mut kind: usize, digits: &mut Digits) -> Step {
        let mut is = |share: usize| match kind.checked_sub(share) {
            Some(rest) => {
                kind = rest;
                false
            }
            None => true,
        };
        if is(self.connection) {
            return connection(digits);
        }
        if is(self.late) {
            return Step::Late(digits.below(CLIENTS));
        }
        let topic = digits.below(TOPICS);
        if is(self.answer) {
            return Step::Answer(topic);
        }
        if is(self.publish) {
            Step::Publish(topic, patch(topic, digits))
        } else if is(self.inside) {
            Step::Publish(topic, inside(topic, digits))
        } else if is(self.compose) {
            Step::Compose(Card::new(topic, digits))
        } else {
            once(topic, digits)
        }
    }
}

fn connection(digits: &mut Digits) -> Step {
    let client = digits.below(CLIENTS);
    match digits.below(32) {
        0..=12 => Step::Read(client, 1 + digits.below(3)),
        13..=16 => Step::Send(client, 1 + digits.below(3)),
        17..=18 => Step::Open(client),
        19..=21 => Step::Save(client),
        22..=23 => Step::Back(client),
        24 if digits.is_one_in(4) => Step::Restart,
        25..=27 => Step::Wait([1, 10, 40, 90][digits.below(4)]),
        _ => Step::Drop(client),
    }
}

/// What a page must not do twice.
fn once(topic: usize, digits: &mut Digits) -> Step {
    match digits.below(11) {
        0..=3 => Step::Event(topic),
        4 => Step::Publish(topic, Patch::Refresh),
        // Between two topics there is no order.
        5..=6 => Step::Publish(0, Patch::title(&digits.below(3).to_string())),
        _ => {
            let (position, anchor) = place(topic, None, digits);
            Step::Toast { topic, position, anchor }
        }
    }
}

pub(super) fn id(name: &str) -> DomId {
    DomId::new(name).unwrap()
}

/// A leaf. Its name decides whether it is one of those that need a wrapper on the wire.
pub(super) fn leaf(name: &str, state: usize) -> Fragment {
    let tag = match name.as_bytes().last() {
        Some(b'1') => "tr",
        Some(b'2') => "g",
        _ => "p",
    };
    Fragment::new(id(name), format!("<{tag}>{state}</{tag}>"), Nesting::Leaf).unwrap()
}

/// Leaves that stand in the list inside the topic's branch, by their states; none where one is absent.
fn inner_leaves(topic: usize, digits: &mut Digits) -> String {
    let leaves = (0..3).filter_map(|n| digits.maybe(3).map(|state| leaf(&format!("y{topic}{n}"), state)));
    leaves.map(|fragment| fragment.html().to_owned()).collect()
}

/// A place in or beside what stands in the lists; `itself` is not beside itself.
fn place(topic: usize, itself: Option<&str>, digits: &mut Digits) -> (Position, DomId) {
    let sibling = format!("x{topic}{}", digits.below(4));
    match digits.below(4) {
        0 if itself != Some(&sibling) => (Position::Before, id(&sibling)),
        1 if itself != Some(&sibling) => (Position::After, id(&sibling)),
        2 => (Position::FirstChild, list(topic, digits)),
        _ => (Position::LastChild, list(topic, digits)),
    }
}

fn list(topic: usize, digits: &mut Digits) -> DomId {
    id(&format!("{}{topic}", ["l", "m"][digits.below(2)]))
}

/// A patch of a leaf in the lists `l…` and `m…` of the page, or in the branch `b…` with its list `k…`.
fn patch(topic: usize, digits: &mut Digits) -> Patch {
    let state = digits.below(3);
    let free = format!("x{topic}{}", digits.below(4));
    let inner = format!("y{topic}{}", digits.below(3));
    let any = if digits.is_one_in(2) { &inner } else { &free };
    let inner_list = format!("k{topic}");
    match digits.below(23) {
        0..=5 => Patch::Upsert { list: list(topic, digits), fragment: leaf(&free, state) },
        6..=9 => Patch::Replace(leaf(any, state)),
        10..=11 => Patch::Morph(leaf(any, state)),
        12..=14 => Patch::Upsert { list: id(&inner_list), fragment: leaf(&inner, state) },
        15..=18 => Patch::remove(id(any)),
        19 => {
            let html = format!("<div><ul id=\"{inner_list}\">{}</ul></div>", inner_leaves(topic, digits));
            Patch::Replace(Fragment::new(id(&format!("b{topic}")), html, Nesting::Branch).unwrap())
        }
        20 => Patch::remove(id(&inner_list)),
        21 => Patch::Update { target: id(&inner_list), html: inner_leaves(topic, digits).into() },
        _ => {
            let (position, anchor) = place(topic, Some(&free), digits);
            Patch::Insert { position, anchor, fragment: leaf(&free, state) }
        }
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish(topic, patch) => {
                write!(f, "topic {topic}: ")?;
                write_patch(f, patch)
            }
            Self::Compose(card) => write!(f, "topic {}: {card:?}", card.topic),
            Self::Event(topic) => write!(f, "topic {topic}: an event"),
            Self::Toast { topic, position, anchor } => write!(f, "topic {topic}: a toast {position:?} {anchor}"),
            Self::Open(client) => write!(f, "client {client} opens the page"),
            Self::Send(client, frames) => write!(f, "client {client} is sent {frames}"),
            Self::Read(client, frames) => write!(f, "client {client} reads {frames}"),
            Self::Drop(client) => write!(f, "client {client} is cut off"),
            Self::Save(client) => write!(f, "client {client} puts the page aside"),
            Self::Back(client) => write!(f, "client {client} brings the page back"),
            Self::Late(client) => write!(f, "client {client} opens the page with the old cursors"),
            Self::Answer(topic) => write!(f, "topic {topic}: the source looks, or gives"),
            Self::Wait(minutes) => write!(f, "{minutes} minutes go by"),
            Self::Restart => write!(f, "the hub restarts"),
        }
    }
}

fn write_patch(f: &mut fmt::Formatter<'_>, patch: &Patch) -> fmt::Result {
    let state = |fragment: &Fragment| {
        let is_leaf = fragment.nesting() == Nesting::Leaf;
        let inside = fragment.html().split_once('>').unwrap().1;
        format!("{} = {}", fragment.id(), if is_leaf { inside.split('<').next().unwrap() } else { inside })
    };
    match patch {
        Patch::Replace(fragment) => write!(f, "replace {}", state(fragment)),
        Patch::Morph(fragment) => write!(f, "morph {}", state(fragment)),
        Patch::Upsert { list, fragment } => write!(f, "upsert {} in {list}", state(fragment)),
        Patch::Remove(id) => write!(f, "remove {id}"),
        Patch::Update { target, html } => write!(f, "update {target} = {html}"),
        Patch::Insert { position, anchor, fragment } => write!(f, "insert {} {position:?} {anchor}", state(fragment)),
        Patch::Title(title) => write!(f, "title {title}"),
        Patch::Event(_) | Patch::Refresh | Patch::Redirect(_) => write!(f, "{patch:?}"),
    }
}
