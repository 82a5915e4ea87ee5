//! What may be asked of the list of failures, and what it answers. Pinned by golden tests, as the calls of gates are.

pub use super::answer::{Answer, Refusal};

use super::{
    filter::Filter,
    run::Run,
    word::{Failed, Listed, Word},
};
use crate::domain::{ReplayId, Timestamp};
use serde::{Deserialize, Serialize};

/// A gate is to be asked to replay a job.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ask {
    /// By which replay.
    pub run: ReplayId,
    /// Which job.
    pub job: Listed,
}

/// What may be asked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "op")]
pub enum Command {
    /// A gate tells of its jobs.
    Tell {
        /// Its words, in order.
        words: Vec<Word>,
    },
    /// How many jobs are meant, and which come first?
    Preview {
        /// Which.
        filter: Filter,
    },
    /// Replay many.
    Begin {
        /// The id of the replay; a repeated call with it changes nothing.
        id: ReplayId,
        /// Which jobs.
        filter: Filter,
        /// How many a minute.
        rate: u32,
        /// The key of who asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// The latest replays.
    Runs,
    /// One replay.
    Run {
        /// Which.
        id: ReplayId,
    },
    /// It waits, or goes on.
    Pause {
        /// Which.
        id: ReplayId,
        /// It waits.
        pauses: bool,
    },
    /// It ends.
    Stop {
        /// Which.
        id: ReplayId,
    },
    /// Gates have answered.
    Answered {
        /// By which replay they were asked.
        id: ReplayId,
        /// About which job, by its number.
        answers: Vec<(u32, Answer)>,
    },
    /// The alarm rang: do all that is due.
    Wake,
}

/// What is answered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Reply {
    /// What is meant.
    Preview {
        /// How many.
        matched: u32,
        /// The first.
        first: Vec<Failed>,
    },
    /// The replay has begun, now or before.
    Begun {
        /// The replay.
        run: Box<Run>,
        /// Its key had been used before.
        repeated: bool,
    },
    /// The key belongs to another replay.
    KeyReused {
        /// Which.
        id: ReplayId,
    },
    /// Too many are under way.
    TooMany,
    /// The latest replays, newest first.
    Runs {
        /// The replays.
        runs: Vec<Run>,
    },
    /// One replay, if there is one.
    Run {
        /// The replay.
        run: Option<Box<Run>>,
        /// It had ended before it could be paused or go on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_over: bool,
    },
    /// Done.
    Done,
}

/// Jobs of a preview.
pub const SHOWN: u32 = 10;

/// How long what is gone is remembered: a call that its caller has given up may come late, but not by much.
pub(super) fn remembered_until(now: Timestamp) -> Timestamp {
    now.after(std::time::Duration::from_mins(10))
}
