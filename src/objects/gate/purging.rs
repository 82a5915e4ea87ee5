//! Deletes what forgotten jobs had made.

use super::Gate;
use crate::{artifacts, clock, log::log};
use futures_util::future::{Either, select};
use queue_core::{
    config::Config,
    domain::{JobId, UserId},
    events::Event,
    gate::{command::Command, forget::PURGE_TIMEOUT},
};
use std::{pin::pin, rc::Rc};
use worker::{Delay, Error, Result};

impl Gate {
    /// Deletes the artifacts first and the rows afterwards, so that a crash in between repeats it.
    pub(super) async fn purge(
        self: Rc<Self>,
        config: &Rc<Config>,
        user_id: &UserId,
        purge: Vec<JobId>,
    ) {
        let (mut jobs, mut failed) = (Vec::new(), Vec::new());
        for job_id in purge {
            match self.delete_artifacts(user_id, &job_id).await {
                Ok(()) => jobs.push(job_id),
                Err(error) => {
                    let what = "artifacts could not be deleted; it is tried again";
                    log(config.log_format, &Event::fault(what, error));
                    failed.push(job_id);
                }
            }
        }
        let forget = Command::Forget { jobs, failed };
        match self.turn(config, clock::now(), user_id, forget) {
            Ok(turn) => self.follow(config, user_id, turn.effects).await,
            Err(error) => {
                let what = "a gate could not forget jobs; it is tried again";
                log(config.log_format, &Event::fault(what, &error));
            }
        }
        self.shell.log_costs(config, "forget");
    }

    async fn delete_artifacts(&self, user_id: &UserId, job_id: &JobId) -> Result<()> {
        let deleted = pin!(artifacts::delete_all(&self.shell.env, user_id, job_id));
        match select(deleted, Delay::from(PURGE_TIMEOUT)).await {
            Either::Left((deleted, _)) => deleted.map(drop),
            Either::Right(((), _)) => {
                let what = "the bucket did not answer in time".to_owned();
                Err(Error::RustError(what))
            }
        }
    }
}
