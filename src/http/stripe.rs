//! Handles Stripe's events: checks them, and has them applied.

use super::service::Service;
use crate::{clock, customers::Customers};
use queue_core::{
    api::{
        problem::ApiError,
        stripe::{StripeEvent, verify},
    },
    customers::{Rules, apply},
    events::Event,
};
use serde_json::json;
use worker::{Request, Response};

pub(super) async fn webhook(
    service: &Service<'_>,
    request: &mut Request,
) -> Result<Response, ApiError> {
    if service.access.stripe_secrets.is_empty() {
        return Err(ApiError::WebhookNotConfigured);
    }
    let header = service.header(request, "stripe-signature");
    let body = service.body(request).await?;
    let secrets = &service.access.stripe_secrets;
    let now = clock::now();
    verify(now, header.as_deref(), &body, secrets).map_err(|fault| {
        service.refuse("a Stripe event", None, &fault);
        ApiError::BadSignature(fault)
    })?;
    let event = StripeEvent::read(now, &body).map_err(|why| {
        service.refuse("a Stripe event", None, &why);
        ApiError::BadEvent(why)
    })?;
    let (event_id, event_type) = (event.id.clone(), event.kind.clone());
    let rules = Rules {
        now,
        plans: &service.config.gate.plans,
        secrets,
    };
    let applied = apply(&Customers { env: service.env }, rules, event)
        .await
        .map_err(|error| service.fault(&error))?;
    for doubt in applied.doubts {
        service.log_event(&Event::WebhookDoubt {
            event_id: event_id.clone(),
            user_id: applied.user_id.clone(),
            doubt,
        });
    }
    let answer = json!({"eventId": event_id, "outcome": applied.outcome});
    service.log_event(&Event::Webhook {
        event_id,
        event_type,
        user_id: applied.user_id,
        outcome: applied.outcome,
    });
    service.json(200, &answer)
}
