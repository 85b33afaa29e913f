//! Questions to the server, each with an answer or a reason in a bounded time.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::connection::State;
use async_nats::{Client, HeaderMap, Message, Request, StatusCode, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};

/// Records of one answer: what a follower holds at once, beside what it has not told yet.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Reads that are under way at once. Behind a restart all topics of a node are read again: each shall have its answer in time, and the node its memory.
const READS: usize = 32;

/// A batch ends with this.
const END_OF_BATCH: u16 = 204;
const NOTHING_FOUND: u16 = 404;

/// The connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Link {
    pub(super) is_up: bool,
    /// How many there have been.
    pub(super) life: u64,
}

/// What the client tells of itself.
#[derive(Debug)]
pub(super) struct Ears {
    pub(super) link: watch::Receiver<Link>,
    pub(super) denied: watch::Receiver<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error("it is not connected")]
    NotSent,
    #[error("{description}")]
    Refused { code: u64, description: String },
    /// Our user must not do that.
    #[error("{0}")]
    Denied(String),
    /// The server may have done what it was asked for, or may do so yet.
    #[error("{0}")]
    Unanswered(String),
}

impl Failure {
    fn refused(description: &impl ToString) -> Self {
        Self::Refused { code: 0, description: description.to_string() }
    }
}

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) client: Client,
    pub(super) link: watch::Receiver<Link>,
    /// What our user must not do, as the server said last. It says so aside, and not in an answer.
    denied: watch::Receiver<String>,
    /// How long a question waits for a connection.
    connection_timeout: Duration,
    /// How long it waits for its answer.
    answer_timeout: Duration,
    reads: Semaphore,
}

/// A message of a stream.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) sequence: u64,
    pub(super) message: Message,
}

impl Wire {
    pub(super) fn new(client: Client, told: Ears, connection_timeout: Duration, answer_timeout: Duration) -> Self {
        let Ears { link, denied } = told;
        Self { client, link, denied, connection_timeout, answer_timeout, reads: Semaphore::new(READS) }
    }

    /// Waits for a connection: what is handed to the client without one would be delivered later, when nobody wants it any more.
    pub(super) async fn connected(&self) -> Result<Link, Failure> {
        let mut link = self.link.clone();
        let connected = async {
            loop {
                let up = *link.wait_for(|link| link.is_up).await.map_err(|_| Failure::NotSent)?;
                // The client knows first, and then says so.
                if self.client.connection_state() == State::Connected {
                    return Ok(up);
                }
                link.changed().await.map_err(|_| Failure::NotSent)?;
            }
        };
        tokio::time::timeout(self.connection_timeout, connected).await.unwrap_or(Err(Failure::NotSent))
    }

    /// Ends when the connection is another one than `link`.
    async fn cut(&self, link: Link) -> Failure {
        let _ = self.link.clone().wait_for(|now| *now != link).await;
        Failure::Unanswered("the connection was lost".to_owned())
    }

    /// Ends when the server says, from now on, that what this subject is for is denied, or any answer.
    pub(super) fn denied(&self, subject: &str) -> impl Future<Output = Failure> + use<> {
        let (mut denied, subject) = (self.denied.clone(), format!("\"{subject}\""));
        denied.mark_unchanged();
        async move {
            while denied.changed().await.is_ok() {
                let said = denied.borrow_and_update().clone();
                if said.contains(&subject) || said.contains("\"_INBOX.") {
                    return Failure::Denied(said);
                }
            }
            std::future::pending().await
        }
    }

    pub(super) async fn ask(&self, subject: String, headers: HeaderMap, payload: Bytes) -> Result<Message, Failure> {
        let link = self.connected().await?;
        let request = Request::new().headers(headers).payload(payload).timeout(Some(self.answer_timeout));
        let denied = self.denied(&subject);
        let answer = tokio::select! {
            answer = self.client.send_request(subject, request) => answer,
            cut = self.cut(link) => return Err(cut),
            denied = denied => return Err(denied),
        };
        answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => Failure::refused(&"nothing of this name answers"),
            RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => Failure::refused(&error),
            RequestErrorKind::TimedOut => Failure::Unanswered(format!("no answer came within {:?}", self.answer_timeout)),
            RequestErrorKind::Other => Failure::Unanswered(error.to_string()),
        })
    }

    /// A question to `JetStream` itself.
    pub(super) async fn api<T: DeserializeOwned>(&self, question: &str, body: &Value) -> Result<T, Failure> {
        answer_of(&self.ask(format!("$JS.API.{question}"), HeaderMap::new(), body.to_string().into()).await?)
    }

    /// The messages of a stream that a question to it is about, in their order, and whether there are more.
    pub(super) async fn read(&self, stream: &str, mut question: Value) -> Result<(Vec<Stored>, bool), Failure> {
        // It is never closed.
        let _read = self.reads.acquire().await;
        let link = self.connected().await?;
        question["max_bytes"] = BATCH_BYTES.into();
        if question["batch"].is_null() {
            question["batch"] = BATCH.into();
        }
        let inbox = self.client.new_inbox();
        let mut answers = self.listen(inbox.clone()).await?;
        let subject = format!("$JS.API.DIRECT.GET.{stream}");
        let denied = self.denied(&subject);
        let asked = self.client.publish_with_reply(subject, inbox, question.to_string().into()).await;
        asked.map_err(|error| Failure::Unanswered(error.to_string()))?;
        tokio::select! {
            batch = self.batch(&mut answers) => batch,
            cut = self.cut(link) => Err(cut),
            denied = denied => Err(denied),
        }
    }

    pub(super) async fn listen(&self, subject: String) -> Result<Live, Failure> {
        let subscriber = self.client.subscribe(subject).await.map_err(|error| Failure::Unanswered(error.to_string()))?;
        Ok(Live { subscriber: Some(subscriber), runtime: Handle::current() })
    }

    async fn batch(&self, answers: &mut Live) -> Result<(Vec<Stored>, bool), Failure> {
        let mut messages = Vec::new();
        loop {
            let answer = tokio::time::timeout(self.answer_timeout, answers.next()).await.ok().flatten();
            let Some(message) = answer else {
                return Err(Failure::Unanswered(format!("no answer came within {:?}", self.answer_timeout)));
            };
            match message.status.map(|status| status.as_u16()) {
                None => match number(&message, "Nats-Sequence") {
                    Some(sequence) => messages.push(Stored { sequence, message }),
                    None => return Err(Failure::refused(&"a message without its sequence")),
                },
                Some(END_OF_BATCH) => return Ok((messages, number(&message, "Nats-Num-Pending").is_some_and(|pending| pending > 0))),
                Some(NOTHING_FOUND) => return Ok((messages, false)),
                Some(status) if status == StatusCode::NO_RESPONDERS.as_u16() => {
                    return Err(Failure::refused(&"nothing of this name answers"));
                }
                Some(status) => return Err(Failure::Refused { code: status.into(), description: message.description.unwrap_or_default() }),
            }
        }
    }

    /// All messages on a subject, which may be a pattern, from a sequence on.
    pub(super) async fn read_all(&self, stream: &str, subject: &str, mut from: u64) -> Result<Vec<Stored>, Failure> {
        let mut all = Vec::new();
        loop {
            let (batch, has_more) = self.read(stream, serde_json::json!({ "seq": from, "next_by_subj": subject })).await?;
            let Some(last) = batch.last() else { return Ok(all) };
            from = last.sequence + 1;
            all.extend(batch);
            if !has_more {
                return Ok(all);
            }
        }
    }
}

/// A subscription of the client's. To end it needs the runtime, also where it is dropped elsewhere.
pub(super) struct Live {
    subscriber: Option<Subscriber>,
    runtime: Handle,
}

impl Drop for Live {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        self.subscriber.take();
    }
}

impl Live {
    pub(super) async fn next(&mut self) -> Option<Message> {
        self.subscriber.as_mut()?.next().await
    }
}

/// What `JetStream` said.
pub(super) fn answer_of<T: DeserializeOwned>(message: &Message) -> Result<T, Failure> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        err_code: u64,
        #[serde(default)]
        description: String,
    }
    let unreadable = |error| Failure::Unanswered(format!("the answer is none: {error}"));
    let mut answer: Value = serde_json::from_slice(&message.payload).map_err(unreadable)?;
    match answer.get_mut("error").map(Value::take) {
        Some(error) => {
            let Said { err_code, description } = serde_json::from_value(error).map_err(unreadable)?;
            Err(Failure::Refused { code: err_code, description })
        }
        None => serde_json::from_value(answer).map_err(unreadable),
    }
}

pub(super) fn header<'a>(message: &'a Message, name: &'static str) -> Option<&'a str> {
    Some(message.headers.as_ref()?.get_last(name)?.as_str())
}

pub(super) fn number(message: &Message, name: &'static str) -> Option<u64> {
    header(message, name)?.parse().ok()
}
