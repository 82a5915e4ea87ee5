//! The list of failures as an object. Follows `src/objects/failures.rs`.

use super::{Around, Broken, Kept, Object, Product};
use crate::{dice::Dice, list_store::ListStore, planted::Defect, twin::ListTwin};
use queue_core::{
    config::Config,
    domain::{ReplayId, Ticket, Timestamp},
    failures::{Answer, Command, Run, RunState, Store, Turn, Word, apply, next_due},
    storage::StorageError,
};

/// The list of failures.
pub(crate) struct List {
    /// The rows.
    pub(crate) rows: ListStore,
    /// The same on `SQLite`, in some seeds.
    pub(crate) twin: Option<ListTwin>,
    /// What is wrong with it.
    defect: Defect,
    /// How often it lost its memory.
    pub(crate) lives: usize,
}

impl Product for List {
    type Command = Command;
    type Turn = Turn;
    type Tables = crate::list_store::ListTables;

    fn decide(
        &mut self,
        now: Timestamp,
        command: Command,
        config: &Config,
    ) -> Result<Turn, Broken> {
        let mut command = command;
        if let (Command::Tell { words }, Defect::ReplayedStaysListed) = (&mut command, self.defect)
        {
            words.retain(|word| matches!(word, Word::Failed(_)));
        }
        let turn = apply(&self.rows, (config.gate.retention, now), command);
        let turn = turn.map_err(|_| Broken)?;
        if self.defect == Defect::AskedForgotten {
            self.forget_asked().map_err(|_| Broken)?;
        }
        Ok(turn)
    }

    fn follows(turn: &Turn) -> (Option<Timestamp>, &[Ticket]) {
        (turn.effects.wake_by, &[])
    }

    fn rows(&self) -> &ListStore {
        &self.rows
    }

    fn evicted(&mut self) {
        self.lives += 1;
    }

    fn next_due(&self, config: &Config, now: Timestamp) -> Option<Timestamp> {
        next_due(&self.rows, (config.gate.retention, now)).unwrap_or(None)
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
        let rules = (config.gate.retention, now);
        self.twin.as_ref()?.disagrees(rules, command, kept)
    }
}

impl List {
    /// Every replay of many.
    pub(crate) fn runs(&self) -> Vec<Run> {
        self.rows.runs().unwrap_or_default()
    }

    /// A replay goes on as if all that it asked for had been answered.
    fn forget_asked(&self) -> Result<(), StorageError> {
        for mut run in self.runs() {
            if run.state == RunState::Running && !run.asked.is_empty() {
                run.asked.clear();
                run.due = Some(run.next_at);
                self.rows.save_run(&run)?;
            }
        }
        Ok(())
    }
}

impl Object<List> {
    /// The list, without any row.
    pub(crate) fn of_failures(twin: Option<ListTwin>, defect: Defect) -> Self {
        let defect = defect.only_if(Defect::is_of_the_list);
        let list = List {
            rows: ListStore::default(),
            twin,
            defect,
            lives: 0,
        };
        Self::with(list, defect)
    }

    /// Gates have answered a replay.
    pub(crate) fn answered(
        &mut self,
        now: Timestamp,
        (id, answers): (ReplayId, Vec<(u32, Answer)>),
        around: &mut Around<'_>,
    ) {
        // What cannot be recorded is asked again.
        let _ = self.turn(now, Command::Answered { id, answers }, around);
    }
}
