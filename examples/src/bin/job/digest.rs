//! SHA-256 of a file that may be huge, and of a folder.

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};

/// What is read at once: large enough to keep the disk busy, small enough to hear of a cancel within a millisecond or so.
const CHUNK_BYTES: usize = 128 * 1024;

/// The SHA-256 of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(pub(crate) [u8; 32]);

impl Digest {
    /// The first twelve hexadecimal digits: enough to compare by eye.
    pub(crate) fn short(self) -> impl Display {
        struct Short(Digest);
        impl Display for Short {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.0[..6].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        Short(self)
    }
}

/// The digest of a folder: over the path, a zero byte and the digest of every file, in the order of the paths.
pub(crate) fn combined(files: &mut [(PathBuf, Digest)]) -> Digest {
    files.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let mut sha = Sha256::new();
    for (path, digest) in files {
        sha.update(path.as_os_str().as_encoded_bytes());
        sha.update([0]);
        sha.update(digest.0);
    }
    Digest(sha.finalize().into())
}

/// Why a file has no digest.
#[derive(Debug)]
pub(crate) enum NoDigest {
    /// The run was cancelled.
    Stopped,
    /// It cannot be read, for this reason.
    Unreadable(String),
}

/// Hashes files one after another, in a buffer of its own.
#[derive(Debug)]
pub(crate) struct Hasher {
    buffer: Box<[u8]>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; CHUNK_BYTES].into() }
    }

    /// The digest of the file at `path`. `on_read` hears of every chunk; `stop` is looked at before each.
    pub(crate) fn hash(&mut self, path: &Path, stop: &AtomicBool, mut on_read: impl FnMut(u64)) -> Result<Digest, NoDigest> {
        let unreadable = |error| NoDigest::Unreadable(reason(&error));
        let mut file = File::open(path).map_err(unreadable)?;
        let mut sha = Sha256::new();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(NoDigest::Stopped);
            }
            match file.read(&mut self.buffer) {
                Ok(0) => return Ok(Digest(sha.finalize().into())),
                Ok(bytes) => {
                    sha.update(&self.buffer[..bytes]);
                    on_read(bytes as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(error)),
            }
        }
    }
}

/// The words of an error without the number that the system has for it.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(content: &[u8], stop: bool) -> (Result<Digest, NoDigest>, u64) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, content).unwrap();
        let mut read = 0;
        let digest = Hasher::new().hash(&path, &AtomicBool::new(stop), |bytes| read += bytes);
        (digest, read)
    }

    #[test]
    fn a_file_has_the_digest_that_everyone_gives_it() {
        let (digest, read) = hash(b"abc", false);
        assert_eq!((digest.unwrap().short().to_string().as_str(), read), ("ba7816bf8f01", 3));
        assert_eq!(hash(b"", false).0.unwrap().short().to_string(), "e3b0c44298fc");
    }

    #[test]
    fn a_file_of_many_chunks_is_read_to_its_end() {
        let content = vec![7; CHUNK_BYTES * 2 + 1];
        let (digest, read) = hash(&content, false);
        assert_eq!(digest.unwrap(), Digest(Sha256::digest(&content).into()));
        assert_eq!(read, content.len() as u64);
    }

    #[test]
    fn a_stop_is_heard_before_the_first_chunk() {
        let (digest, read) = hash(b"abc", true);
        assert!(matches!(digest, Err(NoDigest::Stopped)));
        assert_eq!(read, 0);
    }

    #[test]
    fn a_reason_has_no_number() {
        let error = File::open("/nowhere/at/all").unwrap_err();
        assert_eq!(reason(&error), "No such file or directory");
    }

    #[test]
    fn a_folder_has_another_digest_when_a_file_has_another_name() {
        let digest = Digest([1; 32]);
        let one = combined(&mut [("a".into(), digest), ("b".into(), digest)]);
        assert_eq!(one, combined(&mut [("b".into(), digest), ("a".into(), digest)]));
        assert_ne!(one, combined(&mut [("a".into(), digest), ("c".into(), digest)]));
    }
}
