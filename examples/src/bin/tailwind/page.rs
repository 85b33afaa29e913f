//! The page around the components.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::routing::get;
use htmx_ws_components::{ConnectionState, InvalidDomId, Live};
use htmx_ws_examples::release::app::App;
use htmx_ws_examples::release::rollout::HITS;
use htmx_ws_examples::release::views;
use htmx_ws_examples::release::world::World;
use maud::{DOCTYPE, Markup, html};

use crate::parts::{self, Release};
use crate::theme;

/// The routes of the page, without those of the hub. `style_sheet` is what Tailwind has made.
pub(crate) fn routes(style_sheet: String) -> Router<App> {
    let style_sheet: Arc<str> = style_sheet.into();
    Router::new()
        .route("/", get(async |live: Live, State(app): State<App>| app.page(|world| document(&live.topic(parts::TOPIC), world))))
        .route("/tailwind.css", get(async move || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], style_sheet.to_string())))
        .route("/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../job/icon.svg"))))
}

fn document(live: &Live, world: &World) -> Result<Markup, InvalidDomId> {
    let release = Release::at(world.tick);
    Ok(html! {
        (DOCTYPE)
        html lang="en" class="scheme-light-dark" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Release 4.1 in Tailwind" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                (live.head())
                link rel="stylesheet" href="/tailwind.css";
            }
            body class="bg-slate-50 text-slate-900 antialiased dark:bg-slate-950 dark:text-slate-100" {
                (live.connect())
                (ConnectionState::new().classes(&theme::CONNECTION))
                div class="mx-auto max-w-6xl px-4 pt-6 pb-12 sm:px-6" {
                    (title(&release))
                    main class="mt-10 grid gap-10" {
                        (figures(world)?)
                        div class="grid gap-x-6 gap-y-10 md:grid-cols-2 lg:grid-cols-3" { (steps(&release)) (downloads(&release)) (checks(&release)) }
                        div class="grid gap-x-6 gap-y-10 lg:grid-cols-3" {
                            div class="lg:col-span-2" { (servers(world)?) }
                            (caches(&release))
                        }
                        (log(world))
                    }
                }
                (views::toasts(world)?)
            }
        }
    })
}

fn title(release: &Release) -> Markup {
    html! {
        header {
            p class="flex items-center gap-2 text-sm font-semibold" { img src="/icon.svg" alt="" class="size-6"; "Slipway" }
            div class="mt-8 flex flex-wrap items-center gap-x-4 gap-y-2" {
                h1 class="text-4xl font-bold tracking-tight sm:text-5xl" { "Release 4.1" }
                (release.status)
            }
            p class="mt-3 mb-8 text-lg text-balance text-slate-600 dark:text-slate-400" {
                "A faster search, a shorter way through the checkout, and 37 things that were broken."
            }
            (release.progress)
        }
    }
}

/// The surface that a part of the page lies on.
const SURFACE: &str = "rounded-2xl bg-white shadow-xs ring-1 ring-slate-900/5 dark:bg-slate-900 dark:ring-white/10";

/// A surface with its heading above.
fn section(heading: &str, class: &str, content: &Markup) -> Markup {
    html! {
        section class="flex flex-col" {
            h2 class="mb-3 font-semibold" { (heading) }
            div class={ "flex-1 " (SURFACE) " " (class) } { (content) }
        }
    }
}

fn figures(world: &World) -> Result<Markup, InvalidDomId> {
    Ok(html! {
        section class="grid gap-8 sm:grid-cols-2 lg:grid-cols-4" aria-label="Figures" {
            (views::requests(world)?)
            @for (stat, line) in &views::figures(world)? { div { (stat) (line) } }
        }
    })
}

fn steps(release: &Release) -> Markup {
    section("Steps", "p-6", &html! { ol id="steps" role="list" { @for step in &release.steps { (step) } } })
}

fn downloads(release: &Release) -> Markup {
    section("Downloads", "grid content-start gap-6 p-6", &html! { @for upload in &release.uploads { (upload) } })
}

fn checks(release: &Release) -> Markup {
    section(
        "Checks",
        "px-6 py-3",
        &html! {
            ul class="divide-y divide-slate-900/5 text-sm dark:divide-white/10" role="list" {
                @for check in &release.checks {
                    li class="flex items-center justify-between gap-4 py-3" { span class="font-medium" { (check.name) } (check) }
                }
            }
        },
    )
}

fn servers(world: &World) -> Result<Markup, InvalidDomId> {
    let servers = views::servers(world)?;
    Ok(section(
        "Servers",
        "overflow-hidden",
        &html! {
            div class="relative overflow-x-auto" role="region" aria-label="Servers" tabindex="0" {
                table class="w-full text-sm" {
                    thead class="bg-slate-900/2 text-left text-xs text-slate-600 dark:bg-white/3 dark:text-slate-400" {
                        tr {
                            th class="py-3 pr-4 pl-6 font-medium" scope="col" { "Server" }
                            th class="px-4 py-3 font-medium" scope="col" { "Place" }
                            th class="px-4 py-3 font-medium" scope="col" { "State" }
                            th class="w-1/4 min-w-28 px-4 py-3 font-medium" scope="col" { "Course" }
                            th class="py-3 pr-6 pl-4 text-right font-medium" scope="col" { "Load" }
                        }
                    }
                    tbody id="live-servers" { @for row in &servers { (row) } }
                }
            }
        },
    ))
}

/// What readers get from the caches, below an overlay as long as the caches are cold.
fn caches(release: &Release) -> Markup {
    section(
        "Caches",
        "relative min-h-66 overflow-hidden p-6",
        &html! {
            dl class="grid gap-4 text-sm" {
                @for (place, hits) in HITS {
                    div class="flex justify-between" { dt { (place) } dd class="font-semibold tabular-nums" { (hits) } }
                }
            }
            (release.warming)
        },
    )
}

fn log(world: &World) -> Markup {
    section("Log", "pt-5", &html! { (world.log) })
}
