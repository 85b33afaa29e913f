//! `cargo xtask screenshot URL FILE [--dark] [--forced-colors] [--print] [--size WxH]`: a picture of a page as Chromium shows it, once it is loaded.

use htmx_ws_tests::browser::Browser;
use serde_json::{Value, json};
use std::{env, process::ExitCode};

/// Room for a page's whole width on a laptop.
const DEFAULT_SIZE: (u16, u16) = (1280, 800);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(order) = Order::parse(env::args().skip(1)) else {
        eprintln!("usage: cargo xtask screenshot URL FILE [--dark] [--forced-colors] [--print] [--size WxH]");
        return ExitCode::FAILURE;
    };
    let browser = Browser::start().await;
    let tab = browser.tab("about:blank").await;
    tab.resize(order.size.0, order.size.1).await;
    tab.cdp("Emulation.setEmulatedMedia", json!({ "media": order.media, "features": order.features })).await;
    tab.goto(&order.url).await;
    tab.screenshot(&order.file).await;
    ExitCode::SUCCESS
}

/// What is to be pictured, and how.
struct Order {
    url: String,
    file: String,
    /// `print`, or as the browser shows it.
    media: &'static str,
    /// What the reader prefers.
    features: Vec<Value>,
    size: (u16, u16),
}

impl Order {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let (mut names, mut media, mut features, mut size) = (Vec::new(), "", Vec::new(), DEFAULT_SIZE);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--dark" => features.push(json!({ "name": "prefers-color-scheme", "value": "dark" })),
                "--forced-colors" => features.push(json!({ "name": "forced-colors", "value": "active" })),
                "--print" => media = "print",
                "--size" => {
                    let (width, height) = arguments.next()?.split_once('x').map(|(w, h)| (w.parse(), h.parse()))?;
                    size = (width.ok()?, height.ok()?);
                }
                option if option.starts_with("--") => return None,
                _ => names.push(argument),
            }
        }
        let [url, file] = names.try_into().ok()?;
        Some(Self { url, file, media, features, size })
    }
}
