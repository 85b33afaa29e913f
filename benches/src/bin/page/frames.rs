//! What a page has noted of its frames, and what follows from it.

use std::time::{Duration, Instant};

use htmx_ws_tests::browser::Tab;
use serde_json::json;

/// Frames that come later than this behind the one before are those that a user sees as a halt.
const LONG_MILLIS: f64 = 50.0;

/// A frame of the animation: when it was, and the publish times of the newest and of the oldest component that it shows; in milliseconds since 1970.
type Frame = (f64, f64, f64);

/// The frames of one measurement.
pub(crate) struct Frames {
    all: Vec<Frame>,
    /// The parts of the time that the page's thread was at work, and that it found out how the page looks.
    busy: f64,
    style: f64,
}

/// What the page's thread has done so far, in seconds.
struct Work {
    busy: f64,
    style: f64,
}

impl Work {
    async fn of(tab: &Tab) -> Self {
        let answer = tab.cdp("Performance.getMetrics", json!({})).await;
        let seconds = |name: &str| {
            let metrics = answer["metrics"].as_array().into_iter().flatten();
            metrics.filter(|metric| metric["name"] == name).find_map(|metric| metric["value"].as_f64()).unwrap_or(0.0)
        };
        Self { busy: seconds("TaskDuration"), style: seconds("LayoutDuration") + seconds("RecalcStyleDuration") }
    }
}

impl Frames {
    /// Has the page note its frames from now on.
    pub(crate) async fn note(tab: &Tab) {
        // Processor time: what other programs take of the machine does not count.
        tab.cdp("Performance.enable", json!({ "timeDomain": "threadTicks" })).await;
        tab.eval::<bool>(include_str!("probe.js")).await;
    }

    /// The frames of so long, behind the first sixty.
    pub(crate) async fn of(tab: &Tab, lasting: Duration) -> Self {
        tab.wait_until("the first frames are there", "noted.length > 60").await;
        let (before, began) = (Work::of(tab).await, Instant::now());
        let started: usize = tab.eval("noted.length").await;
        tokio::time::sleep(lasting).await;
        let (after, took) = (Work::of(tab).await, began.elapsed().as_secs_f64());
        let mut all: Vec<Frame> = tab.eval(&format!("noted.slice({started})")).await;
        let end = all.first().map_or(0.0, |frame| frame.0) + lasting.as_secs_f64() * 1e3;
        all.retain(|frame| frame.0 <= end);
        Self { all, busy: (after.busy - before.busy) / took, style: (after.style - before.style) / took }
    }

    /// How many there were in a second.
    pub(crate) fn rate(&self) -> f64 {
        let (Some(first), Some(last)) = (self.all.first(), self.all.last()) else { return 0.0 };
        count(self.all.len().saturating_sub(1)) / ((last.0 - first.0) / 1e3).max(f64::MIN_POSITIVE)
    }

    /// How many there were in that second, of any, that had the fewest.
    pub(crate) fn worst_second(&self) -> usize {
        let Some(last) = self.all.last() else { return 0 };
        let seconds = self.all.iter().filter(|from| from.0 + 1e3 <= last.0);
        seconds.map(|from| self.all.iter().filter(|frame| (from.0..from.0 + 1e3).contains(&frame.0)).count()).min().unwrap_or(0)
    }

    /// How many came late.
    pub(crate) fn long(&self) -> usize {
        self.all.windows(2).filter(|pair| pair[1].0 - pair[0].0 > LONG_MILLIS).count()
    }

    /// The part of the time that the page's thread was at work.
    pub(crate) fn busy(&self) -> f64 {
        self.busy
    }

    /// The part of the time that it took for style and layout.
    pub(crate) fn style(&self) -> f64 {
        self.style
    }

    /// How old, in milliseconds, the newest publish is that each frame shows.
    pub(crate) fn newest(&self) -> Ages {
        Ages::of(self.all.iter().map(|frame| frame.0 - frame.1))
    }

    /// How old the component is that is furthest behind.
    pub(crate) fn oldest(&self) -> Ages {
        Ages::of(self.all.iter().map(|frame| frame.0 - frame.2))
    }
}

/// In ascending order.
pub(crate) struct Ages(Vec<f64>);

impl Ages {
    fn of(ages: impl Iterator<Item = f64>) -> Self {
        let mut ages: Vec<f64> = ages.collect();
        ages.sort_by(f64::total_cmp);
        Self(ages)
    }

    /// The one below which so many in a hundred are.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(index).copied().unwrap_or(f64::NAN)
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halt_is_seen_in_the_rate_and_in_its_second() {
        // Sixty a second for two seconds, with a halt of half a second in between.
        let frames = (0..120).map(|n| f64::from(n) * 1e3 / 60.0 + if n < 60 { 0.0 } else { 500.0 });
        let frames = Frames { all: frames.map(|at| (at, at - 5.0, at - 25.0)).collect(), busy: 0.0, style: 0.0 };
        assert_eq!((frames.rate().round(), frames.worst_second(), frames.long()), (48.0, 30, 1));
        assert_eq!((frames.newest().percentile(50).round(), frames.oldest().percentile(99).round()), (5.0, 25.0));
    }

    #[test]
    fn without_a_frame_there_is_no_rate() {
        let frames = Frames { all: Vec::new(), busy: 0.0, style: 0.0 };
        assert_eq!((frames.rate(), frames.worst_second(), frames.long()), (0.0, 0, 0));
        assert!(frames.newest().percentile(99).is_nan());
    }
}
