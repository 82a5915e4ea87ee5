//! What the platform and chance bring to a turn.

use crate::{
    dice::Dice,
    marks::{Mark, Tally},
    rates::Rates,
};
use queue_core::config::Config;

/// What the platform and chance bring to a turn.
pub struct Around<'a> {
    /// Chance.
    pub dice: &'a mut Dice,
    /// How often what goes wrong.
    pub rates: &'a Rates,
    /// What happened.
    pub tally: &'a mut Tally,
    /// The configuration.
    pub config: &'a Config,
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
pub struct Broken;
