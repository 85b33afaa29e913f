//! Questions to the server, each with an answer or a reason in a bounded time.

use std::future::pending;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::sync::{Notify, Semaphore, watch};

/// Reads that are under way at once. Behind a restart all topics of a node are read again: each shall have its answer in time, and the node its memory.
const READS: usize = 32;

/// A script with what it may do, which stands in its first line.
macro_rules! script {
    ($flags:literal, $($file:literal),*) => {
        LazyLock::new(|| Script::new(concat!("#!lua", $flags, "\n", $(include_str!(concat!("scripts/", $file, ".lua"))),*)))
    };
}

pub(super) static APPEND: LazyLock<Script> = script!("", "common", "append");
/// It is done without memory, too: it gives back more than it takes.
pub(super) static KEEP: LazyLock<Script> = script!(" flags=allow-oom", "common", "keep");
pub(super) static READ: LazyLock<Script> = script!(" flags=no-writes", "common", "read");
pub(super) static LIFE: LazyLock<Script> = script!(" flags=allow-oom", "life");

/// A script, which the server knows by its hash once it has seen it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) code: &'static str,
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        Self { code, hash: redis::Script::new(code).get_hash().to_owned() }
    }

    pub(super) fn with<'a>(&'a self, keys: &'a [&'a str], arguments: &'a [&'a [u8]]) -> Question<'a> {
        Question::Script { script: self, keys, arguments }
    }
}

/// What a server is asked.
pub(super) enum Question<'a> {
    Command(Cmd),
    Script { script: &'a Script, keys: &'a [&'a str], arguments: &'a [&'a [u8]] },
}

impl From<Cmd> for Question<'_> {
    fn from(command: Cmd) -> Self {
        Self::Command(command)
    }
}

impl Question<'_> {
    async fn asked(&self, connection: &mut MultiplexedConnection) -> Result<Value, Failure> {
        let (script, keys, arguments) = match self {
            Self::Command(command) => return Ok(command.query_async(connection).await?),
            Self::Script { script, keys, arguments } => (script, keys, arguments),
        };
        let of = |name, script: &str| {
            let mut command = redis::cmd(name);
            command.arg(script).arg(keys.len()).arg(*keys).arg(*arguments);
            command
        };
        match of("EVALSHA", &script.hash).query_async(connection).await {
            // It has forgotten it.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                Ok(of("EVAL", script.code).query_async(connection).await?)
            }
            answer => Ok(answer?),
        }
    }
}

/// A connection that leads to the life and the reign that it was opened for.
#[derive(Debug)]
pub(super) struct Up {
    /// Which connection of this node it is: the first is 1.
    pub(super) number: u64,
    pub(super) reign: String,
    pub(super) questions: MultiplexedConnection,
    /// Where records are appended: apart where an acknowledgement waits, as nothing else is answered on its connection meanwhile.
    pub(super) appends: MultiplexedConnection,
    /// Told where it is of no use any more.
    pub(super) cut: Arc<Notify>,
}

/// The connection; none while there is none.
pub(super) type Link = Option<Arc<Up>>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    #[error("it is not connected")]
    NotSent,
    #[error("{0}")]
    Refused(String),
    /// It is not the life, or not the process of the server, that the connection was opened to. Nothing was done.
    #[error("it is another one by now")]
    Elsewhere,
    /// The server may have done what it was asked for, or may do so yet.
    #[error("{0}")]
    Unanswered(String),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        match error.kind() {
            // It is a replica by now, or not the server of these keys.
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::Moved) => Self::Elsewhere,
            ErrorKind::Server(_) | ErrorKind::Extension => Self::Refused(described(&error)),
            _ => Self::Unanswered(error.to_string()),
        }
    }
}

/// What the server said, without its words about the script.
pub(super) fn described(error: &RedisError) -> String {
    let detail = error.detail().map_or_else(|| error.to_string(), str::to_owned);
    let said = detail.rsplit_once(" script: ").map_or(&*detail, |(said, _)| said);
    // From 7.2 on a command that a script may not run has no code of its own.
    match said.strip_prefix("ACL failure in script: ") {
        Some(denied) => format!("NOPERM {denied}"),
        None => error.code().map_or_else(|| said.to_owned(), |code| format!("{code} {said}")),
    }
}

#[derive(Debug)]
pub(super) struct Wire {
    /// Set by the task that tends it.
    pub(super) link: watch::Sender<Link>,
    /// How long a question waits for a connection.
    connection_timeout: Duration,
    /// How long it waits for its answer.
    answer_timeout: Duration,
    pub(super) reads: Semaphore,
}

impl Wire {
    pub(super) fn new(connection_timeout: Duration, answer_timeout: Duration) -> Self {
        Self { link: watch::Sender::new(None), connection_timeout, answer_timeout, reads: Semaphore::new(READS) }
    }

    pub(super) async fn connected(&self) -> Result<Arc<Up>, Failure> {
        let mut link = self.link.subscribe();
        let up = link.wait_for(Option::is_some);
        let up = tokio::time::timeout(self.connection_timeout, up).await.map_err(|_| Failure::NotSent)?.map_err(|_| Failure::NotSent)?;
        up.clone().ok_or(Failure::NotSent)
    }

    /// Ends when the connection is another one than `up`.
    pub(super) async fn cut(&self, up: &Up) {
        let is_other = |link: &Link| link.as_ref().is_none_or(|now| now.number != up.number);
        if self.link.subscribe().wait_for(is_other).await.is_err() {
            pending::<()>().await;
        }
    }

    pub(super) async fn ask(&self, up: &Up, question: impl Into<Question<'_>>) -> Result<Value, Failure> {
        self.ask_on(up, &up.questions, &question.into(), self.answer_timeout).await
    }

    pub(super) async fn ask_to_append(&self, up: &Up, question: impl Into<Question<'_>>, more_time: Duration) -> Result<Value, Failure> {
        self.ask_on(up, &up.appends, &question.into(), self.answer_timeout + more_time).await
    }

    async fn ask_on(
        &self,
        up: &Up,
        connection: &MultiplexedConnection,
        question: &Question<'_>,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        let answer = tokio::select! {
            answer = asked_within(connection, question, timeout) => answer,
            () = self.cut(up) => Err(Failure::Unanswered("the connection was lost".to_owned())),
        };
        if answer == Err(Failure::Elsewhere) {
            up.cut.notify_one();
        }
        answer
    }
}

/// Asks on a connection, whatever it leads to.
pub(super) async fn asked(
    connection: &MultiplexedConnection,
    question: impl Into<Question<'_>>,
    timeout: Duration,
) -> Result<Value, Failure> {
    asked_within(connection, &question.into(), timeout).await
}

async fn asked_within(connection: &MultiplexedConnection, question: &Question<'_>, timeout: Duration) -> Result<Value, Failure> {
    let mut connection = connection.clone();
    let answer = tokio::time::timeout(timeout, question.asked(&mut connection)).await;
    let answer = answer.map_err(|_| Failure::Unanswered(format!("no answer came within {timeout:?}")))??;
    match &answer {
        Value::Array(parts) if parts.first().is_some_and(|first| text(first) == Some("elsewhere")) => Err(Failure::Elsewhere),
        _ => Ok(answer),
    }
}

pub(super) fn unreadable() -> Failure {
    Failure::Unanswered("the answer is none".to_owned())
}

/// The parts of an answer.
pub(super) fn parts(answer: Value) -> Result<std::vec::IntoIter<Value>, Failure> {
    match answer {
        Value::Array(parts) => Ok(parts.into_iter()),
        _ => Err(unreadable()),
    }
}

pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok(),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text),
        _ => None,
    }
}

pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        value => text(value)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConnectError;

    /// What is made of an answer as the server writes it.
    #[track_caller]
    fn check(said: &str, text: &str) {
        let answer = redis::parse_redis_value(format!("-{said}\r\n").as_bytes()).and_then(Value::extract_error);
        let failure = Failure::from(answer.unwrap_err());
        assert_eq!(failure, Failure::Refused(text.to_owned()));
        assert_eq!(matches!(ConnectError::from(failure), ConnectError::Denied(_)), !text.starts_with("OOM"));
    }

    #[test]
    fn what_a_script_was_not_let_do_is_told_from_what_failed() {
        let may_not = "NOPERM User mute has no permissions to run the 'set' command";
        check("ERR ACL failure in script: User mute has no permissions to run the 'set' command script: 36f9, on @user_script:1.", may_not);
        check(may_not, may_not);
        let older = "ERR The user executing the script can't run this command or subcommand";
        check(&format!("{older} script: 36f9, on @user_script:1."), older);
        check("OOM command not allowed script: 36f9, on @user_script:1.", "OOM command not allowed");
    }
}
