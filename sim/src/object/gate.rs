//! A gate as an object. Follows `src/objects/gate.rs`.

use super::{Around, Broken, Kept, Object, Product};
use crate::{
    dice::Dice, gate_tables::GateTables, liar::Liar, memory_store::MemoryStore, planted::Defect,
    twin::Twin,
};
use queue_core::{
    config::Config,
    domain::{JobId, Ticket, Timestamp, UserId},
    failures::Word,
    gate::{
        Command, Effects, Memory, State, Store, Turn, apply, next_due, teller::Out, teller::Teller,
        words::Lister,
    },
    line::want::Holding,
};

/// The gate of one user.
pub(crate) struct Gate {
    /// Whose.
    pub(crate) user: UserId,
    /// The rows.
    pub(crate) rows: MemoryStore,
    /// The same on `SQLite`, in some seeds.
    pub(crate) twin: Option<Twin>,
    /// What is wrong with this gate.
    defect: Defect,
    leaked: u32,
    /// What it need not read again.
    pub(crate) memory: Memory,
    /// The same before the latest turn.
    before: Memory,
    /// What the pool must hear.
    pub(crate) teller: Teller,
    /// What the list of failures must hear.
    pub(crate) lister: Lister,
    /// How often it lost its memory.
    pub(crate) lives: usize,
}

impl Product for Gate {
    type Command = Command;
    type Turn = Turn;
    type Tables = GateTables;

    fn decide(
        &mut self,
        now: Timestamp,
        command: Command,
        config: &Config,
    ) -> Result<Turn, Broken> {
        let config = &config.gate;
        self.before.clone_from(&self.memory);
        if self.defect == Defect::None {
            let (rows, memory) = (&self.rows, &mut self.memory);
            return apply(rows, memory, config, now, &self.user, command).map_err(|_| Broken);
        }
        if let Command::Cancel { job_id } = &command
            && self.defect == Defect::LeakOnCancel
            && let Ok(Some(job)) = self.rows.find(job_id)
            && job.state == State::Queued
        {
            self.leaked += 1;
        }
        if self.defect == Defect::ExpiredKeepsLease
            && matches!(command, Command::Wake { .. })
            && let Ok(late) = self.rows.late(now, u32::MAX)
        {
            let held = late.iter().filter(|job| job.state.holds_lease()).count();
            self.leaked += u32::try_from(held).unwrap_or(0);
        }
        let liar = Liar {
            rows: &self.rows,
            defect: self.defect,
            now,
            leaked: self.leaked,
            command,
        };
        let (config, command) = (liar.config(config), liar.command());
        if self.defect.is_of_accounts() {
            self.memory.forget_rows();
        }
        let turn = apply(&liar, &mut self.memory, &config, now, &self.user, command);
        let mut turn = turn.map_err(|_| Broken)?;
        liar.spoil(&mut turn.effects);
        Ok(turn)
    }

    fn follows(turn: &Turn) -> (Option<Timestamp>, &[Ticket]) {
        let Effects {
            wake_by, tickets, ..
        } = &turn.effects;
        (*wake_by, tickets)
    }

    fn rows(&self) -> &MemoryStore {
        &self.rows
    }

    fn evicted(&mut self) {
        self.memory = Memory::default();
        self.teller = Teller::default();
        self.lister = Lister::default();
        self.lives += 1;
    }

    fn next_due(&self, config: &Config, now: Timestamp) -> Option<Timestamp> {
        next_due(&self.rows, &self.memory, &config.gate, now).unwrap_or(None)
    }

    fn wakes(&self, dice: &mut Dice) -> Option<Command> {
        let is_known = matches!(self.rows.owner(), Ok(Some(_)));
        is_known.then(|| Command::Wake {
            entropy: dice.word(),
        })
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
        let place = (&config.gate, now, &self.user, &self.before);
        self.twin.as_ref()?.disagrees(place, command, kept)
    }
}

impl Object<Gate> {
    /// The object of that user.
    pub(crate) fn of_user(user: UserId, twin: Option<Twin>, defect: Defect) -> Self {
        let defect = defect.only_if(Defect::is_of_gates);
        let gate = Gate {
            user,
            rows: MemoryStore::default(),
            twin,
            defect,
            leaked: 0,
            memory: Memory::default(),
            before: Memory::default(),
            teller: Teller::default(),
            lister: Lister::default(),
            lives: 0,
        };
        Self::with(gate, defect)
    }

    /// The pool has heard that these are gone, and said what is out.
    pub(crate) fn told(
        &mut self,
        now: Timestamp,
        (gone, out): (Vec<Holding>, Out),
        around: &mut Around<'_>,
    ) {
        // What cannot be recorded is told again.
        let _ = self.turn(now, Command::Told { gone, out }, around);
    }

    /// The list of failures has heard these words.
    pub(crate) fn listed(&mut self, now: Timestamp, words: Vec<Word>, around: &mut Around<'_>) {
        // What cannot be recorded is told again.
        let _ = self.turn(now, Command::Listed { words }, around);
    }

    /// These artifacts are gone; those could not be deleted.
    pub(crate) fn forget(
        &mut self,
        now: Timestamp,
        (jobs, failed): (Vec<JobId>, Vec<JobId>),
        around: &mut Around<'_>,
    ) {
        // What cannot be recorded is deleted again.
        let _ = self.turn(now, Command::Forget { jobs, failed }, around);
    }
}
