//! htmx out of a folder of npm packages, instead of a CDN.

use std::io;
use std::path::{Path, PathBuf};

use htmx_ws_components::{Assets, Htmx};

/// Where the packages are served.
pub const PATH: &str = "/vendor";

/// A folder of npm packages that has what the pages load.
#[derive(Debug)]
pub struct Vendor {
    /// Where the packages are.
    pub folder: PathBuf,
    /// Where a page finds them.
    pub assets: Assets,
}

impl Vendor {
    /// Looks for htmx in `folder`, or in the `node_modules` in it.
    ///
    /// # Errors
    /// Names the file that is not there.
    pub fn find(folder: &Path, generation: Htmx) -> io::Result<Self> {
        let inner = folder.join("node_modules");
        let folder = if inner.is_dir() { inner } else { folder.to_owned() };
        let urls = files(&folder, generation).into_iter().map(|file| url(&folder, file)).collect::<io::Result<Vec<_>>>()?;
        Ok(Self { folder, assets: Assets::scripts(urls) })
    }

    /// Where a page finds a file of a package.
    ///
    /// # Errors
    /// Names the file that is not there.
    pub fn url(&self, file: &str) -> io::Result<String> {
        url(&self.folder, file)
    }
}

fn url(folder: &Path, file: &str) -> io::Result<String> {
    if folder.join(file).is_file() {
        return Ok(format!("{PATH}/{file}"));
    }
    let message = format!("{}: there is no {file}; `cargo xtask assets` installs it", folder.display());
    Err(io::Error::new(io::ErrorKind::NotFound, message))
}

/// htmx, its WebSocket extension, and idiomorph. Both generations cannot be installed as `htmx.org`, so htmx 2 may have the name `htmx2`.
fn files(folder: &Path, generation: Htmx) -> Vec<&'static str> {
    let htmx2 = if folder.join("htmx2").is_dir() { "htmx2/dist/htmx.min.js" } else { "htmx.org/dist/htmx.min.js" };
    match generation {
        Htmx::V2 => vec![htmx2, "htmx-ext-ws/dist/ws.min.js"],
        Htmx::V2Morph => vec![htmx2, "htmx-ext-ws/dist/ws.min.js", "idiomorph/dist/idiomorph.min.js"],
        Htmx::V4 => vec!["htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-ws.min.js"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        dir
    }

    #[test]
    fn packages_are_found_in_the_folder_or_in_its_node_modules() {
        for prefix in ["", "node_modules/"] {
            let files = ["htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-ws.min.js"].map(|file| format!("{prefix}{file}"));
            let dir = folder_with(&files.each_ref().map(String::as_str));
            let vendor = Vendor::find(dir.path(), Htmx::V4).unwrap();
            assert_eq!(vendor.folder.join(""), dir.path().join(prefix).join(""));
            assert_eq!(vendor.assets, Assets::urls("/vendor/htmx.org/dist/htmx.min.js", "/vendor/htmx.org/dist/ext/hx-ws.min.js"));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let dir = folder_with(&["htmx2/dist/htmx.min.js"]);
        let error = Vendor::find(dir.path(), Htmx::V2).unwrap_err();
        assert!(error.to_string().contains("there is no htmx-ext-ws/dist/ws.min.js;"), "{error}");
    }
}
