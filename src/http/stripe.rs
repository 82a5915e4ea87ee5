//! Handles Stripe's events: checks them, finds the user, and changes the plan in the user's gate.

use super::{limiter, service::Service};
use crate::{artifacts, clock, objects::GateClient};
use queue_core::{
    api::{
        problem::ApiError,
        stripe::{
            Claim, Envelope, SignatureFault,
            envelope::EVENT_MAX_BYTES,
            event::{CustomerId, Effect, StripeEvent},
        },
    },
    domain::{UserId, plan::Subscription},
    events::Event,
    gate::{
        Command, Reply,
        command::{PlanChange, PlanEvent, PlanOutcome},
    },
};
use serde_json::json;
use std::time::Duration;
use worker::{Delay, Env, Error, Request, Response, Result};

/// What was done with an event.
struct Applied {
    /// The user whose plan it is about, if known.
    user_id: Option<UserId>,
    /// The outcome in a few words, for the answer and the log.
    outcome: &'static str,
}

/// Applies an event. Applying it again changes nothing. After an error, Stripe is to send it again.
async fn apply(env: &Env, event: StripeEvent) -> Result<Applied> {
    let StripeEvent { id, effect, .. } = event;
    let (user_id, subscription, as_of) = match effect {
        Effect::Nothing(why) => {
            return Ok(Applied {
                user_id: None,
                outcome: why,
            });
        }
        Effect::Subscription {
            user_id,
            customer,
            subscription,
            as_of,
        } => {
            let user_id = match (user_id, customer) {
                (None, Some(customer)) => artifacts::linked_user(env, &customer).await?,
                (user_id, _) => user_id,
            };
            (user_id, Some(subscription), as_of)
        }
        Effect::Checkout {
            user_id,
            customer,
            subscription,
            as_of,
        } => {
            link(env, customer, user_id.as_ref()).await?;
            (user_id, subscription, as_of)
        }
    };
    let outcome = match (&user_id, subscription) {
        (None, _) => "no user found",
        (Some(_), None) => "no paid subscription",
        (Some(user_id), Some(subscription)) => {
            let event = PlanEvent { id, created: as_of };
            set(env, user_id, subscription, event).await?
        }
    };
    Ok(Applied { user_id, outcome })
}

/// Stores which user the customer is, for events without a user.
async fn link(env: &Env, customer: Option<CustomerId>, user_id: Option<&UserId>) -> Result<()> {
    match (customer, user_id) {
        (Some(customer), Some(user_id)) => artifacts::link_user(env, &customer, user_id).await,
        _ => Ok(()),
    }
}

async fn set(
    env: &Env,
    user_id: &UserId,
    subscription: Subscription,
    event: PlanEvent,
) -> Result<&'static str> {
    let change = PlanChange {
        account_type: None,
        subscription: Some(Some(subscription)),
        keeps_price: false,
        by: "stripe".to_owned(),
        event: Some(event),
    };
    let reply = GateClient::new(env)
        .ask(user_id, Command::SetPlan(change))
        .await?;
    let Reply::PlanSet { outcome, .. } = reply else {
        let what = "a gate gave an unexpected reply".to_owned();
        return Err(Error::RustError(what));
    };
    Ok(match outcome {
        PlanOutcome::Applied => "applied",
        PlanOutcome::Repeated => "repeated",
        PlanOutcome::Outdated => "outdated",
    })
}

/// The body, if Stripe has signed it.
async fn signed_body(service: &Service<'_>, request: &mut Request) -> Result<Vec<u8>, ApiError> {
    let header = service.header(request, "stripe-signature");
    let fault = match Claim::read(clock::now(), header.as_deref()) {
        Ok(claim) => {
            let body = service.body(request, EVENT_MAX_BYTES).await?;
            for secret in &service.access.stripe_secrets {
                if claim.is_signed_with(secret, &body) {
                    return Ok(body);
                }
                // A large body takes tens of milliseconds; whoever waits meanwhile goes first.
                Delay::from(Duration::ZERO).await;
            }
            SignatureFault::Wrong
        }
        Err(fault) => fault,
    };
    let error = ApiError::BadSignature(fault);
    Err(limiter::failed(service, request, "a Stripe event", &fault, error).await)
}

pub(super) async fn webhook(
    service: &Service<'_>,
    request: &mut Request,
) -> Result<Response, ApiError> {
    if service.access.stripe_secrets.is_empty() {
        return Err(ApiError::WebhookNotConfigured);
    }
    let body = signed_body(service, request).await?;
    let refuse = |why| {
        service.refuse("a Stripe event", None, why);
        ApiError::BadEvent(why)
    };
    let envelope = Envelope::read(&body).map_err(refuse)?;
    let applied = if let Some(outcome) = envelope.ignored(&service.access.stripe_scope) {
        Applied {
            user_id: None,
            outcome,
        }
    } else {
        let event = StripeEvent::read(&body).map_err(refuse)?;
        let applied = apply(service.env, event).await;
        applied.map_err(|error| service.fault(&error))?
    };
    let answer = json!({"eventId": envelope.id, "outcome": applied.outcome});
    service.log_event(&Event::Webhook {
        event_id: envelope.id,
        event_type: envelope.kind,
        user_id: applied.user_id,
        outcome: applied.outcome,
    });
    service.json(200, &answer)
}
