//! What the harnesses of gate and pool share: turns of an object, and a clock that a test moves.

use queue_core::{domain::Timestamp, storage::StorageError};
use std::time::Duration;

pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub trait Harness {
    type Command;
    type Reply;

    /// The alarm.
    const WAKE: Self::Command;

    fn clock(&mut self) -> &mut Timestamp;

    /// One turn, as the object makes it.
    fn try_turn(&mut self, command: Self::Command) -> Result<Self::Reply, StorageError>;

    fn turn(&mut self, command: Self::Command) -> Self::Reply {
        self.try_turn(command).unwrap()
    }

    fn pass(&mut self, span: Duration) {
        let now = self.clock();
        *now = now.after(span);
    }

    /// The alarm rings.
    fn wake(&mut self) {
        self.turn(Self::WAKE);
    }

    fn wake_at(&mut self, now: Timestamp) {
        *self.clock() = now;
        self.wake();
    }

    fn wake_after(&mut self, span: Duration) {
        self.pass(span);
        self.wake();
    }
}

/// Names and values of variables, as the configuration asks for them.
pub fn vars(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    move |name| {
        let found = pairs.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.clone())
    }
}
