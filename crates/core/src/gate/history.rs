//! How a job's past is written, and read with what went well.

use super::{
    job::{Job, JobError, StageRecord},
    past::{Entry, MESSAGE_MAX},
};
use crate::domain::Backend;

impl Job {
    /// An attempt of the current stage ends with that error, for which a back end is to blame or not.
    pub(super) fn note_failure(&mut self, error: &JobError, backend: Option<Backend>) {
        let number = self.attempt();
        let entry = Entry::Failed {
            stage: self.current_stage(),
            number,
            epoch: self.epoch,
            began_at: self.stage_record().began_at,
            ended_at: error.at,
            code: error.code.clone(),
            message: error.message.chars().take(MESSAGE_MAX).collect(),
            backend,
            times: 1,
        };
        self.past.failed(entry);
    }

    /// What its stages had made is gone: it begins at the first.
    pub(super) fn begin_at_first(&mut self) {
        for record in &mut self.stages {
            let name = record.name;
            let record = std::mem::replace(record, StageRecord::new(name));
            if let Some(entry) = made(&record) {
                self.past.add(entry);
            }
        }
        self.past.is_swept = false;
        self.stage = 0;
    }

    /// All that it went through, in order, what went well included.
    #[must_use]
    pub fn went_through(&self) -> Vec<Entry> {
        let mut all = self.past.entries.clone();
        for entry in self.stages.iter().filter_map(made) {
            let later = all.iter().position(|other| other.at() > entry.at());
            all.insert(later.unwrap_or(all.len()), entry);
        }
        all
    }
}

/// The success of a stage, if it is done.
fn made(record: &StageRecord) -> Option<Entry> {
    Some(Entry::Made {
        stage: record.name,
        number: record.failures.saturating_add(1),
        began_at: record.began_at,
        ended_at: record.finished_at?,
    })
}
