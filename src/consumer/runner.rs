//! Performs what a delivery decides: its calls, its stages, its pauses, side by side.

use super::{
    admitted::Admitted,
    delivery::{Action, Delivery},
    stage::StageRun,
};
use crate::{
    clock,
    config::Config,
    gate::command::Grant,
    object::outbox,
    observability::{Event, sink},
};
use futures_util::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use std::{cell::RefCell, time::Duration};
use worker::{Delay, Env};

/// The host of one delivery.
pub(super) struct Consumer<'a> {
    pub(super) env: &'a Env,
    pub(super) config: &'a Config,
    /// Names this delivery to the gates.
    pub(super) holder: String,
    pub(super) delivery: RefCell<Delivery>,
}

/// What the consumer waits for.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Step {
    Done,
    SlotsRenewed,
}

impl Consumer<'_> {
    pub(super) fn log(&self, event: &Event) {
        sink::log(self.config.log_format, event);
    }

    pub(super) fn log_all(&self, events: &[Event]) {
        for event in events {
            self.log(event);
        }
    }

    /// Does what the delivery says until it is done: when each of its jobs is reported, handed back or waits, and
    /// what slots that freed are given back.
    pub(super) async fn run(&self) {
        let mut steps: FuturesUnordered<LocalBoxFuture<'_, Step>> = FuturesUnordered::new();
        steps.push(Box::pin(self.budget()));
        steps.push(Box::pin(self.renew_slots()));
        loop {
            let actions = self.delivery.borrow_mut().act(clock::now());
            steps.extend(
                actions
                    .into_iter()
                    .map(|action| -> LocalBoxFuture<'_, Step> { Box::pin(self.perform(action)) }),
            );
            if self.delivery.borrow().is_done() {
                return;
            }
            if steps.next().await == Some(Step::SlotsRenewed) {
                steps.push(Box::pin(self.renew_slots()));
            }
        }
    }

    async fn perform(&self, action: Action) -> Step {
        match action {
            Action::Start(admitted) => self.run_stage(admitted).await,
            Action::HandBack(admitted) => self.hand_back(admitted).await,
            Action::Exchange(command) => self.exchange(command).await,
            Action::Wait { jobs, in_line } => self.wait(jobs, in_line).await,
            Action::Admit(tickets) => {
                let verdicts = self.ask_gates(tickets).await;
                let events = self.delivery.borrow_mut().admitted(verdicts);
                self.log_all(&events);
            }
            Action::Forward(tickets) => {
                outbox::send(self.env, self.config.log_format, &tickets).await;
                self.delivery.borrow_mut().told();
            }
        }
        Step::Done
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

    async fn renew_slots(&self) -> Step {
        self.renew().await;
        Step::SlotsRenewed
    }

    /// Wakes the delivery when its budget ends.
    async fn budget(&self) -> Step {
        let left = self
            .delivery
            .borrow()
            .budget_ends()
            .millis_since(clock::now());
        // One more: timers may ring a little early by the clock, and nothing else would look again.
        Delay::from(Duration::from_millis(u64::try_from(left).unwrap_or(0) + 1)).await;
        Step::Done
    }

    async fn run_stage(&self, admitted: Admitted) {
        self.log_start(&admitted);
        let run = StageRun {
            consumer: self,
            admitted: &admitted,
            started_at: clock::now(),
        };
        let reply = run.run().await;
        let job_id = &admitted.ticket.job_id;
        self.delivery.borrow_mut().reported(job_id, reply);
    }

    async fn hand_back(&self, admitted: Admitted) {
        let run = StageRun {
            consumer: self,
            admitted: &admitted,
            started_at: clock::now(),
        };
        let reply = run.hand_back().await;
        if reply.is_some() {
            let job = (&admitted).into();
            self.log(&Event::HandedBack { job });
        }
        let job_id = &admitted.ticket.job_id;
        let mut delivery = self.delivery.borrow_mut();
        delivery.handed_back(job_id, reply.as_ref());
    }
}
