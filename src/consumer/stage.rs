//! Runs one stage of one job under its lease, and reports to the gate how it went: two steps, since the pool may hear
//! beside the report that the slot is free.

use super::{context::Consumer, sweep::Sweep};
use crate::{
    artifacts,
    clients::GateClient,
    clock,
    generator::{Generator, GeneratorError, Work, embedded::Embedded, storage_out},
};
use futures_util::future::{Either, select};
use queue_core::{
    delivery::{
        assignment::Assignment,
        stage::{
            Ending, UPLOADS_END_WITHIN, after_renewal, completed, heartbeat, is_forgotten, outcome,
            report_again,
        },
    },
    domain::{Blame, Stage, Ticket, Timestamp},
    events::Event,
    gate::{Command, Reply, job::ArtifactRecord},
};
use std::pin::pin;
use storyboard::Artifact;
use worker::Delay;

/// One stage in the hands of one consumer.
pub(super) struct StageRun<'a> {
    pub(super) consumer: &'a Consumer<'a>,
    pub(super) assignment: Assignment,
    pub(super) started_at: Timestamp,
}

impl StageRun<'_> {
    /// Runs the stage to its end; returns what is to be reported of it. *Safe to repeat*: artifacts lie under the epoch,
    /// and the gate refuses a report of an old one.
    pub(super) async fn run(&self) -> Option<Command> {
        let ending = self.work().await;
        if matches!(ending, Ending::Forgotten) {
            self.sweep().await;
        }
        let now = clock::now();
        let command = self.consumer.decide(|delivery, _| {
            delivery.stopped(now, &self.assignment, ending, clock::entropy())
        });
        let event = match &command {
            Some(command) => completed(&self.assignment, command, self.started_at),
            None => Some(Event::Stale {
                job: (&self.assignment).into(),
            }),
        };
        if let Some(event) = event {
            self.consumer.log(&event);
        }
        command
    }

    /// Reports what came of the stage, and returns the gate's answer, if it gave one.
    pub(super) async fn report(&self, command: &Command) -> Option<Reply> {
        let reply = self.tell(command).await?;
        for event in outcome(&self.assignment, command, &reply) {
            self.consumer.log(&event);
        }
        if is_forgotten(&reply) {
            self.sweep().await;
        }
        Some(reply)
    }

    /// Deletes what was stored for a job that is forgotten: nobody else would.
    async fn sweep(&self) {
        let ticket = &self.assignment.want.ticket;
        let swept = artifacts::delete_all(self.consumer.env, &ticket.user_id, &ticket.job_id).await;
        if let Err(error) = swept {
            let what = "artifacts of a deleted job could not be removed";
            self.consumer.log(&Event::fault(what, error));
        }
    }

    /// Makes and stores the artifacts while the lease is renewed. Making is dropped when it must stop; storing is not,
    /// because an upload that was started lands all the same, and must do so before the job's artifacts are deleted.
    async fn work(&self) -> Ending {
        let heartbeat = pin!(self.heartbeat());
        let (made, heartbeat) = match select(pin!(self.make()), heartbeat).await {
            Either::Left((Ok(made), heartbeat)) => (made, heartbeat),
            Either::Left((Err(error), _)) => return failed(error),
            Either::Right((ending, _)) => return ending,
        };
        match select(pin!(self.store(made)), heartbeat).await {
            Either::Left((Ok(records), _)) => Ending::Made(records),
            Either::Left((Err(error), _)) => failed(error),
            Either::Right((ending, storing)) => {
                select(storing, Delay::from(UPLOADS_END_WITHIN)).await;
                ending
            }
        }
    }

    async fn make(&self) -> Result<Vec<Artifact>, GeneratorError> {
        let Assignment { want, grant } = &self.assignment;
        if grant.stage == Stage::Sweep {
            // Accepted under an older KINDS, perhaps.
            if !want.ticket.user_id.is_nobody() {
                return Err(GeneratorError::Permanent {
                    code: "not_permitted",
                    message: "Only jobs of nobody may delete artifacts. Submit it as a kind whose owner is nobody."
                        .to_owned(),
                });
            }
            let sweep = Sweep {
                consumer: self.consumer,
                job_id: &want.ticket.job_id,
            };
            return sweep.run(&grant.payload).await;
        }
        let config = self.consumer.config;
        let generator = Embedded {
            choice: config.generator,
            waiting: &self.consumer.waiting,
            user_id: &want.ticket.user_id,
            weight: config.gate.tiers.of(grant.tier).max_concurrent_jobs,
            lines: &self.consumer.lines,
            local_urls: config.local_urls,
            outages: config.outages,
        };
        let work = Work {
            env: self.consumer.env,
            user_id: &want.ticket.user_id,
            job_id: &want.ticket.job_id,
            stage: grant.stage,
            payload: &grant.payload,
            made: &grant.made,
            max_chars: grant.max_chars,
        };
        generator.run(&work).await
    }

    async fn store(&self, made: Vec<Artifact>) -> Result<Vec<ArtifactRecord>, GeneratorError> {
        let Assignment { want, grant } = &self.assignment;
        let Ticket {
            user_id, job_id, ..
        } = &want.ticket;
        let env = self.consumer.env;
        let stored = artifacts::store(env, user_id, job_id, grant.epoch, made).await;
        stored.map_err(|error| storage_out(format!("the artifacts cannot be stored: {error}")))
    }

    /// Renews the lease while the stage runs; returns when the work must stop.
    async fn heartbeat(&self) -> Ending {
        let Assignment { want, grant } = &self.assignment;
        let ticket = &want.ticket;
        let pause = heartbeat(self.consumer.config.gate.lease);
        let gates = GateClient::new(self.consumer.env);
        loop {
            Delay::from(pause).await;
            let renew = Command::Renew {
                job_id: ticket.job_id.clone(),
                epoch: grant.epoch,
            };
            match gates.ask(&ticket.user_id, renew).await {
                Ok(reply) => {
                    if let Some(ending) = after_renewal(&reply, self.has_lost_its_slot()) {
                        return ending;
                    }
                }
                Err(error) => self
                    .consumer
                    .log(&Event::fault("a lease could not be renewed", error)),
            }
        }
    }

    fn has_lost_its_slot(&self) -> bool {
        let delivery = self.consumer.delivery.borrow();
        delivery.has_lost(self.assignment.job_id())
    }

    /// Tells the gate, again after a pause if it cannot be reached.
    async fn tell(&self, command: &Command) -> Option<Reply> {
        let user_id = &self.assignment.want.ticket.user_id;
        let gates = GateClient::new(self.consumer.env);
        let mut calls = 0;
        loop {
            match gates.ask(user_id, command.clone()).await {
                Ok(reply) => return Some(reply),
                Err(error) => self
                    .consumer
                    .log(&Event::fault("a report did not reach its gate", error)),
            }
            calls += 1;
            Delay::from(report_again(calls)?).await;
        }
    }
}

fn failed(error: GeneratorError) -> Ending {
    let (permanent, code, message) = match error {
        GeneratorError::Out {
            backend,
            code,
            message,
            retry_after,
        } => {
            let until = retry_after.map(|pause| clock::now().after(pause));
            return Ending::Out {
                blame: Blame { backend, until },
                code: code.to_owned(),
                message,
            };
        }
        GeneratorError::Transient { code, message } => (false, code, message),
        GeneratorError::Permanent { code, message } => (true, code, message),
        GeneratorError::NotYet(pause) => return Ending::NotYet(pause),
    };
    Ending::Failed {
        permanent,
        code: code.to_owned(),
        message,
    }
}
