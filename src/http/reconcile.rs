//! `POST /users/{userId}/plan/reconcile`: the account as Stripe has it.

use super::{service::Service, users};
use crate::reconcile::{Fault, reconcile as mended};
use queue_core::{api::problem::ApiError, domain::UserId};
use worker::Response;

pub(super) async fn reconcile(
    service: &Service<'_>,
    user_id: &UserId,
) -> Result<Response, ApiError> {
    let plans = &service.config.gate.plans;
    let doubts = mended(service.env, service.access, plans, user_id).await;
    for doubt in doubts.map_err(|fault| problem(service, fault))? {
        service.log_event(&doubt);
    }
    users::shown(service, user_id).await
}

fn problem(service: &Service<'_>, fault: Fault) -> ApiError {
    match fault {
        Fault::NotConfigured => ApiError::ReconcileNotConfigured,
        Fault::BeingDeleted => ApiError::UserBeingDeleted,
        Fault::NoCustomer => ApiError::NoCustomer,
        Fault::Unreadable(fault) => {
            service.log(&format!(
                "Stripe's list of subscriptions could not be read: {fault}"
            ));
            ApiError::StripeUnreadable(fault)
        }
        Fault::Platform(error) => service.fault(&error),
    }
}
