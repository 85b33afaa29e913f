//! A progress bar.

use askama::Template;
use htmx_ws_components::{DomId, ProgressBar, ProgressValue};
use maud::{Markup, html};

use super::Subject;
use super::hand::{escape, number};

#[derive(Debug, ProgressBar)]
#[component(id = "upload-{number}")]
pub(super) struct Bar {
    number: u32,
    #[progress(value)]
    done: u64,
    #[progress(max)]
    size: Option<u64>,
    #[progress(label)]
    file: String,
    #[progress(detail)]
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "bar.html")]
struct Page<'a> {
    bar: &'a Bar,
    percent: Option<u64>,
}

impl Bar {
    fn percent(&self) -> Option<u64> {
        let size = self.size.filter(|size| *size > 0)?;
        Some(self.done.min(size) * 100 / size)
    }
}

/// What is in a bar, by hand.
pub(super) fn content_by_hand(percent: Option<u64>, label: &str, name: &str, buffer: &mut String) {
    buffer.push_str(r#"<div class="hw-progress-head" aria-hidden="true"><span class="hw-progress-label">"#);
    escape(label, buffer);
    buffer.push_str(r#"</span><span class="hw-progress-value">"#);
    if let Some(percent) = percent {
        number(percent, buffer);
        buffer.push('%');
    }
    buffer.push_str(r#"</span></div><div class="hw-progress-track" role="progressbar" aria-label=""#);
    escape(name, buffer);
    buffer.push_str(r#"" aria-valuemin="0" aria-valuemax="100""#);
    if let Some(percent) = percent {
        buffer.push_str(r#" aria-valuenow=""#);
        number(percent, buffer);
        buffer.push_str(r#"" aria-valuetext=""#);
        number(percent, buffer);
        buffer.push_str(r#"%"><div class="hw-progress-fill hw-w"#);
        number(percent, buffer);
    } else {
        buffer.push_str(r#"><div class="hw-progress-fill"#);
    }
    buffer.push_str(r#""></div></div>"#);
}

/// What is in a bar, in maud.
pub(super) fn content_in_maud(percent: Option<u64>, label: &str, name: &str) -> Markup {
    html! {
        div class="hw-progress-head" aria-hidden="true" {
            span class="hw-progress-label" { (label) }
            span class="hw-progress-value" { @if let Some(percent) = percent { (percent) "%" } }
        }
        @if let Some(percent) = percent {
            div class="hw-progress-track" role="progressbar" aria-label=(name) aria-valuemin="0" aria-valuemax="100"
                aria-valuenow=(percent) aria-valuetext={ (percent) "%" } {
                div class={ "hw-progress-fill hw-w" (percent) } {}
            }
        } @else {
            div class="hw-progress-track" role="progressbar" aria-label=(name) aria-valuemin="0" aria-valuemax="100" {
                div class="hw-progress-fill" {}
            }
        }
    }
}

impl Subject for Bar {
    const NAME: &'static str = "ProgressBar";

    fn samples() -> Vec<Self> {
        vec![
            Self {
                number: 4711,
                done: 37_000_000,
                size: Some(98_000_000),
                file: "holiday-photos.zip".to_owned(),
                note: Some("37.0 of 98.0 MB, two minutes left".to_owned()),
            },
            Self { number: 0, done: 5, size: Some(4), file: "<a&b>".to_owned(), note: Some("\"'".to_owned()) },
            Self { number: 1, done: 5, size: None, file: "x".to_owned(), note: None },
        ]
    }

    fn id_by_hand(&self, buffer: &mut String) {
        buffer.push_str("upload-");
        number(self.number, buffer);
    }

    fn by_hand(&self, id: impl FnOnce(&mut String), buffer: &mut String) {
        let percent = self.percent();
        buffer.push_str(r#"<div id=""#);
        id(buffer);
        buffer.push_str(r#"" class="hw-progress" data-tone="neutral""#);
        buffer.push_str(if percent.is_some() { ">" } else { " data-indeterminate>" });
        content_by_hand(percent, &self.file, &self.file, buffer);
        if let Some(note) = &self.note {
            buffer.push_str(r#"<p class="hw-progress-detail">"#);
            escape(note, buffer);
            buffer.push_str("</p>");
        }
        buffer.push_str("</div>");
    }

    fn in_maud(&self, buffer: &mut String) {
        let percent = self.percent();
        let markup = html! {
            div id={ "upload-" (self.number) } class="hw-progress" data-tone="neutral" data-indeterminate[percent.is_none()] {
                (content_in_maud(percent, &self.file, &self.file))
                @if let Some(note) = &self.note { p class="hw-progress-detail" { (note) } }
            }
        };
        buffer.push_str(&markup.0);
    }

    fn in_askama(&self, buffer: &mut String) {
        // Writing to a `String` does not fail.
        let _ = Page { bar: self, percent: self.percent() }.render_into(buffer);
    }

    fn view(&self, id: &DomId, buffer: &mut String) {
        ProgressBar::new(id, self.done.progress())
            .max(self.size.progress())
            .label(Some(&self.file))
            .detail(self.note.as_ref().map(|note| note as _))
            .render_to(buffer);
    }
}
