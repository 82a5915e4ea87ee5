//! What each error says of what happened, and how to fix it.

use super::{bodies::BODY_WITHIN, fault::FieldError, problem::ApiError};
use crate::failures::apply::RUNS_MAX;

// What is to be set.
const SET_WEBHOOK_SECRETS: &str =
    "Set the secret STRIPE_WEBHOOK_SECRETS to the signing secret of the Stripe endpoint.";
const SET_STRIPE_KEY: &str =
    "Set the secret STRIPE_API_KEY to a restricted key of Stripe that may read subscriptions.";
const SET_EMAIL_DOMAIN: &str = "Set EMAIL_DOMAIN to the domain whose mails come to this Worker.";
const SET_CREDENTIALS: &str = "No credentials are configured. Set the secret SERVICE_KEYS, or JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL for user tokens. For local development only, set AUTH to \"open\".";

// What a replay is answered with.
const JOB_SUCCEEDED: &str =
    "Only a job that ended without success can be replayed. Submit it again for another result.";
const BEING_SWEPT: &str = "What the job made is being deleted, as somebody asked. Try again when that is done, in 15 minutes at the latest.";
const NO_SUCH_REPLAY: &str =
    "No replay with this id. Replays that have ended are forgotten after the retention period.";
const REPLAY_OVER: &str =
    "This replay is done, or was stopped. Begin another one for what is left.";

impl ApiError {
    /// The sentence.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::NoRoute => "Not found. See docs/api.md for the routes.".to_owned(),
            Self::OtherUser => "A user token shows its own user only.".to_owned(),
            Self::NoSuchJob => "No job with this id. Ended jobs are deleted after the retention period.".to_owned(),
            Self::JobSucceeded => JOB_SUCCEEDED.to_owned(),
            Self::BeingSwept => BEING_SWEPT.to_owned(),
            Self::NoSuchReplay => NO_SUCH_REPLAY.to_owned(),
            Self::ReplayOver => REPLAY_OVER.to_owned(),
            Self::TooManyReplays => format!("{RUNS_MAX} replays are under way. Wait for one to end, or stop one."),
            Self::NoPool => "Back ends are held at the pool. Set POOL_CAPACITY to more than 0.".to_owned(),
            Self::NoSuchArtifact => "No artifact with this name. The job's status lists its artifacts.".to_owned(),
            Self::RangeNotSatisfiable(bytes) => format!("The artifact has {bytes} bytes, and none of those that were asked for."),
            Self::MethodNotAllowed(allowed) => {
                format!("Method not allowed. Use {}.", allowed.replace(", ", " or "))
            }
            Self::UnsupportedMediaType(found, accepted) => {
                format!("The content type is {found:?}. Use {}.", accepted.replace(", ", " or "))
            }
            Self::UnsupportedCoding(found) => format!("The content coding is {found:?}. Send the body without one."),
            Self::BodyTooLarge(limit) => format!("The body must be at most {limit} bytes."),
            Self::BodyTooSlow => format!("The body must arrive within {} seconds.", BODY_WITHIN.as_secs()),
            Self::BodiesFull => "Too many large bodies arrive at a time. Try again later with the same Idempotency-Key.".to_owned(),
            Self::Invalid(errors) | Self::TooWide(errors) => see("request", errors),
            Self::InvalidJob(errors) => see("job", errors),
            Self::KeyReused(what) => {
                format!("This Idempotency-Key was already used for another request: {what}. Use a new key.")
            }
            Self::Unauthenticated(refusal) => format!(
                "Send \"Authorization: Bearer\" with a service key or user token: {refusal}."
            ),
            Self::Forbidden(why) | Self::BadEvent(why) => (*why).to_owned(),
            Self::BadSignature(fault) => format!("The Stripe signature is invalid: {fault}."),
            Self::Link(fault) => fault.detail(),
            Self::WebhookNotConfigured => SET_WEBHOOK_SECRETS.to_owned(),
            Self::ReconcileNotConfigured => SET_STRIPE_KEY.to_owned(),
            Self::EmailNotConfigured => SET_EMAIL_DOMAIN.to_owned(),
            Self::NoSuchMailbox => "Nobody has this address, or not any more.".to_owned(),
            Self::NoText(why) => why.clone(),
            Self::NoCustomer => "No customer of Stripe is known of this user.".to_owned(),
            Self::StripeUnreadable(fault) => {
                format!("Stripe's list of subscriptions could not be read: {fault}. Nothing was changed. Try again later.")
            }
            Self::RateLimited => {
                "Too many submissions within one minute. Try again later with the same Idempotency-Key.".to_owned()
            }
            Self::FailuresLimited => {
                "Too many requests without a valid credential or signature within one minute. Try again later.".to_owned()
            }
            Self::NoCredentials => SET_CREDENTIALS.to_owned(),
            Self::TierNotEntitled(allowed) => {
                format!("The user is entitled to {allowed} at most. Omit userTier, or use {allowed} or a lower tier.")
            }
            Self::QuotaExceeded(quota) => quota.detail(),
            Self::BacklogFull => "The service has too many jobs waiting and accepts no more for now. Try again later.".to_owned(),
            Self::UserBeingDeleted => "This user is being deleted. Try again later.".to_owned(),
            Self::Unavailable => {
                "A part of the service does not respond. Try again. With an Idempotency-Key, a repeated submission never creates a second job.".to_owned()
            }
            Self::Misconfigured => "The configuration is invalid. See the log.".to_owned(),
        }
    }
}

fn see(what: &str, errors: &[FieldError]) -> String {
    match errors.len() {
        1 => format!("The {what} has 1 error. See errors."),
        count => format!("The {what} has {count} errors. See errors."),
    }
}
