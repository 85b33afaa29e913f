//! One hub in many processes: each node counts primes when it is told to, and every page of every node shows all of them.
//!
//! A node alone writes what its [lane](view) shows, and its memory is where that comes from; what no node owns, the counter, has its state in the page: a button says what to set it to. So nodes share
//! nothing but the topic.

mod launch;
mod page;
mod primes;
mod view;
mod worker;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use htmx_ws_components::{Hub, Nats};
use htmx_ws_examples::args::{self, Args};
use htmx_ws_examples::site::Site;

use crate::page::App;
use crate::worker::Worker;

const USAGE: &str = "\
Shows one live page on many nodes, which share a NATS server.

usage: cluster --all N [options]                start a server and N nodes, until Ctrl-C
       cluster --ports LIST --port N [options]  be one of the nodes

  --all N             how many nodes to start, on the ports from `--port` on
  --nats-server FILE  the server to start for them (default: nats-server)
  --ports LIST        the ports of all nodes, such as 3000,3001,3002
  --nats URL          the server that the nodes share (default: nats://127.0.0.1:4222)
  --app NAME          the application on that server (default: nodes)
  --secret TEXT       what the nodes sign with
";

/// The options that other examples do not have.
#[derive(Debug)]
struct Own {
    all: Option<u16>,
    nats_server: PathBuf,
    ports: Vec<u16>,
    nats: String,
    app: String,
    secret: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut own = Own {
        all: None,
        nats_server: "nats-server".into(),
        ports: Vec::new(),
        nats: "nats://127.0.0.1:4222".to_owned(),
        app: "nodes".to_owned(),
        secret: "of a demo on this machine alone, so it may stand here".to_owned(),
    };
    let parsed = args::parse(std::env::args_os().skip(1), |name, parser| own.take(name, parser));
    let args = match args::or_exit(parsed, USAGE) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let ended = match own.all {
        Some(count) => launch::run(count, &own.nats_server, &args).await,
        None => run(&own, &args).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

impl Own {
    fn take(&mut self, name: &str, parser: &mut lexopt::Parser) -> Result<bool, lexopt::Error> {
        use lexopt::ValueExt as _;
        match name {
            "all" => self.all = Some(parser.value()?.parse()?),
            "nats-server" => self.nats_server = parser.value()?.into(),
            "ports" => self.ports = parser.value()?.parse_with(|list| list.split(',').map(str::parse).collect::<Result<_, _>>())?,
            "nats" => self.nats = parser.value()?.string()?,
            "app" => self.app = parser.value()?.string()?,
            "secret" => self.secret = parser.value()?.string()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Is one of the nodes.
async fn run(own: &Own, args: &Args) -> io::Result<()> {
    let place = own.ports.iter().position(|port| Some(*port) == args.port);
    let place = place.ok_or_else(|| io::Error::other("`--ports` names the ports of all nodes, and `--port` is one of them"))?;
    let backplane = Nats::new(&own.nats, &own.app).connect().await.map_err(io::Error::other)?;
    let site = Site::of(Hub::builder().secret(own.secret.as_bytes()).backplane(backplane), args)?;
    let worker = Arc::new(Worker::new(place + 1, site.hub().clone()));
    worker.show();
    let app = App { hub: site.hub().clone(), ports: own.ports.clone().into(), worker: Arc::clone(&worker), policy: site.policy() };
    site.serve(page::routes(), app, move || worker.stop()).await
}
