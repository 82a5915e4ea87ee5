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
            Self::Jobs(_) => "GET /users/{userId}/jobs",
            Self::Job(..) => "GET /users/{userId}/jobs/{jobId}",
            Self::Cancel(..) => "DELETE /users/{userId}/jobs/{jobId}",
            Self::Replay(..) => "POST /users/{userId}/jobs/{jobId}/replay",
            Self::Attempts(..) => "GET /users/{userId}/jobs/{jobId}/attempts",
            Self::Artifacts(..) => "GET /users/{userId}/jobs/{jobId}/artifacts",
            Self::Artifact(..) => "GET /users/{userId}/jobs/{jobId}/artifacts/{name}",
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
    let user = |text: &str| UserId::try_from(text.to_owned()).map_err(|_| ApiError::NoRoute);
    let person = |text: &str, why| match user(text)? {
        nobody if nobody.is_nobody() => Err(ApiError::Forbidden(why)),
        user_id => Ok(user_id),
    };
    let replay =
        |text: &str| ReplayId::try_from(text.to_owned()).map_err(|_| ApiError::NoSuchReplay);
    let job = |text: &str| JobId::try_from(text.to_owned()).map_err(|_| ApiError::NoSuchJob);
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
        ["replays"] => match method {
            "GET" => Ok(Route::ListReplays),
            "POST" => Ok(Route::Replays),
            _ => Err(ApiError::MethodNotAllowed("GET, POST")),
        },
        ["replays", id] => match method {
            "GET" => Ok(Route::ShowReplay(replay(id)?)),
            "DELETE" => Ok(Route::StopReplay(replay(id)?)),
            _ => Err(ApiError::MethodNotAllowed("GET, DELETE")),
        },
        ["replays", id, "pause"] => match method {
            "PUT" => Ok(Route::PauseReplay(replay(id)?)),
            "DELETE" => Ok(Route::ResumeReplay(replay(id)?)),
            _ => Err(ApiError::MethodNotAllowed("DELETE, PUT")),
        },
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
        ["users", u, "jobs"] => only(method, "GET", Route::Jobs(user(u)?)),
        ["users", u, "jobs", j] => match method {
            "GET" => Ok(Route::Job(user(u)?, job(j)?)),
            "DELETE" => Ok(Route::Cancel(user(u)?, job(j)?)),
            _ => Err(ApiError::MethodNotAllowed("GET, DELETE")),
        },
        ["users", u, "jobs", j, "let-through"] => {
            only(method, "POST", Route::LetThrough(user(u)?, job(j)?))
        }
        ["users", u, "jobs", j, "replay"] => only(method, "POST", Route::Replay(user(u)?, job(j)?)),
        ["users", u, "jobs", j, "attempts"] => {
            only(method, "GET", Route::Attempts(user(u)?, job(j)?))
        }
        ["users", u, "jobs", j, "artifacts"] => {
            only(method, "GET", Route::Artifacts(user(u)?, job(j)?))
        }
        ["users", u, "jobs", j, "artifacts", name @ ..] => only(
            method,
            "GET",
            Route::Artifact(user(u)?, job(j)?, name.join("/")),
        ),
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
