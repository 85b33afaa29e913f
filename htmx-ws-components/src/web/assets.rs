//! Where a page loads its files from: our own, which the hub serves, and htmx, which it does not.

use std::fmt::Write;
use std::sync::LazyLock;

use maud::{Markup, html};
use sha2::{Digest, Sha256};

use crate::dialect::Htmx;

/// Where the pages load htmx and its WebSocket extension from.
///
/// ```
/// use htmx_ws_components::{Assets, Htmx, Hub};
///
/// // Two files of the application's own: `/static/htmx.min.js` and `/static/hx-ws.min.js`.
/// let hub = Hub::builder().htmx(Htmx::V4).assets(Assets::at("/static")).build();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Cdn,
    Files { htmx: String, extension: String },
    Application,
}

impl Assets {
    /// From the jsDelivr CDN, at a fixed version, with integrity hashes: the default, since it needs nothing else. A page with the content security
    /// policy `default-src 'self'` needs files of its own.
    pub fn cdn() -> Self {
        Self(Source::Cdn)
    }

    /// From a folder that the application serves (with `tower_http::services::ServeDir`, say), with these files of the npm packages in it:
    ///
    /// | | from | file |
    /// |---|---|---|
    /// | htmx 4 | `htmx.org@4` | `dist/htmx.min.js`, `dist/ext/hx-ws.min.js` |
    /// | htmx 2 | `htmx.org@2`, `htmx-ext-ws@2` | `dist/htmx.min.js`, `dist/ws.min.js` |
    ///
    /// Both generations call their main file `htmx.min.js`: it must be the one of [`HubBuilder::htmx`](crate::HubBuilder::htmx).
    pub fn at(folder: &str) -> Self {
        let folder = folder.trim_end_matches('/');
        Self(Source::Files { htmx: format!("{folder}/htmx.min.js"), extension: folder.to_owned() + "/{extension}" })
    }

    /// From two URLs: htmx itself, and its WebSocket extension.
    pub fn urls(htmx: impl Into<String>, extension: impl Into<String>) -> Self {
        Self(Source::Files { htmx: htmx.into(), extension: extension.into() })
    }

    /// The application writes these two script tags itself, in front of [`Live::head`](crate::Live::head).
    pub fn application() -> Self {
        Self(Source::Application)
    }

    /// The script tags. Not deferred: htmx 4 begins its work as soon as it runs late in a document, and would then not wait for the extension.
    pub(super) fn scripts(&self, generation: Htmx) -> Markup {
        match &self.0 {
            Source::Cdn => html! {
                @for script in cdn(generation) {
                    script src={ "https://cdn.jsdelivr.net/npm/" (script.path) } integrity=(script.integrity) crossorigin="anonymous" {}
                }
            },
            Source::Files { htmx, extension } => html! {
                script src=(htmx) {}
                script src=(extension.replace("{extension}", extension_file(generation))) {}
            },
            Source::Application => html! {},
        }
    }
}

fn extension_file(generation: Htmx) -> &'static str {
    match generation {
        Htmx::V2 => "ws.min.js",
        Htmx::V4 => "hx-ws.min.js",
    }
}

/// A file of an npm package, which the CDN serves as it is.
#[derive(Debug)]
struct CdnScript {
    path: &'static str,
    integrity: &'static str,
}

fn cdn(generation: Htmx) -> &'static [CdnScript; 2] {
    match generation {
        Htmx::V2 => &[
            CdnScript {
                path: "htmx.org@2.0.11/dist/htmx.min.js",
                integrity: "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg",
            },
            CdnScript {
                path: "htmx-ext-ws@2.0.4/dist/ws.min.js",
                integrity: "sha384-1RwI/nvUSrMRuNj7hX1+27J8XDdCoSLf0EjEyF69nacuWyiJYoQ/j39RT1mSnd2G",
            },
        ],
        Htmx::V4 => &[
            CdnScript {
                path: "htmx.org@4.0.1/dist/htmx.min.js",
                integrity: "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
            },
            CdnScript {
                path: "htmx.org@4.0.1/dist/ext/hx-ws.min.js",
                integrity: "sha384-8iDMDuKIquXLgObstxvwGlWD1bY/ALMH7k9rbC070qmZrRvJ0BGO+8xG+Ul+J0bP",
            },
        ],
    }
}

/// A file that the hub serves itself, under a name that changes with its content.
#[derive(Debug)]
pub(super) struct OwnFile {
    pub(super) name: String,
    pub(super) content_type: &'static str,
    pub(super) content: &'static str,
}

impl OwnFile {
    fn new(stem: &str, extension: &str, content_type: &'static str, content: &'static str) -> Self {
        Self { name: format!("{stem}-{}.{extension}", fingerprint(content)), content_type, content }
    }
}

/// A short name for a content: the first bytes of its SHA-256, as hexadecimal digits.
pub(super) fn fingerprint(content: &str) -> String {
    let hash = Sha256::digest(content);
    hash.iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) static SCRIPT: LazyLock<OwnFile> =
    LazyLock::new(|| OwnFile::new("htmx-ws", "js", "text/javascript; charset=utf-8", include_str!("../../assets/htmx-ws.js")));

pub(super) static STYLES: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::new("components", "css", "text/css; charset=utf-8", STYLE_SHEET));

/// One file for the browser, out of three that each can be read.
const STYLE_SHEET: &str =
    concat!(include_str!("../../assets/components.css"), include_str!("../../assets/figures.css"), include_str!("../../assets/feeds.css"),);
