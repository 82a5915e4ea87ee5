//! What a job has gone through: its attempts without success, and its replays. It is kept in the job's own record, so it
//! costs no row; what went well, the records of the stages say.

use super::state::{JobError, State};
use crate::domain::{Backend, ReplayId, Stage, Timestamp};
use serde::{Deserialize, Serialize};

/// Entries that are kept, the newest.
pub const ENTRIES_MAX: usize = 50;

/// Characters of a message that are kept.
pub const MESSAGE_MAX: usize = 300;

/// One thing that a job went through.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Entry {
    /// An attempt without success; faults of a back end in a row are one entry.
    Failed {
        /// At which stage.
        stage: Stage,
        /// Which attempt of the stage it was; a replay begins at 1 again.
        number: u32,
        /// The epoch of its holder; of several, the last.
        epoch: u32,
        /// When it began; of several, the first.
        began_at: Option<Timestamp>,
        /// When it ended; of several, the last.
        ended_at: Timestamp,
        /// A stable word.
        code: String,
        /// A sentence.
        message: String,
        /// The back end that was to blame, if one was: then no attempt was spent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backend: Option<Backend>,
        /// How many.
        times: u32,
    },
    /// A stage was done, and what it made is gone: a replay made it once more.
    Made {
        /// Which stage.
        stage: Stage,
        /// Which attempt it was.
        number: u32,
        /// When it began.
        began_at: Option<Timestamp>,
        /// When it ended.
        ended_at: Timestamp,
    },
    /// The job had ended and began anew.
    Replayed {
        /// When.
        at: Timestamp,
        /// The stage at which it began.
        stage: Stage,
        /// As what it had ended.
        from: State,
        /// The error that it had then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<JobError>,
        /// The replay of many that it was part of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<ReplayId>,
    },
}

impl Entry {
    /// When it was over.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Failed { ended_at, .. } | Self::Made { ended_at, .. } => *ended_at,
            Self::Replayed { at, .. } => *at,
        }
    }
}

/// Faults of a back end that a job met in a row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetOutage {
    /// Which back end.
    pub backend: Backend,
    /// When it met the first.
    pub since: Timestamp,
    /// When it met the latest.
    pub at: Timestamp,
    /// How many.
    pub times: u32,
}

/// The latest replay of a job.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastReplay {
    /// When.
    pub at: Timestamp,
    /// The epoch under which the job had ended.
    pub epoch: u32,
    /// The key of who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The replay of many that it was part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<ReplayId>,
}

/// What a job has gone through.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Past {
    /// Oldest first, at most [`ENTRIES_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// How many older ones were dropped.
    #[serde(default)]
    pub dropped: u32,
    /// How often the job was replayed.
    #[serde(default)]
    pub replays: u32,
    /// How it was replayed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastReplay>,
    /// From when its age counts, if it was replayed with many others, or had a window before; otherwise from its submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aged_from: Option<Timestamp>,
    /// Since when its artifacts are being deleted at somebody's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweeping: Option<Timestamp>,
    /// What its stages had made is gone: it must begin at the first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_swept: bool,
}

impl Past {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// An attempt ended without success.
    pub(super) fn failed(&mut self, entry: Entry) {
        if let Some(Entry::Failed {
            stage,
            number,
            epoch,
            ended_at,
            code,
            message,
            backend: Some(backend),
            times,
            ..
        }) = self.entries.last_mut()
            && let Entry::Failed {
                stage: next_stage,
                number: next_number,
                epoch: next_epoch,
                ended_at: next_at,
                code: next_code,
                message: next_message,
                backend: Some(next_backend),
                ..
            } = &entry
            && (*stage, *number, *backend) == (*next_stage, *next_number, *next_backend)
        {
            *times = times.saturating_add(1);
            (*epoch, *ended_at) = (*next_epoch, *next_at);
            (*code, *message) = (next_code.clone(), next_message.clone());
            return;
        }
        self.add(entry);
    }

    /// The job begins anew.
    pub(super) fn replayed(&mut self, entry: Entry, last: LastReplay) {
        self.add(entry);
        self.replays = self.replays.saturating_add(1);
        self.last = Some(last);
    }

    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
        let excess = self.entries.len().saturating_sub(ENTRIES_MAX);
        self.entries.drain(..excess);
        let excess = u32::try_from(excess).unwrap_or(u32::MAX);
        self.dropped = self.dropped.saturating_add(excess);
    }
}
