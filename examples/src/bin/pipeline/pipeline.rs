//! The pipeline: one run at a time, its steps, and what it said.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use htmx_ws_components::{Hub, InvalidDomId, LogTail, Status, Tone};
use tokio::process::Command;
use tokio::task::AbortHandle;

use crate::messages::{Diagnostic, Message, begun};
use crate::sources::{self, CRATES, Quality};
use crate::{child, view};

/// Lines of output that a page shows, and characters of each.
const LINES: usize = 200;
const LINE_CHARS: usize = 400;

/// How a run, or one step of it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Status)]
pub(crate) enum Phase {
    #[status(tone = neutral)]
    Waiting,
    #[status(tone = info, active)]
    Running,
    #[status(tone = success, terminal)]
    Passed,
    #[status(tone = danger, terminal)]
    Failed,
    #[status(tone = warning, terminal)]
    Stopped,
}

/// One thing after another.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) title: String,
    pub(crate) detail: &'static str,
    pub(crate) phase: Phase,
}

/// What every page shows.
pub(crate) struct State {
    /// Counts the runs, so that what an old one still has to say is not taken for the new one's.
    run: u64,
    pub(crate) phase: Phase,
    pub(crate) steps: Vec<Step>,
    pub(crate) log: LogTail,
    task: Option<AbortHandle>,
}

/// A handle on the pipeline: its clones are one.
#[derive(Clone)]
pub(crate) struct Pipeline {
    hub: Hub,
    state: Arc<Mutex<State>>,
}

/// The steps before and behind those of the crates.
const WRITE: usize = 0;
const RUN: usize = CRATES.len() + 1;

impl Pipeline {
    pub(crate) fn new(hub: Hub) -> Result<Self, InvalidDomId> {
        let log = LogTail::new("log", "Output", LINES)?.quiet();
        let state = State { run: 0, phase: Phase::Waiting, steps: steps(), log, task: None };
        Ok(Self { hub, state: Arc::new(Mutex::new(state)) })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a run, unless there is one.
    pub(crate) fn start(&self, quality: Quality) {
        let mut state = self.lock();
        if state.phase == Phase::Running {
            return;
        }
        state.run += 1;
        state.phase = Phase::Running;
        state.steps = steps();
        // It waits for the lock with its first step.
        let reporter = Reporter { pipeline: self.clone(), run: state.run };
        state.task = Some(tokio::spawn(run(reporter, quality)).abort_handle());
        let title = format!("run {}", state.run);
        self.say(&mut state, &title, Some(("begin", Tone::Neutral)));
        view::publish(&self.hub, &state);
    }

    /// Ends the run, if there is one, and with it its processes.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        if let Some(task) = state.task.take() {
            task.abort();
        }
        self.end(&mut state, Phase::Stopped);
    }

    /// The run is over; what of it was under way has come to the same end.
    fn end(&self, state: &mut State, phase: Phase) {
        if state.phase != Phase::Running {
            return;
        }
        state.phase = phase;
        for step in state.steps.iter_mut().filter(|step| step.phase == Phase::Running) {
            step.phase = phase;
        }
        let (word, tone) = if phase == Phase::Passed { ("passed", Tone::Success) } else { ("ended", Tone::Danger) };
        let title = format!("run {}", state.run);
        self.say(state, &title, Some((word, tone)));
        view::publish(&self.hub, state);
    }

    fn say(&self, state: &mut State, text: &str, level: Option<(&str, Tone)>) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line: String = line.chars().take(LINE_CHARS).collect();
            let patches = state.log.push(line, |line| match level {
                Some((word, tone)) => line.level(word, tone),
                None => line,
            });
            view::publish_log(&self.hub, &patches);
        }
    }
}

fn steps() -> Vec<Step> {
    let step = |title: String, detail| Step { title, detail, phase: Phase::Waiting };
    let write = step("Write the sources".to_owned(), "Four crates, into a new folder");
    let crates = CRATES.iter().map(|made| step(format!("Build {}", made.name), "cargo build"));
    [write].into_iter().chain(crates).chain([step("Run".to_owned(), "What was built, without arguments")]).collect()
}

/// How a run says what it does: as long as it is the run that the pipeline is in.
struct Reporter {
    pipeline: Pipeline,
    run: u64,
}

impl Reporter {
    fn tell(&self, change: impl FnOnce(&Pipeline, &mut State)) {
        let mut state = self.pipeline.lock();
        if state.run == self.run && state.phase == Phase::Running {
            change(&self.pipeline, &mut state);
            view::publish(&self.pipeline.hub, &state);
        }
    }

    fn step(&self, step: usize, phase: Phase) {
        self.tell(|_, state| state.steps[step].phase = phase);
    }

    fn step_of(&self, name: &str, phase: Phase) {
        if let Some(index) = CRATES.iter().position(|made| made.name == name) {
            self.step(index + 1, phase);
        }
    }

    fn say(&self, text: &str, level: Option<(&str, Tone)>) {
        self.tell(|pipeline, state| pipeline.say(state, text, level));
    }

    /// A line that cargo wrote for programs.
    fn message(&self, line: &str) {
        match serde_json::from_str(line) {
            Ok(Message::Artifact { target }) => self.step_of(&target.name, Phase::Passed),
            Ok(Message::Diagnostic { target, message }) => {
                self.diagnostic(&message);
                if message.level.starts_with("error") {
                    self.step_of(&target.name, Phase::Failed);
                }
            }
            Ok(Message::Other) => {}
            Err(_) => self.say(line, None),
        }
    }

    /// What the compiler has to say: the word that it begins with has the colour.
    fn diagnostic(&self, message: &Diagnostic) {
        let tone = match message.level.as_str() {
            "warning" => Tone::Warning,
            level if level.starts_with("error") => Tone::Danger,
            _ => Tone::Neutral,
        };
        let rendered = message.rendered.as_deref().unwrap_or_default();
        let (first, rest) = rendered.split_once('\n').unwrap_or((rendered, ""));
        match first.split_once(": ") {
            Some((word, text)) => self.say(text, Some((word, tone))),
            None => self.say(first, None),
        }
        self.say(rest, None);
    }

    /// A line that cargo wrote for people.
    fn remark(&self, line: &str) {
        if let Some(name) = begun(line) {
            self.step_of(name, Phase::Running);
        }
        self.say(line, None);
    }
}

async fn run(reporter: Reporter, quality: Quality) {
    let passed = stages(&reporter, quality).await;
    if let Err(error) = &passed {
        reporter.say(&error.to_string(), Some(("error", Tone::Danger)));
    }
    let phase = if passed.is_ok() { Phase::Passed } else { Phase::Failed };
    reporter.tell(|pipeline, state| pipeline.end(state, phase));
}

async fn stages(reporter: &Reporter, quality: Quality) -> io::Result<()> {
    // Gone when this function is left, also when the run is stopped.
    let folder = tempfile::tempdir()?;
    reporter.step(WRITE, Phase::Running);
    sources::write(folder.path(), quality)?;
    reporter.step(WRITE, Phase::Passed);

    let build = child::run(cargo(folder.path()), |line| reporter.message(line), |line| reporter.remark(line)).await?;
    if !build.success() {
        return Err(io::Error::other(format!("cargo ended with {build}")));
    }
    reporter.step(RUN, Phase::Running);
    let program = Command::new(folder.path().join("target/debug/hello"));
    let say = |line: &str| reporter.say(line, None);
    let status = child::run(program, say, say).await?;
    if !status.success() {
        return Err(io::Error::other(format!("the program ended with {status}")));
    }
    reporter.step(RUN, Phase::Passed);
    Ok(())
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--offline", "--message-format=json", "--color=never", "--target-dir"]).arg(folder.join("target"));
    cargo.current_dir(folder);
    cargo
}
