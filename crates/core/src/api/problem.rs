//! Every error as a problem document (RFC 9457): a stable `type`, a sentence, and what to mend.

use super::{
    auth::Refusal,
    quota::{QuotaMembers, QuotaProblem},
    stripe::SignatureFault,
};
use crate::domain::Tier;
use serde::Serialize;

/// Most faults that one answer names. A body of 256 KiB could have tens of thousands.
pub const FAULTS_MAX: usize = 100;

/// Longest pointer that is shown, in characters: a key may be as long as the body.
pub const POINTER_MAX: usize = 256;

/// Where the problem types are explained.
const TYPE_BASE: &str = "urn:story-queue:problem:";

/// One thing wrong with a request.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct FieldError {
    /// Where in the body, as a JSON pointer (RFC 6901); empty for the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<&'static str>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<&'static str>,
    /// What is wrong and what is right.
    pub detail: String,
}

impl FieldError {
    /// A fault in the body.
    #[must_use]
    pub fn at(pointer: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.chars().take(POINTER_MAX).collect()),
            header: None,
            parameter: None,
            detail: detail.into(),
        }
    }

    /// A fault in a header.
    #[must_use]
    pub fn header(header: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: None,
            header: Some(header),
            parameter: None,
            detail: detail.into(),
        }
    }

    /// A fault in the query.
    #[must_use]
    pub fn parameter(parameter: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: None,
            header: None,
            parameter: Some(parameter),
            detail: detail.into(),
        }
    }
}

/// Everything that can go wrong with a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiError {
    /// No such path.
    NoRoute,
    /// The path exists, with these methods.
    MethodNotAllowed(&'static str),
    /// The user has no such job.
    NoSuchJob,
    /// The job has no such artifact.
    NoSuchArtifact,
    /// The body is not `application/json`.
    UnsupportedMediaType(String),
    /// The body is longer than this many bytes.
    BodyTooLarge(usize),
    /// Fields are wrong: all of them.
    Invalid(Vec<FieldError>),
    /// The idempotency key stands for another submission: this job.
    KeyReused(String),
    /// Who is asking is not known, for this reason.
    Unauthenticated(Refusal),
    /// Who is asking is known, and may not do this; the sentence says why.
    Forbidden(&'static str),
    /// The signature of a webhook is not right.
    BadSignature(SignatureFault),
    /// What a webhook sent cannot be read; the sentence says why.
    BadEvent(&'static str),
    /// The webhook is not set up.
    WebhookNotConfigured,
    /// More requests than the guard against abuse lets through.
    RateLimited,
    /// Nobody can be let in, since no credential is set up.
    NoCredentials,
    /// The job states a tier above this one, the best that its user or caller is entitled to.
    TierNotEntitled(Tier),
    /// A quota of the user's tier leaves no room for the job.
    QuotaExceeded(QuotaProblem),
    /// The user is being deleted.
    UserBeingDeleted,
    /// Something behind this Worker does not answer.
    Unavailable,
    /// The configuration is faulty; the log says how.
    Misconfigured,
}

/// A problem document.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// Which problem, for programs.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which problem, for people.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence, and how to mend it.
    pub detail: String,
    /// What exactly is wrong, where that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// How much of which quota is used, where one was exceeded.
    #[serde(flatten)]
    pub quota: Option<QuotaMembers>,
}

impl ApiError {
    /// The document.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, kind, title) = self.class();
        let errors = match self {
            Self::Invalid(errors) => errors.clone(),
            Self::NoRoute
            | Self::MethodNotAllowed(_)
            | Self::NoSuchJob
            | Self::NoSuchArtifact
            | Self::UnsupportedMediaType(_)
            | Self::BodyTooLarge(_)
            | Self::KeyReused(_)
            | Self::Unauthenticated(_)
            | Self::Forbidden(_)
            | Self::BadSignature(_)
            | Self::BadEvent(_)
            | Self::WebhookNotConfigured
            | Self::RateLimited
            | Self::NoCredentials
            | Self::TierNotEntitled(_)
            | Self::QuotaExceeded(_)
            | Self::UserBeingDeleted
            | Self::Unavailable
            | Self::Misconfigured => Vec::new(),
        };
        let quota = if let Self::QuotaExceeded(quota) = self {
            Some(quota.members())
        } else {
            None
        };
        Problem {
            kind: format!("{TYPE_BASE}{kind}"),
            title,
            status,
            detail: self.detail(),
            errors,
            quota,
        }
    }

    /// The header that belongs to the answer; those of a quota are in [`QuotaProblem::headers`].
    #[must_use]
    pub const fn header(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::MethodNotAllowed(allowed) => Some(("allow", allowed)),
            Self::Unavailable => Some(("retry-after", "5")),
            // The window of the limiter in `wrangler.toml`.
            Self::RateLimited => Some(("retry-after", "60")),
            // What was missing is asked for; what was wrong is named (RFC 6750, 3).
            Self::Unauthenticated(Refusal::Missing) => {
                Some(("www-authenticate", "Bearer realm=\"story-queue\""))
            }
            Self::Unauthenticated(Refusal::Scheme | Refusal::Unknown | Refusal::Token(_)) => {
                Some((
                    "www-authenticate",
                    "Bearer realm=\"story-queue\", error=\"invalid_token\"",
                ))
            }
            Self::UserBeingDeleted => Some(("retry-after", "10")),
            Self::UnsupportedMediaType(_) => Some(("accept-post", "application/json")),
            Self::NoRoute
            | Self::NoSuchJob
            | Self::NoSuchArtifact
            | Self::BodyTooLarge(_)
            | Self::Invalid(_)
            | Self::KeyReused(_)
            | Self::Forbidden(_)
            | Self::BadSignature(_)
            | Self::BadEvent(_)
            | Self::WebhookNotConfigured
            | Self::NoCredentials
            | Self::TierNotEntitled(_)
            | Self::QuotaExceeded(_)
            | Self::Misconfigured => None,
        }
    }

    const fn class(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NoRoute => (404, "no-route", "No such path"),
            Self::NoSuchJob => (404, "no-such-job", "No such job"),
            Self::NoSuchArtifact => (404, "no-such-artifact", "No such artifact"),
            Self::MethodNotAllowed(_) => (405, "method-not-allowed", "Method not allowed"),
            Self::BodyTooLarge(_) => (413, "body-too-large", "Body too large"),
            Self::UnsupportedMediaType(_) => {
                (415, "unsupported-media-type", "Unsupported media type")
            }
            Self::Invalid(_) => (400, "invalid-request", "Invalid request"),
            Self::TierNotEntitled(_) => (403, "tier-not-entitled", "Not entitled to that tier"),
            Self::QuotaExceeded(quota) => quota.class(),
            Self::UserBeingDeleted => (409, "user-being-deleted", "The user is being deleted"),
            Self::KeyReused(_) => (422, "idempotency-key-reused", "Idempotency key reused"),
            Self::Unauthenticated(_) => (401, "unauthenticated", "Not authenticated"),
            Self::Forbidden(_) => (403, "forbidden", "Not allowed"),
            Self::BadSignature(_) => (400, "bad-signature", "Bad signature"),
            Self::BadEvent(_) => (400, "bad-event", "Not a readable event"),
            Self::WebhookNotConfigured => {
                (404, "webhook-not-configured", "The webhook is not set up")
            }
            Self::RateLimited => (429, "rate-limited", "Too many requests"),
            Self::NoCredentials => (500, "no-credentials", "No credentials are set up"),
            Self::Misconfigured => (500, "misconfigured", "The service is misconfigured"),
            Self::Unavailable => (503, "unavailable", "Temporarily unavailable"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NoRoute => "There is nothing at this path; the README lists the routes.".to_owned(),
            Self::NoSuchJob => "This user has no job of that id; finished jobs are forgotten after the retention.".to_owned(),
            Self::NoSuchArtifact => "The job has no artifact of that name; its status lists those there are.".to_owned(),
            Self::MethodNotAllowed(allowed) => format!("This path takes: {allowed}."),
            Self::UnsupportedMediaType(found) => {
                format!("The content type is {found:?}; send application/json.")
            }
            Self::BodyTooLarge(limit) => format!("The body must be at most {limit} bytes."),
            Self::Invalid(errors) => match errors.len() {
                1 => "One thing is wrong; see errors.".to_owned(),
                count => format!("{count} things are wrong; see errors."),
            },
            Self::KeyReused(job_id) => {
                format!("This Idempotency-Key was used for another submission, job {job_id}; use a new key.")
            }
            Self::Unauthenticated(refusal) => format!(
                "This needs the header Authorization: Bearer, with a service key or a user token: {refusal}."
            ),
            Self::Forbidden(why) | Self::BadEvent(why) => (*why).to_owned(),
            Self::BadSignature(fault) => format!("This is not what Stripe signed: {fault}."),
            Self::WebhookNotConfigured => {
                "Set the secret STRIPE_WEBHOOK_SECRETS to the signing secret of the endpoint.".to_owned()
            }
            Self::RateLimited => {
                "There were too many submissions within a minute; try again later, with the same Idempotency-Key.".to_owned()
            }
            Self::NoCredentials => {
                "Nobody can be let in yet: set the secret SERVICE_KEYS, or JWT_SECRET or JWT_PUBLIC_KEY for user tokens; for local development alone, set AUTH to open.".to_owned()
            }
            Self::TierNotEntitled(allowed) => {
                format!("The user is entitled to {allowed} at most; leave userTier out, or state {allowed} or a lower tier.")
            }
            Self::QuotaExceeded(quota) => quota.detail(),
            Self::UserBeingDeleted => {
                "The jobs of this user are ended and forgotten just now; try again when that is over.".to_owned()
            }
            Self::Unavailable => {
                "Something behind this service does not answer; try again. With an Idempotency-Key, trying again never submits twice.".to_owned()
            }
            Self::Misconfigured => "The operator finds every fault in the log.".to_owned(),
        }
    }
}
