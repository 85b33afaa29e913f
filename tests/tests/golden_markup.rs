//! The built-in markup, state by state, against the files in `golden/markup`.
//!
//! Style sheets and users' own selectors rest on this markup, so a change of it is a decision: `UPDATE_GOLDEN=1 cargo test -p htmx-ws-tests --test
//! golden_markup` rewrites the files, and the difference shows in review.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::fs;
use std::path::PathBuf;

use htmx_ws_components::{
    Class, ConnectionState, ConnectionStateClasses, DomId, LiveCounter, LogLine, LogTail, Overlay, OverlayClasses, ProgressBar,
    ProgressBarClasses, ReaderList, Sparkline, SparklineClasses, Stat, Status, StatusBadge, StatusBadgeClasses, TableRow, TimelineStep,
    TimelineStepClasses, Toast, ToastClasses, ToastList, Tone, Trend,
};

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

/// A status with a sign of its own.
struct Signed(&'static str);

impl Status for Signed {
    fn label(&self) -> Cow<'_, str> {
        "Deployed".into()
    }

    fn tone(&self) -> Tone {
        Tone::Success
    }

    fn icon(&self) -> Option<&str> {
        Some(self.0)
    }
}

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
    check("status_badge_icon", |html| StatusBadge::new(&id, &Signed("🚀")).render_to(html));
    check("status_badge_icon_escaped", |html| StatusBadge::new(&id, &Signed(HOSTILE)).render_to(html));
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
    check("timeline_step_icon", |html| TimelineStep::new(&id, &"Build", &Signed("🚀")).render_to(html));
    check("timeline_step_order", |html| TimelineStep::new(&id, &"Build", &Phase::Waiting).order(Some(3)).render_to(html));
    check("timeline_step_detail", |html| step.detail(Some(&"3 of 9 crates")).render_to(html));
    let step = TimelineStep::new(&id, &HOSTILE, &Phase::Running).detail(Some(&HOSTILE));
    check("timeline_step_escaped", |html| step.render_to(html));
}

#[test]
fn overlays() {
    let id = id("scan");
    let overlay = |open| Overlay::new(&id, open, &"Looking for files");
    check("overlay_closed", |html| overlay(false).message(Some(&"src")).stats(&[("Files found", &7)]).render_to(html));
    check("overlay_title", |html| overlay(true).render_to(html));
    check("overlay_message", |html| overlay(true).message(Some(&"src/lib.rs")).render_to(html));
    check("overlay_stats", |html| overlay(true).stats(&[("Files found", &7), ("Size", &"3 MB")]).render_to(html));
    check("overlay_progress", |html| overlay(true).progress(Some(40.0)).render_to(html));
    check("overlay_dismiss", |html| overlay(true).dismiss(Some(&"Hide")).render_to(html));
    let hostile = Overlay::new(&id, true, &HOSTILE).message(Some(&HOSTILE)).dismiss(Some(&HOSTILE)).stats(&[("<b>", &HOSTILE)]);
    check("overlay_escaped", |html| hostile.render_to(html));
}

#[test]
fn stats() {
    let stat = || Stat::new(id("visitors"), "Visitors", "4,213");
    check("stat", |html| stat().render_to(html));
    check("stat_unit", |html| stat().unit("a day").render_to(html));
    for trend in [Trend::Up, Trend::Down, Trend::Flat] {
        let stat = stat().trend(trend, "12 % since Monday").tone(Tone::Success);
        check(&format!("stat_{}", trend.as_str()), |html| stat.render_to(html));
    }
    let hostile = Stat::new(id("visitors"), HOSTILE, HOSTILE).unit(HOSTILE).trend(Trend::Up, HOSTILE).trend_word(HOSTILE);
    check("stat_escaped", |html| hostile.render_to(html));
}

#[test]
fn live_counters() {
    let counter = |count| LiveCounter::new(id("orders"), "orders today", count);
    check("live_counter", |html| counter(12_345).render_to(html));
    check("live_counter_announced", |html| counter(12_345).announce_every(1_000).tone(Tone::Info).render_to(html));
    check("live_counter_before_its_first_step", |html| counter(7).announce_every(1_000).render_to(html));
    let hostile = LiveCounter::new(id("orders"), HOSTILE, 1_000).separator('<').announce_every(1);
    check("live_counter_escaped", |html| hostile.render_to(html));
}

#[test]
fn sparklines() {
    let sparkline = |values: &[f64]| Sparkline::new(id("load"), "Load", values.iter().copied());
    check("sparkline", |html| sparkline(&[1.0, 3.0, 2.5]).tone(Tone::Warning).render_to(html));
    check("sparkline_gap", |html| sparkline(&[1.0, f64::NAN, 2.0, 4.0]).render_to(html));
    check("sparkline_one", |html| sparkline(&[1.0]).render_to(html));
    check("sparkline_empty", |html| sparkline(&[]).render_to(html));
    check("sparkline_range", |html| sparkline(&[1.0, 3.0, 11.0]).range(0.0, 10.0).render_to(html));
    check("sparkline_escaped", |html| sparkline(&[1.0]).text(HOSTILE).render_to(html));
}

#[test]
fn toasts() {
    let toast = || Toast::new(id("toast-7"), id("toasts"), "Saved");
    for tone in [Tone::Neutral, Tone::Info, Tone::Success, Tone::Warning, Tone::Danger] {
        check(&format!("toast_{}", tone.as_str()), |html| toast().tone(tone).render_to(html));
    }
    check("toast_message", |html| toast().message("report.pdf, 3 MB").render_to(html));
    check("toast_dismiss", |html| toast().dismiss("Dismiss").render_to(html));
    check("toast_list", |html| ToastList::new(id("toasts"), "Messages").toast(toast()).render_to(html));
    let hostile = Toast::new(id("toast-7"), id("toasts"), HOSTILE).message(HOSTILE).dismiss(HOSTILE);
    check("toast_escaped", |html| ToastList::new(id("toasts"), HOSTILE).toast(hostile).render_to(html));
}

#[test]
fn table_rows() {
    let row = || TableRow::new(id("server-3"), id("servers"));
    let badge_id = id("server-3-status");
    let badge = StatusBadge::new(&badge_id, &Phase::Running);
    check("table_row", |html| row().header("web-3").cell("Frankfurt").number(0.42).cell(badge).tone(Tone::Info).render_to(html));
    check("table_row_escaped", |html| row().header(HOSTILE).cell(HOSTILE).number(HOSTILE).render_to(html));
}

#[test]
fn reader_lists() {
    let list = |names: &[&str]| ReaderList::new(id("readers"), names);
    check("reader_list", |html| list(&["Ann", "Bob"]).render_to(html));
    check("reader_list_empty", |html| list(&[]).render_to(html));
    check("reader_list_full", |html| list(&["Ann", "Bob", "Cem"]).at_most(2).render_to(html));
    check("reader_list_escaped", |html| list(&[HOSTILE]).label(HOSTILE).render_to(html));
}

#[test]
fn logs() {
    let line = || LogLine::new(id("build-7"), id("build-lines"), "linking took 3.2 s");
    check("log_line", |html| line().render_to(html));
    check("log_line_time_and_level", |html| line().time("12:00:01").level("warn", Tone::Warning).render_to(html));
    let hostile = LogLine::new(id("build-7"), id("build-lines"), HOSTILE).time(HOSTILE).level(HOSTILE, Tone::Danger);
    check("log_line_escaped", |html| hostile.render_to(html));
    let mut log = LogTail::new("build", "Build log", 2).unwrap();
    check("log_tail_empty", |html| log.render_to(html));
    for text in ["a", "b", "c"] {
        assert!(!log.push(text, |line| line).is_empty());
    }
    check("log_tail_full", |html| log.clone().render_to(html));
    check("log_tail_quiet", |html| log.quiet().render_to(html));
    check("log_tail_escaped", |html| LogTail::new("build", HOSTILE, 2).unwrap().render_to(html));
}

#[test]
fn connection_states() {
    check("connection_state", |html| ConnectionState::new().render_to(html));
    let hostile = ConnectionState::new().offline(HOSTILE).reconnecting(HOSTILE).stale(HOSTILE).closed(HOSTILE);
    check("connection_state_escaped", |html| hostile.render_to(html));
}

/// Classes of an application: none of ours is left, the widths of a bar apart.
#[test]
fn classes_of_ones_own() {
    const TONED: Class = Class::new("base").tone(Tone::Success, "good").tone(Tone::Danger, "bad");
    const BADGE: StatusBadgeClasses = StatusBadgeClasses { root: TONED, active: Class::new("spins"), ..StatusBadgeClasses::NONE };
    const BAR: ProgressBarClasses = ProgressBarClasses { fill: TONED, indeterminate: Class::new("moves"), ..ProgressBarClasses::NONE };
    const STEP: TimelineStepClasses =
        TimelineStepClasses { mark: TONED, active: Class::new("spins"), at: Class::new("small"), ..TimelineStepClasses::NONE };
    const COVER: OverlayClasses = OverlayClasses { card: Class::new("card"), stat: Class::new("col"), ..OverlayClasses::NONE };
    const LINE: SparklineClasses = SparklineClasses { drawing: Class::new("stretched"), ..SparklineClasses::NONE };
    const TOAST: ToastClasses = ToastClasses { form: Class::new("corner"), ..ToastClasses::NONE };
    const BANNER: ConnectionStateClasses = ConnectionStateClasses { sentence: TONED, ..ConnectionStateClasses::NONE };
    let id = id("own");
    check("own_status_badge", |html| StatusBadge::new(&id, &Phase::Done).label(Some(&"Server")).classes(&BADGE).render_to(html));
    check("own_status_badge_active", |html| StatusBadge::new(&id, &Phase::Running).classes(&BADGE).render_to(html));
    check("own_progress_bar", |html| ProgressBar::new(&id, Some(50.0)).tone(Tone::Danger).classes(&BAR).render_to(html));
    check("own_progress_bar_indeterminate", |html| ProgressBar::new(&id, None).classes(&BAR).render_to(html));
    let step = TimelineStep::new(&id, &"Build", &Phase::Running).at(Some(&std::time::UNIX_EPOCH)).detail(Some(&"3 of 9"));
    check("own_timeline_step", |html| step.classes(&STEP).render_to(html));
    let overlay = Overlay::new(&id, true, &"Looking").message(Some(&"src")).progress(None).stats(&[("Files", &7)]).dismiss(Some(&"Hide"));
    check("own_overlay", |html| overlay.classes(&COVER).bar_classes(&BAR).render_to(html));
    check("own_sparkline", |html| Sparkline::new(id.clone(), "Load", [1.0, 2.0]).classes(&LINE).render_to(html));
    let toast = Toast::new(id.clone(), self::id("toasts"), "Saved").dismiss("Dismiss");
    check("own_toast", |html| toast.classes(&TOAST).render_to(html));
    check("own_connection_state", |html| ConnectionState::new().classes(&BANNER).render_to(html));
}
