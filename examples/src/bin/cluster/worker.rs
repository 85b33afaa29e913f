//! What a node does, and remembers of it: nobody else writes what its lane shows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use htmx_ws_components::{Hub, ToPatch};

use crate::primes;
use crate::view::{Badge, Phase, Progress, Said, Shared, Step, StepState, TOPIC};

/// The job has so many steps, each of so many numbers.
pub(crate) const STEPS: u64 = 5;
pub(crate) const NUMBERS_OF_A_STEP: u64 = 4_000_000;
/// A piece is shown when it is done: some ten times a second, with the pause.
const NUMBERS_OF_A_PIECE: u64 = 100_000;
const PAUSE: Duration = Duration::from_millis(60);
/// What a node said before is of no interest.
const LINES: usize = 4;

/// A node at its work.
#[derive(Debug)]
pub(crate) struct Worker {
    node: usize,
    hub: Hub,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    job: Job,
    said: VecDeque<(SystemTime, String)>,
}

/// How far the job is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Job {
    pub(crate) phase: Phase,
    /// All numbers below this have been looked at.
    pub(crate) looked_at: u64,
    /// The primes among them, for each step that has begun.
    pub(crate) found: Vec<u64>,
}

impl Job {
    pub(crate) fn state_of(&self, step: u64) -> StepState {
        let (begin, end) = (step * NUMBERS_OF_A_STEP, (step + 1) * NUMBERS_OF_A_STEP);
        match self.phase {
            _ if self.looked_at >= end => StepState::Done,
            Phase::Working if self.looked_at >= begin => StepState::Running,
            Phase::Ready | Phase::Working | Phase::Done | Phase::Away => StepState::Waiting,
        }
    }
}

impl Worker {
    pub(crate) fn new(node: usize, hub: Hub) -> Self {
        let memory = Memory { job: Job::default(), said: VecDeque::from([(SystemTime::now(), "Began".to_owned())]) };
        Self { node, hub, memory: Mutex::new(memory) }
    }

    pub(crate) fn node(&self) -> usize {
        self.node
    }

    pub(crate) fn job(&self) -> Job {
        self.lock().job.clone()
    }

    /// Publishes the whole lane: what it showed before is of a process that is gone.
    pub(crate) fn show(&self) {
        let job = self.job();
        self.publish(&Badge::of(self.node, &job));
        self.publish(&Progress::of(self.node, &job));
        (0..STEPS).for_each(|step| self.publish(&Step::of(self.node, step, &job)));
        self.publish(&self.said());
    }

    pub(crate) fn said(&self) -> Said {
        Said { node: self.node, lines: self.lock().said.iter().cloned().collect() }
    }

    /// Begins the job, unless it is being done.
    pub(crate) fn start(self: &Arc<Self>) {
        if std::mem::replace(&mut self.lock().job, Job { phase: Phase::Working, ..Job::default() }).phase == Phase::Working {
            return;
        }
        self.say("Began a job".to_owned());
        self.show();
        tokio::spawn(Arc::clone(self).work());
    }

    pub(crate) fn set_counter(&self, count: u64) {
        self.publish(&Shared { count, node: Some(self.node) });
        self.say(format!("Set the counter to {count}"));
    }

    /// Says that it goes: the other nodes' pages show that.
    pub(crate) fn stop(&self) {
        self.lock().job.phase = Phase::Away;
        self.say("Was stopped".to_owned());
        self.show();
    }

    async fn work(self: Arc<Self>) {
        for step in 0..STEPS {
            self.lock().job.found.push(0);
            for piece in 0..NUMBERS_OF_A_STEP / NUMBERS_OF_A_PIECE {
                let begin = step * NUMBERS_OF_A_STEP + piece * NUMBERS_OF_A_PIECE;
                let counted = tokio::task::spawn_blocking(move || primes::count(begin..begin + NUMBERS_OF_A_PIECE)).await;
                if !self.take(begin + NUMBERS_OF_A_PIECE, counted.unwrap_or(0)) {
                    return;
                }
                self.publish(&Step::of(self.node, step, &self.job()));
                self.publish(&Progress::of(self.node, &self.job()));
                tokio::time::sleep(PAUSE).await;
            }
            self.say(format!("Finished step {} of {STEPS}", step + 1));
        }
        self.lock().job.phase = Phase::Done;
        self.show();
    }

    /// Remembers a piece; false when the node goes.
    fn take(&self, looked_at: u64, counted: u64) -> bool {
        let mut memory = self.lock();
        memory.job.looked_at = looked_at;
        memory.job.found.iter_mut().next_back().into_iter().for_each(|found| *found += counted);
        memory.job.phase == Phase::Working
    }

    fn say(&self, line: String) {
        let mut memory = self.lock();
        memory.said.push_front((SystemTime::now(), line));
        memory.said.truncate(LINES);
        drop(memory);
        self.publish(&self.said());
    }

    /// An error is told by the hub; the next state says all again.
    fn publish(&self, value: &impl ToPatch) {
        self.hub.publish(TOPIC, value);
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
