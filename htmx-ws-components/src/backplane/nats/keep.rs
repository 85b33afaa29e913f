//! The kept state of a topic: a head, which says of which position it is, and, where it is larger than a message, chunks under a name of their own.

use std::time::SystemTime;

use async_nats::HeaderMap;
use bytes::{Bytes, BytesMut};
use serde_json::json;

use super::streams::unique_name;
use super::wire::{Failure, header, number};
use super::{EXPECTED, Shared, Subjects, TIME_STAMP, WRONG_LAST_SEQUENCE, time};
use crate::message::topic::Topic;

/// The record that a state is behind.
const POSITION: &str = "Htmx-Ws-Position";
/// When that was taken: another one may have its place where the stream has lost records.
const TAKEN: &str = "Htmx-Ws-Taken";
/// Under which name the chunks are, and how many. Without them the state is in the head.
const CHUNKS_NAME: &str = "Htmx-Ws-Chunks-Name";
const CHUNKS: &str = "Htmx-Ws-Chunks";
/// How often a state is written again, or read again, because another one took its place meanwhile.
const ATTEMPTS: usize = 5;

/// A state, as it was read.
pub(super) struct Kept {
    pub(super) position: u64,
    pub(super) taken: Option<SystemTime>,
    pub(super) state: Bytes,
}

/// The head of one.
struct Head {
    /// Its own, in the stream of the kept states.
    sequence: u64,
    position: u64,
    taken: Option<String>,
    chunks: Option<(String, usize)>,
    payload: Bytes,
}

impl Shared {
    /// The order is what makes it safe beside others who keep the same topic. The head is looked at first, the chunks are written then, and the head last, if it is still the one that was looked at.
    /// So whoever wrote a head may throw away all chunks from before its own: who wrote them will not get its head in.
    pub(super) async fn keep(&self, topic: &Topic, position: u64, state: &Bytes) -> Result<(), Failure> {
        let subjects = self.names.topic(topic);
        for _ in 0..ATTEMPTS {
            let head = self.head(&subjects).await?;
            if let Some(head) = head.as_ref().filter(|head| head.position >= position)
                && self.taken_at(&subjects, head.position).await? == head.taken
            {
                return Ok(());
            }
            // Where it is gone, a newer state stands for it by now, or the stream has lost it.
            let Some(taken) = self.taken_at(&subjects, position).await? else { return Ok(()) };
            let (first, chunks) = self.write_chunks(&subjects, state).await?;
            let mut headers = HeaderMap::new();
            headers.insert(EXPECTED, head.map_or(0, |head| head.sequence).to_string());
            headers.insert(POSITION, position.to_string());
            headers.insert(TAKEN, taken);
            let payload = match &chunks {
                None => state.clone(),
                Some((name, count)) => {
                    headers.insert(CHUNKS_NAME, name.as_str());
                    headers.insert(CHUNKS, count.to_string());
                    Bytes::new()
                }
            };
            match self.publish(subjects.head.clone(), headers, payload).await {
                Ok(sequence) => return self.purge(&subjects, position, first.unwrap_or(sequence)).await,
                Err(Failure::Refused { code, .. }) if WRONG_LAST_SEQUENCE.contains(&code) => {
                    if let Some((name, _)) = chunks {
                        self.purge_below(&self.names.kept, &subjects.chunk(&name, "*"), None).await?;
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Unanswered("others keep it all the time".to_owned()))
    }

    /// When the record at a position was taken, as the server says it; none where it is not there.
    async fn taken_at(&self, subjects: &Subjects, position: u64) -> Result<Option<String>, Failure> {
        let question = json!({ "seq": position, "next_by_subj": subjects.log, "batch": 1 });
        let (found, _) = self.wire.read(&self.names.log, question).await?;
        let it = found.first().filter(|stored| stored.sequence == position);
        Ok(it.and_then(|stored| header(&stored.message, TIME_STAMP)).map(str::to_owned))
    }

    /// Where the first chunk is, under which name they are, and how many.
    async fn write_chunks(&self, subjects: &Subjects, state: &Bytes) -> Result<(Option<u64>, Option<(String, usize)>), Failure> {
        let size = self.max_bytes().max(1);
        if state.len() <= size {
            return Ok((None, None));
        }
        let name = unique_name().map_err(Failure::Unanswered)?;
        let (mut first, mut count) = (None, 0);
        let mut rest = state.clone();
        while !rest.is_empty() {
            let chunk = rest.split_to(size.min(rest.len()));
            let sequence = self.publish(subjects.chunk(&name, &count.to_string()), HeaderMap::new(), chunk).await?;
            first = first.or(Some(sequence));
            count += 1;
        }
        Ok((first, Some((name, count))))
    }

    /// What a new state stands for goes: the chunks of older ones, and the records below its position.
    async fn purge(&self, subjects: &Subjects, position: u64, first: u64) -> Result<(), Failure> {
        self.purge_below(&self.names.kept, &subjects.chunk("*", "*"), Some(first)).await?;
        self.purge_below(&self.names.log, &subjects.log, Some(position)).await
    }

    async fn purge_below(&self, stream: &str, subject: &str, sequence: Option<u64>) -> Result<(), Failure> {
        // Below the first one is nothing; but a server of 2.11 takes that for everything.
        if sequence.is_some_and(|sequence| sequence <= 1) {
            return Ok(());
        }
        let mut question = json!({ "filter": subject });
        if let Some(sequence) = sequence {
            question["seq"] = sequence.into();
        }
        self.wire.api(&format!("STREAM.PURGE.{stream}"), &question).await.map(|_: serde_json::Value| ())
    }

    async fn head(&self, subjects: &Subjects) -> Result<Option<Head>, Failure> {
        let (found, _) = self.wire.read(&self.names.kept, json!({ "seq": 1, "next_by_subj": subjects.head, "batch": 1 })).await?;
        let Some(stored) = found.into_iter().next() else { return Ok(None) };
        let message = stored.message;
        let position = number(&message, POSITION).ok_or_else(|| Failure::Unanswered("a kept state without its position".to_owned()))?;
        let taken = header(&message, TAKEN).map(str::to_owned);
        let name = header(&message, CHUNKS_NAME).map(str::to_owned);
        let chunks = name.zip(number(&message, CHUNKS).and_then(|count| usize::try_from(count).ok()));
        Ok(Some(Head { sequence: stored.sequence, position, taken, chunks, payload: message.payload }))
    }

    /// Whether the record is there that a state was kept behind.
    pub(super) async fn is_behind_what_is_there(&self, subjects: &Subjects, kept: &Kept) -> Result<bool, Failure> {
        Ok(self.taken_at(subjects, kept.position).await?.as_deref().and_then(time::parse) == kept.taken)
    }

    pub(super) async fn kept(&self, subjects: &Subjects) -> Result<Option<Kept>, Failure> {
        for _ in 0..ATTEMPTS {
            let Some(Head { position, taken, chunks, payload, .. }) = self.head(subjects).await? else { return Ok(None) };
            let taken = taken.as_deref().and_then(time::parse);
            let Some((name, count)) = chunks else { return Ok(Some(Kept { position, taken, state: payload })) };
            let chunks = self.wire.read_all(&self.names.kept, &subjects.chunk(&name, "*"), 1).await?;
            // One by one and in the order in which they were written. Where some are gone, there is a newer head.
            if chunks.len() == count {
                let mut state = BytesMut::new();
                for chunk in chunks {
                    state.extend_from_slice(&chunk.message.payload);
                }
                return Ok(Some(Kept { position, taken, state: state.freeze() }));
            }
        }
        Err(Failure::Unanswered("others keep it all the time".to_owned()))
    }
}
