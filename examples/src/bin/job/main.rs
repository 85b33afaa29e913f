//! A live job page: hashes every file of a folder on threads of its own, and shows it in every browser that looks.
//!
//! The job itself ([`job`], [`folder`], [`walk`], [`digest`], [`runner`]) knows nothing of the web; [`view`] is where it becomes components.

mod args;
mod digest;
mod folder;
mod job;
mod pace;
mod page;
mod phase;
mod runner;
mod vendor;
mod view;
mod walk;
mod words;

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use htmx_ws_components::Hub;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::args::{Args, Command, DEFAULT_PORT, USAGE};
use crate::page::App;
use crate::runner::Runner;
use crate::vendor::Vendor;

/// Nothing but our own server, no inline script, no inline style.
const STRICT_POLICY: &str = "default-src 'self'";

#[tokio::main]
async fn main() -> ExitCode {
    let args = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Run(args)) => args,
        Ok(Command::Help) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> io::Result<()> {
    let dir = args.dir.canonicalize().map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", args.dir.display())))?;
    let vendor = args.assets.map(|folder| Vendor::find(&folder, args.htmx)).transpose()?;
    let mut hub = Hub::builder().htmx(args.htmx);
    if let Some(vendor) = &vendor {
        hub = hub.assets(vendor.assets.clone());
    }
    let hub = hub.build();
    let runner = Runner::new(dir, view::publisher(hub.clone()));
    let policy = vendor.is_some().then_some(STRICT_POLICY);
    let mut app = Router::new().merge(page::routes()).merge(hub.routes());
    if let Some(vendor) = vendor {
        app = app.nest_service(vendor::PATH, ServeDir::new(vendor.folder));
    }
    let app = app.with_state(App { hub: hub.clone(), runner: Arc::clone(&runner), policy });

    let listener = listen(args.port).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(shutdown(hub, runner)).await
}

/// The asked port, which must be free; or the usual one, which need not be.
async fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    let host = Ipv4Addr::LOCALHOST;
    match TcpListener::bind((host, port.unwrap_or(DEFAULT_PORT))).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse && port.is_none() => {
            eprintln!("port {DEFAULT_PORT} is taken, so this is another one; `--port` chooses");
            TcpListener::bind((host, 0)).await
        }
        Err(error) => Err(io::Error::new(error.kind(), format!("port {}: {error}", port.unwrap_or(DEFAULT_PORT)))),
        listener => listener,
    }
}

/// Returns when the server may stop: Ctrl-C was pressed, the job is cancelled, and no browser is connected any more.
async fn shutdown(hub: Hub, runner: Arc<Runner>) {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without the signal there is no clean way to stop; so do not stop at all.
        return std::future::pending().await;
    }
    runner.cancel();
    hub.drain().await;
}
