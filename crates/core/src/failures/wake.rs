//! What the alarm does: the next turn of each replay, and forgetting. Early, late or twice, it only does what is due.

use super::{
    command::{Ask, Reply},
    run::{Run, RunState},
    store::Store,
    turn::{List, next_due},
};
use crate::{line::pause::is_due, storage::StorageError};

/// What is forgotten in one wake-up; the next follows at once if there is more.
const FORGOTTEN_MAX: u32 = 500;

pub(super) fn wake<S: Store>(list: &mut List<'_, S>) -> Result<Reply, StorageError> {
    for mut run in list.store.runs()? {
        let kept_until = run.ended_at.map(|at| at.after(list.retention));
        if kept_until.is_some_and(|until| until <= list.now) {
            list.store.forget_run(&run.id)?;
        } else if run.is_to_forget(list.now) {
            (run.asked, run.due) = (Vec::new(), None);
            list.save(&run)?;
        } else if run.state == RunState::Running && run.due.is_some_and(|due| is_due(due, list.now))
        {
            go_on(list, &mut run)?;
        }
    }
    list.store.forget_gone(list.now, FORGOTTEN_MAX)?;
    let next = next_due(list.store, (list.retention, list.now))?;
    list.wake_by(next);
    Ok(Reply::Done)
}

/// Asks for the next jobs of a replay, as many as its rate allows, and again for those that it has no answer of.
fn go_on<S: Store>(list: &mut List<'_, S>, run: &mut Run) -> Result<(), StorageError> {
    let now = list.now;
    let mut asks = if run.is_again(now) {
        run.asked.clone()
    } else {
        Vec::new()
    };
    let allowance = u32::try_from(run.allowance(now)).unwrap_or(0);
    let mut new = Vec::new();
    if allowance > 0 && run.cursor < run.until {
        new = list
            .store
            .page(&run.filter, (run.cursor, run.until), allowance)?;
        let is_last = new.len() < allowance as usize;
        let newest = new.last().map(|listed| listed.number);
        run.cursor = newest.filter(|_| !is_last).unwrap_or(run.until);
    }
    asks.extend(new.iter().cloned());
    if !asks.is_empty() {
        run.asks(now, new);
    } else if run.cursor >= run.until && run.asked.is_empty() {
        run.ends(now, RunState::Done);
        list.effects.turned.push(run.clone());
    } else {
        run.schedule(now);
    }
    let ask = |job| Ask {
        run: run.id.clone(),
        job,
    };
    list.effects.asks.extend(asks.into_iter().map(ask));
    list.save(run)
}
