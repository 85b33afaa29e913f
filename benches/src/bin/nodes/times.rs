//! How long things took.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use crate::Failed;

/// The length of one turn.
pub(crate) const TURN: Duration = Duration::from_secs(2);

/// How long each of many things took, and all of them together.
#[derive(Debug, Default)]
pub(crate) struct Times {
    pub(crate) each: Vec<Duration>,
    pub(crate) all: Duration,
}

impl Times {
    /// What another turn took.
    pub(crate) fn add(&mut self, other: Self) {
        self.each.extend(other.each);
        self.all += other.all;
    }

    /// The name, the median, and what one in a hundred took.
    pub(crate) fn row(&self, name: &str) -> Vec<String> {
        let mut sorted = self.each.clone();
        sorted.sort_unstable();
        let at = |share: usize| sorted.get(sorted.len() * share / 100).copied().unwrap_or_default().as_micros().to_string();
        vec![name.to_owned(), at(50), at(99)]
    }

    #[expect(clippy::cast_precision_loss, reason = "some hundred thousands")]
    pub(crate) fn rate(&self) -> f64 {
        self.each.len() as f64 / self.all.as_secs_f64()
    }
}

/// As many times as there is time for, by so many at once, each one thing behind the other.
pub(crate) async fn repeat(at_once: usize, what: impl AsyncFn(usize, usize) -> Result<(), Failed>) -> Result<Times, Failed> {
    let began = Instant::now();
    let one = async |task: usize| {
        let mut times = Vec::new();
        while began.elapsed() < TURN {
            let start = Instant::now();
            what(task, times.len()).await?;
            times.push(start.elapsed());
        }
        Ok::<_, Failed>(times)
    };
    let each = try_join_all((0..at_once).map(one)).await?.concat();
    Ok(Times { each, all: began.elapsed() })
}
