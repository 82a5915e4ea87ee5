//! Which route a method and a path lead to.

use queue_core::{
    api::{
        problem::ApiError,
        routes::{Route, route},
    },
    domain::{Backend, JobId, ReplayId, UserId},
};

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
        ("GET", "/users/u/events", Route::Events(user("u"))),
        ("GET", "/users/a@b.co/jobs", Route::Jobs(user("a@b.co"))),
        ("GET", &at(""), Route::Job(user("u"), job())),
        ("DELETE", &at(""), Route::Cancel(user("u"), job())),
        ("POST", &at("/replay"), Route::Replay(user("u"), job())),
        ("GET", &at("/attempts"), Route::Attempts(user("u"), job())),
        ("GET", &at("/artifacts"), Route::Artifacts(user("u"), job())),
    ];
    for (method, path, expected) in table {
        assert_eq!(route(method, path), Ok(expected), "{path}");
    }
}

#[test]
fn every_route_of_an_artifact_is_found() {
    let job = || JobId::try_from(JOB.to_owned()).unwrap();
    let at = |rest| format!("/users/u/jobs/{JOB}{rest}");
    let table = [
        (
            "GET",
            &at("/artifacts/frames/001.svg"),
            Route::Artifact(user("u"), job(), "frames/001.svg".to_owned()),
        ),
        (
            "POST",
            &at("/artifacts/frames/001.svg/link"),
            Route::LinkArtifact(user("u"), job(), "frames/001.svg".to_owned()),
        ),
        (
            "HEAD",
            &at("/artifacts/frames/link"),
            Route::Artifact(user("u"), job(), "frames/link".to_owned()),
        ),
    ];
    for (method, path, expected) in table {
        assert_eq!(route(method, path), Ok(expected), "{path}");
    }
}

#[test]
fn every_route_of_replays_is_found() {
    let replay = || ReplayId::try_from(JOB.to_owned()).unwrap();
    let run = |rest| format!("/replays/{JOB}{rest}");
    let table = [
        ("POST", "/replays", Route::Replays),
        ("GET", "/replays", Route::ListReplays),
        ("GET", &run(""), Route::ShowReplay(replay())),
        ("DELETE", &run(""), Route::StopReplay(replay())),
        ("PUT", &run("/pause"), Route::PauseReplay(replay())),
        ("DELETE", &run("/pause"), Route::ResumeReplay(replay())),
    ];
    for (method, path, expected) in table {
        assert_eq!(route(method, path), Ok(expected), "{path}");
    }
    assert_eq!(route("GET", "/replays/1"), Err(ApiError::NoSuchReplay));
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
    let artifact = format!("/users/u/jobs/{JOB}/artifacts/x");
    for (method, rest) in [("POST", ""), ("POST", "%2Flink"), ("PUT", "/link")] {
        let found = route(method, &format!("{artifact}{rest}"));
        assert_eq!(found, Err(ApiError::MethodNotAllowed("GET")), "{rest}");
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
