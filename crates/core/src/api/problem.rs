//! Every error as a problem document (RFC 9457): a stable `type`, a sentence, and what to fix.

pub use super::fault::{FAULTS_MAX, FieldError, POINTER_MAX};

use super::{
    auth::Refusal,
    link::LinkFault,
    quota::{QuotaMembers, QuotaProblem},
    range::Part,
    stripe::{SignatureFault, list::ListFault},
};
use crate::domain::Tier;
use serde::Serialize;

/// Where the problem types are explained.
const TYPE_BASE: &str = "urn:story-queue:problem:";

const NO_WEBHOOK: &str = "The webhook is not configured";

/// Everything that can go wrong with a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiError {
    /// No such path.
    NoRoute,
    /// A user token asks for another user, who may exist or not.
    OtherUser,
    /// The path exists, with these methods.
    MethodNotAllowed(&'static str),
    /// The user has no such job.
    NoSuchJob,
    /// The job has succeeded, so it is not replayed.
    JobSucceeded,
    /// What the job made is being deleted.
    BeingSwept,
    /// There is no such replay of many.
    NoSuchReplay,
    /// It has ended, so it can neither wait nor go on.
    ReplayOver,
    /// Too many replays of many are under way.
    TooManyReplays,
    /// There is no pool, which holds back ends.
    NoPool,
    /// The job has no such artifact.
    NoSuchArtifact,
    /// What is asked for begins after the last of so many bytes.
    RangeNotSatisfiable(u64),
    /// The body has this media type, and not one of those that are accepted.
    UnsupportedMediaType(String, &'static str),
    /// The body has a content coding.
    UnsupportedCoding(String),
    /// The body is longer than this many bytes.
    BodyTooLarge(usize),
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The isolate holds too many bytes of bodies to take in more now.
    BodiesFull,
    /// It can be read, but what it asks for is too much: a list of why.
    TooWide(Vec<FieldError>),
    /// Parts of the request are invalid: a list of all of them.
    Invalid(Vec<FieldError>),
    /// The body can be read, but what it says of the job is invalid: a list of all of it.
    InvalidJob(Vec<FieldError>),
    /// The idempotency key belongs to another submission: this job, or this replay.
    KeyReused(String),
    /// The caller could not be authenticated, for this reason.
    Unauthenticated(Refusal),
    /// The caller is known but may not do this; the sentence says why.
    Forbidden(&'static str),
    /// A link to an artifact leads nowhere, or cannot be made.
    Link(LinkFault),
    /// The signature of a webhook is invalid.
    BadSignature(SignatureFault),
    /// The body of a webhook is not a valid event; the sentence says why.
    BadEvent(&'static str),
    /// The webhook is not configured.
    WebhookNotConfigured,
    /// No key of Stripe is configured, so nothing can be read from it.
    ReconcileNotConfigured,
    /// No customer of Stripe is known of the user.
    NoCustomer,
    /// What Stripe lists could not be read, for this reason.
    StripeUnreadable(ListFault),
    /// No domain for mails is configured.
    EmailNotConfigured,
    /// Nobody has this address.
    NoSuchMailbox,
    /// A mail has no text to read; the sentence says why.
    NoText(String),
    /// More requests than the guard against abuse allows.
    RateLimited,
    /// More failed credentials or signatures from one address than that guard allows.
    FailuresLimited,
    /// Too many jobs of all users wait.
    BacklogFull,
    /// No credentials are configured, so nobody has access.
    NoCredentials,
    /// The job asks for a higher tier than this one, the best that its user or caller is entitled to.
    TierNotEntitled(Tier),
    /// A quota of the user's tier is used up.
    QuotaExceeded(QuotaProblem),
    /// The user is being deleted.
    UserBeingDeleted,
    /// A dependency of this Worker does not respond.
    Unavailable,
    /// The configuration is invalid; the log has the details.
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
    /// What happened this time, and how to fix it.
    pub detail: String,
    /// The single errors, if known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Which quota was exceeded, and how much of it is used.
    #[serde(flatten)]
    pub quota: Option<QuotaMembers>,
}

impl ApiError {
    /// The document.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "most list nothing more")]
    pub fn problem(&self) -> Problem {
        let (status, kind, title) = self.class();
        let (errors, quota) = match self {
            Self::Invalid(errors) | Self::InvalidJob(errors) | Self::TooWide(errors) => {
                (errors.clone(), None)
            }
            Self::QuotaExceeded(quota) => (Vec::new(), Some(quota.members())),
            _ => (Vec::new(), None),
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

    /// All headers that belong to the answer.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "most have no others")]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers: Vec<_> = self
            .header()
            .map(|(name, value)| (name, value.to_owned()))
            .into_iter()
            .collect();
        match self {
            Self::QuotaExceeded(quota) => headers.extend(quota.headers()),
            Self::RangeNotSatisfiable(bytes) => {
                let range = Part::Beyond.content_range(*bytes);
                headers.extend(range.map(|range| ("content-range", range)));
            }
            _ => {}
        }
        headers
    }

    /// The header that is the same each time, if the answer has one.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "most have no header")]
    pub const fn header(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::MethodNotAllowed(allowed) => Some(("allow", allowed)),
            Self::Unavailable | Self::BodiesFull => Some(("retry-after", "5")),
            // The window of the limiter in `wrangler.toml`.
            Self::RateLimited
            | Self::FailuresLimited
            | Self::BacklogFull
            | Self::StripeUnreadable(_) => Some(("retry-after", "60")),
            // A missing credential is only asked for; a wrong one gets an error code (RFC 6750, 3).
            Self::Unauthenticated(Refusal::Missing) => {
                Some(("www-authenticate", "Bearer realm=\"story-queue\""))
            }
            Self::Unauthenticated(Refusal::Scheme | Refusal::Unknown | Refusal::Token(_)) => {
                Some((
                    "www-authenticate",
                    "Bearer realm=\"story-queue\", error=\"invalid_token\"",
                ))
            }
            Self::UserBeingDeleted | Self::BeingSwept => Some(("retry-after", "10")),
            Self::UnsupportedMediaType(_, accepted) => Some(("accept-post", accepted)),
            Self::UnsupportedCoding(_) => Some(("accept-encoding", "identity")),
            _ => None,
        }
    }

    const fn class(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::NoRoute => (404, "no-route", "No such path"),
            Self::OtherUser => (404, "no-such-user", "No such user"),
            Self::NoSuchJob => (404, "no-such-job", "No such job"),
            Self::JobSucceeded => (409, "job-succeeded", "The job has succeeded"),
            Self::BeingSwept => (
                409,
                "artifacts-being-deleted",
                "What the job made is being deleted",
            ),
            Self::NoSuchReplay => (404, "no-such-replay", "No such replay"),
            Self::ReplayOver => (409, "replay-over", "The replay has ended"),
            Self::TooManyReplays => (409, "too-many-replays", "Too many replays are under way"),
            Self::NoPool => (409, "no-pool", "There is no pool"),
            Self::NoSuchArtifact => (404, "no-such-artifact", "No such artifact"),
            Self::RangeNotSatisfiable(_) => (416, "range-not-satisfiable", "Range not satisfiable"),
            Self::MethodNotAllowed(_) => (405, "method-not-allowed", "Method not allowed"),
            Self::BodyTooLarge(_) => (413, "body-too-large", "Body too large"),
            Self::BodyTooSlow => (408, "body-too-slow", "Body too slow"),
            Self::BodiesFull => (503, "too-many-uploads", "Too many uploads at a time"),
            Self::UnsupportedMediaType(..) => {
                (415, "unsupported-media-type", "Unsupported media type")
            }
            Self::UnsupportedCoding(_) => (
                415,
                "unsupported-content-coding",
                "Unsupported content coding",
            ),
            Self::Invalid(_) => (400, "invalid-request", "Invalid request"),
            Self::TooWide(_) => (422, "empty-filter", "The filter is empty"),
            Self::InvalidJob(_) => (422, "invalid-job", "Invalid job"),
            Self::TierNotEntitled(_) => (403, "tier-not-entitled", "Not entitled to that tier"),
            Self::QuotaExceeded(quota) => quota.class(),
            Self::UserBeingDeleted => (409, "user-being-deleted", "The user is being deleted"),
            Self::KeyReused(_) => (422, "idempotency-key-reused", "Idempotency key reused"),
            Self::Unauthenticated(_) => (401, "unauthenticated", "Not authenticated"),
            Self::Forbidden(_) => (403, "forbidden", "Not allowed"),
            Self::Link(fault) => fault.class(),
            Self::BadSignature(_) => (400, "bad-signature", "Invalid signature"),
            Self::BadEvent(_) => (400, "bad-event", "Invalid event"),
            Self::WebhookNotConfigured => (404, "webhook-not-configured", NO_WEBHOOK),
            Self::ReconcileNotConfigured => (
                404,
                "reconcile-not-configured",
                "Reading from Stripe is not configured",
            ),
            Self::EmailNotConfigured => (404, "email-not-configured", "Mails are not configured"),
            Self::NoSuchMailbox => (404, "no-such-mailbox", "No such mailbox"),
            Self::NoText(_) => (422, "no-text", "No text to read"),
            Self::NoCustomer => (404, "no-stripe-customer", "No customer of Stripe"),
            Self::StripeUnreadable(_) => (502, "stripe-unreadable", "Stripe gave no answer"),
            Self::RateLimited | Self::FailuresLimited => (429, "rate-limited", "Too many requests"),
            Self::BacklogFull => (503, "backlog-full", "Too many jobs are waiting"),
            Self::NoCredentials => (500, "no-credentials", "No credentials are configured"),
            Self::Misconfigured => (500, "misconfigured", "The service is misconfigured"),
            Self::Unavailable => (503, "unavailable", "Temporarily unavailable"),
        }
    }
}
