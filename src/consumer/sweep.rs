//! The stage `sweep`: deletes artifacts by the list of the user's gate. *Safe to repeat*: objects go before the gate's record
//! of them, and what is gone already is no error.

use super::context::Consumer;
use crate::{
    artifacts,
    clients::GateClient,
    clock,
    generator::{GeneratorError, storage_out},
    sources,
};
use queue_core::{
    cleanup::{Report, Target, VISITS_MAX, look_again},
    domain::{JobId, SeriesId, UserId},
    gate::{
        Command, Job, Reply, State,
        command::{JobFilter, JobView},
    },
};
use serde_json::to_vec;
use storyboard::Artifact;

/// Jobs of one answer of a gate.
const PAGE: u32 = 50;

/// One sweep.
pub(super) struct Sweep<'a> {
    pub(super) consumer: &'a Consumer<'a>,
    /// The cleanup job.
    pub(super) job_id: &'a JobId,
}

impl Sweep<'_> {
    /// Deletes what the payload names, and returns the report.
    pub(super) async fn run(&self, payload: &str) -> Result<Vec<Artifact>, GeneratorError> {
        let target = Target::parse(payload).map_err(|message| GeneratorError::Permanent {
            code: "payload_unreadable",
            message,
        })?;
        let report = match (&target.job_id, &target.series_id) {
            (Some(job_id), _) => self.of_job(&target, job_id).await?,
            (None, Some(series_id)) => self.of_series(&target, series_id).await?,
            (None, None) => Report::default(),
        };
        let bytes = to_vec(&report).map_err(|error| unavailable(error.to_string()))?;
        Ok(vec![Artifact {
            name: "report.json".to_owned(),
            content_type: "application/json",
            bytes,
        }])
    }

    /// A job that has not ended is looked at again later: this one's slot and lease are for others meanwhile. One that was
    /// replayed since is wanted.
    async fn of_job(&self, target: &Target, job_id: &JobId) -> Result<Report, GeneratorError> {
        let (user_id, mut report) = (&target.user_id, Report::default());
        let wanted = Command::Job {
            job_id: job_id.clone(),
        };
        let Reply::Job { view } = self.ask(user_id, wanted).await? else {
            return Err(unavailable("a gate gave an unexpected reply".to_owned()));
        };
        // One that was forgotten has no artifacts.
        let Some(view) = view else {
            return Ok(report);
        };
        if target.is_outdated(view.job.past.replays) {
            report.left.push(job_id.clone());
            return Ok(report);
        }
        if view.job.state.is_final() {
            self.visit(user_id, view.job, &mut report).await?;
            return Ok(report);
        }
        Err(match look_again(clock::now(), self.job_id) {
            Some(pause) => GeneratorError::NotYet(pause),
            None => GeneratorError::Transient {
                code: "job_not_ended",
                message: format!("The job {job_id} has not ended. It is swept afterwards."),
            },
        })
    }

    async fn of_series(
        &self,
        target: &Target,
        series_id: &SeriesId,
    ) -> Result<Report, GeneratorError> {
        let (user_id, mut report) = (&target.user_id, Report::default());
        let (mut before, mut visited) = (target.before.clone(), 0);
        loop {
            let page = JobFilter {
                state: None,
                series_id: Some(series_id.clone()),
                before: before.clone(),
                limit: PAGE,
                artifacts: true,
            };
            let reply = self.ask(user_id, Command::Jobs(page)).await?;
            let Reply::Jobs { jobs, more } = reply else {
                return Err(unavailable("a gate gave an unexpected reply".to_owned()));
            };
            visited += jobs.len();
            for job in jobs {
                before = Some(job.job_id.clone());
                self.visit(user_id, job, &mut report).await?;
            }
            if !more {
                return Ok(report);
            }
            if visited >= VISITS_MAX {
                let rest = Target {
                    before,
                    ..target.clone()
                };
                report.continued_by = self.put_on(&rest).await?;
                return Ok(report);
            }
        }
    }

    /// Deletes what an ended job has; first the objects, then the record of them.
    async fn visit(
        &self,
        user_id: &UserId,
        job: Job,
        report: &mut Report,
    ) -> Result<(), GeneratorError> {
        let job_id = job.job_id.clone();
        if !job.state.is_final() || !self.may_begin(user_id, &job).await? {
            report.left.push(job_id);
            return Ok(());
        }
        let env = self.consumer.env;
        let deleted = if job.state == State::Succeeded {
            artifacts::delete_all(env, user_id, &job_id).await
        } else {
            // A replay needs its text.
            sources::delete_all_else(env, user_id, &job_id).await
        };
        report.objects += deleted.map_err(|error| storage_out(error.to_string()))?;
        let has_artifacts = job.stages.iter().any(|stage| !stage.artifacts.is_empty());
        if has_artifacts || job.state != State::Succeeded {
            let begins = false;
            self.ask(user_id, Command::Swept { job_id, begins }).await?;
        }
        report.jobs += 1;
        Ok(())
    }

    /// Has the gate not replay the job meanwhile. It may have done so since it was asked what there is.
    async fn may_begin(&self, user_id: &UserId, job: &Job) -> Result<bool, GeneratorError> {
        if job.state == State::Succeeded {
            return Ok(true);
        }
        let (job_id, begins) = (job.job_id.clone(), true);
        let reply = self.ask(user_id, Command::Swept { job_id, begins }).await?;
        let Reply::Job { view } = reply else {
            return Err(unavailable("a gate gave an unexpected reply".to_owned()));
        };
        let is_it = |view: Box<JobView>| {
            view.job.state.is_final() && view.job.past.replays == job.past.replays
        };
        Ok(view.is_none_or(is_it))
    }

    /// Puts on the job that goes on; a repeated run finds it under its key.
    async fn put_on(&self, rest: &Target) -> Result<Option<JobId>, GeneratorError> {
        let key = format!("rest-{}", self.job_id);
        let kinds = &self.consumer.config.gate.kinds;
        let Some(job) = rest.cleanup(key, clock::job_id(), kinds) else {
            return Ok(None);
        };
        let reply = self.ask(&UserId::nobody(), Command::Submit(job)).await?;
        if let Reply::Submitted { job, .. } = reply {
            Ok(Some(job.job_id))
        } else if let Reply::KeyReused { job_id } = reply {
            // What came since may have moved where the run before stopped.
            Ok(Some(job_id))
        } else {
            Err(unavailable("the rest could not be put on".to_owned()))
        }
    }

    async fn ask(&self, user_id: &UserId, command: Command) -> Result<Reply, GeneratorError> {
        let gates = GateClient::new(self.consumer.env);
        let asked = gates.ask(user_id, command).await;
        asked.map_err(|error| unavailable(error.to_string()))
    }
}

fn unavailable(message: String) -> GeneratorError {
    GeneratorError::Transient {
        code: "gate_unavailable",
        message,
    }
}
