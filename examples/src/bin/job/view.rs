//! The job as components, and how a change of it becomes patches.

use htmx_ws_components::{Component, DomId, Hub, Overlay, Patch, ProgressBar, StatusBadge, TimelineStep, Tone};
use maud::{Markup, html};

use crate::folder::Folder;
use crate::job::{Change, Job};
use crate::phase::{Phase, StepState};
use crate::runner::Show;
use crate::words::{bytes, files, number};

/// The topic that every page of the job reads.
pub(crate) const TOPIC: &str = "job";

/// The word for what the job is doing.
#[derive(StatusBadge)]
#[component(id = "job-status")]
pub(crate) struct Badge {
    #[badge(status)]
    phase: Phase,
}

/// How much of the job is done.
#[derive(ProgressBar)]
#[component(id = "job-progress")]
pub(crate) struct Progress {
    #[progress(value)]
    done: Option<u64>,
    #[progress(max)]
    total: u64,
    #[progress(label)]
    label: &'static str,
    #[progress(detail)]
    detail: String,
    #[progress(tone)]
    tone: Tone,
}

/// What the listing has found, over the place where the steps will be.
#[derive(Overlay)]
#[component(id = "job-listing")]
pub(crate) struct ListingOverlay {
    #[overlay(open)]
    open: bool,
    #[overlay(title)]
    title: &'static str,
    #[overlay(message)]
    path: Option<String>,
    #[overlay(stat = "Files")]
    files: String,
    #[overlay(stat = "Folders")]
    folders: String,
    #[overlay(stat = "Size")]
    size: String,
}

/// One top-level folder.
#[derive(TimelineStep)]
#[component(id = "step-{key}", list = "job-steps")]
pub(crate) struct Step {
    key: usize,
    #[step(title)]
    title: String,
    #[step(status)]
    state: StepState,
    #[step(detail)]
    detail: String,
}

/// The buttons. They are never `disabled`, which would take the focus from who has just pressed one; pressed at the wrong time they do nothing.
#[derive(Component)]
#[component(id = "job-controls", render = Self::markup, leaf)]
pub(crate) struct Controls {
    can_start: bool,
    can_cancel: bool,
    started_before: bool,
}

impl Badge {
    pub(crate) fn of(job: &Job) -> Self {
        Self { phase: job.phase.clone() }
    }
}

impl Progress {
    pub(crate) fn of(job: &Job) -> Self {
        // Empty files have no bytes to count, and a job without files is complete.
        let (done, total) = match (job.bytes_total, job.files_total) {
            (0, 0) => (u64::from(job.phase == Phase::Done), 1),
            (0, files) => (job.files_finished, files),
            (bytes, _) => (job.bytes_read, bytes),
        };
        let tone = match job.phase {
            Phase::Done if job.failures > 0 => Tone::Warning,
            Phase::Done => Tone::Success,
            Phase::Cancelling | Phase::Cancelled => Tone::Warning,
            Phase::Failed { .. } => Tone::Danger,
            Phase::Idle | Phase::Listing | Phase::Hashing => Tone::Neutral,
        };
        let done = (job.phase != Phase::Listing).then_some(done);
        Self { done, total, label: "Hashed", detail: Self::detail(job), tone }
    }

    fn detail(job: &Job) -> String {
        match job.phase {
            Phase::Idle => return "Nothing done yet".to_owned(),
            Phase::Listing => return "Counting what there is to do".to_owned(),
            _ if job.files_total == 0 => return "No files".to_owned(),
            _ => {}
        }
        let unreadable = match job.failures {
            0 => String::new(),
            failures => format!(" ({}\u{a0}unreadable)", number(failures)),
        };
        let (done, total) = (number(job.files_finished), files(job.files_total));
        format!("{done} of {total} · {} of {}{unreadable}", bytes(job.bytes_read), bytes(job.bytes_total))
    }
}

impl ListingOverlay {
    pub(crate) fn of(job: &Job) -> Self {
        let found = &job.found;
        Self {
            open: job.phase == Phase::Listing,
            title: "Looking for files",
            path: Some(found.path.display().to_string()),
            files: number(found.files),
            folders: number(found.folders),
            size: bytes(found.bytes),
        }
    }
}

impl Step {
    pub(crate) fn of(key: usize, folder: &Folder) -> Self {
        Self { key, title: folder.name.to_string(), state: folder.state, detail: Self::detail(folder) }
    }

    fn detail(folder: &Folder) -> String {
        let all = format!("{} · {}", files(folder.files), bytes(folder.bytes));
        match folder.state {
            StepState::Waiting | StepState::NotRun => all,
            StepState::Running | StepState::Cancelled => format!("{} of {all}", number(folder.finished())),
            StepState::Done => folder.digest.map_or_else(|| "Empty".to_owned(), |digest| format!("{all} · {}", digest.short())),
            StepState::Failed => {
                let first = folder.first_failure.as_deref().unwrap_or_default();
                format!("{} of {} could not be read, first {first}", number(folder.failures), files(folder.files))
            }
        }
    }

    /// The steps of a job, in their order.
    pub(crate) fn all(job: &Job) -> impl Iterator<Item = Self> {
        job.folders.iter().enumerate().map(|(key, folder)| Self::of(key, folder))
    }
}

impl Controls {
    pub(crate) fn of(job: &Job) -> Self {
        Self { can_start: job.phase.is_at_rest(), can_cancel: job.phase.is_running(), started_before: job.phase != Phase::Idle }
    }

    fn markup(&self) -> Markup {
        let unless = |possible: bool| (!possible).then_some("true");
        html! {
            div class="controls" role="group" aria-label="Job" {
                button type="button" class="button is-primary" hx-post="/start" hx-swap="none" aria-disabled=[unless(self.can_start)] {
                    @if self.started_before { "Restart" } @else { "Start" }
                }
                button type="button" class="button" hx-post="/cancel" hx-swap="none" aria-disabled=[unless(self.can_cancel)] { "Cancel" }
            }
        }
    }
}

/// Publishes what changed to every page of the job.
pub(crate) fn publisher(hub: Hub) -> Show {
    Box::new(move |job, changes| {
        for change in changes {
            publish(&hub, job, *change);
        }
    })
}

fn publish(hub: &Hub, job: &Job, change: Change) {
    match change {
        Change::Cleared { steps } => {
            for id in (0..steps).filter_map(|key| DomId::new(&format!("step-{key}")).ok()) {
                hub.publish(TOPIC, &Patch::remove(id));
            }
        }
        Change::Step(key) | Change::StepFigures(key) => {
            if let Some(folder) = job.folders.get(key) {
                hub.publish(TOPIC, &Step::of(key, folder));
            }
        }
        Change::Figures => {
            hub.publish(TOPIC, &Progress::of(job));
            hub.publish(TOPIC, &ListingOverlay::of(job));
        }
        // What has not changed costs nothing: the hub sees that it is the same.
        Change::Phase => {
            hub.publish(TOPIC, &Badge::of(job));
            hub.publish(TOPIC, &Controls::of(job));
            hub.publish(TOPIC, &Progress::of(job));
            hub.publish(TOPIC, &ListingOverlay::of(job));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::FolderName;
    use crate::job::Event;

    fn listed(files: u64, bytes: u64) -> Job {
        let mut job = Job::new();
        job.apply(Event::Start);
        job.apply(Event::Listed(vec![Folder::listed(FolderName::Named("src".into()), files, bytes)]));
        job
    }

    #[track_caller]
    fn check_progress(job: &Job, done: Option<u64>, total: u64, detail: &str) {
        let progress = Progress::of(job);
        assert_eq!((progress.done, progress.total, progress.detail.as_str()), (done, total, detail));
    }

    #[test]
    fn progress_counts_bytes_and_files_where_there_are_no_bytes() {
        check_progress(&Job::new(), Some(0), 1, "Nothing done yet");
        let mut job = listed(3310, 800_000_000);
        job.apply(Event::Read { bytes: 212_000_000 });
        check_progress(&job, Some(212_000_000), 800_000_000, "0 of 3,310 files · 212 MB of 800 MB");
        check_progress(&listed(2, 0), Some(0), 2, "0 of 2 files · 0 B of 0 B");
        let mut job = Job::new();
        job.apply(Event::Start);
        check_progress(&job, None, 1, "Counting what there is to do");
        job.apply(Event::Listed(Vec::new()));
        job.apply(Event::Stopped);
        check_progress(&job, Some(1), 1, "No files");
    }

    #[test]
    fn a_step_says_how_far_it_is_and_what_went_wrong() {
        let mut folder = Folder::listed(FolderName::Top, 2, 1_204);
        assert_eq!(Step::detail(&folder), "2 files · 1.20 kB");
        folder.begin();
        folder.finish("a".into(), Err("denied".into()));
        assert_eq!(Step::detail(&folder), "1 of 2 files · 1.20 kB");
        folder.finish("b".into(), Err("gone".into()));
        assert_eq!(Step::detail(&folder), "2 of 2 files could not be read, first a: denied");
        assert_eq!(Step::detail(&Folder::listed(FolderName::Top, 0, 0)), "Empty");
    }

    #[test]
    fn only_what_is_possible_can_be_pressed() {
        let possible = |job: &Job| (Controls::of(job).can_start, Controls::of(job).can_cancel);
        assert_eq!(possible(&Job::new()), (true, false));
        let mut job = listed(1, 1);
        assert_eq!(possible(&job), (false, true));
        job.apply(Event::Cancel);
        assert_eq!(possible(&job), (false, false));
        job.apply(Event::Stopped);
        assert_eq!(possible(&job), (true, false));
    }
}
