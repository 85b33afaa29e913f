//! A status badge.

use askama::Template;
use htmx_ws_components::{DomId, StatusBadge};
use maud::html;

use super::Subject;
use super::hand::{escape, number};
use super::state::State;

#[derive(Debug, StatusBadge)]
#[component(id = "job-{job}-status")]
pub(super) struct Badge {
    job: u32,
    #[badge(status)]
    state: State,
    #[badge(label)]
    name: String,
    #[badge(title)]
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "badge.html")]
struct Page<'a> {
    badge: &'a Badge,
}

impl Subject for Badge {
    const NAME: &'static str = "StatusBadge";

    fn samples() -> Vec<Self> {
        let note = Some("Since 10:42, on the second builder".to_owned());
        vec![
            Self { job: 4711, state: State::Running, name: "Build of main".to_owned(), note },
            Self { job: 0, state: State::Failed, name: "<b>".to_owned(), note: Some("\"It's\" & more".to_owned()) },
            Self { job: 1, state: State::Queued, name: String::new(), note: None },
        ]
    }

    fn id_by_hand(&self, buffer: &mut String) {
        buffer.push_str("job-");
        number(self.job, buffer);
        buffer.push_str("-status");
    }

    fn by_hand(&self, id: impl FnOnce(&mut String), buffer: &mut String) {
        buffer.push_str(r#"<span id=""#);
        id(buffer);
        buffer.push_str(r#"" class="hw-badge" role="status" data-tone=""#);
        buffer.push_str(self.state.color());
        buffer.push('"');
        if self.state.moves() {
            buffer.push_str(" data-active");
        }
        if let Some(note) = &self.note {
            buffer.push_str(r#" title=""#);
            escape(note, buffer);
            buffer.push('"');
        }
        buffer.push_str(r#"><span class="hw-badge-dot" aria-hidden="true"></span><span class="hw-badge-label">"#);
        escape(&self.name, buffer);
        buffer.push_str(r#"</span> <span class="hw-badge-status">"#);
        escape(self.state.word(), buffer);
        buffer.push_str("</span></span>");
    }

    fn in_maud(&self, buffer: &mut String) {
        let markup = html! {
            span id={ "job-" (self.job) "-status" } class="hw-badge" role="status" data-tone=(self.state.color())
                data-active[self.state.moves()] title=[&self.note] {
                span class="hw-badge-dot" aria-hidden="true" {}
                span class="hw-badge-label" { (self.name) }
                " "
                span class="hw-badge-status" { (self.state.word()) }
            }
        };
        buffer.push_str(&markup.0);
    }

    fn in_askama(&self, buffer: &mut String) {
        // Writing to a `String` does not fail.
        let _ = Page { badge: self }.render_into(buffer);
    }

    fn view(&self, id: &DomId, buffer: &mut String) {
        StatusBadge::new(id, &self.state).label(Some(&self.name)).title(self.note.as_ref().map(|note| note as _)).render_to(buffer);
    }
}
