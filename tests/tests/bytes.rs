//! What a component with parts saves: the bytes on the wire of five pages, published as they change, against publishing the same components whole.
//!
//! `UPDATE_GOLDEN=1 cargo test -p htmx-ws-tests --test bytes` writes the table anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fmt::Write;

use htmx_ws_components::{Component, Hub, Live, Patch, ProgressBar, Status, StatusBadge, TimelineStep};
use htmx_ws_tests::socket::{Socket, serve, socket_path};
use htmx_ws_tests::workspace;
use maud::{Markup, html};

#[derive(Clone, Copy, Status)]
enum State {
    Waiting,
    #[status(tone = info, active)]
    Running,
    #[status(tone = success, terminal)]
    Done,
}

#[derive(Clone, StatusBadge)]
#[component(id = "badge-{id}")]
struct Badge {
    id: u32,
    #[badge(status)]
    state: State,
}

#[derive(Clone, ProgressBar)]
#[component(id = "bar-{id}")]
struct Bar {
    id: u32,
    #[progress(value)]
    percent: u32,
    #[progress(label)]
    label: String,
}

#[derive(Clone, TimelineStep)]
#[component(id = "step-{card}-{id}", list = "steps-{card}")]
struct Step {
    card: u32,
    id: u32,
    #[step(title)]
    title: String,
    #[step(status)]
    state: State,
}

/// A job: a title, a badge, a bar, and its steps.
#[derive(Clone, Component)]
#[component(id = "card-{id}", list = "cards", render = Self::markup)]
struct Card {
    id: u32,
    title: String,
    #[component(part)]
    badge: Badge,
    #[component(part)]
    bar: Bar,
    #[component(part)]
    steps: Vec<Step>,
}

impl Card {
    fn new(id: u32, steps: u32) -> Self {
        let step = |step| Step { card: id, id: step, title: format!("Step {step} of the job"), state: State::Waiting };
        Self {
            id,
            title: format!("Job number {id}"),
            badge: Badge { id, state: State::Waiting },
            bar: Bar { id, percent: 0, label: "Progress".to_owned() },
            steps: (0..steps).map(step).collect(),
        }
    }

    fn markup(&self) -> Markup {
        html! {
            article class="card" {
                h2 { (self.title) }
                p { "Started by the scheduler on the first free worker. Its steps are below, the newest at the end." }
                (self.badge) (self.bar)
                ol id={ "steps-" (self.id) } class="hw-timeline" { @for step in &self.steps { (step) } }
            }
        }
    }
}

/// A board of cards.
#[derive(Clone, Component)]
#[component(id = "board", render = Self::markup)]
struct Board {
    #[component(part)]
    cards: Vec<Card>,
}

impl Board {
    fn markup(&self) -> Markup {
        html! { section { h1 { "Jobs" } div id="cards" { @for card in &self.cards { (card) } } } }
    }
}

/// The bytes that a page gets for these values, one after the other.
async fn bytes<T>(values: &[T], publish: impl Fn(&Hub, &T)) -> usize {
    let hub = Hub::new();
    let addr = serve(hub.routes().with_state(())).await;
    // What the page was rendered with is known; counted is what comes then.
    publish(&hub, &values[0]);
    let mut socket = Socket::open(addr, &socket_path(&Live::of(&hub).topic("t"))).await;
    let mut bytes = 0;
    for value in &values[1..] {
        let before = hub.cursor();
        publish(&hub, value);
        let last = format!(" {}-->", hub.cursor());
        while hub.cursor() != before {
            let frame = socket.text().await;
            // Without the cursor, whose length is not always the same.
            bytes += frame.split_once("-->").unwrap().1.len();
            if frame.contains(&last) {
                break;
            }
        }
    }
    bytes
}

async fn row<T: Component>(table: &mut String, name: &str, values: &[T]) {
    let parts = bytes(values, |hub, value| drop(hub.publish("t", value))).await;
    let whole = bytes(values, |hub, value| drop(hub.publish("t", &Patch::Morph(value.fragment().unwrap())))).await;
    assert!(parts < whole, "{name}: {parts} bytes in parts, {whole} whole");
    writeln!(table, "| {name} | {} | {parts} | {whole} | {} % |", values.len() - 1, 100 * parts / whole).unwrap();
}

/// A value after another, each made from the last.
fn history<T: Clone>(first: T, changes: usize, mut change: impl FnMut(&mut T, usize)) -> Vec<T> {
    let mut values = vec![first];
    for n in 1..=changes {
        let mut next = values[n - 1].clone();
        change(&mut next, n);
        values.push(next);
    }
    values
}

#[tokio::test]
async fn five_pages_in_parts_and_whole() {
    let mut table = "| page | publishes | bytes in parts | bytes whole | ratio |\n|---|---|---|---|---|\n".to_owned();
    let percent = |n: usize| u32::try_from(n).unwrap();
    let job = history(Card::new(1, 8), 100, |card, n| card.bar.percent = percent(n));
    row(&mut table, "a job whose bar moves", &job).await;
    let steps = history(Card::new(1, 0), 40, |card, n| {
        if let Some(last) = card.steps.last_mut() {
            last.state = State::Done;
        }
        card.steps.push(Step { card: 1, id: percent(n), title: format!("Step {n} of the job"), state: State::Running });
    });
    row(&mut table, "a timeline that grows", &steps).await;
    let board = || Board { cards: (0..12).map(|id| Card::new(id, 4)).collect() };
    let busy = history(board(), 100, |board, n| board.cards[n % 12].bar.percent = percent(n));
    row(&mut table, "a board of twelve jobs, one bar at a time", &busy).await;
    let mixed = history(board(), 60, |board, n| {
        let card = &mut board.cards[n % 12];
        match n % 5 {
            0 => card.title = format!("Job renamed {n}"),
            1 => card.badge.state = State::Running,
            2 => card.steps[n % 4].state = State::Done,
            _ => card.bar.percent = percent(n),
        }
    });
    row(&mut table, "the same board, everything changes", &mixed).await;
    let queue = history(board(), 40, |board, n| {
        board.cards.remove(0);
        board.cards.push(Card::new(12 + percent(n), 4));
    });
    row(&mut table, "a queue of jobs that come and go", &queue).await;
    let path = workspace::root().join("tests/golden/bytes.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(table, std::fs::read_to_string(&path).unwrap_or_default(), "{}", path.display());
}
