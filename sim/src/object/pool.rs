//! The pool as an object. Follows `src/objects/pool.rs`.

use super::{Broken, Kept, Object, Product};
use crate::dice::Dice;
use crate::{
    planted::Defect,
    pool_liar::PoolLiar,
    pool_store::{PoolStore, PoolTables},
    twin::PoolTwin,
};
use queue_core::{
    config::Config,
    domain::{Ticket, Timestamp},
    pool::{Command, Desk, Turn, apply, next_due},
};

/// The pool.
pub(crate) struct Pool {
    /// The rows.
    pub(crate) rows: PoolStore,
    /// The same on `SQLite`, in some seeds.
    pub(crate) twin: Option<PoolTwin>,
    /// What is wrong with it.
    defect: Defect,
    /// The deliveries under way.
    pub(crate) desk: Desk,
    /// Those of before the latest turn.
    before: Desk,
    /// How often it lost its memory.
    pub(crate) lives: usize,
}

impl Product for Pool {
    type Command = Command;
    type Turn = Turn;
    type Tables = PoolTables;

    fn decide(
        &mut self,
        now: Timestamp,
        command: Command,
        config: &Config,
    ) -> Result<Turn, Broken> {
        self.before = self.desk.clone();
        if self.defect == Defect::None {
            let turn = apply(&self.rows, &mut self.desk, &config.pool, now, command);
            return turn.map_err(|_| Broken);
        }
        let liar = PoolLiar {
            rows: &self.rows,
            defect: self.defect,
            command,
        };
        let (config, command) = (liar.config(&config.pool), liar.command());
        let turn = apply(&liar, &mut self.desk, &config, now, command);
        let mut turn = turn.map_err(|_| Broken)?;
        liar.spoil(&mut turn);
        Ok(turn)
    }

    fn follows(turn: &Turn) -> (Option<Timestamp>, &[Ticket]) {
        (turn.effects.wake_by, &turn.effects.tickets)
    }

    fn rows(&self) -> &PoolStore {
        &self.rows
    }

    fn evicted(&mut self) {
        self.desk = Desk::default();
        self.lives += 1;
    }

    fn next_due(&self, config: &Config, now: Timestamp) -> Option<Timestamp> {
        next_due(&self.rows, &config.pool, now).unwrap_or(None)
    }

    fn wakes(&self, _dice: &mut Dice) -> Option<Command> {
        Some(Command::Wake)
    }

    fn has_twin(&self) -> bool {
        self.twin.is_some()
    }

    fn disagrees(
        &self,
        now: Timestamp,
        command: Command,
        config: &Config,
        kept: Kept<'_, Self>,
    ) -> Option<String> {
        let place = (&config.pool, now, &self.before);
        self.twin.as_ref()?.disagrees(place, command, kept)
    }
}

impl Object<Pool> {
    /// The pool, without any row.
    pub(crate) fn of_all(twin: Option<PoolTwin>, defect: Defect) -> Self {
        let defect = defect.only_if(Defect::is_of_the_pool);
        let pool = Pool {
            rows: PoolStore::default(),
            twin,
            defect,
            desk: Desk::default(),
            before: Desk::default(),
            lives: 0,
        };
        Self::with(pool, defect)
    }
}
