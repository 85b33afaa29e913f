//! The built-in markup, state by state, against the files in `golden/markup`.
//!
//! Style sheets and users' own selectors rest on this markup, so a change of it is a decision: `UPDATE_GOLDEN=1 cargo test -p htmx-ws-tests --test
//! golden_markup` rewrites the files, and the difference shows in review.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use htmx_ws_components::{DomId, Overlay, ProgressBar, Status, StatusBadge, TimelineStep, Tone};

/// Every kind of status a view can be given, with a word that needs escaping.
enum Phase {
    Waiting,
    Running,
    Done,
    Cancelled,
    Failed(&'static str),
}

impl Status for Phase {
    fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Waiting => "Waiting".into(),
            Self::Running => "Running".into(),
            Self::Done => "Done".into(),
            Self::Cancelled => "Cancelled".into(),
            Self::Failed(reason) => format!("Failed: {reason}").into(),
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Waiting => Tone::Neutral,
            Self::Running => Tone::Info,
            Self::Done => Tone::Success,
            Self::Cancelled => Tone::Warning,
            Self::Failed(_) => Tone::Danger,
        }
    }

    fn is_active(&self) -> bool {
        matches!(self, Self::Running)
    }
}

const PHASES: [(&str, Phase); 5] = [
    ("waiting", Phase::Waiting),
    ("running", Phase::Running),
    ("done", Phase::Done),
    ("cancelled", Phase::Cancelled),
    ("failed", Phase::Failed("<no space & \"quota\">")),
];

const HOSTILE: &str = "\"><script>alert('x')</script>&amp;";

/// Compares what `render` writes with the golden file `name`, or rewrites the file.
#[track_caller]
fn check(name: &str, render: impl FnOnce(&mut String)) {
    let mut html = String::new();
    render(&mut html);
    html.push('\n');
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/markup").join(name).with_extension("html");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &html).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(html, golden, "{name} differs from its golden file; UPDATE_GOLDEN=1 rewrites it");
}

fn id(text: &str) -> DomId {
    DomId::new(text).unwrap()
}

#[test]
fn status_badges() {
    let id = id("server");
    for (name, phase) in &PHASES {
        check(&format!("status_badge_{name}"), |html| StatusBadge::new(&id, phase).render_to(html));
    }
    let badge = StatusBadge::new(&id, &Phase::Done).label(Some(&"Server 3")).title(Some(&"since Monday"));
    check("status_badge_label_and_title", |html| badge.render_to(html));
    check("status_badge_escaped", |html| badge.label(Some(&HOSTILE)).title(Some(&HOSTILE)).render_to(html));
}

#[test]
fn progress_bars() {
    let id = id("upload");
    for (name, value) in
        [("none", 0.0), ("some", 42.9), ("almost", 99.99), ("all", 100.0), ("below", -1.0), ("above", 101.0), ("nan", f64::NAN)]
    {
        check(&format!("progress_bar_{name}"), |html| ProgressBar::new(&id, Some(value)).render_to(html));
    }
    for tone in [Tone::Neutral, Tone::Info, Tone::Success, Tone::Warning, Tone::Danger] {
        check(&format!("progress_bar_{}", tone.as_str()), |html| ProgressBar::new(&id, Some(50.0)).tone(tone).render_to(html));
    }
    let bar = ProgressBar::new(&id, Some(3.0)).max(Some(8.0)).label(Some(&"report.pdf")).detail(Some(&"3 of 8 pages"));
    check("progress_bar_label_and_detail", |html| bar.render_to(html));
    check("progress_bar_max_unknown", |html| bar.max(None).render_to(html));
    check("progress_bar_escaped", |html| bar.label(Some(&HOSTILE)).detail(Some(&HOSTILE)).render_to(html));
}

#[test]
fn timeline_steps() {
    let id = id("step-1");
    for (name, phase) in &PHASES {
        check(&format!("timeline_step_{name}"), |html| TimelineStep::new(&id, &"Build", phase).render_to(html));
    }
    let step = TimelineStep::new(&id, &"Build", &Phase::Running);
    check("timeline_step_detail", |html| step.detail(Some(&"3 of 9 crates")).render_to(html));
    let step = TimelineStep::new(&id, &HOSTILE, &Phase::Running).detail(Some(&HOSTILE));
    check("timeline_step_escaped", |html| step.render_to(html));
}

#[test]
fn overlays() {
    let id = id("scan");
    let overlay = |open| Overlay::new(&id, open, &"Looking for files");
    check("overlay_closed", |html| overlay(false).message(Some(&"src")).stat("Files found", &7).render_to(html));
    check("overlay_title", |html| overlay(true).render_to(html));
    check("overlay_message", |html| overlay(true).message(Some(&"src/lib.rs")).render_to(html));
    check("overlay_stats", |html| overlay(true).stat("Files found", &7).stat("Size", &"3 MB").render_to(html));
    let hostile = Overlay::new(&id, true, &HOSTILE).message(Some(&HOSTILE)).stat("<b>", &HOSTILE);
    check("overlay_escaped", |html| hostile.render_to(html));
}
