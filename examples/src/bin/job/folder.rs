//! One top-level folder of the job: how many files it has, and what came of them.

use std::fmt::{self, Display};
use std::path::PathBuf;

use crate::digest::{self, Digest};
use crate::phase::StepState;

/// What a timeline step is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FolderName {
    /// The files that lie directly in the job's folder.
    Top,
    /// A folder in the job's folder.
    Named(String),
}

impl Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => f.write_str("Files in the top folder"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// What one file came to: its digest, or why it could not be read.
pub(crate) type Outcome = Result<Digest, String>;

/// A folder and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) name: FolderName,
    pub(crate) state: StepState,
    /// All of its files, also those that cannot be read.
    pub(crate) files: u64,
    /// What its finished files really held, and the unfinished held when they were listed.
    pub(crate) bytes: u64,
    /// Files that cannot be read.
    pub(crate) failures: u64,
    /// Why the first of them could not.
    pub(crate) first_failure: Option<String>,
    /// Over all its files, once they are done and all could be read.
    pub(crate) digest: Option<Digest>,
    /// Taken when the folder is complete.
    digests: Vec<(PathBuf, Digest)>,
}

impl Folder {
    /// A folder as the listing found it. One without files has nothing to wait for.
    pub(crate) fn listed(name: FolderName, files: u64, bytes: u64) -> Self {
        let mut folder =
            Self { name, state: StepState::Waiting, files, bytes, failures: 0, first_failure: None, digest: None, digests: Vec::new() };
        folder.complete_if_so();
        folder
    }

    /// Files that are through, whatever came of them.
    pub(crate) fn finished(&self) -> u64 {
        self.digests.len() as u64 + self.failures
    }

    /// A worker has begun with one of the files. Says whether the folder's state is another now.
    pub(crate) fn begin(&mut self) -> bool {
        let waited = self.state == StepState::Waiting;
        if waited {
            self.state = StepState::Running;
        }
        waited
    }

    /// One of the files is through. Says whether the folder's state is another now.
    pub(crate) fn finish(&mut self, path: PathBuf, outcome: Outcome) -> bool {
        match outcome {
            Ok(digest) => self.digests.push((path, digest)),
            Err(reason) => {
                self.failures += 1;
                self.first_failure.get_or_insert_with(|| format!("{}: {reason}", path.display()));
            }
        }
        self.complete_if_so()
    }

    /// The job ends without the rest of the files. Says whether the folder's state is another now.
    pub(crate) fn stop(&mut self) -> bool {
        let state = match self.state {
            StepState::Waiting => StepState::NotRun,
            StepState::Running => StepState::Cancelled,
            _ => return false,
        };
        self.state = state;
        true
    }

    fn complete_if_so(&mut self) -> bool {
        // `finished` counts the digests, which are taken only here.
        let complete = matches!(self.state, StepState::Waiting | StepState::Running) && self.finished() == self.files;
        if complete {
            self.state = if self.failures == 0 { StepState::Done } else { StepState::Failed };
            self.digest = (self.failures == 0 && self.files > 0).then(|| digest::combined(&mut self.digests));
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Digest = Digest([1; 32]);
    const B: Digest = Digest([2; 32]);

    #[test]
    fn a_folder_is_done_with_its_last_file() {
        let mut folder = Folder::listed(FolderName::Top, 2, 7);
        assert!(folder.begin());
        assert!(!folder.begin(), "it runs already");
        assert!(!folder.finish("a".into(), Ok(A)));
        assert_eq!(folder.state, StepState::Running);
        assert!(folder.finish("b".into(), Ok(B)));
        assert_eq!((folder.state, folder.finished()), (StepState::Done, 2));
    }

    #[test]
    fn its_digest_does_not_depend_on_the_order_in_which_files_are_done() {
        let mut digests = [("a", A, "b", B), ("b", B, "a", A)].map(|(first, x, second, y)| {
            let mut folder = Folder::listed(FolderName::Top, 2, 7);
            folder.finish(first.into(), Ok(x));
            folder.finish(second.into(), Ok(y));
            folder.digest
        });
        assert!(digests[0].is_some());
        assert_eq!(digests[0].take(), digests[1].take());
    }

    #[test]
    fn a_file_that_cannot_be_read_fails_the_folder_at_its_end_and_the_first_reason_stays() {
        let mut folder = Folder::listed(FolderName::Top, 3, 7);
        folder.begin();
        assert!(!folder.finish("a".into(), Err("denied".into())));
        assert_eq!(folder.state, StepState::Running);
        folder.finish("b".into(), Err("gone".into()));
        folder.finish("c".into(), Ok(A));
        assert_eq!((folder.state, folder.failures, folder.digest), (StepState::Failed, 2, None));
        assert_eq!(folder.first_failure.as_deref(), Some("a: denied"));
    }

    #[test]
    fn an_empty_folder_is_done_at_once() {
        let folder = Folder::listed(FolderName::Named("empty".into()), 0, 0);
        assert_eq!((folder.state, folder.digest), (StepState::Done, None));
    }

    #[test]
    fn stopping_leaves_what_is_complete_as_it_is() {
        let mut waiting = Folder::listed(FolderName::Top, 1, 7);
        assert!(waiting.stop());
        assert_eq!(waiting.state, StepState::NotRun);
        let mut running = Folder::listed(FolderName::Top, 1, 7);
        running.begin();
        assert!(running.stop());
        assert_eq!(running.state, StepState::Cancelled);
        let mut done = Folder::listed(FolderName::Top, 0, 0);
        assert!(!done.stop());
    }
}
