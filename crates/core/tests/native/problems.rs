//! Every problem document, byte for byte.

use crate::assert_golden;
use queue_core::{
    api::{
        auth::{Refusal, token::TokenFault},
        link::LinkFault,
        problem::{ApiError, FieldError},
        quota::QuotaProblem,
        stripe::{SignatureFault, list::ListFault},
    },
    domain::{Month, Tier, Timestamp},
    gate::command::{Exceeded, Quota},
};

/// 2023-11-14T22:13:20Z.
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn exceeded(quota: Quota, resets_at: Option<Timestamp>) -> ApiError {
    let exceeded = Exceeded {
        quota,
        tier: Tier::Tier2,
        limit: 5,
        used: 6,
        resets_at,
    };
    ApiError::QuotaExceeded(QuotaProblem { exceeded, at: NOW })
}

/// The headers and the body.
fn document(error: &ApiError) -> String {
    let headers = error.headers().into_iter();
    let headers = headers.map(|(name, value)| format!("{name}: {value}\n"));
    let document = serde_json::to_string_pretty(&error.problem()).unwrap();
    format!("{}{document}\n", headers.collect::<String>())
}

fn fields() -> Vec<FieldError> {
    vec![
        FieldError::at("/script/title", "Required string."),
        FieldError::header(
            "Idempotency-Key",
            "Must be 1 to 255 visible ASCII characters.",
        ),
        FieldError::parameter("limit", "Must be a whole number from 1 to 100."),
    ]
}

#[test]
fn every_problem_document_is_pinned() {
    let fields = fields();
    let errors = [
        ApiError::NoRoute,
        ApiError::OtherUser,
        ApiError::NoSuchJob,
        ApiError::NoSuchArtifact,
        ApiError::RangeNotSatisfiable(83_783),
        ApiError::JobSucceeded,
        ApiError::BeingSwept,
        ApiError::NoSuchReplay,
        ApiError::ReplayOver,
        ApiError::TooManyReplays,
        ApiError::TooWide(fields[..1].to_vec()),
        ApiError::NoPool,
        ApiError::MethodNotAllowed("GET, DELETE"),
        ApiError::UnsupportedMediaType("text/plain".to_owned(), "application/json"),
        ApiError::UnsupportedCoding("gzip".to_owned()),
        ApiError::BodyTooLarge(262_144),
        ApiError::BodyTooSlow,
        ApiError::BodiesFull,
        ApiError::Invalid(fields[..1].to_vec()),
        ApiError::Invalid(fields),
        ApiError::InvalidJob(vec![FieldError::at("/userId", "Required string.")]),
        ApiError::KeyReused("job 018bcfe5-6800-7000-8000-000000000000".to_owned()),
        ApiError::TierNotEntitled(Tier::Tier2),
        exceeded(Quota::JobsPerMonth, Some(Month::of(NOW).end)),
        exceeded(Quota::MaxParkedJobs, None),
        exceeded(Quota::MaxChars, None),
        ApiError::UserBeingDeleted,
        ApiError::Unauthenticated(Refusal::Missing),
        ApiError::Unauthenticated(Refusal::Unknown),
        ApiError::Unauthenticated(Refusal::Token(TokenFault::Expired)),
        ApiError::Forbidden("A user token can submit only for its own user."),
        ApiError::Link(LinkFault::Invalid),
        ApiError::Link(LinkFault::Expired),
        ApiError::Link(LinkFault::NoSecret),
        ApiError::BadSignature(SignatureFault::Wrong),
        ApiError::BadEvent("The event's created is not a valid time."),
        ApiError::WebhookNotConfigured,
        ApiError::ReconcileNotConfigured,
        ApiError::EmailNotConfigured,
        ApiError::NoSuchMailbox,
        ApiError::NoText("There are only 12 words here.".to_owned()),
        ApiError::NoCustomer,
        ApiError::StripeUnreadable(ListFault::Status(500)),
        ApiError::RateLimited,
        ApiError::FailuresLimited,
        ApiError::BacklogFull,
        ApiError::NoCredentials,
        ApiError::Misconfigured,
        ApiError::Unavailable,
    ];
    let documents = errors.map(|error| document(&error));
    assert_golden("problems.txt", &documents.join("\n"));
}
