//! Times of candidates that run in turn.

use std::time::{Duration, Instant};

/// How often every candidate runs. Odd, so that the median is a time that was measured.
const ROUNDS: usize = 2001;

/// How long one candidate runs in one round: long beside the clock's own cost, short beside what a scheduler gives to another process.
const TURN: Duration = Duration::from_micros(50);

/// Something to measure.
pub struct Candidate {
    /// Runs it as often as it is told to.
    run: Box<dyn FnMut(u32)>,
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate").finish_non_exhaustive()
    }
}

impl Candidate {
    /// A candidate that is run by calling `once`. The loop stands in here, so that the call through the box is no part of what is measured.
    pub fn new(mut once: impl FnMut() + 'static) -> Self {
        Self {
            run: Box::new(move |times| {
                for _ in 0..times {
                    once();
                }
            }),
        }
    }

    /// Runs it so often.
    pub fn run(&mut self, times: u32) {
        (self.run)(times);
    }

    /// What it takes to run it so often.
    pub fn time(&mut self, times: u32) -> Duration {
        let start = Instant::now();
        self.run(times);
        start.elapsed()
    }

    /// How often it runs in a turn.
    fn times_in_turn(&mut self) -> u32 {
        let mut times = 1;
        while self.time(times) < TURN && times < u32::MAX / 2 {
            times *= 2;
        }
        times
    }
}

/// What one run of each candidate took in each round, in nanoseconds.
#[derive(Debug)]
pub struct Times(Vec<Vec<f64>>);

impl Times {
    /// Runs the candidates.
    pub fn measure(candidates: &mut [Candidate]) -> Self {
        let times: Vec<u32> = candidates.iter_mut().map(Candidate::times_in_turn).collect();
        let mut measured = vec![Vec::with_capacity(ROUNDS); candidates.len()];
        for round in 0..ROUNDS {
            for place in 0..candidates.len() {
                // Each round begins with another one: what runs behind whom is not the same twice.
                let place = (place + round) % candidates.len();
                let took = candidates[place].time(times[place]);
                measured[place].push(took.as_secs_f64() * 1e9 / f64::from(times[place]));
            }
        }
        Self(measured)
    }

    /// The median of the candidate at this place.
    pub fn median(&self, place: usize) -> f64 {
        median(self.0[place].clone())
    }

    /// How many times as long as the other candidate this one took. The two are compared in each round: a machine that is slow for half of the time
    /// moves the two medians, but not their relation.
    pub fn ratio(&self, place: usize, other: usize) -> f64 {
        median(self.0[place].iter().zip(&self.0[other]).map(|(time, other)| time / other).collect())
    }
}

/// The value in the middle.
///
/// # Panics
/// Where there are no values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "it is one of those given")]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 1000.0, 2.0, 0.5]), 2.0);
    }
}
