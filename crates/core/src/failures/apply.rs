//! One turn of the list: which decision answers which command.

pub use super::turn::{Effects, next_due};

use super::{
    command::{Answer, Command, Refusal, Reply, SHOWN, remembered_until},
    filter::Filter,
    run::{Run, RunState},
    store::Store,
    turn::List,
    wake,
    word::Word,
};
use crate::{
    domain::{ReplayId, Timestamp},
    storage::StorageError,
};
use std::{collections::BTreeMap, time::Duration};

/// Replays of many that may be under way at once.
pub const RUNS_MAX: usize = 10;

/// Of those that have ended, so many are remembered: each turn reads them.
pub const ENDED_MAX: usize = 100;

/// The answer and what follows from it.
#[derive(Debug, PartialEq)]
pub struct Turn {
    /// The answer.
    pub reply: Reply,
    /// What follows.
    pub effects: Effects,
}

/// Decides `command` at `now`, in one synchronous turn over `store`. A replay of many is kept for `retention` after its end.
///
/// The caller makes the turn atomic: when this fails, no row may have changed.
///
/// # Errors
/// Only when the store fails.
pub fn apply(
    store: &impl Store,
    (retention, now): (Duration, Timestamp),
    command: Command,
) -> Result<Turn, StorageError> {
    let mut list = List {
        store,
        now,
        retention,
        effects: Effects::default(),
    };
    let reply = match command {
        Command::Tell { words } => list.told(&words)?,
        Command::Preview { filter } => Reply::Preview {
            matched: store.count(&filter)?,
            first: list.first(&filter)?,
        },
        Command::Begin {
            id,
            filter,
            rate,
            key,
        } => list.begin(id, filter, rate, key)?,
        Command::Runs => Reply::Runs {
            runs: store.runs()?,
        },
        Command::Run { id } => shown(store.run(&id)?, false),
        Command::Pause { id, pauses } => list.pause(&id, pauses)?,
        Command::Stop { id } => list.stop(&id)?,
        Command::Answered { id, answers } => list.answered(&id, &answers)?,
        Command::Wake => wake::wake(&mut list)?,
    };
    let effects = list.effects;
    Ok(Turn { reply, effects })
}

fn shown(run: Option<Run>, is_over: bool) -> Reply {
    Reply::Run {
        run: run.map(Box::new),
        is_over,
    }
}

impl<S: Store> List<'_, S> {
    fn told(&mut self, words: &[Word]) -> Result<Reply, StorageError> {
        for word in words {
            match word {
                Word::Failed(failed) => {
                    let known = self.store.find(&failed.job_id)?;
                    let gone = self.store.gone(&failed.job_id)?;
                    let latest = known.as_ref().map(|known| known.failed.epoch).max(gone);
                    if latest.is_some_and(|latest| failed.epoch <= latest) {
                        continue;
                    }
                    if let Some(known) = known {
                        self.store.remove(known.number)?;
                    }
                    self.store.add(failed)?;
                }
                Word::Gone { job_id, epoch } => {
                    if self.store.gone(job_id)?.is_some_and(|gone| *epoch <= gone) {
                        continue;
                    }
                    let known = self.store.find(job_id)?;
                    if let Some(known) = known.filter(|known| known.failed.epoch <= *epoch) {
                        self.store.remove(known.number)?;
                    }
                    let until = remembered_until(self.now);
                    self.store.save_gone(job_id, *epoch, until)?;
                    self.wake_by(Some(until));
                }
            }
        }
        Ok(Reply::Done)
    }

    fn first(&self, filter: &Filter) -> Result<Vec<super::Failed>, StorageError> {
        let page = self.store.page(filter, (0, u32::MAX), SHOWN)?;
        Ok(page.into_iter().map(|listed| listed.failed).collect())
    }

    fn begin(
        &mut self,
        id: ReplayId,
        filter: Filter,
        rate: u32,
        key: Option<String>,
    ) -> Result<Reply, StorageError> {
        let runs = self.store.runs()?;
        let begun = |run: &Run, repeated| Reply::Begun {
            run: Box::new(run.clone()),
            repeated,
        };
        // The same call once more: its first answer was lost.
        if let Some(run) = runs.iter().find(|run| run.id == id) {
            return Ok(begun(run, false));
        }
        let mut same = runs.iter().filter(|run| key.is_some() && run.key == key);
        if let Some(run) = same.next() {
            let is_same = (&run.filter, run.rate) == (&filter, rate);
            return Ok(if is_same {
                begun(run, true)
            } else {
                Reply::KeyReused { id: run.id.clone() }
            });
        }
        if runs.iter().filter(|run| !run.state.is_over()).count() >= RUNS_MAX {
            return Ok(Reply::TooMany);
        }
        let ended = runs.iter().filter_map(|run| Some((run.ended_at?, &run.id)));
        let mut ended: Vec<_> = ended.collect();
        ended.sort_unstable();
        for (_, id) in ended.iter().rev().skip(ENDED_MAX - 1) {
            self.store.forget_run(id)?;
        }
        let run = Run {
            id,
            matched: self.store.count(&filter)?,
            filter,
            rate,
            key,
            began_at: self.now,
            ended_at: None,
            state: RunState::Running,
            replayed: 0,
            refused: BTreeMap::new(),
            until: self.store.last()?,
            cursor: 0,
            asked: Vec::new(),
            next_at: self.now,
            again_at: self.now,
            due: Some(self.now),
        };
        self.save(&run)?;
        self.effects.turned.push(run.clone());
        Ok(begun(&run, false))
    }

    fn pause(&mut self, id: &ReplayId, pauses: bool) -> Result<Reply, StorageError> {
        let Some(mut run) = self.store.run(id)? else {
            return Ok(shown(None, false));
        };
        let (from, to) = if pauses {
            (RunState::Running, RunState::Paused)
        } else {
            (RunState::Paused, RunState::Running)
        };
        if run.state == from {
            run.state = to;
            // Those that are not answered are asked for again, if their answers do not come.
            run.due = (!pauses).then_some(self.now);
            run.next_at = run.next_at.max(self.now);
            self.save(&run)?;
        }
        let is_over = run.state.is_over();
        Ok(shown(Some(run), is_over))
    }

    fn stop(&mut self, id: &ReplayId) -> Result<Reply, StorageError> {
        let Some(mut run) = self.store.run(id)? else {
            return Ok(shown(None, false));
        };
        if !run.state.is_over() {
            run.ends(self.now, RunState::Stopped);
            self.save(&run)?;
            self.effects.turned.push(run.clone());
        }
        Ok(shown(Some(run), false))
    }

    fn answered(
        &mut self,
        id: &ReplayId,
        answers: &[(u32, Answer)],
    ) -> Result<Reply, StorageError> {
        let Some(mut run) = self.store.run(id)? else {
            return Ok(Reply::Done);
        };
        for (number, answer) in answers {
            let asked = run.asked.iter().find(|asked| asked.number == *number);
            if let (Some(asked), true) = (asked, is_wrong(*answer)) {
                // Its gate says that it is none, so the row is one that no word took out.
                self.store.remove(asked.number)?;
            }
        }
        run.hears(self.now, answers);
        self.save(&run)?;
        Ok(Reply::Done)
    }
}

/// Whether the gate knows of no such failure.
const fn is_wrong(answer: Answer) -> bool {
    matches!(
        answer,
        Answer::Refused(Refusal::Forgotten | Refusal::NotFailedAnyMore)
    )
}
