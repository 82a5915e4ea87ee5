//! Which requests a page of another origin may make: submit an episode, read what becomes of it, and ask for a link to it. Without cookies, so
//! each needs its credential; where none is asked for, a page that is not listed changes nothing.

use super::{
    problem::ApiError,
    routes::{Route, route},
};
use crate::config::access::AuthMode;

/// Headers of a request that such a page may set.
pub const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, if-none-match, if-range, last-event-id, prefer, range";

/// Headers of an answer that it may read, beside those that browsers always show.
pub const ANSWER_HEADERS: &str = "accept-ranges, content-disposition, content-range, etag, idempotent-replayed, location, preference-applied, ratelimit, ratelimit-policy, retry-after, x-request-id";

/// Seconds for which a browser may keep what a preflight said.
pub const MAX_AGE_SECONDS: &str = "600";

/// The methods with which pages of other origins may ask for that path, if any.
#[must_use]
pub fn method(path: &str) -> Option<&'static str> {
    let reads = matches!(
        route("GET", path),
        Ok(Route::Events(_) | Route::Job(..) | Route::Artifacts(..) | Route::Artifact(..))
    );
    match route("POST", path) {
        Ok(Route::CreateEpisode) => Some("POST"),
        // An artifact may be called so, too.
        Ok(Route::LinkArtifact(..)) => Some("GET, POST"),
        _ => reads.then_some("GET"),
    }
}

/// The origin of a request, if it is one of those: to the letter, as browsers send it.
#[must_use]
pub fn listed<'a>(origins: &'a [String], origin: Option<&str>) -> Option<&'a str> {
    let found = origins
        .iter()
        .find(|listed| Some(listed.as_str()) == origin);
    found.map(String::as_str)
}

/// Refuses what a page of neither this host nor a listed origin wants to change in open mode: a browser sends a form without
/// asking first, so any page that its user visits could send one. Programs name no origin, and pass.
///
/// # Errors
/// 403.
pub fn refuse_foreign(
    mode: AuthMode,
    origins: &[String],
    (method, host): (&str, &str),
    origin: Option<&str>,
) -> Result<(), ApiError> {
    let Some(origin) = origin else {
        return Ok(());
    };
    let reads = ["GET", "HEAD", "OPTIONS"].contains(&method);
    // Whatever ends TLS before the Worker changes the scheme, and no more.
    let is_own = origin.split_once("://").is_some_and(|(_, own)| own == host);
    if mode != AuthMode::Open || reads || is_own || listed(origins, Some(origin)).is_some() {
        return Ok(());
    }
    Err(ApiError::Forbidden(
        "A page of another origin may change nothing where no credential is asked for. Add its origin to CORS_ORIGINS, or set AUTH to credentials.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_episode_and_its_job_are_asked_for_from_elsewhere() {
        let job = "/users/u/jobs/018bcfe5-6800-7000-8000-000000000000";
        for (path, expected) in [
            ("/create-episode", Some("POST")),
            (job, Some("GET")),
            (&format!("{job}/artifacts"), Some("GET")),
            (&format!("{job}/artifacts/page.html"), Some("GET")),
            (
                &format!("{job}/artifacts/page.html/link"),
                Some("GET, POST"),
            ),
            (&format!("{job}/artifacts/link"), Some("GET")),
            (&format!("{job}/replay"), None),
            ("/create-story", None),
            ("/users/u", None),
            ("/users/u/plan", None),
            ("/users/u/jobs", None),
            ("/users/u/events", Some("GET")),
            ("/users/u/export", None),
            ("/webhooks/stripe", None),
            ("/dead-letters", None),
            ("/healthz", None),
            ("/nowhere", None),
        ] {
            assert_eq!(method(path), expected, "{path}");
        }
    }

    #[test]
    fn a_page_of_another_origin_changes_nothing_in_open_mode() {
        let origins = ["https://app.example.com".to_owned()];
        let passes = |mode, method, origin| {
            let host = "localhost:8787";
            refuse_foreign(mode, &origins, (method, host), origin).is_ok()
        };
        let own = [
            None,
            Some("http://localhost:8787"),
            Some("https://localhost:8787"),
            Some("https://app.example.com"),
        ];
        let foreign = [
            "https://evil.example",
            "http://localhost",
            "http://localhost:8788",
            "http://127.0.0.1:8787",
            "http://app.example.com",
            "null",
            "localhost:8787",
            "",
        ];
        for method in ["POST", "PUT", "DELETE"] {
            for origin in own {
                assert!(passes(AuthMode::Open, method, origin), "{origin:?}");
            }
            for origin in foreign {
                assert!(!passes(AuthMode::Open, method, Some(origin)), "{origin}");
                assert!(passes(AuthMode::Credentials, method, Some(origin)));
            }
        }
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(passes(AuthMode::Open, method, Some("https://evil.example")));
        }
    }

    #[test]
    fn an_origin_is_listed_to_the_letter_or_not_at_all() {
        let origins = ["https://app.example.com", "chrome-extension://abc"].map(str::to_owned);
        for origin in &origins {
            assert_eq!(listed(&origins, Some(origin)), Some(origin.as_str()));
        }
        for other in [
            None,
            Some(""),
            Some("null"),
            Some("*"),
            Some("https://app.example.com/"),
            Some("https://app.example.com:443"),
            Some("https://APP.example.com"),
            Some("http://app.example.com"),
            Some("https://app.example.com.evil.example"),
            Some("https://evil.example, https://app.example.com"),
            Some("chrome-extension://abcd"),
        ] {
            assert_eq!(listed(&origins, other), None, "{other:?}");
        }
        assert_eq!(listed(&[], Some("https://app.example.com")), None);
    }
}
