//! How free slots go to the best of the line, and how somebody is called to take them.

use super::{
    claim::{Claim, Hold},
    known::Line,
    store::Store,
    turn::{DUE_MAX, Notice, Pool, START_LEFT, START_WITHIN},
};
use crate::{domain::Stage, line::want::Want, storage::StorageError};
use std::time::Duration;

/// How long to wait before more of a line are let go.
const DISBAND_PAUSE: Duration = Duration::from_secs(1);

/// At the end of every turn: the line is served, and if a slot is left beside it, somebody is called.
pub(super) fn finish<S: Store>(
    pool: &mut Pool<'_, S>,
    caller: Option<&str>,
) -> Result<(), StorageError> {
    if pool.bounds_nobody() {
        return disband(pool);
    }
    if caller.is_none() {
        serve(pool, None)?;
    }
    let best = if pool.free_slots() > 0 {
        pool.best()?
    } else {
        None
    };
    pool.desk.history.idles(best.is_some(), pool.now);
    if let Some(best) = best {
        call_somebody(pool, best);
    }
    let next_way = pool.next_way();
    pool.wake_by(next_way);
    record_fresh(pool)
}

/// A slot is free beside the line: somebody is on the way back, or a ticket is under way, or one is sent.
fn call_somebody<S: Store>(pool: &mut Pool<'_, S>, best: Claim) {
    if let Some(back_by) = pool.desk.expected(pool.now, best.want.weight()) {
        // Who was given something in this turn and does not come back is found out by that.
        if pool.effects.moved == 0 {
            pool.wake_by(Some(back_by));
        }
        return;
    }
    let (sends, look_again) = pool.desk.ticketing.calls(pool.now);
    if sends {
        pool.effects.tickets.push(best.want.ticket);
    }
    pool.wake_by(Some(look_again));
}

/// Gives free slots to the best of the line, as long as somebody has a place for the best, or, if that has just come,
/// will have. What the caller gets is returned; other calls are answered.
pub(super) fn serve<S: Store>(
    pool: &mut Pool<'_, S>,
    caller: Option<&str>,
) -> Result<Vec<Want>, StorageError> {
    while pool.free_slots() > 0
        && let Some(best) = pool.best()?
    {
        let sizes = pool.config.batch_sizes;
        let marked = pool.marked(&best.want);
        let mut delivery = pool.desk.place(&marked, caller, sizes);
        if delivery.is_none() && pool.fresh.contains_key(&best.key()) {
            delivery = pool.desk.reserve(pool.now, &best.want, sizes);
        }
        let Some(delivery) = delivery else { break };
        give(pool, &best, delivery)?;
    }
    let mut answers = pool.desk.answers(pool.now, caller);
    if let Some(caller) = caller
        && pool.is_idle()?
        && pool.desk.hang_up(caller, pool.now)
    {
        // It takes no more at once, and has another call open: it shall come back for more.
        answers.push((caller.to_owned(), Vec::new()));
    }
    pool.effects.answers.extend(answers);
    Ok(caller
        .map(|caller| pool.desk.given(caller))
        .unwrap_or_default())
}

fn give<S: Store>(
    pool: &mut Pool<'_, S>,
    claim: &Claim,
    delivery: String,
) -> Result<(), StorageError> {
    let given = Claim {
        hold: Hold::Given,
        by: Some(delivery),
        due: Some(pool.now.after(START_WITHIN)),
        since: Some(pool.now),
        ..claim.clone()
    };
    pool.wake_by(given.due);
    pool.effects.moved += 1;
    pool.begins(&given)?;
    if pool.fresh.remove(&given.key()).is_some() {
        pool.held += 1;
        pool.store.insert(&given)
    } else {
        pool.save(claim, &given)
    }
}

/// The time to confirm the start runs from the answer that the delivery gets, unless nearly all of it is left
/// ([`START_LEFT`]).
pub(super) fn renew_given<S: Store>(
    pool: &mut Pool<'_, S>,
    mut claim: Claim,
) -> Result<(), StorageError> {
    let enough = pool.now.after(START_LEFT);
    if claim.due.is_some_and(|due| due >= enough) {
        return Ok(());
    }
    claim.due = Some(pool.now.after(START_WITHIN));
    pool.wake_by(claim.due);
    pool.store.save(&claim)
}

/// Nobody is bounded any more, and soon nobody will call: lets the line go, some jobs with each turn. Their gates send
/// the tickets again, should these be lost.
fn disband<S: Store>(pool: &mut Pool<'_, S>) -> Result<(), StorageError> {
    for _ in 0..DUE_MAX {
        let Some(claim) = pool.store.best_in_line(&Stage::ALL, 1)?.pop() else {
            return Ok(());
        };
        pool.delete(&claim)?;
        pool.effects.tickets.push(claim.want.ticket);
    }
    pool.wake_by(Some(pool.now.after(DISBAND_PAUSE)));
    Ok(())
}

/// Who came in this turn and got no slot joins the line.
fn record_fresh<S: Store>(pool: &mut Pool<'_, S>) -> Result<(), StorageError> {
    let (is_full, active) = (pool.free_slots() == 0, pool.held);
    for (_, claim) in std::mem::take(&mut pool.fresh) {
        pool.line = Line::Changed;
        pool.store.insert(&claim)?;
        if is_full {
            pool.effects
                .notices
                .push((Notice::CapacityReached { active }, claim));
        }
    }
    Ok(())
}
