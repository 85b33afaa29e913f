//! The two streams of an application.

use data_encoding::HEXLOWER;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::ConnectError;
use super::names::Names;
use super::options::Limits;
use super::wire::{Failure, Wire};
use crate::message::cursor::Epoch;

/// What the server says where there is no such stream.
pub(super) const NO_STREAM: u64 = 10_059;
/// And where another node has just made it.
const STREAM_EXISTS: u64 = 10_058;

/// In the stream's metadata: the name of the life that began when it had lost records.
const LIFE: &str = "htmx-ws-life";

/// A stream as it is there.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    config: Value,
    created: String,
    state: State,
}

#[derive(Debug, Deserialize)]
struct State {
    last_seq: u64,
}

impl Info {
    pub(super) async fn of(wire: &Wire, stream: &str) -> Result<Self, Failure> {
        wire.api(&format!("STREAM.INFO.{stream}"), &json!({})).await
    }

    /// A stream that was deleted and made anew was created at another time; one that lost records has the name of another life.
    pub(super) fn epoch(&self) -> Epoch {
        let life = self.config["metadata"][LIFE].as_str().unwrap_or_default();
        let hash = Sha256::digest(format!("{}{life}", self.created));
        Epoch(hash.iter().take(8).fold(0, |epoch, byte| epoch << 8 | u64::from(*byte)))
    }

    pub(super) fn last_sequence(&self) -> u64 {
        self.state.last_seq
    }
}

/// Makes both where they are not there; that of the records, as it is.
pub(super) async fn found_or_made(wire: &Wire, names: &Names, limits: &Limits) -> Result<Info, ConnectError> {
    let common = json!({
        "storage": "file",
        "retention": "limits",
        // What does not fit is refused, and what is there stays.
        "discard": "new",
        "allow_direct": true,
        "max_msgs": -1,
        "max_age": u64::try_from(limits.max_age.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX),
        "max_bytes": limits.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        "num_replicas": limits.replicas,
    });
    let mut kept = common.clone();
    kept["name"] = names.kept.clone().into();
    kept["subjects"] = json!([names.all_kept()]);
    kept["max_msgs_per_subject"] = 1.into();
    one(wire, &names.kept, &kept).await?;
    let mut log = common;
    log["name"] = names.log.clone().into();
    log["subjects"] = json!([names.all_logs()]);
    log["max_msgs_per_subject"] = (-1).into();
    log["republish"] = json!({ "src": names.all_logs(), "dest": names.all_live() });
    one(wire, &names.log, &log).await
}

async fn one(wire: &Wire, stream: &str, wanted: &Value) -> Result<Info, ConnectError> {
    let refused = |failure: Failure| match failure {
        Failure::Denied(said) => ConnectError::Denied(said),
        failure => ConnectError::Stream { stream: stream.to_owned(), reason: failure.to_string() },
    };
    let info = match Info::of(wire, stream).await {
        Err(Failure::Refused { code: NO_STREAM, .. }) => match wire.api(&format!("STREAM.CREATE.{stream}"), wanted).await {
            Err(Failure::Refused { code: STREAM_EXISTS, .. }) => Info::of(wire, stream).await,
            made => made,
        },
        info => info,
    }
    .map_err(refused)?;
    for (setting, wanted) in wanted.as_object().into_iter().flatten() {
        let found = info.config.get(setting).unwrap_or(&Value::Null);
        if found != wanted {
            let (stream, setting, wanted, found) = (stream.to_owned(), setting.clone(), wanted.to_string(), found.to_string());
            return Err(ConnectError::Contradiction { stream, setting, wanted, found });
        }
    }
    Ok(info)
}

/// Notes that no cursor of before is good any more, on whatever node.
pub(super) async fn begin_life(wire: &Wire, names: &Names) -> Result<(), String> {
    let Info { mut config, .. } = Info::of(wire, &names.log).await.map_err(|failure| failure.to_string())?;
    config["metadata"][LIFE] = unique_name()?.into();
    let updated: Result<Info, Failure> = wire.api(&format!("STREAM.UPDATE.{}", names.log), &config).await;
    updated.map(drop).map_err(|failure| failure.to_string())
}

/// A name that is used once.
pub(super) fn unique_name() -> Result<String, String> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(HEXLOWER.encode(&bytes))
}
