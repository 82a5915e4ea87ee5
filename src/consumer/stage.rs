//! Runs one stage of one job under its lease, and reports to the gate how it went.

use super::context::Consumer;
use crate::{
    artifacts, clock,
    generator::{Generator, GeneratorError, embedded::Embedded},
    objects::GateClient,
};
use futures_util::future::{Either, select};
use queue_core::{
    delivery::assignment::Assignment,
    domain::Timestamp,
    events::{Event, JobFacts},
    gate::{Command, Reply, State, command::Outcome, job::ArtifactRecord},
};
use std::{pin::pin, time::Duration};
use storyboard::story::Story;
use worker::Delay;

/// Calls of a report before it is given up; the lease then runs out and the stage is repeated.
const REPORT_TRIES: u32 = 4;

/// Pause before the second call of a report; doubles with each further one.
const REPORT_PAUSE: Duration = Duration::from_millis(500);

/// Longest pause between two renewals: how long a holder may go on after its user cancelled. A renewal costs
/// one row and one call; 100 jobs in 15 minutes make 6,000 calls of the 10,000 that one delivery may make.
const HEARTBEAT_MAX: Duration = Duration::from_secs(15);

/// How a stage went.
enum Ending {
    Made(Vec<ArtifactRecord>),
    Failed(GeneratorError),
    /// The user wants the job to end.
    Cancelled,
    /// The lease is another's by now.
    Lost,
    /// The gate does not know the job any more: its user was deleted.
    Forgotten,
    /// The slot is another's by now, though the lease is not: it waits for another.
    NoSlot,
}

/// Whether the gate does not know the job at all.
fn is_forgotten(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Reported {
            outcome: Outcome::Stale,
            state: None,
            ..
        }
    )
}

/// One stage in the hands of one consumer.
pub(super) struct StageRun<'a> {
    pub(super) consumer: &'a Consumer<'a>,
    pub(super) assignment: &'a Assignment,
    pub(super) started_at: Timestamp,
}

impl StageRun<'_> {
    /// Runs the stage to its end and reports it. *Safe to repeat*: artifacts lie under the epoch, and the
    /// gate refuses a report of an old one. Returns the gate's answer, if it gave one.
    pub(super) async fn run(&self) -> Option<Reply> {
        let ending = {
            let (work, heartbeat) = (pin!(self.work()), pin!(self.heartbeat()));
            match select(work, heartbeat).await {
                Either::Left((Ok(records), _)) => Ending::Made(records),
                Either::Left((Err(error), _)) => Ending::Failed(error),
                Either::Right((ending, _)) => ending,
            }
        };
        if matches!(ending, Ending::Forgotten) {
            self.sweep().await;
        }
        let Some(command) = self.command(ending) else {
            self.consumer.log(&Event::Stale {
                job: self.assignment.into(),
            });
            return None;
        };
        let reply = self.report(&command).await?;
        self.log_outcome(&command, &reply);
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

    /// Makes and stores the artifacts.
    async fn work(&self) -> Result<Vec<ArtifactRecord>, GeneratorError> {
        let Assignment { want, grant } = self.assignment;
        let ticket = &want.ticket;
        let story =
            Story::from_json(&grant.payload).map_err(|error| GeneratorError::Permanent {
                code: "payload_unreadable",
                message: format!("the stored story cannot be read: {error}"),
            })?;
        let generator = Embedded(self.consumer.config.generator);
        let made = generator.run(grant.stage, &story).await?;
        let stored = artifacts::store(
            self.consumer.env,
            &ticket.user_id,
            &ticket.job_id,
            grant.epoch,
            made,
        );
        stored.await.map_err(|error| GeneratorError::Transient {
            code: "storage_unavailable",
            message: format!("the artifacts cannot be stored: {error}"),
        })
    }

    /// Renews the lease while the stage runs; returns when the work must stop.
    async fn heartbeat(&self) -> Ending {
        let Assignment { want, grant } = self.assignment;
        let ticket = &want.ticket;
        // A quarter: two renewals may fail, and the third still comes before the lease runs out.
        let pause = (self.consumer.config.gate.lease / 4).min(HEARTBEAT_MAX);
        loop {
            Delay::from(pause).await;
            let renew = Command::Renew {
                job_id: ticket.job_id.clone(),
                epoch: grant.epoch,
            };
            match GateClient::new(self.consumer.env)
                .ask(&ticket.user_id, renew)
                .await
            {
                Ok(Reply::Reported {
                    outcome: Outcome::Accepted,
                    cancel: true,
                    ..
                }) => {
                    return Ending::Cancelled;
                }
                Ok(reply) if is_forgotten(&reply) => return Ending::Forgotten,
                Ok(Reply::Reported {
                    outcome: Outcome::Stale | Outcome::Repeated,
                    ..
                }) => {
                    return Ending::Lost;
                }
                Ok(_) if self.has_lost_its_slot() => return Ending::NoSlot,
                Ok(_) => {}
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

    /// What to report; nothing when the lease is another's.
    fn command(&self, ending: Ending) -> Option<Command> {
        let (job_id, epoch) = (
            self.assignment.job_id().clone(),
            self.assignment.grant.epoch,
        );
        let going = {
            let delivery = self.consumer.delivery.borrow();
            delivery.going(clock::now(), &job_id)
        };
        let (permanent, code, message) = match ending {
            Ending::Made(artifacts) => {
                return Some(Command::Complete {
                    job_id,
                    epoch,
                    artifacts,
                    going,
                });
            }
            Ending::Lost | Ending::Forgotten => return None,
            Ending::NoSlot => {
                return Some(Command::Requeue {
                    job_id,
                    epoch,
                    going,
                });
            }
            Ending::Failed(GeneratorError::Transient { code, message }) => (false, code, message),
            Ending::Failed(GeneratorError::Permanent { code, message }) => (true, code, message),
            Ending::Cancelled => (true, "cancelled", "the user cancelled the job".to_owned()),
        };
        let (code, entropy) = (code.to_owned(), clock::entropy());
        Some(Command::Fail {
            job_id,
            epoch,
            permanent,
            code,
            message,
            entropy,
            going,
        })
    }

    /// Tells the gate, again after a pause if it cannot be reached.
    async fn report(&self, command: &Command) -> Option<Reply> {
        let user_id = &self.assignment.want.ticket.user_id;
        for tried in 0..REPORT_TRIES {
            if tried > 0 {
                Delay::from(REPORT_PAUSE * 2_u32.pow(tried - 1)).await;
            }
            match GateClient::new(self.consumer.env)
                .ask(user_id, command.clone())
                .await
            {
                Ok(reply) => return Some(reply),
                Err(error) => self
                    .consumer
                    .log(&Event::fault("a report did not reach its gate", error)),
            }
        }
        None
    }

    /// Logs what the gate made of the report.
    fn log_outcome(&self, command: &Command, reply: &Reply) {
        let Reply::Reported {
            outcome,
            state,
            retry_at,
            ..
        } = reply
        else {
            return self.consumer.log(&Event::fault(
                "a gate gave no valid answer to a report",
                "unexpected reply",
            ));
        };
        let job: JobFacts = self.assignment.into();
        let attempt = self.assignment.grant.attempt;
        if *outcome == Outcome::Stale {
            return self.consumer.log(&Event::Stale { job });
        }
        let error = if let Command::Fail { message, .. } = command {
            message.clone()
        } else {
            String::new()
        };
        if matches!(command, Command::Requeue { .. }) && *state == Some(State::Queued) {
            self.consumer.log(&Event::Requeued { job: job.clone() });
        }
        if matches!(command, Command::Complete { .. }) {
            let duration_ms = clock::now().millis_since(self.started_at);
            self.consumer.log(&Event::Completed {
                job: job.clone(),
                attempt,
                duration_ms,
            });
        }
        match state {
            Some(State::Succeeded) => self.consumer.log(&Event::Succeeded { job }),
            Some(State::Cancelled) => self.consumer.log(&Event::Cancelled { job }),
            Some(State::Failed) => self.consumer.log(&Event::Failed { job, error }),
            Some(State::Retrying) => {
                let retry_at = *retry_at;
                self.consumer.log(&Event::AttemptFailed {
                    job,
                    attempt,
                    error,
                    retry_at,
                });
            }
            Some(State::Queued | State::Parked | State::Running) | None => {}
        }
    }
}
