//! Asks a gate.

use super::command::{Call, Command, Reply};
use crate::{
    bindings,
    domain::UserId,
    object::call::{TIMEOUT, call},
};
use worker::{Env, Result};

/// The gates of all users.
pub struct GateClient<'a> {
    env: &'a Env,
}

impl<'a> GateClient<'a> {
    /// The gates as bound in that environment.
    #[must_use]
    pub const fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Has the user's gate decide.
    ///
    /// # Errors
    /// When the gate cannot be reached, is overloaded, or failed.
    pub async fn ask(&self, user_id: &UserId, command: Command) -> Result<Reply> {
        let message = Call {
            user_id: user_id.clone(),
            command,
        };
        call(
            self.env,
            bindings::GATES,
            user_id.as_str(),
            &message,
            TIMEOUT,
        )
        .await
    }
}
