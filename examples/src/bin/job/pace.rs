//! Holds back what changes thousands of times a second, so that it is shown some twenty times.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::job::Change;

/// How often figures are shown: often enough to glide.
const EVERY: Duration = Duration::from_millis(50);

/// Changes that wait for their time. What is not a figure does not wait.
#[derive(Debug)]
pub(crate) struct Pace {
    shown: Instant,
    waiting: BTreeSet<Change>,
}

impl Pace {
    /// Nothing waits, and figures are due in [`EVERY`].
    pub(crate) fn new(now: Instant) -> Self {
        Self { shown: now, waiting: BTreeSet::new() }
    }

    /// Takes changes, and gives those that are to be shown now.
    pub(crate) fn take(&mut self, changes: Vec<Change>, now: Instant) -> Vec<Change> {
        let mut due = Vec::new();
        for change in changes {
            match change {
                Change::Figures | Change::StepFigures(_) => _ = self.waiting.insert(change),
                Change::Step(index) => {
                    // A step is shown whole.
                    self.waiting.remove(&Change::StepFigures(index));
                    due.push(change);
                }
                Change::Phase => {
                    self.waiting.remove(&Change::Figures);
                    due.push(change);
                }
                Change::Cleared { .. } => {
                    self.waiting.clear();
                    due.push(change);
                }
            }
        }
        if now.duration_since(self.shown) >= EVERY {
            due.extend(std::mem::take(&mut self.waiting));
            self.shown = now;
        }
        due
    }

    /// How long what waits may wait on; `None` when nothing does.
    pub(crate) fn patience(&self, now: Instant) -> Option<Duration> {
        (!self.waiting.is_empty()).then(|| EVERY.saturating_sub(now.duration_since(self.shown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_wait_and_are_shown_once() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        assert_eq!(pace.patience(begin), None);
        for _ in 0..1000 {
            assert_eq!(pace.take(vec![Change::StepFigures(2), Change::Figures], begin), []);
        }
        assert_eq!(pace.patience(begin + EVERY / 2), Some(EVERY / 2));
        assert_eq!(pace.take(vec![], begin + EVERY), [Change::StepFigures(2), Change::Figures]);
        assert_eq!(pace.patience(begin + EVERY), None);
    }

    #[test]
    fn a_state_is_shown_at_once_and_with_it_its_figures() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        pace.take(vec![Change::StepFigures(1), Change::StepFigures(2), Change::Figures], begin);
        assert_eq!(pace.take(vec![Change::Step(1), Change::Phase], begin), [Change::Step(1), Change::Phase]);
        assert_eq!(pace.take(vec![], begin + EVERY), [Change::StepFigures(2)]);
    }

    #[test]
    fn nothing_of_a_run_is_shown_in_the_next() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        pace.take(vec![Change::StepFigures(1)], begin);
        assert_eq!(pace.take(vec![Change::Cleared { steps: 2 }], begin + EVERY), [Change::Cleared { steps: 2 }]);
    }
}
