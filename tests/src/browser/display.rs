//! A display that nobody sees, for a browser that cannot do without one.

use crate::{POLL_INTERVAL, process::Process};
use std::{path::PathBuf, process::Command, thread};

/// A running Xvfb. It ends with the value, and with it all that draws on it.
#[derive(Debug)]
pub(super) struct Display {
    process: Process,
    name: String,
}

impl Display {
    /// Starts one under a number that is free.
    pub(super) async fn start(xvfb: PathBuf) -> Self {
        let mut command = Command::new(xvfb);
        // It writes its number to stdout once it is ready.
        command.args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]);
        let mut process = Process::spawn(command);
        let name = format!(":{}", process.line("").await);
        Self { process, name }
    }

    /// As the variable `DISPLAY` has it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it wrote.
    pub(super) fn output(&self) -> String {
        self.process.output()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Not killed at once: it takes away the files of its number.
        let _ = Command::new("sh").args(["-c", "kill -s TERM \"$0\" 2>&-"]).arg(self.process.pid().to_string()).status();
        for _ in 0..50 {
            if !self.process.is_running() {
                return;
            }
            thread::sleep(POLL_INTERVAL);
        }
    }
}
