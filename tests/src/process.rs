//! Processes that a test starts, reads, kills and starts again.
//!
//! Every process is killed when its value is dropped, also when the test panics.

use crate::{PATIENCE, POLL_INTERVAL};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::{
    ffi::{OsStr, OsString},
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

/// A child process whose output is read all the time, so that it never blocks on a full pipe.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    /// Lines as they came, each with the stream that it came from. Written by the two reader threads only.
    output: Arc<Mutex<Vec<(Source, String)>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Stdout,
    Stderr,
}

impl Process {
    /// Starts `command` with its input closed and its output captured.
    pub fn spawn(mut command: Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`{name}` cannot be started: {error}"));
        let output = Arc::default();
        keep_lines(child.stdout.take().expect("stdout is piped"), Source::Stdout, &output);
        keep_lines(child.stderr.take().expect("stderr is piped"), Source::Stderr, &output);
        Self { name, child, output }
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.status().is_none()
    }

    /// The rest of the first line of stdout that starts with `prefix`, once it is there.
    ///
    /// Panics with everything that the process wrote when it ends without such a line.
    pub async fn line(&mut self, prefix: &str) -> String {
        self.line_or_end(prefix).await.unwrap_or_else(|why| panic!("{why}"))
    }

    /// As [`line`](Self::line), for a process that may end without it.
    ///
    /// # Errors
    /// How it ended, with everything that it wrote.
    pub async fn line_or_end(&mut self, prefix: &str) -> Result<String, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Asked before the lines are: whatever a process wrote can be read a moment after it ended.
            let ended = self.status();
            if let Some(rest) = self.find(prefix) {
                return Ok(rest);
            }
            if let Some(status) = ended
                && self.is_drained()
            {
                return Err(format!("`{}` ended ({status}) without a line `{prefix}...`\n{}", self.name, self.output()));
            }
            assert!(Instant::now() < deadline, "`{}` wrote no line `{prefix}...` within {PATIENCE:?}\n{}", self.name, self.output());
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Everything that the process wrote so far, stderr marked with `!`.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().iter().fold(String::new(), |mut text, (source, line)| {
            let mark = if *source == Source::Stderr { '!' } else { ' ' };
            let _ = writeln!(text, "{mark} {line}");
            text
        })
    }

    /// Ends the process at once (SIGKILL): it gets no chance to say goodbye to anyone.
    pub fn kill(&mut self) {
        // An error here says that it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends the process the signal of Ctrl-C (SIGINT), and waits until it has ended.
    ///
    /// Panics with what the process wrote when it does not end.
    pub async fn interrupt(&mut self) -> ExitStatus {
        self.signal("INT").await
    }

    /// As [`interrupt`](Self::interrupt), with the signal of a service manager (SIGTERM).
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM").await
    }

    async fn signal(&mut self, signal: &str) -> ExitStatus {
        if let Some(status) = self.status() {
            return status;
        }
        self.send(signal);
        self.ended().await
    }

    /// Stops the process where it is (SIGSTOP): it takes connections, and does nothing.
    pub fn pause(&self) {
        self.send("STOP");
    }

    /// Has it go on after [`pause`](Self::pause).
    pub fn go_on(&self) {
        self.send("CONT");
    }

    fn send(&self, signal: &str) {
        // The shell's own `kill`: needs neither unsafe code nor a crate for one signal.
        let kill = format!("kill -s {signal} \"$0\"");
        let sent = Command::new("sh").args(["-c", &kill]).arg(self.pid().to_string()).status().expect("sh can be started");
        assert!(sent.success(), "`{}` cannot be sent a signal", self.name);
    }

    /// The process's status, once it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.status() {
                return status;
            }
            assert!(Instant::now() < deadline, "`{}` does not end\n{}", self.name, self.output());
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the process is a child of this one")
    }

    fn find(&self, prefix: &str) -> Option<String> {
        self.output
            .lock()
            .unwrap()
            .iter()
            .filter(|(source, _)| *source == Source::Stdout)
            .find_map(|(_, line)| Some(line.strip_prefix(prefix)?.to_owned()))
    }

    /// Whether both readers came to the end of what the process wrote.
    fn is_drained(&self) -> bool {
        Arc::strong_count(&self.output) == 1
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn keep_lines(stream: impl Read + Send + 'static, source: Source, output: &Arc<Mutex<Vec<(Source, String)>>>) {
    let output = Arc::clone(output);
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            output.lock().unwrap().push((source, String::from_utf8_lossy(&line).into_owned()));
        }
    });
}

/// A server in a process of its own that can die and come back.
///
/// Give it a fixed port ([`free_port`](crate::workspace::free_port)) in its arguments: then it comes back on the same one.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    arguments: Vec<OsString>,
    ready: String,
    announced: String,
    process: Process,
}

impl Server {
    /// Starts `program` and waits for the line of its stdout that starts with `ready`, such as `listening on `.
    pub async fn start<A: AsRef<OsStr>>(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = A>, ready: &str) -> Self {
        let program = program.into();
        let arguments: Vec<OsString> = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
        let mut process = spawn(&program, &arguments);
        let announced = process.line(ready).await;
        Self { program, arguments, ready: ready.to_owned(), announced, process }
    }

    /// The rest of the line that it announced itself with.
    pub fn announced(&self) -> &str {
        &self.announced
    }

    /// Where it listens: the `address:port` of the URL in the line that it announced itself with.
    pub fn addr(&self) -> SocketAddr {
        let (_, rest) = self.announced.split_once("http://").unwrap_or(("", &self.announced));
        let authority = rest.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or_default();
        authority.parse().unwrap_or_else(|_| panic!("`{}` announces no address: `{}`", self.name(), self.announced))
    }

    /// The URL of `path` (with its leading slash) on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr())
    }

    /// Ends it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to stop as Ctrl-C does (SIGINT), and waits until it has.
    pub async fn interrupt(&mut self) -> ExitStatus {
        self.process.interrupt().await
    }

    /// Asks it to stop as a service manager does (SIGTERM), and waits until it has.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.process.terminate().await
    }

    /// Starts the same program with the same arguments again; what still runs is killed first.
    pub async fn restart(&mut self) {
        self.process.kill();
        self.process = spawn(&self.program, &self.arguments);
        self.announced = self.process.line(&self.ready).await;
    }

    /// The process as it runs now.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    fn name(&self) -> std::borrow::Cow<'_, str> {
        self.program.to_string_lossy()
    }
}

fn spawn(program: &PathBuf, arguments: &[OsString]) -> Process {
    let mut command = Command::new(program);
    command.args(arguments);
    Process::spawn(command)
}

/// The signal that ended a process, if one did: 9 for [`Server::kill`], 2 for an unhandled [`Server::interrupt`].
pub fn signal(status: ExitStatus) -> Option<i32> {
    status.signal()
}

/// Makes sure that this process may have as many files and sockets open.
pub fn allow_open_files(count: u64) {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a process knows its limit of open files");
    assert!(hard >= count, "this test has {count} sockets open, and the limit is {hard}; raise it with `ulimit -n {count}`");
    if soft < count {
        setrlimit(Resource::RLIMIT_NOFILE, count, hard).expect("a process may raise its own limit");
    }
}

/// The memory that this process occupies, as Linux tells it.
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("`/proc/self/status`, which only Linux has, can be read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the status of a process has its resident memory");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("resident memory is a number of kB");
    kibibytes * 1024
}
