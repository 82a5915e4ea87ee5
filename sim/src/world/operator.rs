//! The operator: pauses a back end, has it go on, and lets a job through meanwhile.

use super::{
    World,
    call::{Ask, Caller, Word},
    event::Event,
    work::Resumed,
};
use crate::{marks::Mark, oracle::require};
use queue_core::{
    domain::Timestamp,
    pool::{Command, outage::Pause},
};

/// How long a job that was given before a pause may be on its way.
const ON_THE_WAY: i64 = 2_000;

/// How soon after a pause all go on.
const OVER_WITHIN: i64 = 2_000;

/// A call that its caller has given up arrives within this time, or never.
const LATE: i64 = 120_000;

impl World {
    pub(super) fn plan_orders(&mut self) {
        let Some(order) = self.plan.order else {
            return;
        };
        self.after(order.from, Event::Operate(Word::Pause));
        if !order.is_timed {
            self.after(order.to, Event::Operate(Word::Resume));
        }
        if let Some(at) = order.lets {
            self.after(at, Event::Operate(Word::Let));
        }
    }

    /// The operator calls the pool.
    pub(super) fn operate(&mut self, word: Word) {
        let Some(order) = self.plan.order else {
            return;
        };
        let command = match word {
            Word::Pause => {
                self.mark(Mark::OperatorPaused);
                let now = self.clock(self.pool_place());
                Command::Pause {
                    backend: order.backend,
                    pause: Some(Pause {
                        since: now,
                        until: order.is_timed.then(|| {
                            let left = order.to - self.elapsed();
                            Timestamp::from_millis(now.as_millis() + left.max(0))
                        }),
                        reason: "maintenance".to_owned(),
                    }),
                }
            }
            Word::Resume => Command::Pause {
                backend: order.backend,
                pause: None,
            },
            Word::Let => {
                let facts = self.oracle.jobs.iter().enumerate();
                let mut open =
                    facts.filter(|(_, fact)| fact.acknowledged && !fact.state.is_final());
                let Some((job, fact)) = open.next_back() else {
                    return;
                };
                let job_id = fact.job_id.clone();
                self.progress.through.insert(job);
                Command::Let { job_id }
            }
        };
        self.say(|| format!("operator says {word:?}"));
        self.call(Ask::Pool(command), Caller::Operator(word));
    }

    /// The pool has answered, or could not be reached: said again.
    pub(super) fn operated(&mut self, word: Word, answered: bool) {
        let is_over = self
            .plan
            .order
            .is_some_and(|order| self.elapsed() >= order.to);
        match word {
            Word::Pause | Word::Let if is_over => {}
            _ if !answered => self.after(1_000, Event::Operate(word)),
            Word::Pause => self.progress.paused = Some(self.now),
            Word::Let => {}
            Word::Resume if self.progress.resumed == Resumed::Once => {
                self.progress.resumed = Resumed::Surely;
            }
            // A call to pause that nobody waits for any more may arrive after this one.
            Word::Resume => {
                self.progress.resumed = Resumed::Once;
                self.after(LATE, Event::Operate(word));
            }
        }
    }

    /// In a seed without faults: nothing that the pool gave after the pause began starts at the paused back end.
    pub(super) fn keeps_pause(&mut self, number: usize) {
        let (Some(order), Some(since)) = (self.plan.order, self.progress.paused) else {
            return;
        };
        let task = &self.tasks[number];
        let (job, stage) = (task.job, task.assignment.grant.stage);
        let is_held = self.plan.is_calm
            && order.backend.serves(stage)
            && task.assignment.want.ticket.stage == stage
            && self.now > since + ON_THE_WAY
            && self.elapsed() < order.to;
        let may = !is_held || self.progress.through.contains(&job);
        let verdict = require(may, "an operator's pause holds", || {
            format!(
                "job {job} starts {stage} during the pause of {:?}",
                order.backend
            )
        });
        self.judge(verdict);
    }

    /// Whether only the operator's word lets anything go on.
    pub(super) fn waits_for_operator(&self) -> bool {
        let at = self.elapsed();
        let order = self.plan.order;
        let is_open = order.is_some_and(|order| !order.is_timed && order.from <= at);
        is_open && self.progress.resumed != Resumed::Surely
    }

    /// Whether an operator's pause is on, or was just now.
    pub(super) fn is_paused(&self) -> bool {
        let at = self.elapsed();
        let order = self.plan.order;
        order.is_some_and(|order| order.from <= at && at < order.to + OVER_WITHIN)
    }
}
