//! A bad line, for those who develop on a good one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A bad line between a hub and its pages, **for development**: see what an application is like on a train. Nothing is simulated unless it is asked for, with
/// [`Hub::simulate`](crate::Hub::simulate) or in the [inspector](crate::Hub::inspector).
///
/// Nothing gets lost by it that would not get lost on such a line: a page resumes where it was.
///
/// ```
/// use std::time::Duration;
/// use htmx_ws_components::{Hub, Simulation};
///
/// let hub = Hub::new();
/// hub.simulate(Simulation::OFF.latency(Duration::from_millis(300)).drops(0.02));
/// assert!(hub.simulation().is_on());
/// hub.simulate(Simulation::OFF);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simulation {
    latency_ms: u32,
    drops_per_million: u32,
}

impl Simulation {
    /// A line as it is.
    pub const OFF: Self = Self { latency_ms: 0, drops_per_million: 0 };

    /// The longest latency: above, a page could not be told from one that is stuck.
    pub const MAX_LATENCY: Duration = Duration::from_secs(10);

    /// The greatest probability: with more, hardly a page gets anywhere.
    pub const MAX_DROPS: f64 = 0.5;

    /// What has changed is sent so much later, in whole milliseconds, [`Simulation::MAX_LATENCY`] at the most. What browsers send is not delayed.
    pub fn latency(self, latency: Duration) -> Self {
        let latency = latency.min(Self::MAX_LATENCY);
        Self { latency_ms: u32::try_from(latency.as_millis()).unwrap_or_default(), ..self }
    }

    /// The probability that the connection breaks, without a word, where a frame is to be sent: from 0 to [`Simulation::MAX_DROPS`]. What is no number is 0.
    pub fn drops(self, probability: f64) -> Self {
        let probability = if probability.is_nan() { 0.0 } else { probability.clamp(0.0, Self::MAX_DROPS) };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 500,000")]
        let drops_per_million = (probability * MILLION).round() as u32;
        Self { drops_per_million, ..self }
    }

    /// Whether anything is simulated.
    pub fn is_on(self) -> bool {
        self != Self::OFF
    }

    /// How much later it is sent.
    pub fn delay(self) -> Duration {
        Duration::from_millis(self.latency_ms.into())
    }

    /// The probability that a connection breaks at a frame.
    pub fn drop_probability(self) -> f64 {
        f64::from(self.drops_per_million) / MILLION
    }
}

const MILLION: f64 = 1e6;

/// What is simulated at the moment, read by every connection.
#[derive(Debug, Default)]
pub(crate) struct Simulated {
    latency_ms: AtomicU32,
    drops_per_million: AtomicU32,
}

impl Simulated {
    pub(crate) fn set(&self, simulation: Simulation) {
        self.latency_ms.store(simulation.latency_ms, Ordering::Relaxed);
        self.drops_per_million.store(simulation.drops_per_million, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Simulation {
        let (latency_ms, drops_per_million) = (self.latency_ms.load(Ordering::Relaxed), self.drops_per_million.load(Ordering::Relaxed));
        Simulation { latency_ms, drops_per_million }
    }

    pub(crate) fn delay(&self) -> Duration {
        self.get().delay()
    }

    /// Whether the connection breaks now.
    pub(crate) fn drops(&self) -> bool {
        let drops = self.drops_per_million.load(Ordering::Relaxed);
        // Without a random number there is no accident.
        drops > 0 && getrandom::u32().is_ok_and(|random| random % 1_000_000 < drops)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_simulated_is_bounded() {
        let wild = Simulation::OFF.latency(Duration::MAX).drops(7.0);
        assert_eq!((wild.delay(), wild.drop_probability().to_bits()), (Simulation::MAX_LATENCY, Simulation::MAX_DROPS.to_bits()));
        assert_eq!(Simulation::OFF.drops(f64::NAN).drops(-1.0).latency(Duration::from_micros(999)), Simulation::OFF);
    }

    #[test]
    fn about_as_many_drop_as_asked_for() {
        let simulated = Simulated::default();
        assert!((0..1000).all(|_| !simulated.drops()));
        simulated.set(Simulation::OFF.drops(0.25));
        let dropped = (0..4000).filter(|_| simulated.drops()).count();
        // Eight standard deviations.
        assert!((780..=1220).contains(&dropped), "{dropped} of 4000");
    }
}
