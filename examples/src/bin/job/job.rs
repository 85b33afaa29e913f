//! The job as a state machine: events go in, and what they changed comes out. No threads, no clock, no files.

use std::path::PathBuf;

use crate::folder::{Folder, Outcome};
use crate::phase::{Phase, StepState};

/// What happens to a job. One that does not fit the job's phase changes nothing.
#[derive(Debug)]
pub(crate) enum Event {
    /// Somebody wants a run.
    Start,
    /// Somebody wants it to end.
    Cancel,
    /// The listing goes on.
    Listing(Found),
    /// The listing is complete.
    Listed(Vec<Folder>),
    /// The folder of the job itself cannot be listed. Nothing follows.
    Unlistable(String),
    /// A worker begins with a file of this folder.
    Begun { folder: usize },
    /// That many bytes more were read.
    Read { bytes: u64 },
    /// A file is through.
    Finished(Finished),
    /// All threads of the run have ended. Nothing follows.
    Stopped,
}

/// How far the listing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) files: u64,
    pub(crate) folders: u64,
    pub(crate) bytes: u64,
    /// Where it is right now, from the job's folder.
    pub(crate) path: PathBuf,
}

/// A file that is through.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) folder: usize,
    pub(crate) path: PathBuf,
    /// How large it was when it was listed.
    pub(crate) listed: u64,
    /// What was really read of it, and reported as [`Event::Read`] before.
    pub(crate) read: u64,
    pub(crate) outcome: Outcome,
}

/// What an event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// A new run has begun: the steps `0..steps` of the one before are gone.
    Cleared { steps: usize },
    /// The phase, and with it everything that is shown once.
    Phase,
    /// The state of a step.
    Step(usize),
    /// The figures of a running step. Happens thousands of times a second.
    StepFigures(usize),
    /// The figures of the job. Happens thousands of times a second.
    Figures,
}

/// A job, from its first start to its latest.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) phase: Phase,
    pub(crate) found: Found,
    pub(crate) folders: Vec<Folder>,
    pub(crate) bytes_read: u64,
    /// What was listed, corrected by what finished files really held: so it is what was read when all are finished.
    pub(crate) bytes_total: u64,
    pub(crate) files_finished: u64,
    pub(crate) files_total: u64,
    pub(crate) failures: u64,
}

impl Job {
    /// A job that was never started.
    pub(crate) fn new() -> Self {
        Self {
            phase: Phase::Idle,
            found: Found::default(),
            folders: Vec::new(),
            bytes_read: 0,
            bytes_total: 0,
            files_finished: 0,
            files_total: 0,
            failures: 0,
        }
    }

    /// Takes what happened, and says what it changed.
    pub(crate) fn apply(&mut self, event: Event) -> Vec<Change> {
        let hashes = matches!(self.phase, Phase::Hashing | Phase::Cancelling);
        match event {
            Event::Start if self.phase.is_at_rest() => self.start(),
            Event::Cancel if self.phase.is_running() => self.enter(Phase::Cancelling),
            Event::Listing(found) if self.phase == Phase::Listing => {
                self.found = found;
                vec![Change::Figures]
            }
            Event::Listed(folders) if self.phase == Phase::Listing => self.list(folders),
            Event::Unlistable(reason) if self.phase == Phase::Listing => self.enter(Phase::Failed { reason }),
            // It was cancelled before it could fail, and `Stopped` will not come any more.
            Event::Unlistable(_) if self.phase == Phase::Cancelling => self.enter(Phase::Cancelled),
            Event::Begun { folder } if hashes => self.begin(folder),
            Event::Read { bytes } if hashes => {
                self.bytes_read += bytes;
                vec![Change::Figures]
            }
            Event::Finished(finished) if hashes => self.finish(finished),
            Event::Stopped => self.stop(),
            _ => Vec::new(),
        }
    }

    fn start(&mut self) -> Vec<Change> {
        let steps = self.folders.len();
        *self = Self { phase: Phase::Listing, ..Self::new() };
        vec![Change::Cleared { steps }, Change::Phase]
    }

    fn enter(&mut self, phase: Phase) -> Vec<Change> {
        self.phase = phase;
        vec![Change::Phase]
    }

    fn list(&mut self, folders: Vec<Folder>) -> Vec<Change> {
        self.files_total = folders.iter().map(|folder| folder.files).sum();
        self.bytes_total = folders.iter().map(|folder| folder.bytes).sum();
        self.folders = folders;
        // The steps first: they are there when the overlay above them goes.
        let mut changes: Vec<_> = (0..self.folders.len()).map(Change::Step).collect();
        changes.extend(self.enter(Phase::Hashing));
        changes
    }

    fn begin(&mut self, index: usize) -> Vec<Change> {
        let begun = self.folders.get_mut(index).is_some_and(Folder::begin);
        if begun { vec![Change::Step(index)] } else { Vec::new() }
    }

    fn finish(&mut self, finished: Finished) -> Vec<Change> {
        let Finished { folder: index, path, listed, read, outcome } = finished;
        let Some(folder) = self.folders.get_mut(index) else { return Vec::new() };
        self.files_finished += 1;
        self.failures += u64::from(outcome.is_err());
        for total in [&mut self.bytes_total, &mut folder.bytes] {
            *total = (*total + read).saturating_sub(listed);
        }
        let complete = folder.finish(path, outcome);
        vec![if complete { Change::Step(index) } else { Change::StepFigures(index) }, Change::Figures]
    }

    fn stop(&mut self) -> Vec<Change> {
        let phase = match self.phase {
            Phase::Hashing => Phase::Done,
            // Cancelled, but nothing was left to cancel.
            Phase::Cancelling if self.is_complete() => Phase::Done,
            Phase::Cancelling => Phase::Cancelled,
            _ => return Vec::new(),
        };
        let stopped = self.folders.iter_mut().enumerate().filter_map(|(index, folder)| folder.stop().then_some(Change::Step(index)));
        let mut changes: Vec<_> = stopped.collect();
        changes.extend(self.enter(phase));
        changes
    }

    fn is_complete(&self) -> bool {
        let open = |folder: &Folder| matches!(folder.state, StepState::Waiting | StepState::Running);
        !self.folders.is_empty() && !self.folders.iter().any(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::folder::FolderName;

    fn folders(files: &[u64]) -> Vec<Folder> {
        let folder = |files: &u64| Folder::listed(FolderName::Named(format!("with {files}")), *files, files * 10);
        files.iter().map(folder).collect()
    }

    /// A job that hashes folders with that many files of ten bytes each.
    fn hashing(files: &[u64]) -> Job {
        let mut job = Job::new();
        job.apply(Event::Start);
        job.apply(Event::Listed(folders(files)));
        job
    }

    fn finished(folder: usize, path: &str, read: u64) -> Event {
        Event::Finished(Finished { folder, path: path.into(), listed: 10, read, outcome: Ok(Digest([7; 32])) })
    }

    #[test]
    fn a_run_goes_from_idle_to_done() {
        let mut job = Job::new();
        assert_eq!(job.apply(Event::Start), [Change::Cleared { steps: 0 }, Change::Phase]);
        assert_eq!(job.phase, Phase::Listing);
        assert_eq!(job.apply(Event::Listing(Found { files: 3, ..Found::default() })), [Change::Figures]);
        assert_eq!(job.apply(Event::Listed(folders(&[1, 2]))), [Change::Step(0), Change::Step(1), Change::Phase]);
        assert_eq!((job.files_total, job.bytes_total), (3, 30));
        assert_eq!(job.apply(Event::Begun { folder: 0 }), [Change::Step(0)]);
        assert_eq!(job.apply(Event::Read { bytes: 10 }), [Change::Figures]);
        assert_eq!(job.apply(finished(0, "a", 10)), [Change::Step(0), Change::Figures]);
        assert_eq!(job.apply(Event::Begun { folder: 1 }), [Change::Step(1)]);
        assert_eq!(job.apply(finished(1, "b", 10)), [Change::StepFigures(1), Change::Figures]);
        assert_eq!(job.apply(finished(1, "c", 10)), [Change::Step(1), Change::Figures]);
        assert_eq!(job.apply(Event::Stopped), [Change::Phase]);
        assert_eq!((job.phase, job.files_finished), (Phase::Done, 3));
    }

    #[test]
    fn a_second_start_changes_nothing_while_a_run_goes_on() {
        let mut job = hashing(&[1]);
        assert_eq!(job.apply(Event::Start), []);
        job.apply(Event::Cancel);
        assert_eq!(job.apply(Event::Start), []);
        job.apply(Event::Stopped);
        assert_eq!(job.apply(Event::Start), [Change::Cleared { steps: 1 }, Change::Phase]);
        assert!(job.folders.is_empty());
    }

    #[test]
    fn cancelling_ends_what_runs_and_what_waits() {
        let mut job = hashing(&[1, 1, 1]);
        job.apply(finished(0, "a", 10));
        job.apply(Event::Begun { folder: 1 });
        assert_eq!(job.apply(Event::Cancel), [Change::Phase]);
        assert_eq!(job.phase, Phase::Cancelling);
        assert_eq!(job.apply(Event::Cancel), []);
        assert_eq!(job.apply(Event::Stopped), [Change::Step(1), Change::Step(2), Change::Phase]);
        assert_eq!(job.phase, Phase::Cancelled);
        let states: Vec<_> = job.folders.iter().map(|folder| folder.state).collect();
        assert_eq!(states, [StepState::Done, StepState::Cancelled, StepState::NotRun]);
    }

    #[test]
    fn a_cancel_that_comes_too_late_is_a_job_done() {
        let mut job = hashing(&[1]);
        job.apply(Event::Cancel);
        job.apply(finished(0, "a", 10));
        job.apply(Event::Stopped);
        assert_eq!(job.phase, Phase::Done);
    }

    #[test]
    fn cancelled_while_listing_it_ends_cancelled_however_the_listing_ends() {
        for last in [Event::Stopped, Event::Unlistable("gone".into())] {
            let mut job = Job::new();
            job.apply(Event::Start);
            job.apply(Event::Cancel);
            assert_eq!(job.apply(Event::Listed(folders(&[1]))), []);
            job.apply(last);
            assert_eq!(job.phase, Phase::Cancelled);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_end_the_job() {
        let mut job = hashing(&[2]);
        let outcome = Err("permission denied".to_owned());
        job.apply(Event::Finished(Finished { folder: 0, path: "a".into(), listed: 10, read: 0, outcome }));
        assert_eq!((&job.phase, job.failures), (&Phase::Hashing, 1));
        job.apply(finished(0, "b", 10));
        job.apply(Event::Stopped);
        assert_eq!((job.phase, job.folders[0].state), (Phase::Done, StepState::Failed));
    }

    #[test]
    fn only_a_job_folder_that_cannot_be_listed_fails_the_job() {
        let mut job = Job::new();
        job.apply(Event::Start);
        assert_eq!(job.apply(Event::Unlistable("no such folder".into())), [Change::Phase]);
        assert_eq!(job.phase, Phase::Failed { reason: "no such folder".into() });
    }

    #[test]
    fn the_total_follows_files_that_grew_or_shrank_since_they_were_listed() {
        let mut job = hashing(&[2]);
        for (path, read) in [("a", 14), ("b", 3)] {
            job.apply(Event::Read { bytes: read });
            job.apply(finished(0, path, read));
        }
        assert_eq!((job.bytes_read, job.bytes_total, job.folders[0].bytes), (17, 17, 17));
    }
}
