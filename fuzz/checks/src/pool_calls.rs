//! Calls of a pool, decided in turn by one pool.

use queue_core::{
    config::PoolConfig,
    domain::{Ticket, Timestamp},
    pool::{Command, Desk, Hold, Reply, Store, apply},
};
use sim::{pool_store::PoolStore, twin::PoolTwin};

/// One pool twice: its rows in memory and in `SQLite`.
pub(crate) struct Pool {
    memory: PoolStore,
    twin: PoolTwin,
    desk: Desk,
    config: PoolConfig,
}

impl Pool {
    /// One of few slots, so that a line forms.
    pub(crate) fn new() -> Self {
        Self {
            memory: PoolStore::default(),
            twin: PoolTwin::new().expect("SQLite opens a database in memory"),
            desk: Desk::default(),
            config: PoolConfig {
                max_backlog: 0,
                capacity: 2,
                ..testkit::defaults().pool
            },
        }
    }

    /// One turn, as the object makes it.
    pub(crate) fn take(&mut self, now: Timestamp, command: &Command) {
        let (held_before, desk) = (self.held(), self.desk.clone());
        let (config, command) = (&self.config, command.clone());
        let turn = apply(&self.memory, &mut self.desk, config, now, command.clone())
            .expect("only a store that fails fails a turn");
        let changes = self.memory.commit();
        let expected = Some((&turn, &changes[..]));
        let difference = self
            .twin
            .disagrees((config, now, &desk), command.clone(), expected);
        assert_eq!(difference, None, "{command:?}");
        let written = serde_json::to_string(&turn.reply).expect("a reply can be written");
        assert_eq!(crate::reads_back::<Reply>(&written), Some(turn.reply));
        for ticket in &turn.effects.tickets {
            assert_eq!(Ticket::parse(&ticket.to_text()).as_ref(), Ok(ticket));
        }
        let (held, most) = (self.held(), self.config.capacity.max(held_before));
        assert!(held <= most, "{held} slots: {command:?}");
        for claim in self.memory.claims() {
            let has_slot = claim.hold.has_slot();
            assert_eq!(
                (has_slot, has_slot),
                (claim.by.is_some(), claim.due.is_some())
            );
            assert!(claim.hold != Hold::Waiting || claim.epoch == claim.want.epoch());
        }
    }

    fn held(&self) -> u32 {
        self.memory.held().expect("memory does not fail")
    }

    pub(crate) fn finish(&self) {
        assert_eq!(self.twin.differs(&self.memory), None);
    }
}
