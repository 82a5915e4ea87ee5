//! Identifiers, keys, paths and queries: a text is refused, or means one thing and is written in one way.

use crate::request_body::GOOD;
use queue_core::{
    api::{
        account,
        problem::FAULTS_MAX,
        query,
        routes::{Route, route},
        submit,
    },
    domain::{JobId, Kinds, ReplayId, SeriesId, Tier, Timestamp, UserId},
    gate::{
        State,
        command::{AccountView, JobFilter},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::{Debug, Display};

/// Methods that there are routes for, and one that there are none for.
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "DELETE", "PUT"];

/// Reads the input as every kind of short text there is.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    id::<UserId>(text);
    id::<SeriesId>(text);
    id::<JobId>(text);
    id::<ReplayId>(text);
    if let Ok(user_id) = UserId::try_from(text.to_owned()) {
        link_of(&user_id);
    }
    assert!(Tier::from_name(text).is_none_or(|tier| tier.name() == text));
    assert!(State::from_name(text).is_none_or(|state| state.name() == text));
    key(text);
    for method in METHODS {
        path(method, text);
    }
    pairs(text);
}

/// An id reads back from its own text and from JSON, and nothing in it needs escaping.
fn id<T>(text: &str)
where
    T: TryFrom<String> + Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let json = serde_json::to_string(text).expect("a text is JSON");
    let read = T::try_from(text.to_owned()).ok();
    let from_json: Option<T> = crate::reads_back(&json);
    assert_eq!(read, from_json, "two opinions of {text:?}");
    if let Some(id) = read {
        assert_eq!(id.to_string(), text);
        assert_eq!(json.len(), text.len() + 2, "{text:?} needs escaping");
        let harmless = |byte: u8| byte.is_ascii_graphic() && !b"/\\\"'<>%&?#".contains(&byte);
        assert!(text.bytes().all(harmless), "{text:?}");
        assert!(!matches!(text, "." | ".."), "a URL parser resolves this");
    }
}

/// The links that answers carry lead back to the user.
fn link_of(user_id: &UserId) {
    let account = AccountView {
        tier: Tier::Tier1,
        limit: 1,
        ..AccountView::default()
    };
    let shown = account::account(user_id, &account, &testkit::defaults().gate, None);
    let link = |name: &str| shown["links"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        route("GET", &link("self")),
        Ok(Route::User(user_id.clone()))
    );
    assert_eq!(
        route("GET", &link("jobs")),
        Ok(Route::Jobs(user_id.clone()))
    );
}

/// An `Idempotency-Key` is refused, or is the same key in quotes and bare.
fn key(header: &str) {
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    let read = |header: &str| submit::parse(GOOD, Some(header), job_id.clone(), &Kinds::default());
    match read(header) {
        Ok(submission) => {
            let key = submission.job.idempotency.as_ref().map(|used| &used.key);
            let key = key.expect("a key was sent");
            assert!((1..=255).contains(&key.len()), "{key:?}");
            assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key:?}");
            assert_eq!(read(key), Ok(submission.clone()), "bare");
            assert_eq!(read(&format!("\"{key}\"")), Ok(submission), "in quotes");
        }
        Err(errors) => {
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert_eq!(errors[0].header, Some("Idempotency-Key"));
        }
    }
}

/// A path leads nowhere, or to the ids that stand in it, decoded.
fn path(method: &str, path: &str) {
    let Ok(found) = route(method, path) else {
        return;
    };
    let (user_id, rest) = match &found {
        Route::User(user_id) | Route::DeleteUser(user_id) => (user_id, String::new()),
        Route::Export(user_id) => (user_id, "/export".to_owned()),
        Route::SetPlan(user_id) => (user_id, "/plan".to_owned()),
        Route::SetMailbox(user_id) => (user_id, "/email-address".to_owned()),
        Route::Reconcile(user_id) => (user_id, "/plan/reconcile".to_owned()),
        Route::Events(user_id) => (user_id, "/events".to_owned()),
        Route::Jobs(user_id) => (user_id, "/jobs".to_owned()),
        Route::Job(user_id, job_id) | Route::Cancel(user_id, job_id) => {
            (user_id, format!("/jobs/{job_id}"))
        }
        Route::LetThrough(user_id, job_id) => (user_id, format!("/jobs/{job_id}/let-through")),
        Route::Replay(user_id, job_id) => (user_id, format!("/jobs/{job_id}/replay")),
        Route::Attempts(user_id, job_id) => (user_id, format!("/jobs/{job_id}/attempts")),
        Route::Artifacts(user_id, job_id) => (user_id, format!("/jobs/{job_id}/artifacts")),
        Route::Artifact(user_id, job_id, name) => {
            let name = name.replace('%', "%25");
            (user_id, format!("/jobs/{job_id}/artifacts/{name}"))
        }
        Route::LinkArtifact(user_id, job_id, name) => {
            let name = name.replace('%', "%25");
            (user_id, format!("/jobs/{job_id}/artifacts/{name}/link"))
        }
        Route::CreateStory
        | Route::CreateEpisode
        | Route::CreateJobs
        | Route::Tiers
        | Route::Kinds
        | Route::Backends
        | Route::PauseBackend(_)
        | Route::ResumeBackend(_)
        | Route::Replays
        | Route::ListReplays
        | Route::ShowReplay(_)
        | Route::StopReplay(_)
        | Route::PauseReplay(_)
        | Route::ResumeReplay(_)
        | Route::DeadLetters
        | Route::Health
        | Route::StripeWebhook => return,
    };
    let plain = format!("/users/{user_id}{rest}");
    assert_eq!(route(method, &plain), Ok(found), "{path:?} and {plain:?}");
}

/// A query is a filter within its bounds, or a bounded list of faults.
fn pairs(text: &str) {
    let pairs = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    match query::parse(pairs) {
        Ok(JobFilter { limit, .. }) => assert!((1..=100).contains(&limit), "{limit}"),
        Err(errors) => {
            assert!((1..=FAULTS_MAX).contains(&errors.len()), "{}", errors.len());
            assert!(errors.iter().all(|error| error.parameter.is_some()));
        }
    }
}
