//! A record is taken, and waited for until replicas have it, where that is asked for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;

use super::options::Replicas;
use super::wire::{APPEND, Failure, Up, number, parts, text, unreadable};
use super::{Core, MAX_BYTES};
use crate::backplane::{AppendError, Position};
use crate::message::topic::Topic;

impl Core {
    pub(super) async fn append(&self, topic: &Topic, record: &Bytes, last: u64) -> Result<u64, AppendError> {
        self.not_lost().map_err(|lost| AppendError::Refused(lost.to_string()))?;
        if record.len() > MAX_BYTES {
            return Err(AppendError::Refused(format!("{} bytes are more than {MAX_BYTES}", record.len())));
        }
        let up = self.wire.connected().await.map_err(|failure| AppendError::Refused(failure.to_string()))?;
        let topic_keys = self.keys.topic(topic);
        let keys = [&*self.keys.life, &self.keys.last, &topic_keys.log];
        let (epoch, last) = (self.epoch.0.to_string(), last.to_string());
        let arguments: [&[u8]; 6] =
            [epoch.as_bytes(), up.reign.as_bytes(), topic.as_str().as_bytes(), last.as_bytes(), topic_keys.channel.as_bytes(), record];
        // Behind an acknowledgement that waits, others wait as well.
        let more_time = self.replication.as_ref().map_or(Duration::ZERO, |replication| replication.asked.within);
        let answer = self.wire.ask_to_append(&up, APPEND.with(&keys, &arguments), more_time).await;
        let answer = answer.map_err(|failure| match failure {
            Failure::Unanswered(reason) => AppendError::Unknown(reason),
            failure => AppendError::Refused(failure.to_string()),
        })?;
        let unknown = |failure: Failure| AppendError::Unknown(failure.to_string());
        let mut parts = parts(answer).map_err(unknown)?;
        let (kind, position) = (parts.next(), parts.next());
        let position = position.as_ref().and_then(number).ok_or_else(|| unknown(unreadable()))?;
        match kind.as_ref().and_then(text) {
            Some("overtaken") => return Err(AppendError::Overtaken { last: Position(position) }),
            Some("taken") => {}
            _ => return Err(unknown(unreadable())),
        }
        if let Some(replication) = &self.replication {
            replication.wait(self, &up).await.map_err(unknown)?;
        }
        if !self.ears.seen.saw(up.number, position) {
            return Err(unknown(Failure::Unanswered("the connection was lost".to_owned())));
        }
        Ok(position)
    }
}

/// Waits for replicas, for all who append at once together: the server answers nothing else on a connection that waits.
#[derive(Debug)]
pub(super) struct Replication {
    pub(super) asked: Replicas,
    /// How many have come to wait.
    comers: AtomicU64,
    last: Mutex<Waited>,
}

/// What the last waiting came to, for all who had come before it began.
#[derive(Debug)]
struct Waited {
    up_to: u64,
    outcome: Result<(), Failure>,
}

impl Replication {
    pub(super) fn new(asked: Replicas) -> Self {
        Self { asked, comers: AtomicU64::new(0), last: Mutex::new(Waited { up_to: 0, outcome: Ok(()) }) }
    }

    async fn wait(&self, core: &Core, up: &Up) -> Result<(), Failure> {
        let own = self.comers.fetch_add(1, Ordering::AcqRel) + 1;
        let mut last = self.last.lock().await;
        if last.up_to < own {
            last.up_to = self.comers.load(Ordering::Acquire);
            last.outcome = self.ask(core, up).await;
        }
        last.outcome.clone()
    }

    async fn ask(&self, core: &Core, up: &Up) -> Result<(), Failure> {
        let Replicas { count, within } = self.asked;
        let mut command = redis::cmd("WAIT");
        // Without a time it would wait for ever.
        command.arg(count).arg(u64::try_from(within.as_millis()).unwrap_or(u64::MAX).max(1));
        let have_it = number(&core.wire.ask_to_append(up, command, within).await?).ok_or_else(unreadable)?;
        if have_it >= u64::from(count) {
            return Ok(());
        }
        Err(Failure::Unanswered(format!("{have_it} of {count} replicas have it within {within:?}")))
    }
}
