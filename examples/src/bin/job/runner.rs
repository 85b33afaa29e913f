//! Runs the job on threads of its own: one lists and then conducts, the others hash.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::digest::{Hasher, NoDigest, reason};
use crate::job::{Change, Event, Finished, Job};
use crate::pace::Pace;
use crate::walk::{self, ListedFile, Listing, NoListing};

/// Events that wait for the conductor. Workers pause when it is behind, so the figures never run away from the work.
const EVENTS: usize = 1024;
/// How long the conductor sleeps when nothing waits to be shown; an event wakes it.
const IDLE: Duration = Duration::from_secs(60);

/// Shows changes of a job. Called with the job locked, so that changes are shown in their order: it must not wait for anything.
pub(crate) type Show = Box<dyn Fn(&Job, &[Change]) + Send + Sync>;

/// The one job of this program.
pub(crate) struct Runner {
    dir: PathBuf,
    workers: usize,
    job: Mutex<Job>,
    /// Set by a cancel, cleared by a start, looked at by every thread of the run.
    stop: AtomicBool,
    show: Show,
}

impl Runner {
    /// A job over the files in `dir`.
    pub(crate) fn new(dir: PathBuf, show: Show) -> Arc<Self> {
        let workers = thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        Arc::new(Self { dir, workers, job: Mutex::new(Job::new()), stop: AtomicBool::new(false), show })
    }

    /// The job as it is now.
    pub(crate) fn job(&self) -> MutexGuard<'_, Job> {
        // A panic while the job was locked was one of `show`; the job itself is whole.
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder whose files are hashed.
    pub(crate) fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// Begins a run, unless one goes on.
    pub(crate) fn start(self: &Arc<Self>) {
        let mut job = self.job();
        let changes = job.apply(Event::Start);
        if changes.is_empty() {
            return;
        }
        // While the job is locked: a cancel that comes next must find the flag cleared already.
        self.stop.store(false, Ordering::Relaxed);
        (self.show)(&job, &changes);
        drop(job);
        let runner = Arc::clone(self);
        thread::spawn(move || runner.run());
    }

    /// Ends the run, if one goes on.
    pub(crate) fn cancel(&self) {
        let mut job = self.job();
        let changes = job.apply(Event::Cancel);
        if !changes.is_empty() {
            self.stop.store(true, Ordering::Relaxed);
            (self.show)(&job, &changes);
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn run(&self) {
        let mut pace = Pace::new(Instant::now());
        let listed = walk::list(&self.dir, |found| {
            // Copied only when it will be shown.
            if pace.patience(Instant::now()).is_none_or(|left| left.is_zero()) {
                self.apply(Event::Listing(found.clone()), &mut pace);
            }
            !self.stopped()
        });
        match listed {
            Ok(listing) => {
                self.apply(Event::Listed(listing.folders()), &mut pace);
                self.hash(&listing, &mut pace);
            }
            Err(NoListing::Stopped) => {}
            Err(NoListing::Unlistable(error)) => return self.apply(Event::Unlistable(reason(&error)), &mut pace),
        }
        self.apply(Event::Stopped, &mut pace);
    }

    /// Hashes everything that was listed. Returns when all workers have ended.
    fn hash(&self, listing: &Listing, pace: &mut Pace) {
        let next = AtomicUsize::new(0);
        let (events, conductor) = mpsc::sync_channel(EVENTS);
        thread::scope(|scope| {
            for _ in 0..self.workers {
                let (events, next) = (events.clone(), &next);
                scope.spawn(move || self.work(&listing.files, next, &events));
            }
            // Else the conductor would wait for this sender as well.
            drop(events);
            self.conduct(&conductor, pace);
        });
    }

    fn conduct(&self, events: &Receiver<Event>, pace: &mut Pace) {
        loop {
            let patience = pace.patience(Instant::now()).unwrap_or(IDLE);
            match events.recv_timeout(patience) {
                Ok(event) => self.apply(event, pace),
                Err(RecvTimeoutError::Timeout) => self.show_paced(&self.job(), Vec::new(), pace),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn apply(&self, event: Event, pace: &mut Pace) {
        let mut job = self.job();
        let changes = job.apply(event);
        self.show_paced(&job, changes, pace);
    }

    fn show_paced(&self, job: &Job, changes: Vec<Change>, pace: &mut Pace) {
        let due = pace.take(changes, Instant::now());
        if !due.is_empty() {
            (self.show)(job, &due);
        }
    }

    /// Takes file after file, until there is none left or the run is cancelled.
    fn work(&self, files: &[ListedFile], next: &AtomicUsize, events: &SyncSender<Event>) {
        let mut hasher = Hasher::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if self.stopped() || self.work_on(file, &mut hasher, events).is_none() {
                return;
            }
        }
    }

    /// Hashes one file. `None`: the run is cancelled.
    fn work_on(&self, file: &ListedFile, hasher: &mut Hasher, events: &SyncSender<Event>) -> Option<()> {
        // The conductor goes only when all workers have gone, so a send does not fail.
        let send = |event| _ = events.send(event);
        send(Event::Begun { folder: file.folder });
        let mut read = 0;
        let digest = match &file.size {
            Ok(_) => hasher.hash(&self.dir.join(&file.path), &self.stop, |bytes| {
                read += bytes;
                send(Event::Read { bytes });
            }),
            Err(reason) => Err(NoDigest::Unreadable(reason.clone())),
        };
        let outcome = match digest {
            Ok(digest) => Ok(digest),
            Err(NoDigest::Unreadable(reason)) => Err(reason),
            Err(NoDigest::Stopped) => return None,
        };
        let listed = file.size.as_ref().copied().unwrap_or(0);
        send(Event::Finished(Finished { folder: file.folder, path: file.path.clone(), listed, read, outcome }));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;
    use crate::phase::{Phase, StepState};

    /// Longer than any of these runs takes on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A runner, and the phase after each change that it shows.
    fn runner(dir: &Path) -> (Arc<Runner>, Receiver<(Phase, Vec<Change>)>) {
        let (shown, receiver) = mpsc::channel();
        let show = move |job: &Job, changes: &[Change]| _ = shown.send((job.phase.clone(), changes.to_vec()));
        (Runner::new(dir.to_owned(), Box::new(show)), receiver)
    }

    #[track_caller]
    fn wait_for(shown: &Receiver<(Phase, Vec<Change>)>, reached: impl Fn(&Phase, &[Change]) -> bool) -> Phase {
        loop {
            let (phase, changes) = shown.recv_timeout(PATIENCE).unwrap();
            if reached(&phase, &changes) {
                return phase;
            }
        }
    }

    #[test]
    fn it_hashes_every_file_and_can_do_so_again() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["a", "b"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
            (0..20).for_each(|file| fs::write(dir.path().join(folder).join(file.to_string()), "same").unwrap());
        }
        symlink("nothing", dir.path().join("b/dangling")).unwrap();
        let (runner, shown) = runner(dir.path());
        let mut digests = Vec::new();
        for _ in 0..2 {
            runner.start();
            assert_eq!(wait_for(&shown, |phase, _| phase.is_at_rest()), Phase::Done);
            let job = runner.job();
            assert_eq!((job.files_finished, job.files_total, job.bytes_read, job.bytes_total), (41, 41, 160, 160));
            assert_eq!((job.folders[0].state, job.folders[1].state), (StepState::Done, StepState::Failed));
            assert_eq!(job.folders[1].first_failure.as_deref(), Some("b/dangling: No such file or directory"));
            digests.push(job.folders[0].digest);
        }
        assert_eq!(digests[0], digests[1]);
    }

    #[test]
    fn a_cancel_ends_a_run_in_the_middle_of_a_huge_file() {
        let dir = tempfile::tempdir().unwrap();
        // Sparse: it takes no room, and minutes to hash.
        fs::File::create(dir.path().join("huge")).unwrap().set_len(1 << 40).unwrap();
        let (runner, shown) = runner(dir.path());
        runner.start();
        wait_for(&shown, |phase, changes| *phase == Phase::Hashing && changes.contains(&Change::Figures));
        let asked = Instant::now();
        runner.cancel();
        assert_eq!(wait_for(&shown, |phase, _| phase.is_at_rest()), Phase::Cancelled);
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        let job = runner.job();
        assert_eq!(job.folders[0].state, StepState::Cancelled);
        assert!(job.bytes_read > 0 && job.bytes_read < job.bytes_total);
    }

    #[test]
    fn a_folder_that_is_not_there_fails_the_job() {
        let dir = tempfile::tempdir().unwrap();
        let (runner, shown) = runner(&dir.path().join("missing"));
        runner.start();
        let phase = wait_for(&shown, |phase, _| phase.is_at_rest());
        assert_eq!(phase, Phase::Failed { reason: "No such file or directory".into() });
    }
}
