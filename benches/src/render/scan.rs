//! An overlay with a bar and figures.

use askama::Template;
use htmx_ws_components::{DomId, Overlay, ProgressValue};
use maud::html;

use super::Subject;
use super::bar::{content_by_hand, content_in_maud};
use super::hand::{escape, number};

#[derive(Debug, Overlay)]
#[component(id = "scan-{disk}")]
pub(super) struct Scan {
    disk: u32,
    #[overlay(open)]
    running: bool,
    #[overlay(title)]
    title: String,
    #[overlay(message)]
    folder: String,
    #[overlay(progress)]
    percent: Option<u8>,
    #[overlay(stat = "Files found")]
    files: u64,
    #[overlay(stat = "Folders found")]
    folders: u64,
    #[overlay(stat = "Newest")]
    newest: String,
}

#[derive(Template)]
#[template(path = "scan.html")]
struct Page<'a> {
    scan: &'a Scan,
}

fn stat_by_hand(label: &str, value: impl FnOnce(&mut String), buffer: &mut String) {
    buffer.push_str("<div><dt>");
    buffer.push_str(label);
    buffer.push_str("</dt><dd>");
    value(buffer);
    buffer.push_str("</dd></div>");
}

impl Subject for Scan {
    const NAME: &'static str = "Overlay";

    fn samples() -> Vec<Self> {
        let sample = || Self {
            disk: 4711,
            running: true,
            title: "Looking for files".to_owned(),
            folder: "/srv/data/projects/2026/november/builds/main/target".to_owned(),
            percent: Some(42),
            files: 120_443,
            folders: 8_207,
            newest: "report.pdf".to_owned(),
        };
        let escaped = Self { title: "<&>".to_owned(), folder: "\"'".to_owned(), newest: "&".to_owned(), ..sample() };
        vec![sample(), escaped, Self { percent: None, ..sample() }, Self { running: false, ..sample() }]
    }

    fn id_by_hand(&self, buffer: &mut String) {
        buffer.push_str("scan-");
        number(self.disk, buffer);
    }

    fn by_hand(&self, id: impl FnOnce(&mut String), buffer: &mut String) {
        buffer.push_str(r#"<div id=""#);
        id(buffer);
        if !self.running {
            buffer.push_str(r#"" class="hw-overlay" hidden></div>"#);
            return;
        }
        buffer.push_str(concat!(
            r#"" class="hw-overlay"><div class="hw-overlay-card"><span class="hw-overlay-spinner" aria-hidden="true"></span>"#,
            r#"<p class="hw-overlay-title" role="status">"#,
        ));
        escape(&self.title, buffer);
        buffer.push_str(r#"</p><p class="hw-overlay-message"><bdi>"#);
        escape(&self.folder, buffer);
        buffer.push_str(r#"</bdi></p><div class="hw-progress" data-tone="neutral""#);
        buffer.push_str(if self.percent.is_some() { ">" } else { " data-indeterminate>" });
        content_by_hand(self.percent.map(u64::from), "", &self.title, buffer);
        buffer.push_str(r#"</div><dl class="hw-overlay-stats">"#);
        stat_by_hand("Files found", |buffer| number(self.files, buffer), buffer);
        stat_by_hand("Folders found", |buffer| number(self.folders, buffer), buffer);
        stat_by_hand("Newest", |buffer| escape(&self.newest, buffer), buffer);
        buffer.push_str("</dl></div></div>");
    }

    fn in_maud(&self, buffer: &mut String) {
        let markup = html! {
            div id={ "scan-" (self.disk) } class="hw-overlay" hidden[!self.running] {
                @if self.running {
                    div class="hw-overlay-card" {
                        span class="hw-overlay-spinner" aria-hidden="true" {}
                        p class="hw-overlay-title" role="status" { (self.title) }
                        p class="hw-overlay-message" { bdi { (self.folder) } }
                        div class="hw-progress" data-tone="neutral" data-indeterminate[self.percent.is_none()] {
                            (content_in_maud(self.percent.map(u64::from), "", &self.title))
                        }
                        dl class="hw-overlay-stats" {
                            div { dt { "Files found" } dd { (self.files) } }
                            div { dt { "Folders found" } dd { (self.folders) } }
                            div { dt { "Newest" } dd { (self.newest) } }
                        }
                    }
                }
            }
        };
        buffer.push_str(&markup.0);
    }

    fn in_askama(&self, buffer: &mut String) {
        // Writing to a `String` does not fail.
        let _ = Page { scan: self }.render_into(buffer);
    }

    fn view(&self, id: &DomId, buffer: &mut String) {
        Overlay::new(id, self.running, &self.title)
            .message(Some(&self.folder))
            .progress(self.percent.progress())
            .stats(&[("Files found", &self.files), ("Folders found", &self.folders), ("Newest", &self.newest)])
            .render_to(buffer);
    }
}
