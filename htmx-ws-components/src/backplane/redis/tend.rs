//! The task that keeps a node connected, as long as anybody has it: it opens the connections again where they broke, and looks from time to time whether a record was told that nobody has heard.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use tokio::sync::watch;
use tokio::time::sleep;

use super::Core;
use super::life::{Known, Life, Server, Trouble};
use super::way::Line;
use super::wire::{Failure, asked, number, parts};
use crate::backplane::Lost;
use crate::message::topic::Topic;

/// The pauses between two attempts to connect again are twice as long each time, up to the last one.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_secs(2);
/// How many topics are asked about at once.
const TOPICS: usize = 500;

/// How a connection ends.
enum End {
    Cut,
    Lost(Lost),
    /// Nobody has the engine any more.
    Gone,
}

/// Ends when `gone` says so, by its sender being dropped, or when there is nothing to come back to.
pub(super) async fn run(core: Arc<Core>, mut line: Line, mut gone: watch::Receiver<()>) {
    loop {
        let end = tokio::select! {
            end = serve(&core, &line) => end,
            _ = gone.changed() => End::Gone,
        };
        // In this order: what is still on its way is given up first, so nothing is seen behind what is looked at next.
        core.ears.seen.end();
        core.wire.link.send_replace(None);
        let lost = match end {
            End::Gone => return,
            End::Lost(lost) => lost,
            End::Cut => {
                let Line { up, life, .. } = line;
                let known = Known { epoch: life.epoch, reign: life.reign, seen: core.ears.seen.position() };
                let number = up.number + 1;
                drop(up);
                let opened = tokio::select! {
                    opened = open_again(&core, number, &known) => opened,
                    _ = gone.changed() => return,
                };
                match opened {
                    Ok(again) => {
                        line = again;
                        continue;
                    }
                    Err(lost) => lost,
                }
            }
        };
        core.lost.send_replace(Some(lost));
        return;
    }
}

async fn open_again(core: &Core, number: u64, known: &Known) -> Result<Line, Lost> {
    let mut pause = FIRST_PAUSE;
    loop {
        match core.way.open(number, Some(known)).await {
            Ok(line) => return Ok(line),
            Err(Trouble::Lost(lost)) => return Err(lost),
            Err(Trouble::Not(_)) => {
                sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            }
        }
    }
}

/// Lets everybody use a connection, until it ends.
async fn serve(core: &Core, line: &Line) -> End {
    core.ears.seen.begin(line.up.number);
    core.wire.link.send_replace(Some(Arc::clone(&line.up)));
    tokio::select! {
        () = line.up.cut.notified() => End::Cut,
        () = core.ears.listen(line.up.number, line.listening.clone(), core.answer_timeout) => End::Cut,
        end = look_from_time_to_time(core, line) => end,
    }
}

async fn look_from_time_to_time(core: &Core, line: &Line) -> End {
    let mut looked_up_to = line.life.newest;
    loop {
        sleep(core.audit).await;
        match look(core, line, looked_up_to).await {
            Ok(up_to) => looked_up_to = up_to,
            Err(Trouble::Lost(lost)) => return End::Lost(lost),
            Err(Trouble::Not(_)) => return End::Cut,
        }
    }
}

/// How far the topics have been looked at now.
async fn look(core: &Core, line: &Line, looked_up_to: u64) -> Result<u64, Trouble> {
    let questions = &line.up.questions;
    asked(&line.listening, redis::cmd("PING"), core.answer_timeout).await?;
    let server = Server::of(questions, core.answer_timeout).await?.checked()?;
    let known = Known { epoch: line.life.epoch, reign: line.life.reign.clone(), seen: core.ears.seen.position() };
    let life = Life::of(questions, core.answer_timeout, &core.way.names, &server, Some(&known)).await?;
    if life.reign != known.reign {
        return Err(Failure::Elsewhere.into());
    }
    if life.newest != looked_up_to {
        for topics in core.ears.topics().chunks(TOPICS) {
            tell_what_is_there(core, questions, topics).await?;
        }
    }
    Ok(life.newest)
}

async fn tell_what_is_there(core: &Core, questions: &MultiplexedConnection, topics: &[(String, Topic)]) -> Result<(), Failure> {
    let mut command = redis::cmd("HMGET");
    command.arg(&core.keys.last);
    for (_, topic) in topics {
        command.arg(topic.as_str());
    }
    let last = parts(asked(questions, command, core.answer_timeout).await?)?;
    for ((channel, _), last) in topics.iter().zip(last) {
        if let Some(position) = number(&last) {
            core.ears.tell(channel, position);
        }
    }
    Ok(())
}
