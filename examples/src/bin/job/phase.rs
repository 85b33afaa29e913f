//! The words of the job: what it is doing, and how each folder stands.

use htmx_ws_components::Status;

/// What the job is doing.
#[derive(Debug, Clone, PartialEq, Eq, Status)]
pub(crate) enum Phase {
    #[status(tone = neutral)]
    Idle,
    #[status(tone = info, active)]
    Listing,
    #[status(tone = info, active)]
    Hashing,
    #[status(tone = warning, active)]
    Cancelling,
    #[status(tone = warning, terminal)]
    Cancelled,
    #[status(tone = success, terminal)]
    Done,
    #[status(tone = danger, terminal, label = "Failed: {reason}")]
    Failed { reason: String },
}

impl Phase {
    /// Whether a run can begin.
    pub(crate) fn is_at_rest(&self) -> bool {
        matches!(self, Self::Idle | Self::Cancelled | Self::Done | Self::Failed { .. })
    }

    /// Whether a run can be cancelled.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self, Self::Listing | Self::Hashing)
    }
}

/// How one folder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Status)]
pub(crate) enum StepState {
    #[status(tone = neutral)]
    Waiting,
    #[status(tone = info, active)]
    Running,
    #[status(tone = success, terminal)]
    Done,
    #[status(tone = danger, terminal)]
    Failed,
    /// The job was cancelled while this folder was running.
    #[status(tone = warning, terminal)]
    Cancelled,
    /// The job was cancelled before this folder's turn.
    #[status(tone = neutral, terminal, label = "Not run")]
    NotRun,
}
