//! Performs what a delivery decides: its calls and its stages, side by side.

use super::{context::Consumer, stage::StageRun};
use crate::{
    clients::{GateClient, PoolClient},
    clock,
};
use futures_util::{
    StreamExt,
    future::{Either, LocalBoxFuture, select},
    stream::{self, FuturesUnordered},
};
use queue_core::{
    delivery::{Action, assignment::Assignment},
    domain::UserId,
    events::Event,
    gate::{Command, Reply, command::Grant},
    line::want::{Want, by_user},
    pool::{self, command::Given},
};
use std::time::Duration;
use worker::Delay;

/// Gates asked at the same time: one invocation may have six connections that wait for an answer (Workers limits), and
/// one of them is the call that is open at the pool.
const GATES_AT_ONCE: usize = 4;

/// What is to be reported of a stage.
struct Report<'a> {
    run: StageRun<'a>,
    command: Command,
}

/// A step of a delivery, and the report that follows it.
type Step<'a> = LocalBoxFuture<'a, Option<Report<'a>>>;

/// Does what a delivery says.
pub(super) struct Runner<'a> {
    pub(super) consumer: &'a Consumer<'a>,
}

impl Runner<'_> {
    /// Does what the delivery says until it is done.
    pub(super) async fn run(&self) {
        let mut steps: FuturesUnordered<Step<'_>> = FuturesUnordered::new();
        loop {
            let now = clock::now();
            let actions = self
                .consumer
                .decide(|delivery, others| delivery.act(now, others));
            for action in actions {
                steps.push(Box::pin(self.perform(action)));
            }
            let (is_done, due) = {
                let delivery = self.consumer.delivery.borrow();
                (delivery.is_done(), delivery.next_due(now))
            };
            if is_done {
                return;
            }
            let pause = due.map_or(Duration::from_secs(1), |due| {
                // One more: timers may ring a little early by the clock.
                let millis = due.millis_since(now).saturating_add(1);
                Duration::from_millis(u64::try_from(millis).unwrap_or(0))
            });
            let ended = if steps.is_empty() {
                Delay::from(pause).await;
                None
            } else if due.is_some() {
                match select(steps.next(), Delay::from(pause)).await {
                    Either::Left((ended, _)) => ended,
                    Either::Right(_) => None,
                }
            } else {
                steps.next().await
            };
            if let Some(report) = ended.flatten() {
                steps.push(Box::pin(self.report(report)));
            }
        }
    }

    async fn perform(&self, action: Action) -> Option<Report<'_>> {
        match action {
            Action::Start(jobs) => self.start(jobs).await,
            Action::Run(assignment) => return self.run_stage(assignment).await,
            Action::Exchange(exchange) => {
                let answer = self.ask_pool(&pool::Command::Exchange(exchange)).await;
                let now = clock::now();
                self.consumer
                    .decide(|delivery, others| delivery.exchanged(now, others, answer));
            }
            Action::Listen(listen) => {
                let answer = self.ask_pool(&pool::Command::Listen(listen)).await;
                let now = clock::now();
                self.consumer
                    .decide(|delivery, others| delivery.listened(now, others, answer));
            }
        }
        None
    }

    async fn ask_pool(&self, command: &pool::Command) -> Option<Given> {
        match PoolClient::new(self.consumer.env).ask(command).await {
            Ok(pool::Reply::Given(given)) => Some(given),
            Ok(_) => {
                let what = "the pool gave no valid answer to a delivery";
                self.consumer.log(&Event::fault(what, "unexpected reply"));
                None
            }
            Err(error) => {
                let what = "the pool could not be reached; the call is repeated";
                self.consumer.log(&Event::fault(what, error));
                None
            }
        }
    }

    /// Asks each user's gate once.
    async fn start(&self, jobs: Vec<Want>) {
        let asked = by_user(jobs)
            .into_iter()
            .map(|(user_id, jobs)| self.start_of(user_id, jobs));
        // Not all at once: an answer holds up to a hundred payloads, once as text and once read.
        stream::iter(asked)
            .buffer_unordered(GATES_AT_ONCE)
            .collect::<()>()
            .await;
    }

    async fn start_of(&self, user_id: UserId, jobs: Vec<Want>) {
        let command = Command::Start {
            holder: self.consumer.delivery.borrow().name().to_owned(),
            jobs: jobs.iter().map(Want::holding).collect(),
        };
        let starts = match GateClient::new(self.consumer.env)
            .ask(&user_id, command)
            .await
        {
            Ok(Reply::Started { starts }) => Some(starts),
            Ok(_) => {
                // Not the reply itself: it may hold payloads.
                let what = "a gate gave no valid answer to a start";
                self.consumer.log(&Event::fault(what, "unexpected reply"));
                None
            }
            Err(error) => {
                let what = "a gate could not be reached; its jobs are tried again";
                self.consumer.log(&Event::fault(what, error));
                None
            }
        };
        let now = clock::now();
        let events = self
            .consumer
            .decide(|delivery, _| delivery.started(now, jobs, starts));
        for event in events {
            self.consumer.log(&event);
        }
    }

    async fn run_stage(&self, assignment: Assignment) -> Option<Report<'_>> {
        self.log_start(&assignment);
        let mut run = StageRun {
            consumer: self.consumer,
            assignment,
            started_at: clock::now(),
        };
        let command = run.run().await?;
        // The delivery counts its memory as free.
        run.assignment.grant.payload = String::new();
        Some(Report { run, command })
    }

    async fn report(&self, Report { run, command }: Report<'_>) -> Option<Report<'_>> {
        let reply = run.report(&command).await;
        self.consumer
            .decide(|delivery, _| delivery.reported(run.assignment.job_id(), reply));
        None
    }

    fn log_start(&self, assignment: &Assignment) {
        let Grant {
            active,
            limit,
            wait_ms,
            attempt,
            ..
        } = assignment.grant;
        let job = assignment.into();
        self.consumer.log(&Event::Started {
            job,
            active,
            limit,
            wait_ms,
            attempt,
        });
    }
}
