//! Servers that are measured in turn, and what is made of it.

use std::time::{Duration, Instant};

use htmx_ws_benches::rounds::median;

use crate::Result;
use crate::cores::Cores;
use crate::latencies::Latencies;
use crate::load::Load;
use crate::order::{Lane, Order, count};
use crate::server::{Kind, Server, processor_of};

/// How many deliveries a server makes before it is measured.
const WARM_UP: usize = 20_000;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) cores: Cores,
    pub(crate) is_quick: bool,
}

impl Effort {
    /// The one or the other number, of rounds, messages or seconds.
    pub(crate) fn pick<T>(self, quick: T, usual: T) -> T {
        if self.is_quick { quick } else { usual }
    }
}

/// What was measured of each server in each round.
pub(crate) struct Measured<T>(Vec<(Kind, Vec<T>)>);

impl<T> Measured<T> {
    /// Measures each of these servers in each round. Each round begins with another one, as what runs behind whom should not be the same twice.
    pub(crate) fn in_turn(rounds: usize, kinds: &[Kind], mut turn: impl FnMut(Kind) -> Result<T>) -> Result<Self> {
        let mut turns: Vec<(Kind, Vec<T>)> = kinds.iter().map(|kind| (*kind, Vec::new())).collect();
        for round in 0..rounds {
            for place in 0..kinds.len() {
                let (kind, turns) = &mut turns[(place + round) % kinds.len()];
                turns.push(turn(*kind).map_err(|error| format!("{}: {error}", kind.name()))?);
            }
        }
        Ok(Self(turns))
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.0.iter().map(|(kind, _)| *kind)
    }

    /// What was measured of a server that is one of them.
    pub(crate) fn of(&self, kind: Kind) -> &[T] {
        self.0.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, turns)| turns)
    }

    pub(crate) fn median(&self, kind: Kind, value: impl Fn(&T) -> f64) -> f64 {
        median(self.of(kind).iter().map(value).collect())
    }

    /// The median of what the one took in a round for each of what the other took in it.
    pub(crate) fn ratio(&self, kind: Kind, other: Kind, value: impl Fn(&T) -> f64) -> f64 {
        median(self.of(kind).iter().zip(self.of(other)).map(|(turn, other)| value(turn) / value(other)).collect())
    }
}

impl<A, B> Measured<(A, B)> {
    /// What was measured twice in each round, apart.
    pub(crate) fn unzip(self) -> (Measured<A>, Measured<B>) {
        let apart = self.0.into_iter().map(|(kind, turns)| {
            let (first, second) = turns.into_iter().unzip();
            ((kind, first), (kind, second))
        });
        let (first, second) = apart.unzip();
        (Measured(first), Measured(second))
    }
}

/// What a server was asked to deliver, and to how many.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) readers: usize,
    pub(crate) order: Order,
    /// How long behind the last publish a reader may get it.
    pub(crate) patience: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Turn {
    /// Processor time of the server, and of the load client.
    pub(crate) server: Duration,
    pub(crate) load: Duration,
    /// From the order until the last reader had the last message, or the patience was over.
    pub(crate) took: Duration,
    /// Elements and messages that came.
    pub(crate) deliveries: u64,
    pub(crate) frames: u64,
    /// Elements that did not, or came twice or behind a later one.
    pub(crate) missed: u64,
    pub(crate) repeated: u64,
    /// Readers that did not get the last one.
    pub(crate) behind: usize,
    pub(crate) latencies: Latencies,
}

impl Turn {
    /// Processor time of the server for each delivery, in microseconds.
    pub(crate) fn micros(&self) -> f64 {
        self.server.as_secs_f64() * 1e6 / count(self.deliveries.max(1))
    }

    /// How much is wrong with what came; nothing where every reader got every message, in order and once.
    pub(crate) fn wrong(&self) -> u64 {
        self.missed + self.repeated
    }

    /// Which part of its processor the server had in use.
    pub(crate) fn busy(&self) -> f64 {
        self.server.as_secs_f64() / self.took.as_secs_f64()
    }

    /// Which part of its own the load client had.
    pub(crate) fn load_busy(&self) -> f64 {
        self.load.as_secs_f64() / self.took.as_secs_f64()
    }
}

impl Scenario {
    /// A scenario of a pace, for elements of half a kilobyte, all of which are to come.
    pub(crate) fn paced(readers: usize, rate: u32, seconds: u64) -> Self {
        let order = Order { topic: "k".to_owned(), n: u64::from(rate) * seconds, bytes: 512, rate, first: 1, lane: Lane::Event };
        Self { readers, order, patience: Duration::from_secs(30) }
    }

    /// A server of its own, with the readers connected, and warm: some messages have passed to all.
    pub(crate) fn start(&self, kind: Kind, effort: Effort) -> Result<(Server, Load)> {
        let server = Server::start(kind, effort.cores)?;
        let mut load = Load::new(server.addr)?;
        load.connect(self.readers, &self.order.topic)?;
        let n = u64::try_from(WARM_UP / self.readers)?.clamp(2, 20);
        deliver(&server, &mut load, &Order { n, ..self.order.clone() }, self.patience)?;
        Ok((server, load))
    }

    /// Delivers it from a server of its own.
    pub(crate) fn measure(&self, kind: Kind, effort: Effort) -> Result<Turn> {
        let (server, mut load) = self.start(kind, effort)?;
        deliver(&server, &mut load, &self.order, self.patience)
    }
}

/// Has the server deliver what is ordered, and measures it.
pub(crate) fn deliver(server: &Server, load: &mut Load, order: &Order, patience: Duration) -> Result<Turn> {
    let (processor, own, began) = (server.processor()?, processor_of(std::process::id())?, Instant::now());
    load.publish(order)?;
    let readers = load.len();
    load.run_until(began + order.duration() + patience, |load| load.is_published() && load.ended() == readers)?;
    let took = began.elapsed();
    let (server, load_took) = (server.processor()?.saturating_sub(processor), processor_of(std::process::id())?.saturating_sub(own));
    let sum = |value: fn(&crate::load::Tally) -> u64| load.tallies(0..readers).map(|tally| value(&tally)).sum::<u64>();
    Ok(Turn {
        server,
        load: load_took,
        took,
        deliveries: sum(|tally| tally.elements),
        frames: sum(|tally| tally.frames),
        // What no reader has seen the end of is missing as well.
        missed: sum(|tally| tally.missed) + load.tallies(0..readers).map(|tally| load.end() - tally.last).sum::<u64>(),
        repeated: sum(|tally| tally.repeated),
        behind: readers - load.ended(),
        latencies: load.latencies().clone(),
    })
}
