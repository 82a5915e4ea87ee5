//! Gates and the pool as objects: their rows, and their one alarm.

use super::world::{Event, Gate, Pool, World, clock};
use queue_core::{
    domain::Stage,
    gate::{self, Command, Reply},
    pool::{self, Store},
    storage::StorageError,
};

/// Memory does not fail.
fn sure<T>(result: Result<T, StorageError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

impl World<'_> {
    /// One turn of a gate, and what follows from it. Nobody cancels, so the pool hears only of jobs that come.
    pub(super) fn gate(&mut self, now: i64, user: usize, command: Command) -> Reply {
        let Gate {
            user_id,
            rows,
            memory,
            alarm,
        } = &mut self.gates[user];
        let config = &self.config.gate;
        let turn = sure(gate::apply(
            rows,
            memory,
            config,
            clock(now),
            user_id,
            command,
        ));
        rows.commit();
        if let Some(due) = alarm.arm(turn.effects.wake_by) {
            self.agenda.at(due.max(now), Event::GateAlarm(user));
        }
        if !turn.effects.tell.is_empty() {
            self.pool(now, pool::Command::Tell(turn.effects.tell));
        }
        self.send(now, &turn.effects.tickets);
        turn.reply
    }

    /// One turn of the pool, and what follows from it.
    pub(super) fn pool(&mut self, now: i64, command: pool::Command) -> pool::Reply {
        let Pool { rows, desk, alarm } = &mut self.pool;
        let config = &self.config.pool;
        let turn = sure(pool::apply(rows, desk, config, clock(now), command));
        rows.commit();
        if let Some(due) = alarm.arm(turn.effects.wake_by) {
            self.agenda.at(due.max(now), Event::PoolAlarm);
        }
        for (delivery, jobs) in turn.effects.answers {
            if let Ok(id) = delivery.parse() {
                self.answer(now, id, jobs);
            }
        }
        self.end_calls(now);
        let is_idle = sure(self.pool.rows.held()) < self.config.pool.capacity
            && !sure(self.pool.rows.best_in_line(&Stage::ALL, 1)).is_empty();
        if is_idle && self.has_listener() {
            self.ledger.unassigned();
        }
        self.send(now, &turn.effects.tickets);
        turn.reply
    }
}
