//! Finds every file of a folder, sorted into its top-level folders.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::digest::reason;
use crate::folder::{Folder, FolderName};
use crate::job::Found;

/// A file to be hashed, or one that is known to be unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedFile {
    /// From the job's folder.
    pub(crate) path: PathBuf,
    /// The index of its folder in the listing.
    pub(crate) folder: usize,
    /// Its size in bytes, or why it cannot be read.
    pub(crate) size: Result<u64, String>,
}

/// What was found. The files of one folder stand together.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) names: Vec<FolderName>,
    pub(crate) files: Vec<ListedFile>,
}

impl Listing {
    /// The folders as the job takes them.
    pub(crate) fn folders(&self) -> Vec<Folder> {
        let mut sums = vec![(0, 0); self.names.len()];
        for file in &self.files {
            let (files, bytes) = &mut sums[file.folder];
            *files += 1;
            *bytes += file.size.as_ref().copied().unwrap_or(0);
        }
        let folder = |(name, (files, bytes)): (&FolderName, (u64, u64))| Folder::listed(name.clone(), files, bytes);
        self.names.iter().zip(sums).map(folder).collect()
    }

    /// The index of the folder that an entry of the walk belongs to.
    fn folder(&mut self, name: FolderName) -> usize {
        // The files of one folder stand together, so it is nearly always the last one.
        self.names.iter().rposition(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        })
    }
}

/// Why there is no listing.
#[derive(Debug)]
pub(crate) enum NoListing {
    /// The run was cancelled.
    Stopped,
    /// The folder itself cannot be listed.
    Unlistable(io::Error),
}

/// Walks `dir`. `on_found` hears of every entry and says whether to go on.
///
/// Symbolic links to files count as those files, links to folders are not followed, a link to nothing is a file that cannot be read. A
/// folder that cannot be opened counts as one file that cannot be read. Pipes, sockets and devices are left out.
pub(crate) fn list(dir: &Path, mut on_found: impl FnMut(&Found) -> bool) -> Result<Listing, NoListing> {
    // The walk would say nothing of a path that is not a folder.
    fs::read_dir(dir).map_err(NoListing::Unlistable)?;
    let mut listing = Listing::default();
    let mut found = Found::default();
    // Files before folders, so that those of the top folder stand together.
    let order = |one: &DirEntry, other: &DirEntry| {
        let key = |entry: &DirEntry| (entry.file_type().is_dir(), entry.file_name().to_owned());
        key(one).cmp(&key(other))
    };
    for entry in WalkDir::new(dir).min_depth(1).sort_by(order) {
        found.path = relative(dir, path_of(&entry));
        if !on_found(&found) {
            return Err(NoListing::Stopped);
        }
        let is_folder = entry.as_ref().is_ok_and(|entry| entry.file_type().is_dir());
        let size = size_of(entry);
        if is_folder {
            found.folders += 1;
        }
        // A folder of the top level is a step, also without any files.
        if (is_folder && found.path.components().count() == 1) || size.is_some() {
            let folder = listing.folder(name_of(&found.path, is_folder));
            if let Some(size) = size {
                found.files += 1;
                found.bytes += size.as_ref().copied().unwrap_or(0);
                listing.files.push(ListedFile { path: found.path.clone(), folder, size });
            }
        }
    }
    on_found(&found);
    Ok(listing)
}

fn path_of(entry: &walkdir::Result<DirEntry>) -> &Path {
    match entry {
        Ok(entry) => entry.path(),
        Err(error) => error.path().unwrap_or(Path::new("")),
    }
}

fn relative(dir: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(dir).unwrap_or(path).to_owned()
}

/// The step that a path belongs to.
fn name_of(path: &Path, is_folder: bool) -> FolderName {
    let mut components = path.components();
    match (components.next(), components.next()) {
        (Some(first), second) if second.is_some() || is_folder => FolderName::Named(first.as_os_str().to_string_lossy().into_owned()),
        _ => FolderName::Top,
    }
}

/// The size of a file that is to be hashed, or why it cannot be read. `None` for all that is no file.
fn size_of(entry: walkdir::Result<DirEntry>) -> Option<Result<u64, String>> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return Some(Err(error.io_error().map_or_else(|| error.to_string(), reason))),
    };
    if !entry.file_type().is_file() && !entry.file_type().is_symlink() {
        return None;
    }
    match fs::metadata(entry.path()) {
        Ok(metadata) => metadata.is_file().then_some(Ok(metadata.len())),
        Err(error) => Some(Err(reason(&error))),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    /// Lists a folder that `fill` has filled: step names, and `step/path: size or reason` for each file.
    #[track_caller]
    fn check(fill: impl FnOnce(&Path), names: &[&str], files: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        fill(dir.path());
        let listing = list(dir.path(), |_| true).unwrap();
        let found: Vec<_> = listing.names.iter().map(ToString::to_string).collect();
        assert_eq!(found, names);
        let line = |file: &ListedFile| match &file.size {
            Ok(size) => format!("{} {}: {size}", file.folder, file.path.display()),
            Err(reason) => format!("{} {}: {reason}", file.folder, file.path.display()),
        };
        assert_eq!(listing.files.iter().map(line).collect::<Vec<_>>(), files);
    }

    fn file(dir: &Path, path: &str, content: &str) {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    #[test]
    fn files_are_sorted_into_their_top_level_folders() {
        let fill = |dir: &Path| {
            file(dir, "b/2", "22");
            file(dir, "a/deep/er/1", "1");
            file(dir, "readme", "333");
            file(dir, "a/0", "");
        };
        let files = ["0 readme: 3", "1 a/0: 0", "1 a/deep/er/1: 1", "2 b/2: 2"];
        check(fill, &["Files in the top folder", "a", "b"], &files);
    }

    #[test]
    fn an_empty_folder_is_a_step_and_an_empty_job_has_none() {
        check(|_| (), &[], &[]);
        check(|dir| fs::create_dir(dir.join("empty")).unwrap(), &["empty"], &[]);
    }

    #[test]
    fn links_count_as_files_only_where_they_lead_to_one() {
        let fill = |dir: &Path| {
            file(dir, "a/real", "22");
            symlink("real", dir.join("a/to-file")).unwrap();
            symlink(".", dir.join("a/to-folder")).unwrap();
            symlink("nothing", dir.join("a/dangling")).unwrap();
            symlink("a", dir.join("top-to-folder")).unwrap();
        };
        check(fill, &["a"], &["0 a/dangling: No such file or directory", "0 a/real: 2", "0 a/to-file: 2"]);
    }

    #[test]
    fn what_is_no_file_is_left_out() {
        let fill = |dir: &Path| {
            UnixListener::bind(dir.join("socket")).unwrap();
            symlink("/dev/null", dir.join("device")).unwrap();
        };
        check(fill, &[], &[]);
    }

    #[test]
    fn a_folder_that_is_none_cannot_be_listed() {
        let dir = tempfile::tempdir().unwrap();
        file(dir.path(), "file", "");
        for path in ["file", "missing"] {
            assert!(matches!(list(&dir.path().join(path), |_| true), Err(NoListing::Unlistable(_))), "{path}");
        }
    }

    #[test]
    fn a_walk_can_be_stopped_and_counts_as_it_goes() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["a/1", "a/2", "a/3"] {
            file(dir.path(), path, "x");
        }
        let mut files = Vec::new();
        let listing = list(dir.path(), |found| {
            files.push(found.files);
            found.files < 2
        });
        assert!(matches!(listing, Err(NoListing::Stopped)));
        assert_eq!(files, [0, 0, 1, 2]);
    }
}
