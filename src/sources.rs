//! The texts that episodes are made of, in the bucket. Each lies in the folder of its job, so it goes when that goes.
//!
//! A text is stored before its job is recorded. Until then a note says so, which the daily run finds if a crash came
//! between: it deletes the text of a job that no gate knows.

use crate::{
    artifacts,
    clients::GateClient,
    clock,
    daily::{self, stored_at},
};
use queue_core::{
    bindings,
    domain::{JobId, UserId},
    gate::{Command, Reply},
};
use std::time::Duration;
use worker::{Bucket, Env, Error, Result};

/// What the key of each note begins with; the ids of the jobs follow, which sort by their time.
const NOTES: &str = "unconfirmed/";

/// No submission takes as long as this.
const UNCONFIRMED_FOR: Duration = Duration::from_hours(1);

/// The text of one job.
pub(crate) struct Source<'a> {
    pub(crate) env: &'a Env,
    pub(crate) user_id: &'a UserId,
    pub(crate) job_id: &'a JobId,
}

impl Source<'_> {
    fn bucket(&self) -> Result<Bucket> {
        self.env.bucket(bindings::ARTIFACTS)
    }

    fn key(&self) -> String {
        artifacts::folder(self.user_id, self.job_id) + "source"
    }

    fn note(&self) -> String {
        format!("{NOTES}{}/{}", self.job_id, self.user_id)
    }

    /// Stores it, for a job that is about to be recorded.
    pub(crate) async fn store(&self, text: Vec<u8>) -> Result<()> {
        let bucket = self.bucket()?;
        bucket.put(self.note(), Vec::new()).execute().await?;
        bucket.put(self.key(), text).execute().await.map(drop)
    }

    /// The job is recorded.
    pub(crate) async fn confirm(&self) -> Result<()> {
        self.bucket()?.delete(self.note()).await
    }

    /// The job is not recorded, and never will be.
    pub(crate) async fn withdraw(&self) -> Result<()> {
        self.bucket()?.delete(self.key()).await?;
        self.confirm().await
    }

    /// The text, if it is there.
    pub(crate) async fn read(&self) -> Result<Option<Vec<u8>>> {
        let object = self.bucket()?.get(self.key()).execute().await?;
        artifacts::bytes(object).await
    }
}

/// Deletes everything that a job has stored but its text, and says how many objects that were.
pub(crate) async fn delete_all_else(env: &Env, user_id: &UserId, job_id: &JobId) -> Result<usize> {
    let source = Source {
        env,
        user_id,
        job_id,
    };
    let (folder, kept) = (artifacts::folder(user_id, job_id), source.key());
    artifacts::delete(env, &folder, |key| key != kept).await
}

/// Deletes what was stored for jobs that were never recorded. Never fails: what is left is deleted the next day.
pub(crate) async fn expire(env: &Env) {
    let what = "texts of jobs that were never recorded could not be deleted";
    daily::log_fault(env, what, delete_unknown(env).await);
}

async fn delete_unknown(env: &Env) -> Result<()> {
    let (over, mut last_error) = (clock::now().before(UNCONFIRMED_FOR), None);
    let run = daily::pages(env, NOTES, async |bucket, notes| {
        for note in &notes {
            if stored_at(note) > over {
                return Ok(false);
            }
            let key = note.key();
            if let Some((user_id, job_id)) = named(&key)
                && let Err(error) = settle(env, &user_id, &job_id).await
            {
                // One that cannot be settled now holds up no other.
                last_error = Some(error);
                continue;
            }
            bucket.delete(key).await?;
        }
        Ok(true)
    });
    run.await?;
    last_error.map_or(Ok(()), Err)
}

async fn settle(env: &Env, user_id: &UserId, job_id: &JobId) -> Result<()> {
    let command = Command::Job {
        job_id: job_id.clone(),
    };
    let reply = GateClient::new(env).ask(user_id, command).await?;
    let Reply::Job { view } = reply else {
        return Err(Error::from("a gate gave an unexpected reply"));
    };
    if view.is_none() {
        artifacts::delete_all(env, user_id, job_id).await?;
    }
    Ok(())
}

fn named(key: &str) -> Option<(UserId, JobId)> {
    let (job_id, user_id) = key.strip_prefix(NOTES)?.split_once('/')?;
    let user_id = UserId::try_from(user_id.to_owned()).ok()?;
    Some((user_id, JobId::try_from(job_id.to_owned()).ok()?))
}
