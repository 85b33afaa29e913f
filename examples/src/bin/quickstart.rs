//! The first program of the README, as it is there.

use std::time::Duration;

use axum::{Router, routing::get};
use htmx_ws_components::{Hub, Live, ProgressBar};
use maud::{DOCTYPE, Markup, html};

#[derive(ProgressBar)]
#[component(id = "upload-{file}")]
struct Upload {
    file: u32,
    #[progress(value)]
    percent: u8,
    #[progress(label)]
    name: String,
}

async fn page(live: Live) -> Markup {
    let live = live.topic("uploads");
    html! {
        (DOCTYPE)
        html lang="en" {
            head { title { "Uploads" } (live.head()) }
            body { (live.connect()) (live.latest(&Upload { file: 1, percent: 0, name: "report.pdf".into() })) }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let hub = Hub::new();
    let app = Router::new().route("/", get(page)).merge(hub.routes()).with_state(hub.clone());
    tokio::spawn(async move {
        for percent in (0..=100).cycle() {
            hub.publish("uploads", &Upload { file: 1, percent, name: "report.pdf".into() });
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
