//! A server and many nodes on this machine, which begin and end together.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Stdio;
use std::task::Poll;
use std::time::Duration;

use htmx_ws_components::{Htmx, stop_signal};
use htmx_ws_examples::args::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const FIRST_PORT: u16 = 3000;
/// How long a process may take until it is ready, or has ended.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process that ends with this one.
struct Member {
    name: String,
    child: Child,
}

/// Starts the server and so many nodes, says where they are, and ends them all at Ctrl-C, or when one of them ends.
pub(crate) async fn run(count: u16, server: &Path, args: &Args) -> io::Result<()> {
    let folder = Folder::make()?;
    let mut members = Vec::new();
    let stopped = tokio::select! {
        started = start(count, server, args, &folder, &mut members) => started,
        () = stop_signal() => return end(members).await,
    };
    let ended = match stopped {
        Ok(()) => {
            println!("\nCtrl-C ends them all.");
            tokio::select! {
                () = stop_signal() => Ok(()),
                (name, status) = first_end(&mut members) => Err(io::Error::other(format!("{name} has ended ({status}), so all end"))),
            }
        }
        failed => failed,
    };
    end(members).await?;
    ended
}

async fn start(count: u16, server: &Path, args: &Args, folder: &Folder, members: &mut Vec<Member>) -> io::Result<()> {
    let ports = free_ports(args.port.unwrap_or(FIRST_PORT), count)?;
    let mut command = Command::new(server);
    command.args(["--jetstream", "--addr", "127.0.0.1", "--port", "-1", "--store_dir"]).arg(&folder.0).stderr(Stdio::piped());
    let mut child = spawn(command)?;
    let log = child.stderr.take();
    members.push(Member { name: "nats-server".to_owned(), child });
    let nats = announced(log, "Listening for client connections on ", "nats-server").await?;
    let nats = format!("nats://{nats}");
    println!("NATS    {nats}");
    let list = ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    for (node, port) in (1..).zip(ports) {
        let name = format!("node {node}");
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--ports", &list, "--port", &port.to_string(), "--nats", &nats, "--htmx", generation(args.htmx)]);
        if let Some(assets) = &args.assets {
            command.arg("--assets").arg(assets);
        }
        command.stdout(Stdio::piped());
        let mut child = spawn(command)?;
        let said = child.stdout.take();
        members.push(Member { name: name.clone(), child });
        println!("Node {node}  http://{}", announced(said, "http://", &name).await?);
    }
    Ok(())
}

/// In a group of its own: Ctrl-C comes to this process alone, which ends the nodes before the server.
fn spawn(mut command: Command) -> io::Result<Child> {
    let program = command.as_std().get_program().to_owned();
    let spawned = command.process_group(0).kill_on_drop(true).stdin(Stdio::null()).spawn();
    spawned.map_err(|error| io::Error::new(error.kind(), format!("{} cannot be started: {error}", program.display())))
}

/// What stands behind `mark` in a line of what the process says. It is read to its end, so that the process never waits for a reader.
async fn announced(output: Option<impl AsyncRead + Send + Unpin + 'static>, mark: &str, name: &str) -> io::Result<String> {
    let failed = |what: &str| io::Error::other(format!("{name} {what}"));
    let mut lines = BufReader::new(output.ok_or_else(|| failed("says nothing"))?).lines();
    let found = async {
        while let Some(line) = lines.next_line().await? {
            if let Some((_, rest)) = line.split_once(mark) {
                return Ok(rest.trim().to_owned());
            }
        }
        Err(failed("has ended before it was ready"))
    };
    let found = timeout(PATIENCE, found).await.map_err(|_| failed("is not ready"))??;
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok(found)
}

/// How a member ends.
type Ending<'a> = Pin<Box<dyn Future<Output = (String, String)> + Send + 'a>>;

/// Which member ends first, and how.
async fn first_end(members: &mut [Member]) -> (String, String) {
    let mut endings: Vec<Ending<'_>> = members.iter_mut().map(ending).collect();
    poll_fn(|context| {
        let ended = endings.iter_mut().map(|ending| ending.as_mut().poll(context)).find(Poll::is_ready);
        ended.unwrap_or(Poll::Pending)
    })
    .await
}

fn ending(member: &mut Member) -> Ending<'_> {
    Box::pin(async move {
        let how = member.child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        (member.name.clone(), how)
    })
}

/// Asks them to end, the last one first: so the nodes are gone when the server goes. Who does not is killed.
async fn end(members: Vec<Member>) -> io::Result<()> {
    let mut members = members.into_iter();
    let server = members.next();
    let mut nodes: Vec<Member> = members.collect();
    nodes.iter().for_each(terminate);
    for Member { child, .. } in &mut nodes {
        _ = timeout(PATIENCE, child.wait()).await;
    }
    if let Some(mut server) = server {
        terminate(&server);
        _ = timeout(PATIENCE, server.child.wait()).await;
    }
    Ok(())
}

fn terminate(member: &Member) {
    let id = member.child.id().and_then(|id| i32::try_from(id).ok());
    // An error says that it has ended.
    _ = id.map(|id| kill(Pid::from_raw(id), Signal::SIGTERM));
}

/// So many ports from this one on that nobody listens on.
fn free_ports(first: u16, count: u16) -> io::Result<Vec<u16>> {
    let free = (first..).filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    let ports: Vec<u16> = free.take(count.into()).collect();
    if ports.is_empty() || ports.len() < count.into() {
        return Err(io::Error::other(format!("there are no {count} ports from {first} on")));
    }
    Ok(ports)
}

fn generation(htmx: Htmx) -> &'static str {
    match htmx {
        Htmx::V2 => "2",
        Htmx::V2Morph => "2-morph",
        Htmx::V4 => "4",
    }
}

/// Where the server has its store, until this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn make() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("htmx-ws-nodes-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in a temporary folder.
        _ = std::fs::remove_dir_all(&self.0);
    }
}
