//! All that is in the simulated world: gates, the pool, deliveries, the queue between them, and what is to happen when.

use super::looks::Watch;
use crate::{
    ledger::Ledger,
    policies::{
        agenda::Agenda,
        window::{Filled, Window},
    },
    trace::Trace,
};
use queue_core::{
    config::Config,
    delivery::{Delivery, assignment::Assignment},
    domain::{JobId, Ticket, Timestamp, UserId},
    gate::Memory,
    pool::Desk,
};
use sim::{memory_store::MemoryStore, pool_store::PoolStore};
use std::collections::BTreeMap;

/// When the simulation begins.
const START: i64 = 1_700_000_000_000;

/// The product's time.
pub(super) const fn clock(now: i64) -> Timestamp {
    Timestamp::from_millis(START + now)
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Event {
    Arrive(usize),
    Deliver(u64),
    StageEnd(usize, usize),
    Run(usize),
    Due(usize),
    HangUp(usize, u32),
    GateAlarm(usize),
    PoolAlarm,
    Look,
    LookAgain(usize),
}

pub(super) struct World<'a> {
    pub(super) trace: &'a Trace,
    pub(super) config: Config,
    pub(super) agenda: Agenda<Event>,
    pub(super) window: Window<Option<String>>,
    pub(super) gates: Vec<Gate>,
    pub(super) pool: Pool,
    pub(super) consumers: BTreeMap<usize, Consumer>,
    pub(super) next_delivery: usize,
    pub(super) jobs: BTreeMap<JobId, usize>,
    pub(super) started: Vec<bool>,
    pub(super) ended: usize,
    pub(super) ledger: Ledger<'a>,
    pub(super) watch: Option<Watch>,
}

impl World<'_> {
    /// Puts tickets on the queue.
    pub(super) fn send(&mut self, now: i64, tickets: &[Ticket]) {
        for ticket in tickets {
            match self.window.push(now, Some(ticket.to_text())) {
                Filled::Opens(due, batch) => self.agenda.at(due, Event::Deliver(batch)),
                Filled::Full(batch) => self.agenda.at(now, Event::Deliver(batch)),
                Filled::Joins => {}
            }
        }
    }
}

/// When an object, or a delivery, is woken next.
#[derive(Default)]
pub(super) struct Alarm(Option<i64>);

impl Alarm {
    /// Moves it to an earlier time; says to when, if it moved.
    pub(super) fn arm(&mut self, wake_by: Option<Timestamp>) -> Option<i64> {
        let wake_by = wake_by?.as_millis() - START;
        if self.0.is_some_and(|armed| armed <= wake_by) {
            return None;
        }
        self.0 = Some(wake_by);
        self.0
    }

    /// Whether it rings now; then it has to be set anew.
    pub(super) fn rings(&mut self, now: i64) -> bool {
        let rings = self.0 == Some(now);
        if rings {
            self.0 = None;
        }
        rings
    }
}

/// A user's gate.
pub(super) struct Gate {
    pub(super) user_id: UserId,
    pub(super) rows: MemoryStore,
    pub(super) memory: Memory,
    pub(super) alarm: Alarm,
}

impl Gate {
    pub(super) fn new(user: usize) -> Self {
        let Ok(user_id) = UserId::try_from(format!("user-{user}")) else {
            unreachable!("it is a valid id");
        };
        Self {
            user_id,
            rows: MemoryStore::default(),
            memory: Memory::default(),
            alarm: Alarm::default(),
        }
    }
}

/// The pool.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) rows: PoolStore,
    pub(super) desk: Desk,
    pub(super) alarm: Alarm,
}

/// One delivery.
pub(super) struct Consumer {
    pub(super) delivery: Delivery,
    pub(super) running: BTreeMap<usize, Assignment>,
    pub(super) alarm: Alarm,
    /// Calls that it opened, and whether the last one is open.
    pub(super) calls: u32,
    pub(super) is_open: bool,
    /// Free places of which it told the pool last.
    pub(super) places: u32,
}
