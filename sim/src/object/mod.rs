//! A Durable Object: its rows, its one alarm, and the little it keeps in memory. What a gate's and a pool's
//! have in common is here: the turn, all of its writes or none, and what follows from it. [`gate`] and [`pool`]
//! follow the files of those names in `src/objects`.

mod around;
pub(crate) mod gate;
pub(crate) mod host;
pub(crate) mod list;
pub(crate) mod pool;

use crate::{
    dice::Dice,
    marks::Mark,
    planted::Defect,
    table::{Change, Memory, Tables},
};
use host::Host;
use queue_core::{
    config::Config,
    domain::{Ticket, Timestamp},
};

pub(crate) use around::{Around, Broken};
pub(crate) use gate::Gate;
pub(crate) use list::List;
pub(crate) use pool::Pool;

/// What decides, and over which rows.
pub(crate) trait Product: Sized {
    /// What may be asked.
    type Command: Clone;
    /// What is answered, and what follows.
    type Turn;
    /// Its tables.
    type Tables: Tables;

    /// The product's decision.
    fn decide(
        &mut self,
        now: Timestamp,
        command: Self::Command,
        config: &Config,
    ) -> Result<Self::Turn, Broken>;
    /// When the alarm must ring, and what is sent.
    fn follows(turn: &Self::Turn) -> (Option<Timestamp>, &[Ticket]);
    /// Its rows.
    fn rows(&self) -> &Memory<Self::Tables>;
    /// The object lost its memory.
    fn evicted(&mut self);
    /// When the alarm must ring next, by the rows alone.
    fn next_due(&self, config: &Config, now: Timestamp) -> Option<Timestamp>;
    /// What its alarm has it do, if anything is known.
    fn wakes(&self, dice: &mut Dice) -> Option<Self::Command>;
    /// Whether the same rows are kept on `SQLite`, too.
    fn has_twin(&self) -> bool;
    /// Takes the turn there, and says how it differs; one that was not kept here is rolled back there.
    fn disagrees(
        &self,
        now: Timestamp,
        command: Self::Command,
        config: &Config,
        kept: Kept<'_, Self>,
    ) -> Option<String>;
}

/// A row that the oracle judges.
pub(crate) type Row<P> = <<P as Product>::Tables as Tables>::Row;

/// What a turn came to, if it was kept: its answer, and the rows that it changed.
pub(crate) type Kept<'a, P> = Option<(&'a <P as Product>::Turn, &'a [Change<Row<P>>])>;

/// One turn that was kept.
pub(crate) struct Taken<P: Product> {
    /// What was done.
    pub(crate) command: P::Command,
    /// What was answered, and what follows.
    pub(crate) turn: P::Turn,
    /// What became of the rows.
    pub(crate) changes: Vec<Change<Row<P>>>,
}

/// An object.
pub(crate) struct Object<P: Product> {
    /// What decides, and its rows.
    pub(crate) product: P,
    /// The platform's side.
    pub(crate) host: Host,
    /// The turns that were kept during one event.
    pub(crate) taken: Vec<Taken<P>>,
    /// How the twin differs, if it does.
    pub(crate) difference: Option<String>,
    /// Turns that fail keep what they wrote.
    careless: bool,
}

impl<P: Product> Object<P> {
    fn with(product: P, defect: Defect) -> Self {
        Self {
            product,
            host: Host::new(defect),
            taken: Vec::new(),
            difference: None,
            careless: matches!(defect, Defect::NoRollback | Defect::PoolNoRollback),
        }
    }

    /// A call; the answer is that of the turn taken last.
    pub(crate) fn perform(
        &mut self,
        now: Timestamp,
        command: P::Command,
        around: &mut Around<'_>,
    ) -> Result<(), Broken> {
        let config = around.config;
        self.host
            .mend(now, || self.product.next_due(config, now), around)?;
        self.host.unarmed = false;
        self.turn(now, command, around)
    }

    /// The alarm rings. Fails when not even the next alarm could be set; the platform then rings again.
    pub(crate) fn alarm(&mut self, now: Timestamp, around: &mut Around<'_>) -> Result<(), Broken> {
        self.host.rang();
        let woken = match self.product.wakes(around.dice) {
            Some(command) => self.turn(now, command, around),
            None => Ok(()),
        };
        let config = around.config;
        let next_due = || self.product.next_due(config, now);
        self.host.served(now, woken.is_err(), next_due, around)
    }

    /// One synchronous turn; then what follows from it. The turn stands, also when the alarm cannot be set.
    fn turn(
        &mut self,
        now: Timestamp,
        command: P::Command,
        around: &mut Around<'_>,
    ) -> Result<(), Broken> {
        let fails = around.dice.chance(around.rates.storage);
        let writes = fails.then(|| u32::try_from(around.dice.below(4)).unwrap_or(0));
        self.product.rows().fail_after(writes);
        let result = self.product.decide(now, command.clone(), around.config);
        let commits = around.breaks(Mark::CommitFailed, around.rates.commit);
        let Ok(turn) = result else {
            around.tally.mark(Mark::StorageFailed);
            self.roll_back(now, command, around.config);
            return Err(Broken);
        };
        if let Err(broken) = commits {
            self.evict();
            self.roll_back(now, command, around.config);
            return Err(broken);
        }
        let changes = self.product.rows().commit();
        if self.product.has_twin() {
            around.tally.mark(Mark::SqlTurn);
            let kept = Some((&turn, changes.as_slice()));
            let found = self
                .product
                .disagrees(now, command.clone(), around.config, kept);
            self.difference = self.difference.take().or(found);
        }
        let (wake_by, sent) = P::follows(&turn);
        if self.host.arm(wake_by, around).is_err() {
            self.host.unarmed = true;
        }
        around.tickets.extend_from_slice(sent);
        self.taken.push(Taken {
            command,
            turn,
            changes,
        });
        Ok(())
    }

    /// Drops all memory.
    pub(crate) fn evict(&mut self) {
        self.host.evict();
        self.product.evicted();
    }

    fn roll_back(&mut self, now: Timestamp, command: P::Command, config: &Config) {
        if self.careless {
            self.product.rows().commit();
            return;
        }
        self.product.rows().roll_back();
        if self.product.has_twin() {
            let found = self.product.disagrees(now, command, config, None);
            self.difference = self.difference.take().or(found);
        }
    }
}
