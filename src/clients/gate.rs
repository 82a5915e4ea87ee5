//! Asks a gate.

use super::call::call;
use queue_core::{
    bindings,
    calls::CALL_TIMEOUT,
    domain::UserId,
    gate::command::{Call, Command, Reply},
};
use worker::{Env, Result};

/// The gates of all users.
pub(crate) struct GateClient<'a> {
    env: &'a Env,
}

impl<'a> GateClient<'a> {
    /// The gates as bound in that environment.
    #[must_use]
    pub(crate) const fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Has the user's gate decide.
    ///
    /// # Errors
    /// When the gate cannot be reached, is overloaded, or failed.
    pub(crate) async fn ask(&self, user_id: &UserId, command: Command) -> Result<Reply> {
        let message = Call {
            user_id: user_id.clone(),
            command,
        };
        call(
            self.env,
            bindings::GATES,
            user_id.as_str(),
            &message,
            CALL_TIMEOUT,
        )
        .await
    }
}
