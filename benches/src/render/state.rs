//! The status that the samples have.

use htmx_ws_components::Status;

#[derive(Debug, Clone, Copy, Status)]
pub(crate) enum State {
    Queued,
    #[status(tone = info, active)]
    Running,
    #[status(tone = danger, label = "Failed & stopped")]
    Failed,
}

/// What the derive of [`Status`] says, for those who do without it.
impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Failed => "Failed & stopped",
        }
    }

    pub(super) fn color(self) -> &'static str {
        match self {
            Self::Queued => "neutral",
            Self::Running => "info",
            Self::Failed => "danger",
        }
    }

    pub(super) fn moves(self) -> bool {
        matches!(self, Self::Running)
    }
}
