//! What all decisions of the list share: the turn, what follows from it, and when the alarm rings.

use super::{command::Ask, run::Run, store::Store};
use crate::{domain::Timestamp, line::pause::by_then, storage::StorageError};
use std::time::Duration;

/// What must be done after the rows are written.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Gates to ask. Their answers are told by [`Command::Answered`].
    pub asks: Vec<Ask>,
    /// The alarm must ring by then.
    pub wake_by: Option<Timestamp>,
    /// Replays that began or ended, for the log.
    pub turned: Vec<Run>,
}

/// One turn: the rows, the rules, the time, and what follows.
pub(super) struct List<'a, S> {
    pub(super) store: &'a S,
    pub(super) now: Timestamp,
    /// How long replays of many are kept after their end.
    pub(super) retention: Duration,
    pub(super) effects: Effects,
}

/// When the alarm must ring next, from the rows alone; at most a day from now.
///
/// # Errors
/// When the store fails.
pub fn next_due(
    store: &impl Store,
    (retention, now): (Duration, Timestamp),
) -> Result<Option<Timestamp>, StorageError> {
    let runs = store.runs()?;
    let kept = |run: &Run| run.ended_at.map(|at| at.after(retention));
    let runs = runs.iter().flat_map(|run| [run.due, kept(run)]);
    let first = [store.first_gone()?];
    let next = runs.chain(first).flatten().min();
    Ok(next.map(|next| by_then(next, now)))
}

impl<S: Store> List<'_, S> {
    /// Has the alarm ring by then.
    pub(super) fn wake_by(&mut self, due: Option<Timestamp>) {
        let due = due.map(|due| by_then(due, self.now));
        self.effects.wake_by = [self.effects.wake_by, due].into_iter().flatten().min();
    }

    pub(super) fn save(&mut self, run: &Run) -> Result<(), StorageError> {
        let kept = run.ended_at.map(|at| at.after(self.retention));
        self.wake_by([run.due, kept].into_iter().flatten().min());
        self.store.save_run(run)
    }
}
