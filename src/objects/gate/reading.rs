//! Has Stripe asked what the user pays for.

use super::Gate;
use crate::{
    log::log,
    reconcile::{Fault, reconcile},
    settings,
};
use queue_core::{config::Config, domain::UserId, events::Event};

impl Gate {
    /// Asks Stripe what the user pays for. What cannot be read today is read tomorrow.
    pub(super) async fn reconcile(&self, config: &Config, user_id: &UserId) {
        let env = &self.shell.env;
        let fault = |error: String| {
            let what =
                "what a user pays for could not be read from Stripe; it is tried again tomorrow";
            vec![Event::fault(what, error)]
        };
        let events = match settings::access(env) {
            Err(error) => fault(error.to_string()),
            Ok(access) => match reconcile(env, &access, &config.gate.plans, user_id).await {
                Ok(doubts) => doubts,
                Err(Fault::Unreadable(why)) => fault(why.to_string()),
                Err(Fault::Platform(error)) => fault(error.to_string()),
                // Since the alarm rang, the user left or the key was taken away.
                Err(Fault::NotConfigured | Fault::BeingDeleted | Fault::NoCustomer) => Vec::new(),
            },
        };
        for event in &events {
            log(config.log_format, event);
        }
    }
}
