//! A child process that ends with the run that began it.

use std::io;
use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Bytes of output that are read of each of a child's two streams. One that writes more is stopped by its broken pipe.
const MAX_OUTPUT: u64 = 4 << 20;

/// Runs `command` to its end, and hands on each line that it writes. Dropping the future kills the child, and all that the child has started.
pub(crate) async fn run(mut command: Command, out: impl FnMut(&str), err: impl FnMut(&str)) -> io::Result<ExitStatus> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // A group of its own: cargo's compilers end with it. Ctrl-C does not reach them, so the server stops its run itself.
    command.process_group(0);
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut group = Group(child);
    tokio::try_join!(lines(stdout, out), lines(stderr, err))?;
    group.0.wait().await
}

async fn lines(stream: Option<impl AsyncRead + Unpin>, mut take: impl FnMut(&str)) -> io::Result<()> {
    let Some(stream) = stream else { return Ok(()) };
    let mut lines = BufReader::new(stream.take(MAX_OUTPUT)).split(b'\n');
    while let Some(line) = lines.next_segment().await? {
        take(&String::from_utf8_lossy(&line));
    }
    Ok(())
}

/// A child with its process group.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // None when it has ended and was waited for: then the number may be somebody else's.
        if let Some(pid) = self.0.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn what_a_child_has_started_ends_with_it() {
        let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo $!; wait"]);
        let running = run(command, |line| said.send(line.to_owned()).unwrap(), |_| ());
        let grandchild: i32 = tokio::select! {
            _ = running => panic!("it does not end by itself"),
            line = heard.recv() => line.unwrap().parse().unwrap(),
        };
        // A process that nobody has waited for yet is still listed, as a zombie.
        let is_alive = || std::fs::read_to_string(format!("/proc/{grandchild}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        let gone = async {
            while is_alive() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.unwrap();
    }
}
