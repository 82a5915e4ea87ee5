//! Maps method and path to a route.

use super::{path::decode, problem::ApiError};
use crate::domain::{Backend, JobId, UserId};

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
            Self::Artifacts(..) => "GET /users/{userId}/jobs/{jobId}/artifacts",
            Self::Artifact(..) => "GET /users/{userId}/jobs/{jobId}/artifacts/{name}",
            Self::Tiers => "GET /tiers",
            Self::Kinds => "GET /kinds",
            Self::Backends => "GET /backends",
            Self::PauseBackend(_) => "PUT /backends/{backend}/pause",
            Self::ResumeBackend(_) => "DELETE /backends/{backend}/pause",
            Self::LetThrough(..) => "POST /users/{userId}/jobs/{jobId}/let-through",
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

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "018bcfe5-6800-7000-8000-000000000000";

    fn user(text: &str) -> UserId {
        UserId::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn every_route_is_found() {
        let job = || JobId::try_from(JOB.to_owned()).unwrap();
        let at = |rest| format!("/users/u/jobs/{JOB}{rest}");
        let table = [
            ("POST", "/create-story", Route::CreateStory),
            ("POST", "/jobs", Route::CreateJobs),
            ("POST", "/create-episode", Route::CreateEpisode),
            ("GET", "/tiers", Route::Tiers),
            ("GET", "/kinds", Route::Kinds),
            ("HEAD", "/healthz", Route::Health),
            ("GET", "/dead-letters", Route::DeadLetters),
            ("GET", "/backends", Route::Backends),
            (
                "PUT",
                "/backends/generator/pause",
                Route::PauseBackend(Backend::Generator),
            ),
            (
                "DELETE",
                "/backends/storage/pause",
                Route::ResumeBackend(Backend::Storage),
            ),
            (
                "POST",
                &at("/let-through"),
                Route::LetThrough(user("u"), job()),
            ),
            ("POST", "/webhooks/stripe", Route::StripeWebhook),
            ("GET", "/users/auth0%7Cx", Route::User(user("auth0|x"))),
            ("DELETE", "/users/a@b.co", Route::DeleteUser(user("a@b.co"))),
            (
                "POST",
                "/users/u/email-address",
                Route::SetMailbox(user("u")),
            ),
            ("PUT", "/users/u/plan", Route::SetPlan(user("u"))),
            (
                "POST",
                "/users/u/plan/reconcile",
                Route::Reconcile(user("u")),
            ),
            ("GET", "/users/u/export", Route::Export(user("u"))),
            ("GET", "/users/a@b.co/jobs", Route::Jobs(user("a@b.co"))),
            ("GET", &at(""), Route::Job(user("u"), job())),
            ("DELETE", &at(""), Route::Cancel(user("u"), job())),
            ("GET", &at("/artifacts"), Route::Artifacts(user("u"), job())),
            (
                "GET",
                &at("/artifacts/frames/001.svg"),
                Route::Artifact(user("u"), job(), "frames/001.svg".to_owned()),
            ),
        ];
        for (method, path, expected) in table {
            assert_eq!(route(method, path), Ok(expected), "{path}");
        }
    }

    #[test]
    fn another_method_is_answered_with_the_allowed_ones() {
        assert_eq!(
            route("GET", "/create-story"),
            Err(ApiError::MethodNotAllowed("POST"))
        );
        for path in [&format!("/users/u/jobs/{JOB}"), "/users/u"] {
            assert_eq!(
                route("PUT", path),
                Err(ApiError::MethodNotAllowed("GET, DELETE"))
            );
        }
        assert_eq!(
            route("GET", "/users/u/plan"),
            Err(ApiError::MethodNotAllowed("PUT"))
        );
    }

    #[test]
    fn no_unknown_method_is_taken_for_another() {
        let unknown = [
            "PROPFIND", "PURGE", "LOCK", "QUERY", "get", "Head", "", "GET ",
        ];
        for path in ["/tiers", "/users/u", "/users/u/jobs", "/create-story"] {
            for method in unknown {
                let found = route(method, path);
                let is_refused = matches!(found, Err(ApiError::MethodNotAllowed(_)));
                assert!(is_refused, "{method:?} {path}: {found:?}");
            }
        }
    }

    #[test]
    fn nobody_has_jobs_but_no_plan_and_no_mail() {
        let jobs = route("GET", "/users/~nobody/jobs");
        assert_eq!(jobs, Ok(Route::Jobs(UserId::nobody())));
        for (method, path) in [
            ("PUT", "plan"),
            ("POST", "plan/reconcile"),
            ("POST", "email-address"),
        ] {
            let found = route(method, &format!("/users/%7Enobody/{path}"));
            assert!(matches!(found, Err(ApiError::Forbidden(_))), "{found:?}");
        }
    }

    #[test]
    fn what_cannot_exist_is_not_found() {
        for path in [
            "",
            "/",
            "/users",
            "/users/",
            "/users/a%2Fb",
            "/users/%zz",
            "/users/%ff",
            "/users/u/",
            "//",
        ] {
            assert_eq!(route("GET", path), Err(ApiError::NoRoute), "{path}");
        }
        assert_eq!(route("GET", "/users/u/jobs/1"), Err(ApiError::NoSuchJob));
    }
}
