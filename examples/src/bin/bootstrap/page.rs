//! The page around the components.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
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

/// The routes of the page, without those of the hub. `bootstrap` is where Bootstrap's style sheet is.
pub(crate) fn routes(bootstrap: String) -> Router<App> {
    let bootstrap: Arc<str> = bootstrap.into();
    let page = async move |live: Live, Query(query): Query<HashMap<String, String>>, State(app): State<App>| {
        let scheme = if query.get("theme").is_some_and(|theme| theme == "dark") { "dark" } else { "light" };
        app.page(|world| document(&live.topic(parts::TOPIC), &bootstrap, scheme, world))
    };
    Router::new()
        .route("/", get(page))
        .route("/bootstrap.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("bootstrap.css"))))
        .route("/close.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("close.svg"))))
        .route("/icon.svg", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../job/icon.svg"))))
}

fn document(live: &Live, bootstrap: &str, scheme: &str, world: &World) -> Result<Markup, InvalidDomId> {
    let release = Release::at(world.tick);
    Ok(html! {
        (DOCTYPE)
        html lang="en" data-bs-theme=(scheme) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Release 4.1 in Bootstrap" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                (live.head())
                link rel="stylesheet" href=(bootstrap);
                link rel="stylesheet" href="/bootstrap.css";
            }
            body class="bg-body-tertiary" {
                (live.connect())
                (ConnectionState::new().classes(&theme::CONNECTION))
                div class="container-xl py-4 px-4" {
                    (masthead(scheme))
                    main class="vstack gap-4" {
                        (title(&release))
                        (figures(world)?)
                        div class="row g-4" {
                            div class="col-md-6 col-lg-4" { (steps(&release)) }
                            div class="col-md-6 col-lg-4" { (downloads(&release)) }
                            div class="col-lg-4" { (checks(&release)) }
                        }
                        div class="row g-4" {
                            div class="col-lg-8" { (servers(world)?) }
                            div class="col-lg-4" { (caches(&release)) }
                        }
                        (log(world))
                    }
                }
                (views::toasts(world)?)
            }
        }
    })
}

fn masthead(scheme: &str) -> Markup {
    html! {
        header class="d-flex justify-content-between align-items-center mb-4" {
            p class="d-flex align-items-center gap-2 fw-semibold mb-0" { img src="/icon.svg" alt="" width="28" height="28"; "Slipway" }
            nav class="d-flex gap-1" aria-label="Scheme" {
                @for (name, word) in [("light", "Light"), ("dark", "Dark")] {
                    @let is_current = name == scheme;
                    a class={ "btn btn-sm " (if is_current { "text-body bg-body border shadow-sm" } else { "text-body-secondary" }) }
                        href={ "/?theme=" (name) } aria-current=[is_current.then_some("true")] { (word) }
                }
            }
        }
    }
}

fn title(release: &Release) -> Markup {
    html! {
        div {
            div class="d-flex flex-wrap align-items-center column-gap-3 row-gap-2 mb-2" {
                h1 class="display-5 fw-bold mb-0" { "Release 4.1" }
                (release.status)
            }
            p class="fs-5 text-body-secondary mb-4" { "A faster search, a shorter way through the checkout, and 37 things that were broken." }
            (release.progress)
        }
    }
}

/// A card with its heading.
fn card(heading: &str, content: &Markup) -> Markup {
    html! {
        section class="card border-0 shadow-sm rounded-4 h-100" {
            div class="card-body p-4" {
                h2 class="h5 mb-2" { (heading) }
                (content)
            }
        }
    }
}

fn figures(world: &World) -> Result<Markup, InvalidDomId> {
    Ok(html! {
        section class="card border-0 shadow-sm rounded-4" aria-label="Figures" {
            div class="row row-cols-1 row-cols-sm-2 row-cols-lg-4 g-0 p-2" {
                div class="col p-3" { (views::requests(world)?) }
                @for (stat, line) in &views::figures(world)? { div class="col p-3" { (stat) (line) } }
            }
        }
    })
}

fn steps(release: &Release) -> Markup {
    card(
        "Steps",
        &html! {
            ol class="list-group list-group-flush" id="steps" role="list" { @for step in &release.steps { (step) } }
        },
    )
}

fn downloads(release: &Release) -> Markup {
    card("Downloads", &html! { div class="vstack gap-4 pt-2" { @for upload in &release.uploads { (upload) } } })
}

fn servers(world: &World) -> Result<Markup, InvalidDomId> {
    Ok(html! {
        section class="card border-0 shadow-sm rounded-4" {
            h2 class="h5 px-4 pt-4 mb-2" { "Servers" }
            div class="table-responsive mb-2" role="region" aria-label="Servers" tabindex="0" {
                table class="table align-middle mb-0" {
                    thead {
                        tr class="small" {
                            th class="ps-4 fw-normal text-body-secondary" scope="col" { "Server" }
                            th class="fw-normal text-body-secondary" scope="col" { "Place" }
                            th class="fw-normal text-body-secondary" scope="col" { "State" }
                            th class="fw-normal text-body-secondary w-25" scope="col" { "Course" }
                            th class="pe-4 fw-normal text-body-secondary text-end" scope="col" { "Load" }
                        }
                    }
                    tbody id="live-servers" { @for row in &views::servers(world)? { (row) } }
                }
            }
        }
    })
}

fn log(world: &World) -> Markup {
    card("Log", &html! { (world.log) })
}

fn checks(release: &Release) -> Markup {
    card(
        "Checks",
        &html! {
            ul class="list-unstyled vstack gap-3 pt-2 mb-0" {
                @for check in &release.checks {
                    li class="d-flex justify-content-between align-items-center gap-3" { span { (check.name) } (check) }
                }
            }
        },
    )
}

/// What readers get from the caches, below an overlay as long as the caches are cold.
fn caches(release: &Release) -> Markup {
    html! {
        section class="card border-0 shadow-sm rounded-4 h-100" {
            div class="card-body d-flex flex-column p-4" {
                h2 class="h5 mb-3" { "Caches" }
                div class="region position-relative flex-grow-1" {
                    dl class="px-1 mb-0" {
                        @for (place, hits) in HITS {
                            div class="d-flex justify-content-between py-2" { dt class="fw-normal" { (place) } dd class="fw-semibold mb-0" { (hits) } }
                        }
                    }
                    (release.warming)
                }
            }
        }
    }
}
