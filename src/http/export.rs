//! Everything that is recorded of a user, streamed.

use super::service::Service;
use crate::clients::GateClient;
use futures_util::stream::try_unfold;
use queue_core::{
    api::{export, problem::ApiError},
    domain::{JobId, UserId},
    gate::{Command, Reply},
};
use worker::{Env, Error, Headers, Response, Result};

/// 200 at once. What cannot be read later on cuts the answer off, which then has no line that says it is whole.
pub(super) fn export(service: &Service<'_>, user_id: UserId) -> Result<Response, ApiError> {
    let pages = Pages {
        env: service.env.clone(),
        user_id,
        before: None,
        jobs: 0,
    };
    let lines = try_unfold(Some(pages), |pages| async {
        match pages {
            Some(pages) => pages.next().await.map(Some),
            None => Ok(None),
        }
    });
    let headers = Headers::new();
    headers
        .set("content-type", export::CONTENT_TYPE)
        .and_then(|()| headers.set("cache-control", "no-store"))
        .and_then(|()| Response::from_stream(lines))
        .map(|response| response.with_headers(headers))
        .map_err(|error| service.fault(&error))
}

/// What is left of an export.
struct Pages {
    env: Env,
    user_id: UserId,
    before: Option<JobId>,
    jobs: u64,
}

impl Pages {
    /// The next lines, and what is left then.
    async fn next(mut self) -> Result<(Vec<u8>, Option<Self>)> {
        let is_first = self.before.is_none();
        let command = Command::Export {
            before: self.before.take(),
        };
        let reply = GateClient::new(&self.env)
            .ask(&self.user_id, command)
            .await?;
        let Reply::Exported {
            account,
            jobs,
            more,
        } = reply
        else {
            return Err(Error::from("a gate gave an unexpected reply"));
        };
        let account = account.filter(|_| is_first);
        let mut lines = account.map_or_else(String::new, |account| export::account(&account));
        for (job, payload) in jobs {
            lines.push_str(&export::job(&self.user_id, &job, &payload));
            self.jobs += 1;
            self.before = Some(job.job_id);
        }
        if more {
            return Ok((lines.into_bytes(), Some(self)));
        }
        lines.push_str(&export::end(self.jobs));
        Ok((lines.into_bytes(), None))
    }
}
