//! What happens to a page: a seed decides it, and nothing else.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use htmx_ws_tests::random::Random;

use crate::SCRIPT_OWNS_ITS_LINK;

/// What can go wrong between the page and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Cut,
    Stall,
    Delay { most: Duration, seed: u64 },
    HalfOpen,
    Reset { percent: u64 },
    HoldOpen,
    HoldNew,
    EndLate,
    BlockUpgrades,
    BlockEventStreams,
}

/// One change of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Publish {
    Count(u32),
    Step(&'static str),
    RemoveStep(&'static str),
    Card { title: &'static str, count: u32, rows: Vec<&'static str> },
    Line(u32),
    Event,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Publish(Publish),
    /// So many numbers, one right after the other.
    Burst(u32),
    Fault(Fault),
    /// The faults that last end.
    Restore,
    /// Time passes: when things happen is part of what a schedule tries.
    Pause(Duration),
    /// Until the page shows that its connection is lost.
    UntilNoticed,
    /// Until the page shows everything that was published.
    UntilRight,
}

/// Steps between a page that is just connected and a wire that works again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) seed: u64,
    pub(super) steps: Vec<Step>,
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const TITLES: [&str; 3] = ["Job", "Task", "Errand"];

impl Schedule {
    pub(super) fn of(seed: u64) -> Self {
        let mut draw = Draw { random: Random::new(seed), lasting: Vec::new(), ahead: VecDeque::new() };
        let length = draw.random.of(15..=40);
        Self { seed, steps: (0..length).map(|_| draw.step()).collect() }
    }
}

impl Fault {
    pub(super) const NAMES: [&str; 10] = [
        "cut",
        "stall",
        "delay",
        "half open",
        "reset in the middle",
        "open connections held",
        "new connections held",
        "end told late",
        "upgrades blocked",
        "event streams blocked",
    ];

    /// The place of its name.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Cut => 0,
            Self::Stall => 1,
            Self::Delay { .. } => 2,
            Self::HalfOpen => 3,
            Self::Reset { .. } => 4,
            Self::HoldOpen => 5,
            Self::HoldNew => 6,
            Self::EndLate => 7,
            Self::BlockUpgrades => 8,
            Self::BlockEventStreams => 9,
        }
    }

    /// Whether it is there until the wire is restored; the others happen once.
    fn lasts(self) -> bool {
        !matches!(self, Self::HalfOpen | Self::Reset { .. } | Self::EndLate)
    }

    /// Whether a page comes through to the server while this lasts, sooner or later.
    fn lets_through(self) -> bool {
        match self {
            Self::Cut | Self::Stall | Self::HoldNew => false,
            // By another connection, or by another kind of one.
            Self::HoldOpen | Self::BlockUpgrades => SCRIPT_OWNS_ITS_LINK,
            Self::Delay { .. } | Self::HalfOpen | Self::Reset { .. } | Self::EndLate | Self::BlockEventStreams => true,
        }
    }
}

/// Draws one step after the other, so that each makes sense where it stands.
struct Draw {
    random: Random,
    lasting: Vec<Fault>,
    /// Steps that belong to the last one.
    ahead: VecDeque<Step>,
}

impl Draw {
    fn step(&mut self) -> Step {
        if let Some(step) = self.ahead.pop_front() {
            return step;
        }
        match self.random.of(0..=99) {
            0..=4 => Step::Burst(u32::try_from(self.random.of(5..=60)).unwrap()),
            5..=11 => Step::Pause(Duration::from_millis(self.random.of(1..=40))),
            // Long enough for a page to try again in the middle of what goes wrong.
            12 => Step::Pause(Duration::from_millis(self.random.of(40..=1000))),
            13..=32 => self.fault(),
            33..=42 if !self.lasting.is_empty() => {
                self.lasting.clear();
                Step::Restore
            }
            43..=54 if self.lasting.contains(&Fault::Cut) => Step::UntilNoticed,
            43..=54 if self.comes_through() => Step::UntilRight,
            _ => Step::Publish(self.publish()),
        }
    }

    fn comes_through(&self) -> bool {
        self.lasting.iter().all(|fault| fault.lets_through())
    }

    fn fault(&mut self) -> Step {
        let fault = match self.random.of(0..=9) {
            0 | 1 => Fault::Cut,
            2 => Fault::Stall,
            3 => Fault::Delay { most: Duration::from_millis(self.random.of(1..=50)), seed: self.random.number() },
            4 if SCRIPT_OWNS_ITS_LINK => Fault::HalfOpen,
            4 | 5 => Fault::Reset { percent: self.random.of(1..=99) },
            6 => self.random.pick(&[Fault::HoldOpen, Fault::HoldNew]),
            7 => Fault::EndLate,
            8 => Fault::BlockUpgrades,
            _ => Fault::BlockEventStreams,
        };
        let is_there = self.lasting.iter().any(|lasting| lasting.index() == fault.index());
        // Nothing more can happen to a wire that is cut.
        if self.lasting.contains(&Fault::Cut) || is_there {
            return Step::Publish(self.publish());
        }
        let is_settled = self.comes_through() && self.random.chance(40);
        self.ahead.push_back(Step::Fault(fault));
        if fault.lasts() {
            self.lasting.push(fault);
        } else {
            // It happens to what is on its way.
            let publish = self.publish();
            self.ahead.push_back(Step::Publish(publish));
        }
        // It happens to a page that is connected; else perhaps to one that is about to be.
        if is_settled { Step::UntilRight } else { Step::Publish(self.publish()) }
    }

    fn publish(&mut self) -> Publish {
        let number = u32::try_from(self.random.of(0..=120)).unwrap();
        match self.random.of(0..=9) {
            0 | 1 => Publish::Count(number),
            2 | 3 => Publish::Step(self.random.pick(&NAMES)),
            4 => Publish::RemoveStep(self.random.pick(&NAMES)),
            5 | 6 => Publish::Card { title: self.random.pick(&TITLES), count: number, rows: self.rows() },
            7 => Publish::Line(number),
            _ => Publish::Event,
        }
    }

    /// Some of the names, from anywhere in their order on.
    fn rows(&mut self) -> Vec<&'static str> {
        let first = usize::try_from(self.random.of(0..=5)).unwrap();
        let turned = NAMES.iter().cycle().skip(first).take(NAMES.len());
        turned.copied().filter(|_| self.random.chance(60)).collect()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Publish(publish) => writeln!(f, "  {publish:?}")?,
                Step::Fault(fault) => writeln!(f, "  {fault:?}")?,
                other => writeln!(f, "  {other:?}")?,
            }
        }
        Ok(())
    }
}

#[test]
fn a_seed_has_its_schedule() {
    assert_eq!(Schedule::of(7), Schedule::of(7));
    let many: Vec<Step> = (0..200).flat_map(|seed| Schedule::of(seed).steps).collect();
    let happens = |index: usize| many.iter().any(|step| matches!(step, Step::Fault(fault) if fault.index() == index));
    let missing: Vec<_> = (0..Fault::NAMES.len()).filter(|index| !happens(*index)).map(|index| Fault::NAMES[index]).collect();
    let expected: &[&str] = if SCRIPT_OWNS_ITS_LINK { &[] } else { &["half open"] };
    assert_eq!(missing, expected);
}
