//! How far the release is: everything about a tick that can be computed from it.

use htmx_ws_components::Tone;

use crate::release::world::ROUND;

/// The ticks of a round that the release waits for a machine, and that it is done at.
const BEGINS: u32 = 6;
const ENDS: u32 = 80;

/// The ticks that a cache is warm at, until the next round.
const WARM: u32 = 92;

/// Where a piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Not begun.
    Waiting,
    /// Going on.
    Running,
    /// Behind us.
    Done,
}

impl Stage {
    fn of(now: u32, begins: u32, ends: u32) -> Self {
        if now < begins {
            Self::Waiting
        } else if now < ends {
            Self::Running
        } else {
            Self::Done
        }
    }
}

/// One step of the release.
#[derive(Debug)]
pub struct Step {
    /// Its place among the others, from 0.
    pub key: u32,
    /// What it is called.
    pub title: &'static str,
    /// What there is to do in it.
    pub detail: &'static str,
    /// Where it is.
    pub stage: Stage,
}

/// The release at one tick.
#[derive(Debug)]
pub struct Rollout {
    /// Where it is.
    pub stage: Stage,
    /// How far it is; `None`: it has not begun.
    pub done: Option<u32>,
    /// What `done` is at the end.
    pub of: u32,
    /// How many others wait before it.
    pub queue: u32,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// When each step begins; it ends where the next one does.
const STEPS: [(u32, &str, &str); 4] = [
    (BEGINS, "Build", "214 crates"),
    (30, "Test", "1,204 tests"),
    (54, "Upload", "38.2 MB to 5 servers"),
    (73, "Switch over", "Without a request lost"),
];

impl Rollout {
    /// The release at this tick.
    pub fn at(tick: u32) -> Self {
        let now = tick % ROUND;
        let ends = STEPS.iter().skip(1).map(|(begins, ..)| *begins).chain([ENDS]);
        let steps = STEPS.iter().zip(ends).zip(0..).map(|((&(begins, title, detail), ends), key)| Step {
            key,
            title,
            detail,
            stage: Stage::of(now, begins, ends),
        });
        Self {
            stage: Stage::of(now, BEGINS, ENDS),
            done: now.checked_sub(BEGINS),
            of: ENDS - BEGINS,
            queue: BEGINS.saturating_sub(now),
            steps: steps.collect(),
        }
    }
}

/// What a check of the release has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It has not ended.
    None(Stage),
    /// All is well.
    Passed,
    /// Something needs a look, so often.
    Remarks(u32),
    /// It does not work.
    Failed,
    /// Nobody looked.
    Skipped,
}

/// The checks: what they are called, and what they have found.
pub fn checks(tick: u32) -> [(&'static str, Finding); 6] {
    let now = tick % ROUND;
    let found = |begins, ends, finding| match Stage::of(now, begins, ends) {
        Stage::Done => finding,
        stage => Finding::None(stage),
    };
    [
        ("Unit tests", found(BEGINS, 48, Finding::Passed)),
        ("Smoke tests", found(54, ENDS, Finding::Passed)),
        ("Accessibility", found(20, 36, Finding::Passed)),
        ("Advisories", found(10, 30, Finding::Remarks(2))),
        ("Build for Windows", found(12, 40, Finding::Failed)),
        ("Translations", Finding::Skipped),
    ]
}

/// A file on its way to the downloads.
#[derive(Debug, Clone, Copy)]
pub struct Upload {
    /// What it is for.
    pub target: &'static str,
    /// How far it is of 100; `None`: nobody knows.
    pub percent: Option<u32>,
    /// What there is to say about it.
    pub detail: &'static str,
    /// Whether that is good.
    pub tone: Tone,
}

/// The files that are uploaded.
pub fn uploads(tick: u32) -> [Upload; 4] {
    let now = tick % ROUND;
    let upload = |target, percent: u32| match percent {
        0 => Upload { target, percent: Some(0), detail: "Waits for its build", tone: Tone::Neutral },
        1..100 => Upload { target, percent: Some(percent), detail: "7.6 MB, signed", tone: Tone::Info },
        _ => Upload { target, percent: Some(100), detail: "Can be downloaded", tone: Tone::Success },
    };
    let apple = match now {
        0..50 => upload("macOS, arm64", 0),
        50..84 => Upload { percent: None, detail: "Waits for the notary", ..upload("macOS, arm64", 50) },
        _ => upload("macOS, arm64", 100),
    };
    let windows = match now {
        0..40 => upload("Windows, x86-64", now.saturating_sub(20) * 2),
        _ => Upload { detail: "Stopped, its build has failed", tone: Tone::Danger, ..upload("Windows, x86-64", 38) },
    };
    [upload("Linux, x86-64", now.saturating_sub(20) * 3), upload("Linux, arm64", (now.saturating_sub(24) * 2).min(100)), apple, windows]
}

/// The caches at the edge, which are filled before readers come.
#[derive(Debug, Clone, Copy)]
pub struct Warming {
    /// Whether it goes on.
    pub is_open: bool,
    /// How far it is of 100.
    pub percent: u32,
    /// The file in hand.
    pub file: &'static str,
    /// How many files are there, and how large they are.
    pub files: u32,
    /// In tenths of a megabyte.
    pub size: u32,
}

/// The caches at this tick.
pub fn warming(tick: u32) -> Warming {
    const FILES: [&str; 6] = [
        "fonts/inter-roman.woff2",
        "img/catalogue/0412.avif",
        "css/app-9f31c2.css",
        "js/cart-77ab01.js",
        "img/hero/4.1.avif",
        "search/index-04.bin",
    ];
    let done = (tick % ROUND).min(WARM);
    let file = FILES.iter().cycle().nth(usize::try_from(done).unwrap_or(0)).copied().unwrap_or_default();
    Warming { is_open: done < WARM, percent: done * 100 / WARM, file, files: done * 13 + done % 7, size: done * 4 + done % 3 }
}

/// How much of what readers ask for each place has by itself, once it is warm.
pub const HITS: [(&str, &str); 5] =
    [("Frankfurt", "96 %"), ("Dublin", "94 %"), ("Virginia", "97 %"), ("Tokyo", "91 %"), ("São Paulo", "89 %")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_goes_through_every_stage() {
        use Stage::{Done, Running, Waiting};
        let stages = |tick| Rollout::at(tick).steps.iter().map(|step| step.stage).collect::<Vec<_>>();
        assert_eq!(stages(0), [Waiting; 4]);
        assert_eq!(stages(BEGINS), [Running, Waiting, Waiting, Waiting]);
        assert_eq!(stages(60), [Done, Done, Running, Waiting]);
        assert_eq!(stages(ENDS), [Done; 4]);
    }

    #[test]
    fn in_the_middle_of_a_round_there_is_something_of_everything() {
        let tones = |tick| uploads(tick).map(|upload| upload.tone);
        assert_eq!(tones(57), [Tone::Success, Tone::Info, Tone::Info, Tone::Danger]);
        assert!(uploads(57).iter().any(|upload| upload.percent.is_none()));
        let findings = checks(57).map(|(_, finding)| finding);
        assert!(findings.contains(&Finding::Passed) && findings.contains(&Finding::None(Stage::Running)));
        assert!(warming(57).is_open && !warming(95).is_open);
    }
}
