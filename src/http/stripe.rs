//! Handles Stripe's events: checks them, and has them applied.

use super::{limiter, service::Service};
use crate::{clock, customers::Customers};
use queue_core::{
    api::{
        bodies::Share,
        problem::ApiError,
        stripe::{Claim, Envelope, SignatureFault, StripeEvent, envelope::EVENT_MAX_BYTES},
    },
    customers::{Applied, Rules, apply},
    events::Event,
};
use serde_json::json;
use std::time::Duration;
use worker::{Delay, Request, Response};

/// So many bytes are hashed at once; then whoever waits goes first.
const PART_BYTES: usize = 256 * 1024;

/// The body, if Stripe has signed it.
async fn signed_body(service: &Service<'_>, request: &mut Request) -> Result<Vec<u8>, ApiError> {
    let header = service.header(request, "stripe-signature");
    let fault = match Claim::read(clock::now(), header.as_deref()) {
        Ok(claim) => {
            let room = (EVENT_MAX_BYTES, Share::Unsigned);
            let body = service.body_within(request, room).await?;
            for secret in &service.access.stripe_secrets {
                let Some(mut check) = claim.check(secret) else {
                    break;
                };
                for part in body.chunks(PART_BYTES) {
                    check.update(part);
                    if part.len() == PART_BYTES {
                        Delay::from(Duration::ZERO).await;
                    }
                }
                if check.holds() {
                    service.held.signed();
                    return Ok(body);
                }
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
            doubts: Vec::new(),
        }
    } else {
        let rules = Rules {
            now: clock::now(),
            plans: &service.config.gate.plans,
            secrets: &service.access.stripe_secrets,
        };
        let event = StripeEvent::read(rules.now, &body).map_err(refuse)?;
        let applied = apply(&Customers { env: service.env }, rules, event).await;
        applied.map_err(|error| service.fault(&error))?
    };
    for doubt in applied.doubts {
        service.log_event(&Event::WebhookDoubt {
            event_id: envelope.id.clone(),
            user_id: applied.user_id.clone(),
            doubt,
        });
    }
    let answer = json!({"eventId": envelope.id, "outcome": applied.outcome});
    service.log_event(&Event::Webhook {
        event_id: envelope.id,
        event_type: envelope.kind,
        user_id: applied.user_id,
        outcome: applied.outcome,
    });
    service.json(200, &answer)
}
