//! Maps method and path to a route.

use super::{path::decode, problem::ApiError};
use crate::domain::{Backend, JobId, ReplayId, UserId};

const NO_PLAN: &str = "Nobody has no plan.";

/// What a request asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Route {
    /// Submit a story.
    CreateStory,
    /// Submit jobs of any kind.
    CreateJobs,
    /// Submit an episode.
    CreateEpisode,
    /// The account of a user.
    User(UserId),
    /// Delete a user.
    DeleteUser(UserId),
    /// Everything that is recorded of a user.
    Export(UserId),
    /// Make or replace a user's address for mails.
    SetMailbox(UserId),
    /// Change a user's plan.
    SetPlan(UserId),
    /// Mend a user's plan by what Stripe says.
    Reconcile(UserId),
    /// Changes of a user's jobs as they come.
    Events(UserId),
    /// A user's jobs.
    Jobs(UserId),
    /// One job.
    Job(UserId, JobId),
    /// Cancel a job.
    Cancel(UserId, JobId),
    /// Have an ended job begin anew.
    Replay(UserId, JobId),
    /// All attempts of a job.
    Attempts(UserId, JobId),
    /// The artifacts of a job.
    Artifacts(UserId, JobId),
    /// One artifact, by its name.
    Artifact(UserId, JobId, String),
    /// A link to it that needs no credential.
    LinkArtifact(UserId, JobId, String),
    /// The tiers.
    Tiers,
    /// The kinds of jobs.
    Kinds,
    /// What holds each back end.
    Backends,
    /// Pause a back end.
    PauseBackend(Backend),
    /// Have it go on.
    ResumeBackend(Backend),
    /// Let a job through whatever holds its back ends.
    LetThrough(UserId, JobId),
    /// Replay many jobs.
    Replays,
    /// The latest replays of many.
    ListReplays,
    /// One of them.
    ShowReplay(ReplayId),
    /// Stop it.
    StopReplay(ReplayId),
    /// Have it wait.
    PauseReplay(ReplayId),
    /// Have it go on.
    ResumeReplay(ReplayId),
    /// Messages that could not be read.
    DeadLetters,
    /// The health check.
    Health,
    /// Stripe's events about subscriptions.
    StripeWebhook,
}

impl Route {
    /// The route as `docs/api.md` writes it, without the names in the path.
    #[must_use]
    pub const fn pattern(&self) -> &'static str {
        match self {
            Self::CreateStory => "POST /create-story",
            Self::CreateJobs => "POST /jobs",
            Self::CreateEpisode => "POST /create-episode",
            Self::User(_) => "GET /users/{userId}",
            Self::DeleteUser(_) => "DELETE /users/{userId}",
            Self::Export(_) => "GET /users/{userId}/export",
            Self::SetMailbox(_) => "POST /users/{userId}/email-address",
            Self::SetPlan(_) => "PUT /users/{userId}/plan",
            Self::Reconcile(_) => "POST /users/{userId}/plan/reconcile",
            Self::Events(_) => "GET /users/{userId}/events",
            Self::Jobs(_) => "GET /users/{userId}/jobs",
            Self::Job(..) => "GET /users/{userId}/jobs/{jobId}",
            Self::Cancel(..) => "DELETE /users/{userId}/jobs/{jobId}",
            Self::Replay(..) => "POST /users/{userId}/jobs/{jobId}/replay",
            Self::Attempts(..) => "GET /users/{userId}/jobs/{jobId}/attempts",
            Self::Artifacts(..) => "GET /users/{userId}/jobs/{jobId}/artifacts",
            Self::Artifact(..) => "GET /users/{userId}/jobs/{jobId}/artifacts/{name}",
            Self::LinkArtifact(..) => "POST /users/{userId}/jobs/{jobId}/artifacts/{name}/link",
            Self::Tiers => "GET /tiers",
            Self::Kinds => "GET /kinds",
            Self::Backends => "GET /backends",
            Self::PauseBackend(_) => "PUT /backends/{backend}/pause",
            Self::ResumeBackend(_) => "DELETE /backends/{backend}/pause",
            Self::LetThrough(..) => "POST /users/{userId}/jobs/{jobId}/let-through",
            Self::Replays => "POST /replays",
            Self::ListReplays => "GET /replays",
            Self::ShowReplay(_) => "GET /replays/{replayId}",
            Self::StopReplay(_) => "DELETE /replays/{replayId}",
            Self::PauseReplay(_) => "PUT /replays/{replayId}/pause",
            Self::ResumeReplay(_) => "DELETE /replays/{replayId}/pause",
            Self::DeadLetters => "GET /dead-letters",
            Self::Health => "GET /healthz",
            Self::StripeWebhook => "POST /webhooks/stripe",
        }
    }
}

/// Finds the route. The path is still percent-encoded; HEAD is treated as GET.
///
/// # Errors
/// 404 for a path that does not exist (including an id that cannot exist), 405 for another method.
pub fn route(method: &str, path: &str) -> Result<Route, ApiError> {
    let method = if method == "HEAD" { "GET" } else { method };
    let decoded = decode(path).ok_or(ApiError::NoRoute)?;
    let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let person = |text: &str, why| match user(text)? {
        nobody if nobody.is_nobody() => Err(ApiError::Forbidden(why)),
        user_id => Ok(user_id),
    };
    match segments.as_slice() {
        ["create-story"] => only(method, "POST", Route::CreateStory),
        ["jobs"] => only(method, "POST", Route::CreateJobs),
        ["create-episode"] => only(method, "POST", Route::CreateEpisode),
        ["tiers"] => only(method, "GET", Route::Tiers),
        ["kinds"] => only(method, "GET", Route::Kinds),
        ["backends"] => only(method, "GET", Route::Backends),
        ["backends", name, "pause"] => {
            let backend = Backend::from_name(name).ok_or(ApiError::NoRoute)?;
            match method {
                "PUT" => Ok(Route::PauseBackend(backend)),
                "DELETE" => Ok(Route::ResumeBackend(backend)),
                _ => Err(ApiError::MethodNotAllowed("DELETE, PUT")),
            }
        }
        ["replays", rest @ ..] => of_replays(method, rest),
        ["dead-letters"] => only(method, "GET", Route::DeadLetters),
        ["healthz"] => only(method, "GET", Route::Health),
        ["webhooks", "stripe"] => only(method, "POST", Route::StripeWebhook),
        ["users", u] => match method {
            "GET" => Ok(Route::User(user(u)?)),
            "DELETE" => Ok(Route::DeleteUser(user(u)?)),
            _ => Err(ApiError::MethodNotAllowed("GET, DELETE")),
        },
        ["users", u, "email-address"] => {
            let user_id = person(u, "Nobody gets no mail.")?;
            only(method, "POST", Route::SetMailbox(user_id))
        }
        ["users", u, "plan"] => only(method, "PUT", Route::SetPlan(person(u, NO_PLAN)?)),
        ["users", u, "plan", "reconcile"] => {
            only(method, "POST", Route::Reconcile(person(u, NO_PLAN)?))
        }
        ["users", u, "export"] => only(method, "GET", Route::Export(user(u)?)),
        ["users", u, "events"] => only(method, "GET", Route::Events(user(u)?)),
        ["users", u, "jobs"] => only(method, "GET", Route::Jobs(user(u)?)),
        ["users", u, "jobs", j, rest @ ..] => of_job(method, (u, j), rest),
        _ => Err(ApiError::NoRoute),
    }
}

fn user(text: &str) -> Result<UserId, ApiError> {
    UserId::try_from(text.to_owned()).map_err(|_| ApiError::NoRoute)
}

/// What is asked of one job.
fn of_job(method: &str, (u, j): (&str, &str), rest: &[&str]) -> Result<Route, ApiError> {
    let ids = || {
        let job_id = JobId::try_from(j.to_owned()).map_err(|_| ApiError::NoSuchJob);
        Ok((user(u)?, job_id?))
    };
    match rest {
        [] => {
            let (user_id, job_id) = ids()?;
            match method {
                "GET" => Ok(Route::Job(user_id, job_id)),
                "DELETE" => Ok(Route::Cancel(user_id, job_id)),
                _ => Err(ApiError::MethodNotAllowed("GET, DELETE")),
            }
        }
        ["let-through"] => {
            let (user_id, job_id) = ids()?;
            only(method, "POST", Route::LetThrough(user_id, job_id))
        }
        ["replay"] => {
            let (user_id, job_id) = ids()?;
            only(method, "POST", Route::Replay(user_id, job_id))
        }
        ["attempts"] => {
            let (user_id, job_id) = ids()?;
            only(method, "GET", Route::Attempts(user_id, job_id))
        }
        ["artifacts"] => {
            let (user_id, job_id) = ids()?;
            only(method, "GET", Route::Artifacts(user_id, job_id))
        }
        ["artifacts", name @ .., "link"] if method == "POST" && !name.is_empty() => {
            let (user_id, job_id) = ids()?;
            Ok(Route::LinkArtifact(user_id, job_id, name.join("/")))
        }
        ["artifacts", name @ ..] => {
            let (user_id, job_id) = ids()?;
            let route = Route::Artifact(user_id, job_id, name.join("/"));
            only(method, "GET", route)
        }
        _ => Err(ApiError::NoRoute),
    }
}

/// What is asked of replays of many.
fn of_replays(method: &str, rest: &[&str]) -> Result<Route, ApiError> {
    let replay = |id: &str| ReplayId::try_from(id.to_owned()).map_err(|_| ApiError::NoSuchReplay);
    match rest {
        [] => match method {
            "GET" => Ok(Route::ListReplays),
            "POST" => Ok(Route::Replays),
            _ => Err(ApiError::MethodNotAllowed("GET, POST")),
        },
        [id] => match method {
            "GET" => Ok(Route::ShowReplay(replay(id)?)),
            "DELETE" => Ok(Route::StopReplay(replay(id)?)),
            _ => Err(ApiError::MethodNotAllowed("GET, DELETE")),
        },
        [id, "pause"] => match method {
            "PUT" => Ok(Route::PauseReplay(replay(id)?)),
            "DELETE" => Ok(Route::ResumeReplay(replay(id)?)),
            _ => Err(ApiError::MethodNotAllowed("DELETE, PUT")),
        },
        _ => Err(ApiError::NoRoute),
    }
}

fn only(method: &str, allowed: &'static str, route: Route) -> Result<Route, ApiError> {
    if method == allowed {
        Ok(route)
    } else {
        Err(ApiError::MethodNotAllowed(allowed))
    }
}
