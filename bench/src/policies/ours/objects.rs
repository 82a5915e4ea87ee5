//! Gates and the pool as objects: their rows, and their one alarm.

use super::{Event, START, World, clock};
use sim::{memory_store::MemoryStore, pool_store::PoolStore};
use story_queue::{
    domain::{Timestamp, UserId},
    gate::{self, Command, Reply},
    pool::{self, Store},
    storage::StorageError,
};

/// When an object's alarm rings.
#[derive(Default)]
struct Alarm(Option<i64>);

impl Alarm {
    /// Moves it to an earlier time; says to when, if it moved.
    fn arm(&mut self, wake_by: Option<Timestamp>) -> Option<i64> {
        let wake_by = wake_by?.as_millis() - START;
        if self.0.is_some_and(|armed| armed <= wake_by) {
            return None;
        }
        self.0 = Some(wake_by);
        self.0
    }

    /// Whether it rings now; then it has to be set anew.
    fn rings(&mut self, now: i64) -> bool {
        let rings = self.0 == Some(now);
        if rings {
            self.0 = None;
        }
        rings
    }
}

/// A user's gate.
pub(super) struct Gate {
    user_id: UserId,
    rows: MemoryStore,
    alarm: Alarm,
}

impl Gate {
    pub(super) fn new(user: usize) -> Self {
        let Ok(user_id) = UserId::try_from(format!("user-{user}")) else {
            unreachable!("it is a valid id");
        };
        Self {
            user_id,
            rows: MemoryStore::default(),
            alarm: Alarm::default(),
        }
    }

    pub(super) fn rings(&mut self, now: i64) -> bool {
        self.alarm.rings(now)
    }
}

/// The pool.
#[derive(Default)]
pub(super) struct Pool {
    rows: PoolStore,
    alarm: Alarm,
}

impl Pool {
    pub(super) fn rings(&mut self, now: i64) -> bool {
        self.alarm.rings(now)
    }
}

/// Memory does not fail.
fn sure<T>(result: Result<T, StorageError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

impl World<'_> {
    /// One turn of a gate, and what follows from it.
    pub(super) fn gate(&mut self, now: i64, user: usize, command: Command) -> Reply {
        let Gate {
            user_id,
            rows,
            alarm,
        } = &mut self.gates[user];
        let config = &self.config.gate;
        let turn = sure(gate::apply(rows, config, clock(now), user_id, command));
        rows.commit();
        if let Some(due) = alarm.arm(turn.effects.wake_by) {
            self.agenda.at(due.max(now), Event::GateAlarm(user));
        }
        self.send(now, &turn.effects.tickets);
        turn.reply
    }

    /// One turn of the pool, and what follows from it.
    pub(super) fn pool(&mut self, now: i64, command: pool::Command) -> pool::Reply {
        let Pool { rows, alarm } = &mut self.pool;
        let config = &self.config.pool;
        let turn = sure(pool::apply(rows, config, clock(now), command));
        rows.commit();
        if sure(rows.held()) < config.capacity && sure(rows.best_parked()).is_some() {
            self.ledger.unassigned();
        }
        if let Some(due) = alarm.arm(turn.effects.wake_by) {
            self.agenda.at(due.max(now), Event::PoolAlarm);
        }
        self.send(now, &turn.effects.tickets);
        turn.reply
    }
}
