//! The pages of the inspector.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, Render, html};

use crate::components::connection_state::ConnectionState;
use crate::dialect::Htmx;
use crate::inspector::overview::Figure;
use crate::inspector::table::Text;
use crate::web::assets::OwnFile;
use crate::web::live::Live;

/// The look of the inspector around the components.
pub(super) static STYLES: LazyLock<OwnFile> =
    LazyLock::new(|| OwnFile::new("inspector", "css", "text/css; charset=utf-8", include_str!("../../assets/inspector.css")));

/// Where a page stands, and what makes it live.
pub(super) struct Frame<'a> {
    pub(super) live: &'a Live,
    /// Where the inspector is mounted, without a slash at the end.
    pub(super) base: &'a str,
    pub(super) htmx: Htmx,
}

impl Frame<'_> {
    /// A page called `title`, with `masthead` at its top.
    pub(super) fn document(&self, title: &str, masthead: &Markup, content: &impl Render) -> Markup {
        let Self { live, base, .. } = self;
        let files = format!("{base}/live");
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (title) " · Inspector" }
                    (live.head_at(&files))
                    link rel="stylesheet" href={ (files) "/" (STYLES.name) };
                    link rel="icon" href={ (files) "/" (ICON.name) } type="image/svg+xml";
                }
                body {
                    (ConnectionState::new())
                    (live.connect_around_at(&format!("{files}/ws"), &html! {
                        header class="masthead" { (masthead) p class="pulse" { (self.words()) } }
                        (live.errors())
                        main { (content) }
                    }))
                }
            }
        }
    }

    fn words(&self) -> &'static str {
        match self.htmx {
            Htmx::V2 => "htmx 2",
            Htmx::V2Morph => "htmx 2, idiomorph",
            Htmx::V4 => "htmx 4",
        }
    }
}

/// The picture in the tab.
pub(super) static ICON: LazyLock<OwnFile> =
    LazyLock::new(|| OwnFile::new("inspector", "svg", "image/svg+xml", include_str!("../../assets/inspector.svg")));

/// What stands on the first page.
pub(super) struct Home<'a> {
    pub(super) figures: &'a [Figure],
    pub(super) simulator: Markup,
    pub(super) topics: (Markup, Text),
    pub(super) connections: (Markup, Text),
    pub(super) counters: Markup,
}

impl Render for Home<'_> {
    fn render(&self) -> Markup {
        let Self { figures, simulator, topics, connections, counters } = self;
        html! {
            section class="figures" aria-label="Figures" {
                @for (stat, line) in *figures { div class="card figure" { (stat) (line) } }
            }
            (list("Topics", "topics", topics, "No topic yet: one is there as soon as something is published to it, or a page reads it."))
            (list("Connections", "connections", connections, "Nobody is connected."))
            div class="halves" {
                (simulator)
                div class="card list counted" {
                    header { h2 id="counters-heading" { "Counted" } p class="hint" { "Since the process began; what has never happened is left out." } }
                    (counters)
                    p class="hint empty" { "Nothing yet." }
                }
            }
        }
    }
}

fn list(title: &str, name: &str, (table, note): &(Markup, Text), empty: &str) -> Markup {
    html! {
        div class="card list" {
            header { h2 id={ (name) "-heading" } { (title) } p class="count" { (note) } }
            (table)
            p class="hint empty" { (empty) }
        }
    }
}
