//! What goes on by itself: some servers, and a release that goes round and round.

use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use htmx_ws_components::{Hub, InvalidDomId, LogTail, Patch, Tone};

use crate::release::theme::Theme;

/// Slow enough to read, fast enough to be alive.
const TICK: Duration = Duration::from_millis(400);

/// Ticks of one release, from waiting for a machine to a rest at its end.
pub const ROUND: u32 = 100;

/// The tick that a new world is at: in the middle of a deployment, with something to see everywhere.
const START: u32 = 4 * ROUND + 57;

const LOG_LINES: usize = 40;

/// Everything that changes. What can be computed from the tick is.
#[derive(Debug)]
pub struct World {
    /// The time.
    pub tick: u32,
    /// How many requests were ever answered.
    pub requests: u64,
    /// What the servers have written.
    pub log: LogTail,
    /// What the views wear.
    pub theme: Theme,
}

/// Publishes the world as it is now, and what its log has to say.
pub type Publish = fn(&Hub, &World, &[Patch]) -> Result<(), InvalidDomId>;

impl World {
    /// A world with a past.
    ///
    /// # Errors
    /// An id of ours is none.
    pub fn new(theme: Theme) -> Result<Self, InvalidDomId> {
        let log = LogTail::new("live-log", "Log of the servers", LOG_LINES)?.quiet().classes(theme.log);
        let mut world = Self { tick: START - 60, requests: 1_284_907, log, theme };
        while world.tick < START {
            // Nobody is there to see it.
            let _ = world.advance();
        }
        Ok(world)
    }

    /// One tick more. Answers with what it means for the log's readers.
    pub fn advance(&mut self) -> Vec<Patch> {
        self.tick += 1;
        self.requests += 31 + u64::from(self.tick * 7_919 % 53);
        let tick = self.tick;
        let Some((level, tone, text)) = event(tick) else { return Vec::new() };
        let classes = self.theme.line;
        self.log.push(text, |line| line.time(clock(tick)).level(level, tone).classes(classes))
    }
}

/// Lets the world go on, and publishes what has changed, until the task is dropped.
pub async fn run(hub: Hub, world: Arc<Mutex<World>>, publish: Publish) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        let mut world = lock(&world);
        let lines = world.advance();
        if let Err(error) = publish(&hub, &world, &lines) {
            eprintln!("{error}");
        }
    }
}

/// The world, also after a panic: it has no rule that half a tick could break.
pub fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last `count` values of a course, the oldest first.
pub fn history(tick: u32, count: u32, course: impl Fn(u32) -> f64) -> impl Iterator<Item = f64> {
    (tick.saturating_sub(count - 1)..=tick).map(course)
}

/// Of all servers together.
pub fn requests_per_second(tick: u32) -> f64 {
    148.0 + 34.0 * wave(tick, 61) + 14.0 * wave(tick, 23) + 9.0 * wave(tick, 5)
}

/// Of nineteen answers in twenty.
pub fn latency_ms(tick: u32) -> f64 {
    42.0 + 9.0 * wave(tick + 20, 47) + 6.0 * wave(tick, 11) + 3.0 * wave(tick, 3)
}

/// Of all answers.
pub fn errors_percent(tick: u32) -> f64 {
    0.46 + 0.15 * wave(tick + 9, 37) + 0.07 * wave(tick, 7)
}

/// The load of a server, from 0 to 1.
pub fn load(server: u32, tick: u32) -> f64 {
    let tick = tick + server * 29;
    (0.55 + 0.24 * wave(tick, 53 + server) + 0.13 * wave(tick, 13) + 0.06 * wave(tick, 4)).clamp(0.02, 1.0)
}

fn wave(tick: u32, period: u32) -> f64 {
    (f64::from(tick % period) / f64::from(period) * TAU).sin()
}

fn clock(tick: u32) -> String {
    let seconds = 43_200 + tick * 2 / 5;
    format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
}

/// What a tick leaves in the log.
fn event(tick: u32) -> Option<(&'static str, Tone, String)> {
    let info = |text: &str| Some(("info", Tone::Info, text.to_owned()));
    match tick % ROUND {
        6 => info("deploy: building 214 crates"),
        30 => info("deploy: 1,204 tests, 0 failures"),
        40 => Some(("info", Tone::Success, "web-5 joined the pool".to_owned())),
        54 => info("deploy: uploading 38.2 MB"),
        66 => Some(("warn", Tone::Warning, "web-2: 91 % of its memory is in use".to_owned())),
        73 => info("deploy: switching over"),
        80 => Some(("info", Tone::Success, "deploy: release 4.1 is live".to_owned())),
        88 => Some(("error", Tone::Danger, "web-5: connection reset by peer".to_owned())),
        89 => info("web-5 left the pool"),
        round if round % 4 == 0 => {
            let path = ["/orders", "/", "/search?q=shoes", "/cart", "/orders/7731"].get(usize::try_from(tick / 4 % 5).ok()?)?;
            Some(("info", Tone::Neutral, format!("GET {path} 200 in {:.0} ms", latency_ms(tick))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_course_stays_where_it_belongs() {
        for tick in 0..1_000 {
            assert!((50.0..250.0).contains(&requests_per_second(tick)) && (10.0..80.0).contains(&latency_ms(tick)));
            assert!((0.0..1.0).contains(&errors_percent(tick)));
            assert!((0..6).all(|server| (0.0..=1.0).contains(&load(server, tick))));
        }
    }

    #[test]
    fn a_history_ends_now() {
        assert_eq!(history(3, 2, f64::from).collect::<Vec<_>>(), [2.0, 3.0]);
        assert_eq!(history(0, 2, f64::from).collect::<Vec<_>>(), [0.0]);
    }

    #[test]
    fn a_new_world_has_something_to_show() {
        let world = World::new(Theme::BUILT_IN).unwrap();
        assert_eq!(world.tick, START);
        assert!(world.log != LogTail::new("live-log", "Log of the servers", LOG_LINES).unwrap().quiet());
    }
}
