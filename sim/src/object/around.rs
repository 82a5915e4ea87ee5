//! What the platform and chance bring to a turn.

use crate::{
    dice::Dice,
    marks::{Mark, Tally},
    rates::Rates,
};
use queue_core::{config::Config, domain::Ticket};

/// What the platform and chance bring to a turn.
pub(crate) struct Around<'a> {
    /// Chance.
    pub(crate) dice: &'a mut Dice,
    /// How often what goes wrong.
    pub(crate) rates: &'a Rates,
    /// What happened.
    pub(crate) tally: &'a mut Tally,
    /// The configuration.
    pub(crate) config: &'a Config,
    /// What is sent after it.
    pub(crate) tickets: Vec<Ticket>,
}

impl Around<'_> {
    pub(super) fn breaks(&mut self, mark: Mark, rate: f64) -> Result<(), Broken> {
        if self.dice.chance(rate) {
            self.tally.mark(mark);
            return Err(Broken);
        }
        Ok(())
    }
}

/// The storage failed; the turn changed nothing.
#[derive(Debug)]
pub(crate) struct Broken;
