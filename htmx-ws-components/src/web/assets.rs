//! Where a page loads its files from: our own, which the hub serves, and htmx, which it does not.

use std::fmt::Write;
use std::sync::LazyLock;

use bytes::Bytes;
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
    Folder(String),
    Scripts(Vec<String>),
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
    /// | htmx 2 that morphs | the same, `idiomorph@0.7` | the same, `dist/idiomorph.min.js` |
    ///
    /// Both generations call their main file `htmx.min.js`: it must be the one of [`HubBuilder::htmx`](crate::HubBuilder::htmx).
    pub fn at(folder: &str) -> Self {
        Self(Source::Folder(folder.trim_end_matches('/').to_owned()))
    }

    /// From two URLs: htmx itself, and its WebSocket extension.
    pub fn urls(htmx: impl Into<String>, extension: impl Into<String>) -> Self {
        Self::scripts([htmx.into(), extension.into()])
    }

    /// From these URLs, in their order: htmx itself, its WebSocket extension, [idiomorph](Htmx::V2Morph) where it is wanted, and what else the pages need of htmx.
    ///
    /// ```
    /// use htmx_ws_components::{Assets, Htmx, Hub};
    ///
    /// let assets = Assets::scripts(["/js/htmx.js", "/js/ws.js", "/js/idiomorph.js"]);
    /// let hub = Hub::builder().htmx(Htmx::V2Morph).assets(assets).build();
    /// ```
    pub fn scripts<U: Into<String>>(urls: impl IntoIterator<Item = U>) -> Self {
        Self(Source::Scripts(urls.into_iter().map(Into::into).collect()))
    }

    /// The application writes these script tags itself, in front of [`Live::head`](crate::Live::head).
    pub fn application() -> Self {
        Self(Source::Application)
    }

    /// The CDN, where the application writes the script tags itself: nobody else knows them.
    pub(super) fn or_cdn(self) -> Self {
        if self.0 == Source::Application { Self::cdn() } else { self }
    }

    /// The script tags. Not deferred: htmx 4 begins its work as soon as it runs late in a document, and would then not wait for the extension.
    pub(super) fn tags(&self, generation: Htmx, nonce: Option<&str>) -> Markup {
        match &self.0 {
            Source::Cdn => html! {
                @for script in cdn(generation) {
                    script src={ "https://cdn.jsdelivr.net/npm/" (script.path) } integrity=(script.integrity) crossorigin="anonymous" nonce=[nonce] {}
                }
            },
            Source::Folder(folder) => html! { @for file in files(generation) { script src={ (folder) "/" (file) } nonce=[nonce] {} } },
            Source::Scripts(urls) => html! { @for url in urls { script src=(url) nonce=[nonce] {} } },
            Source::Application => html! {},
        }
    }
}

fn files(generation: Htmx) -> &'static [&'static str] {
    match generation {
        Htmx::V2 => &["htmx.min.js", "ws.min.js"],
        Htmx::V2Morph => &["htmx.min.js", "ws.min.js", "idiomorph.min.js"],
        Htmx::V4 => &["htmx.min.js", "hx-ws.min.js"],
    }
}

/// A file of an npm package, which the CDN serves as it is.
#[derive(Debug)]
struct CdnScript {
    path: &'static str,
    integrity: &'static str,
}

const HTMX_2: CdnScript = CdnScript {
    path: "htmx.org@2.0.11/dist/htmx.min.js",
    integrity: "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg",
};
const WS: CdnScript = CdnScript {
    path: "htmx-ext-ws@2.0.4/dist/ws.min.js",
    integrity: "sha384-1RwI/nvUSrMRuNj7hX1+27J8XDdCoSLf0EjEyF69nacuWyiJYoQ/j39RT1mSnd2G",
};
const IDIOMORPH: CdnScript = CdnScript {
    path: "idiomorph@0.7.4/dist/idiomorph.min.js",
    integrity: "sha384-YWh9vmu1Q6BptPp1emqfsNatFASVLolFKP/5f4LWR6eGMLEhBDh1zcwU2OzfVCe9",
};
const HTMX_4: CdnScript = CdnScript {
    path: "htmx.org@4.0.1/dist/htmx.min.js",
    integrity: "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn",
};
const HX_WS: CdnScript = CdnScript {
    path: "htmx.org@4.0.1/dist/ext/hx-ws.min.js",
    integrity: "sha384-8iDMDuKIquXLgObstxvwGlWD1bY/ALMH7k9rbC070qmZrRvJ0BGO+8xG+Ul+J0bP",
};

fn cdn(generation: Htmx) -> &'static [CdnScript] {
    match generation {
        Htmx::V2 => &[HTMX_2, WS],
        Htmx::V2Morph => &[HTMX_2, WS, IDIOMORPH],
        Htmx::V4 => &[HTMX_4, HX_WS],
    }
}

/// A file that the hub serves itself, under a name that changes with its content.
#[derive(Debug)]
pub(crate) struct OwnFile {
    pub(crate) name: String,
    pub(super) content_type: &'static str,
    pub(super) content: Bytes,
}

impl OwnFile {
    pub(crate) fn new(stem: &str, extension: &str, content_type: &'static str, content: &'static str) -> Self {
        Self { name: format!("{stem}-{}.{extension}", fingerprint(content)), content_type, content: Bytes::from_static(content.as_bytes()) }
    }

    /// A script, without what is there for who reads its source.
    fn script(stem: &str, source: &str) -> Self {
        let content = without_comments(source);
        let name = format!("{stem}-{}.js", fingerprint(&content));
        Self { name, content_type: "text/javascript; charset=utf-8", content: content.into() }
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

/// For every page.
pub(crate) static SCRIPT: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::script("htmx-ws", include_str!("../../assets/htmx-ws.js")));

/// For pages that can have no WebSocket. They load it then.
pub(crate) static FALLBACK: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::script("fallback", include_str!("../../assets/fallback.js")));

/// For pages that send over the socket, or are told to do something beyond their elements. They load it then.
pub(crate) static EXTRAS: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::script("extras", include_str!("../../assets/extras.js")));

/// For development.
pub(crate) static DEBUG: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::script("debug", include_str!("../../assets/debug.js")));

/// For [`Htmx::V2Morph`] only.
pub(crate) static MORPH: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::script("htmx2-morph", include_str!("../../assets/htmx2-morph.js")));

/// The script without its comments and blank lines. It knows those of our own scripts only: `//` on a line of its own, and `/** .. */` where a type is said. A test
/// compares what is left with what a parser makes of the source.
fn without_comments(source: &str) -> String {
    let mut code = String::new();
    for (index, part) in source.split("/**").enumerate() {
        let behind = part.split_once("*/").map_or(part, |(_, behind)| behind);
        code.push_str(if index == 0 { part } else { behind });
    }
    let lines = code.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
    lines.fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

pub(crate) static STYLES: LazyLock<OwnFile> = LazyLock::new(|| OwnFile::new("components", "css", "text/css; charset=utf-8", STYLE_SHEET));

/// One file for the browser, out of three that each can be read.
const STYLE_SHEET: &str =
    concat!(include_str!("../../assets/components.css"), include_str!("../../assets/figures.css"), include_str!("../../assets/feeds.css"),);
