//! Runs what was admitted, in lanes, within the delivery's budget.

use super::{
    capacity::Slots,
    lanes::{Lanes, weight},
    stage::{StageRun, state_of},
};
use crate::{
    clock,
    config::Config,
    domain::{Ticket, Tier, Timestamp},
    gate::{
        State,
        command::{Command, Grant},
    },
    observability::{Event, JobFacts, sink},
};
use futures_util::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use std::time::Duration;
use worker::{Delay, Env};

/// A job that may run.
pub(super) struct Admitted {
    pub(super) ticket: Ticket,
    pub(super) grant: Grant,
}

impl Admitted {
    /// What it takes of the lanes.
    fn place(&self) -> (Tier, usize) {
        (self.grant.tier, weight(&self.grant.payload))
    }
}

impl From<&Admitted> for JobFacts {
    /// By the grant, since the gate's row decides, not the ticket.
    fn from(admitted: &Admitted) -> Self {
        let Admitted { ticket, grant } = admitted;
        Self {
            kind: grant.kind,
            stage: grant.stage,
            tier: grant.tier,
            priority: grant.priority,
            ..ticket.into()
        }
    }
}

/// One queue delivery.
pub(super) struct Delivery<'a> {
    pub(super) env: &'a Env,
    pub(super) config: &'a Config,
    /// Names this delivery to the gates.
    pub(super) holder: String,
    pub(super) started_at: Timestamp,
    pub(super) slots: Slots,
}

/// What the delivery waits for.
enum Step {
    Ended((Tier, usize)),
    HandedBack,
    BudgetUsedUp,
    SlotsReleased,
    SlotsRenewed,
}

impl Delivery<'_> {
    pub(super) fn log(&self, event: &Event) {
        sink::log(self.config.log_format, event);
    }

    /// Runs the admitted, given in rank order; returns when each is reported or handed back, and what slots
    /// that freed are given back.
    pub(super) async fn run(&self, mut waiting: Vec<Admitted>) {
        let mut lanes = Lanes::new(&self.config.gate.tiers);
        let mut steps: FuturesUnordered<LocalBoxFuture<'_, Step>> = FuturesUnordered::new();
        let (mut open, mut is_releasing, mut has_started) = (waiting.len(), false, false);
        steps.push(Box::pin(self.budget()));
        steps.push(Box::pin(self.renew_slots()));
        loop {
            if !is_releasing && self.slots.any_free() {
                is_releasing = true;
                steps.push(Box::pin(self.release_slots()));
            }
            if open == 0 && !is_releasing {
                break;
            }
            // Also by the clock: after a stall, other steps may come before the budget's own, and the leases of
            // those that wait may have run out.
            if has_started && self.budget_left().is_zero() {
                for admitted in waiting.drain(..) {
                    steps.push(Box::pin(self.hand_back(admitted)));
                }
            }
            has_started = true;
            for admitted in lanes.start(&mut waiting, Admitted::place) {
                self.log_start(&admitted);
                steps.push(Box::pin(self.run_one(admitted, clock::now())));
            }
            match steps.next().await {
                Some(Step::Ended(place)) => {
                    lanes.end(place);
                    open -= 1;
                }
                Some(Step::HandedBack) => open -= 1,
                // What still waits is handed back above.
                Some(Step::BudgetUsedUp) => {}
                Some(Step::SlotsReleased) => is_releasing = false,
                Some(Step::SlotsRenewed) => steps.push(Box::pin(self.renew_slots())),
                None => break,
            }
        }
    }

    fn log_start(&self, admitted: &Admitted) {
        let Grant {
            active,
            limit,
            wait_ms,
            attempt,
            ..
        } = admitted.grant;
        let job = admitted.into();
        self.log(&Event::Started {
            job,
            active,
            limit,
            wait_ms,
            attempt,
        });
    }

    async fn release_slots(&self) -> Step {
        self.release().await;
        Step::SlotsReleased
    }

    async fn renew_slots(&self) -> Step {
        self.renew().await;
        Step::SlotsRenewed
    }

    fn budget_left(&self) -> Duration {
        let used = clock::now().millis_since(self.started_at);
        let used = Duration::from_millis(u64::try_from(used).unwrap_or(0));
        self.config.delivery_budget.saturating_sub(used)
    }

    async fn budget(&self) -> Step {
        // One more: timers may ring a little early by the clock, and nothing else would look again.
        Delay::from(self.budget_left() + Duration::from_millis(1)).await;
        Step::BudgetUsedUp
    }

    async fn run_one(&self, admitted: Admitted, started_at: Timestamp) -> Step {
        let run = StageRun {
            delivery: self,
            admitted: &admitted,
            started_at,
        };
        // The next stage runs under the same lease and slot.
        let goes_on = run.run().await == Some(State::Granted);
        self.slots.leave(&admitted.ticket.job_id, goes_on);
        Step::Ended(admitted.place())
    }

    async fn hand_back(&self, admitted: Admitted) -> Step {
        let job_id = admitted.ticket.job_id.clone();
        let command = Command::HandBack {
            job_id,
            epoch: admitted.grant.epoch,
        };
        let run = StageRun {
            delivery: self,
            admitted: &admitted,
            started_at: clock::now(),
        };
        let reply = run.report(&command).await;
        let is_granted = reply.as_ref().and_then(state_of) == Some(State::Granted);
        self.slots.leave(&admitted.ticket.job_id, is_granted);
        if reply.is_some() {
            self.log(&Event::HandedBack {
                job: (&admitted).into(),
            });
        }
        Step::HandedBack
    }
}
