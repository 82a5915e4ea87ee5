//! A call under way: who asks whom for what.

use super::operator::Word;
use queue_core::{
    calls::{Failure, Tries},
    gate, pool,
};

/// Who waits for the answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    Submit { wish: usize, tries: u32 },
    Cancel { job: usize, tries: u32 },
    Start { delivery: usize, question: usize },
    Renew { task: usize },
    Report { task: usize },
    Bury { message: usize },
    SetPlan { change: usize, tries: u32 },
    Reconcile { user: usize, tries: u32 },
    Erase { user: usize, tries: u32 },
    Operator(Word),
    Exchange { delivery: usize },
    Listen { delivery: usize },
    Tell { gate: usize, life: usize },
    Nobody,
}

/// Who is asked for what.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    Gate(usize, gate::Command),
    Pool(pool::Command),
}

/// What was answered.
pub(super) enum Answer {
    Gate(gate::Reply),
    Pool(pool::Reply),
}

/// A call under way.
pub(super) struct Call {
    pub(super) ask: Ask,
    pub(super) caller: Caller,
    /// `None`: its caller has given it up.
    pub(super) tries: Option<Tries>,
    pub(super) answer: Result<Answer, Failure>,
}
