//! The site of the browser tests as a process of its own, so that a test can kill it: `site PORT V2|V2Morph|V4`.

use htmx_ws_components::{Htmx, Hub};
use htmx_ws_tests::site::Site;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, generation] = &arguments[..] else { return Err("usage: site PORT V2|V2Morph|V4".into()) };
    let htmx = Htmx::ALL.into_iter().find(|htmx| format!("{htmx:?}") == *generation).ok_or("no such generation")?;
    let site = Site::new(Hub::builder(), htmx);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, site.router()).await?;
    Ok(())
}
