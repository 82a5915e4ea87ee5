//! The tables of a gate in memory, and its jobs by their state.

use crate::table::{Change, Dues, Index, Table, Tables, place};
use queue_core::{
    domain::{JobId, Kind, Rank, Timestamp},
    failures::Word,
    gate::{
        Job, State,
        account::{Account, Erased},
        store::{Sweep, UsedKey},
    },
};
use std::collections::BTreeSet;

/// Jobs by their state.
#[derive(Default)]
pub(crate) struct Phases {
    pub(crate) line: BTreeSet<(Rank, JobId)>,
    /// Those that wait in the line of their kind.
    pub(crate) kind_lines: BTreeSet<(Kind, Rank, JobId)>,
    /// Jobs that hold a lease.
    pub(crate) held: Dues,
    /// Jobs that wait for a time.
    pub(crate) timed: Dues,
    pub(crate) ended: Dues,
    /// Jobs that must have started by then.
    pub(crate) expiring: Dues,
    pub(crate) counts: [u32; State::ALL.len()],
}

impl Index<Job> for Phases {
    fn note(&mut self, job: &Job, is_there: bool) {
        let count = &mut self.counts[job.state as usize];
        *count = if is_there { *count + 1 } else { *count - 1 };
        let job_id = job.job_id.clone();
        if let Some(at) = job.expires_at() {
            place(&mut self.expiring, (at, job_id.clone()), is_there);
        }
        if job.state == State::Parked && job.by_kind {
            let key = (job.kind.clone(), job.rank, job_id);
            place(&mut self.kind_lines, key, is_there);
        } else if job.state == State::Parked {
            place(&mut self.line, (job.rank, job_id), is_there);
        } else if let Some(due) = job.due {
            let phase = if job.state.holds_lease() {
                &mut self.held
            } else if job.state.is_final() {
                &mut self.ended
            } else {
                &mut self.timed
            };
            place(phase, (due, job_id), is_there);
        }
    }
}

/// The tables of one gate.
#[derive(Default)]
pub struct GateTables {
    pub(crate) account: Table<(), Account>,
    pub(crate) erased: Table<(), Erased>,
    pub(crate) jobs: Table<JobId, Job, Phases>,
    pub(crate) payloads: Table<JobId, String>,
    pub(crate) keys: Table<String, UsedKey>,
    /// What the pool must hear is gone, and by when.
    pub(crate) gone: Table<(JobId, u32), Timestamp>,
    pub(crate) sweeps: Table<JobId, Sweep>,
    /// What the list of failures must hear, and by when.
    pub(crate) words: Table<JobId, (Timestamp, Word)>,
}

impl Tables for GateTables {
    type Row = Job;

    fn commit(&mut self) -> Vec<Change<Job>> {
        self.account.keep();
        self.erased.keep();
        self.sweeps.keep();
        self.words.keep();
        self.payloads.keep();
        self.keys.keep();
        self.gone.keep();
        self.jobs.changes()
    }

    fn roll_back(&mut self) {
        self.account.roll_back();
        self.erased.roll_back();
        self.sweeps.roll_back();
        self.words.roll_back();
        self.jobs.roll_back();
        self.payloads.roll_back();
        self.keys.roll_back();
        self.gone.roll_back();
    }
}

/// Whether a job has changed since, or, without a time, has not ended.
pub(crate) fn has_changed(job: &Job, since: Option<Timestamp>) -> bool {
    match since {
        Some(_) => job.changed_at >= since && (!job.state.is_final() || job.due > since),
        None => !job.state.is_final(),
    }
}

impl GateTables {
    /// Such jobs before that one, newest first.
    pub(crate) fn newest(
        &self,
        before: Option<&JobId>,
        limit: u32,
        is_such: impl Fn(&Job) -> bool,
    ) -> Vec<Job> {
        let jobs = self.jobs.values().rev();
        let wanted =
            jobs.filter(|job| before.is_none_or(|before| job.job_id < *before) && is_such(job));
        wanted.take(limit as usize).cloned().collect()
    }

    /// The rows of these.
    pub(crate) fn jobs<'a>(
        &self,
        ids: impl IntoIterator<Item = (Timestamp, &'a JobId)>,
        limit: u32,
    ) -> Vec<Job> {
        let row = |(_, job_id): (_, &JobId)| self.jobs.get(job_id).cloned();
        ids.into_iter()
            .take(limit as usize)
            .filter_map(row)
            .collect()
    }
}
