//! The routes about jobs: submit, and list.

use super::{limiter, service::Service};
use crate::{clients::PoolClient, clock};
use queue_core::{
    api::{
        auth::{Caller, permission::permit_submission},
        problem::ApiError,
        query,
        quota::QuotaProblem,
        routes::Route,
        submit::{self, BODY_MAX_BYTES, Submission},
        view, window,
    },
    config::PoolConfig,
    domain::UserId,
    gate::{Command, Job, Reply, command::JobView},
    pool::{self, Backlog},
};
use std::cell::RefCell;
use worker::{Request, Response};

thread_local! {
    /// What this isolate knows of the pool's line.
    static BACKLOG: RefCell<Backlog> = RefCell::default();
}

/// Submits a story.
pub(super) async fn create(
    service: &Service<'_>,
    caller: &Caller,
    request: &mut Request,
) -> Result<Response, ApiError> {
    admit(service, caller, request).await?;
    service.require_json(request)?;
    let key = service.header(request, "idempotency-key");
    let body = service.body(request, BODY_MAX_BYTES).await?;
    let submission = submit::parse(
        &body,
        key.as_deref(),
        clock::job_id(),
        &service.config.gate.kinds,
    )
    .map_err(ApiError::Invalid)?;
    accept(service, caller, submission).await
}

/// Refuses before the body is read: too many submissions of the caller, or too many jobs of all users that wait.
pub(super) async fn admit(
    service: &Service<'_>,
    caller: &Caller,
    request: &Request,
) -> Result<(), ApiError> {
    limiter::guard(service, caller, request).await?;
    admits(service).await
}

/// Submits one job and answers.
pub(super) async fn accept(
    service: &Service<'_>,
    caller: &Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    let (user_id, command) = permitted(service, caller, submission)?;
    let reply = service.ask(&user_id, command).await?;
    accepted(service, &user_id, reply)
}

/// What to ask of whose gate, if the caller may submit for that user.
pub(super) fn permitted(
    service: &Service<'_>,
    caller: &Caller,
    Submission { user_id, mut job }: Submission,
) -> Result<(UserId, Command), ApiError> {
    if let Err(why) = permit_submission(caller, &user_id) {
        service.refuse("a submission", caller.user_id(), why);
        return Err(ApiError::Forbidden(why));
    }
    job.tier_ceiling = caller.tier_ceiling();
    job.claimed_tier = caller.claimed_tier();
    Ok((user_id, Command::Submit(job)))
}

/// Refuses while too many jobs of all users wait.
pub(super) async fn admits(service: &Service<'_>) -> Result<(), ApiError> {
    let PoolConfig {
        capacity,
        max_backlog: most,
        ..
    } = service.config.pool;
    if capacity == 0 || most == 0 {
        return Ok(());
    }
    if BACKLOG.with_borrow_mut(|backlog| backlog.asks(clock::now())) {
        let question = pool::Command::Backlog { most };
        let waiting = match PoolClient::new(service.env).ask(&question).await {
            Ok(pool::Reply::Backlog { waiting }) => Some(waiting),
            Ok(_) => None,
            Err(error) => {
                service.log(&error);
                None
            }
        };
        BACKLOG.with_borrow_mut(|backlog| backlog.answered(waiting, clock::now()));
    }
    if BACKLOG.with_borrow(|backlog| backlog.is_full(most, clock::now())) {
        return Err(ApiError::BacklogFull);
    }
    Ok(())
}

/// The answer for a job that was recorded by this submission or an earlier one with the same key.
pub(super) fn accepted(
    service: &Service<'_>,
    user_id: &UserId,
    reply: Reply,
) -> Result<Response, ApiError> {
    let (job, replayed) = recorded(service, reply)?;
    let link = view::job_link(user_id, &job.job_id);
    let mut response = service.accepted(&link, &view::submitted(user_id, &job))?;
    if replayed {
        // The header that Stripe uses; the IETF draft leaves its name to the service.
        service.set(&mut response, "idempotent-replayed", "true")?;
    }
    Ok(response)
}

/// The job, and whether an earlier submission had it recorded.
pub(super) fn recorded(service: &Service<'_>, reply: Reply) -> Result<(Box<Job>, bool), ApiError> {
    if let Reply::Submitted { job, replayed } = reply {
        Ok((job, replayed))
    } else if let Reply::KeyReused { job_id } = reply {
        Err(ApiError::KeyReused(format!("job {job_id}")))
    } else if let Reply::TierNotEntitled { allowed } = reply {
        Err(ApiError::TierNotEntitled(allowed))
    } else if let Reply::QuotaExceeded { exceeded } = reply {
        let at = clock::now();
        Err(ApiError::QuotaExceeded(QuotaProblem { exceeded, at }))
    } else if let Reply::Untimely { faults } = reply {
        let errors = window::faults(&faults);
        // As the parser of this route would have said it.
        Err(if service.route == Route::CreateJobs.pattern() {
            ApiError::InvalidJob(errors)
        } else {
            ApiError::Invalid(errors)
        })
    } else if reply == Reply::Erasing {
        Err(ApiError::UserBeingDeleted)
    } else {
        Err(service.unexpected())
    }
}

/// The user's jobs, newest first.
pub(super) async fn list(
    service: &Service<'_>,
    user_id: &UserId,
    request: &Request,
) -> Result<Response, ApiError> {
    let filter = service.query(request, query::parse)?;
    let with_artifacts = filter.artifacts;
    let reply = service.ask(user_id, Command::Jobs(filter)).await?;
    let Reply::Jobs { jobs, more } = reply else {
        return Err(service.unexpected());
    };
    service.json(200, &view::jobs(user_id, &jobs, more, with_artifacts))
}

/// What the gate shows of a job after that command.
pub(super) async fn job(
    service: &Service<'_>,
    user_id: &UserId,
    command: Command,
) -> Result<Box<JobView>, ApiError> {
    let reply = service.ask(user_id, command).await?;
    let Reply::Job { view } = reply else {
        return Err(service.unexpected());
    };
    view.ok_or(ApiError::NoSuchJob)
}
