//! How a node's copy of a topic's log follows the backplane: pure, as the log is.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::backplane::{Position, Record, Told};
use crate::hub::clock::Moment;
use crate::hub::log::kept::KeptLog;
use crate::hub::log::{Log, Put, Retention};
use crate::hub::replica::nodes::Following;
use crate::hub::replica::record::{Applied, apply, version_behind};
use crate::hub::snapshot::Call;
use crate::message::cursor::Version;
use crate::message::written::Unreadable;

/// A log is kept at the earliest behind so many records. What has to be read instead of it are the records, so a small log is worth no more.
const RECORDS: usize = if cfg!(test) { 4 } else { 64 };

/// A log as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept<'a> {
    #[serde(borrow)]
    log: KeptLog<'a>,
    /// Nothing more is to come.
    complete: bool,
}

/// How far a copy of a log is.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    position: Position,
    /// All that the backplane has is applied.
    is_present: bool,
    /// What the log holds is not all that the others hold: something was passed over that this version does not know, or went to make room.
    is_partial: bool,
    is_complete: bool,
    /// Since it was kept last.
    records: usize,
    bytes: usize,
    /// Who waits until the log has a record, that at the position or a later one.
    waiting: Vec<(Position, Arc<Call>)>,
    /// What it is told comes from there.
    _following: Option<Following>,
}

/// What it is to the topic's readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// There is something to read.
    Changed,
    Unchanged,
    /// The log reaches back less far: whoever stands behind that has a gap.
    Cut,
    /// All that there is has come.
    Present,
    /// Something may be missing from now on.
    Stale,
}

impl Feed {
    pub(crate) fn of(following: Following) -> Self {
        Self { _following: Some(following), ..Self::default() }
    }

    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// The version of the last record that is applied; 0 as long as not all are that were there in the beginning.
    pub(crate) fn heard_up_to(&self) -> Version {
        if self.is_present { version_behind(self.position.0) } else { Version(0) }
    }

    /// Whether nothing more is to come.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Ends the call when the record at a position is applied.
    pub(crate) fn wait_for(&mut self, position: Position, call: Arc<Call>) {
        if position <= self.position {
            call.end(None);
        } else {
            self.waiting.push((position, call));
        }
    }

    /// Nothing more is told; those who wait.
    pub(crate) fn end(self) -> Vec<Arc<Call>> {
        self.waiting.into_iter().map(|(_, call)| call).collect()
    }

    /// To be called behind [`Feed::take`], and ended: those who have waited long enough.
    pub(crate) fn waited(&mut self) -> Vec<Arc<Call>> {
        let at = self.position;
        self.waiting.extract_if(.., |(position, _)| *position <= at).map(|(_, call)| call).collect()
    }

    /// Takes in what is told.
    pub(crate) fn take(&mut self, told: Told, log: &mut Log, retention: Retention) -> News {
        match told {
            Told::Kept { position, state } => {
                self.position = position;
                match read(&state, retention) {
                    Ok((kept, is_complete)) => {
                        *log = kept;
                        (self.is_partial, self.is_complete) = (false, is_complete);
                        News::Changed
                    }
                    Err(_) => self.pass_over(log, retention),
                }
            }
            Told::Record(Record { position, at, bytes }) => {
                self.position = position;
                self.records += 1;
                self.bytes += bytes.len();
                match apply(&bytes, log, self.is_complete, position.0, moment(at)) {
                    Ok(Applied { put, is_complete }) => {
                        self.is_complete = is_complete;
                        if put == Put::Changed { News::Changed } else { News::Unchanged }
                    }
                    Err(_) => self.pass_over(log, retention),
                }
            }
            Told::Present => {
                self.is_present = true;
                News::Present
            }
            Told::Stale => {
                self.is_present = false;
                News::Stale
            }
        }
    }

    /// Something went from the log that the others have.
    pub(crate) fn cut(&mut self) {
        self.is_partial = true;
    }

    /// What was not understood may have changed anything, so nothing of the log is worth more than its end.
    fn pass_over(&mut self, log: &mut Log, retention: Retention) -> News {
        self.is_partial = true;
        *log = Log::new(retention, version_behind(self.position.0));
        News::Cut
    }

    /// The log, when there are so many records by now that a node that comes late has more to read than that. The log is then regarded as kept.
    pub(crate) fn due(&mut self, log: &Log) -> Option<(Position, Bytes)> {
        let is_due = self.is_present && !self.is_partial && self.records >= RECORDS && (self.bytes >= log.bytes() || cfg!(test));
        is_due.then(|| {
            (self.records, self.bytes) = (0, 0);
            self.keep(log)
        })
    }

    /// The log as it is kept, and behind which record.
    pub(crate) fn keep(&self, log: &Log) -> (Position, Bytes) {
        // Numbers and texts have a JSON form.
        let kept = Kept { log: log.to_kept(), complete: self.is_complete };
        (self.position, serde_json::to_vec(&kept).unwrap_or_default().into())
    }
}

fn read(state: &[u8], retention: Retention) -> Result<(Log, bool), Unreadable> {
    let Kept { log, complete } = serde_json::from_slice(state).map_err(Unreadable::new)?;
    Ok((Log::from_kept(log, retention)?, complete))
}

/// The time of the order, as logs have it.
fn moment(at: std::time::SystemTime) -> Moment {
    Moment::default().after(at.duration_since(UNIX_EPOCH).unwrap_or_default())
}
