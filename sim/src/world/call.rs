//! A call under way: who asks whom for what.

use queue_core::{
    calls::{Failure, Tries},
    failures, gate, pool,
};

/// Who waits for the answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    Submit {
        wish: usize,
        tries: u32,
    },
    Cancel {
        job: usize,
        tries: u32,
    },
    Start {
        delivery: usize,
        question: usize,
    },
    Renew {
        task: usize,
    },
    Report {
        task: usize,
    },
    Bury {
        message: usize,
    },
    SetPlan {
        change: usize,
        tries: u32,
    },
    Reconcile {
        user: usize,
        tries: u32,
    },
    Erase {
        user: usize,
        tries: u32,
    },
    Operator(Word),
    Exchange {
        delivery: usize,
    },
    Listen {
        delivery: usize,
    },
    Tell {
        gate: usize,
        life: usize,
    },
    TellList {
        gate: usize,
        life: usize,
        number: usize,
    },
    Replay {
        job: usize,
        number: usize,
        tries: u32,
    },
    OfMany {
        number: usize,
        what: OfMany,
        tries: u32,
    },
    Many {
        asking: usize,
        number: u32,
    },
    Nobody,
}

/// What an operator says of a back end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Word {
    Pause,
    Resume,
    Let,
}

/// What an operator says of a replay of many.
#[derive(Clone, Copy, Debug)]
pub(super) enum OfMany {
    Begin,
    Pause,
    Resume,
    Stop,
}

/// Who is asked for what.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    Gate(usize, gate::Command),
    Pool(pool::Command),
    List(failures::Command),
}

/// What was answered.
pub(super) enum Answer {
    Gate(gate::Reply),
    Pool(pool::Reply),
    List(failures::Reply),
}

/// A call under way.
pub(super) struct Call {
    pub(super) ask: Ask,
    pub(super) caller: Caller,
    /// `None`: its caller has given it up.
    pub(super) tries: Option<Tries>,
    pub(super) answer: Result<Answer, Failure>,
}
