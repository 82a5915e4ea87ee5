//! One turn of a pool: which decision answers which command.

use super::{
    coming::Coming,
    command::{Command, Place, Reply},
    desk::Desk,
    exchange::{exchange, listen},
    heal::wake,
    outlook,
    serve::finish,
    store::Store,
    tell::tell,
    turn::{Effects, Pool},
};
use crate::{
    config::PoolConfig,
    domain::{JobId, Timestamp},
    storage::StorageError,
};

/// The pool's answer and what follows from it.
#[derive(Debug, PartialEq)]
pub struct Turn {
    /// The answer.
    pub reply: Reply,
    /// What follows.
    pub effects: Effects,
}

/// Decides `command` at `now`, in one synchronous turn over `store` and the deliveries at the `desk`.
///
/// The caller makes the turn atomic: when this fails, no row may have changed. The desk has not.
///
/// # Errors
/// Only when the store fails.
pub fn apply(
    store: &impl Store,
    desk: &mut Desk,
    config: &PoolConfig,
    now: Timestamp,
    command: Command,
) -> Result<Turn, StorageError> {
    let mut pool = Pool::open(store, desk, (config, now))?;
    let reply = match command {
        Command::Tell(told) => tell(&mut pool, told)?,
        Command::Exchange(call) => exchange(&mut pool, call)?,
        Command::Listen(call) => listen(&mut pool, &call)?,
        Command::Wake => wake(&mut pool)?,
        Command::Place { job_id, coming } => place(&pool, &job_id, coming.as_deref())?,
        Command::Backlog { most } => Reply::Backlog {
            waiting: store.waiting(most)?,
        },
        Command::Pause { backend, pause } => {
            pool.pause(backend, pause)?;
            finish(&mut pool, None)?;
            Reply::Done
        }
        Command::Let { job_id } => {
            pool.lets_through(job_id)?;
            finish(&mut pool, None)?;
            Reply::Done
        }
        Command::Backends => Reply::Backends {
            outages: pool.outages.clone(),
        },
    };
    let effects = pool.close(desk);
    Ok(Turn { reply, effects })
}

fn place<S: Store>(
    pool: &Pool<'_, S>,
    job_id: &JobId,
    coming: Option<&Coming>,
) -> Result<Reply, StorageError> {
    let found = pool.store.find(job_id)?;
    let waiting = found.filter(|claim| !claim.hold.has_slot());
    let halt = waiting.as_ref().and_then(|claim| pool.halt(claim.stage()));
    let position = match &waiting {
        Some(claim) => Some(pool.store.ahead_of(&claim.key())?.saturating_add(1)),
        None => None,
    };
    let estimate = match (&waiting, position, coming) {
        _ if pool.bounds_nobody() => None,
        (Some(claim), Some(position), _) => outlook::in_line(pool, claim, position)?,
        (_, _, Some(coming)) => outlook::coming(pool, job_id, coming)?,
        (_, _, None) => None,
    };
    Ok(Reply::Place {
        place: Place {
            position,
            active: pool.held,
            capacity: pool.config.capacity,
            estimate,
            halt,
        },
    })
}
