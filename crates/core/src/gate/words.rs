//! What the list of failures has yet to hear of this user's jobs: one word a job, the latest, until it is confirmed.

use super::{
    job::{Job, State},
    store::Store,
    turn::Gate,
};
use crate::{
    failures::{Failed, Word},
    storage::StorageError,
};

/// Words told again in one wake-up; the next follows at once if more are due.
const AGAIN_MAX: u32 = 100;

/// The job has ended: a failure is listed. While its user is being deleted, it would only have to be taken out again.
pub(super) fn ended<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<(), StorageError> {
    if job.state != State::Failed || gate.account.erasing.is_some() {
        return Ok(());
    }
    let error = job.error.as_ref();
    tell(
        gate,
        Word::Failed(Failed {
            job_id: job.job_id.clone(),
            user_id: gate.account.user_id.clone(),
            epoch: job.epoch,
            kind: job.kind.clone(),
            tier: job.tier,
            stage: job.current_stage(),
            error: error.map_or_else(String::new, |error| error.code.clone()),
            at: job.finished_at.unwrap_or(gate.now),
        }),
    )
}

/// The job, as it was, is no failure any more.
pub(super) fn gone<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<(), StorageError> {
    if job.state != State::Failed {
        return Ok(());
    }
    tell(
        gate,
        Word::Gone {
            job_id: job.job_id.clone(),
            epoch: job.epoch,
        },
    )
}

fn tell<S: Store>(gate: &mut Gate<'_, S>, word: Word) -> Result<(), StorageError> {
    let due = gate.now.after(gate.config.ticket_resend);
    gate.store.save_word(&word, due)?;
    gate.wake_by(Some(due));
    gate.effects.words.push(word);
    Ok(())
}

/// Tells again what was not confirmed.
pub(super) fn again<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    for word in gate.store.words(gate.now, AGAIN_MAX)? {
        tell(gate, word)?;
    }
    Ok(())
}

/// What an object of a gate has yet to tell the list: one call at a time, so that a word never overtakes a later one.
///
/// It is kept in memory: the rows owe all of it. So what cannot be told is left to the alarm.
#[derive(Clone, Debug, Default)]
pub struct Lister {
    pending: Vec<Word>,
    is_at_it: bool,
}

impl Lister {
    /// Takes what the list must hear of a turn. Whether somebody must begin to call.
    #[must_use]
    pub fn take(&mut self, words: &mut Vec<Word>) -> bool {
        self.pending.append(words);
        let begins = !self.is_at_it && !self.pending.is_empty();
        self.is_at_it |= begins;
        begins
    }

    /// What to tell now; `None` when all is told.
    #[must_use]
    pub fn call(&mut self) -> Option<Vec<Word>> {
        let words = std::mem::take(&mut self.pending);
        self.is_at_it = !words.is_empty();
        self.is_at_it.then_some(words)
    }

    /// The list could not be reached: the alarm tells again.
    pub fn failed(&mut self) {
        *self = Self::default();
    }
}
