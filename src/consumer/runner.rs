//! Runs what was admitted, in lanes, within the delivery's budget.

use super::{
    lanes::{Lanes, weight},
    stage::StageRun,
};
use crate::{
    clock,
    config::Config,
    domain::{Ticket, Tier, Timestamp},
    gate::command::{Command, Grant},
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
}

/// What the delivery waits for.
enum Step {
    Ended((Tier, usize)),
    HandedBack,
    BudgetUsedUp,
}

impl Delivery<'_> {
    pub(super) fn log(&self, event: &Event) {
        sink::log(self.config.log_format, event);
    }

    /// Runs the admitted, given in rank order; returns when each is reported or handed back.
    pub(super) async fn run(&self, mut waiting: Vec<Admitted>) {
        let mut lanes = Lanes::new(&self.config.gate.tiers);
        let mut steps: FuturesUnordered<LocalBoxFuture<'_, Step>> = FuturesUnordered::new();
        let mut open = waiting.len();
        steps.push(Box::pin(self.budget()));
        while open > 0 {
            for admitted in lanes.start(&mut waiting, Admitted::place) {
                let Grant {
                    active,
                    limit,
                    wait_ms,
                    attempt,
                    ..
                } = admitted.grant;
                let job = (&admitted).into();
                self.log(&Event::Started {
                    job,
                    active,
                    limit,
                    wait_ms,
                    attempt,
                });
                steps.push(Box::pin(self.run_one(admitted, clock::now())));
            }
            match steps.next().await {
                Some(Step::Ended(place)) => {
                    lanes.end(place);
                    open -= 1;
                }
                Some(Step::HandedBack) => open -= 1,
                Some(Step::BudgetUsedUp) => {
                    for admitted in waiting.drain(..) {
                        steps.push(Box::pin(self.hand_back(admitted)));
                    }
                }
                None => break,
            }
        }
    }

    async fn budget(&self) -> Step {
        let used = clock::now().millis_since(self.started_at);
        let used = Duration::from_millis(u64::try_from(used).unwrap_or(0));
        Delay::from(self.config.delivery_budget.saturating_sub(used)).await;
        Step::BudgetUsedUp
    }

    async fn run_one(&self, admitted: Admitted, started_at: Timestamp) -> Step {
        StageRun {
            delivery: self,
            admitted: &admitted,
            started_at,
        }
        .run()
        .await;
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
        if run.report(&command).await.is_some() {
            self.log(&Event::HandedBack {
                job: (&admitted).into(),
            });
        }
        Step::HandedBack
    }
}
