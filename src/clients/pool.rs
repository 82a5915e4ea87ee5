//! Asks the pool.

use super::call::call;
use queue_core::{
    bindings,
    calls::{CALL_TIMEOUT, LISTEN},
    pool::command::{Command, Reply},
};
use std::time::Duration;
use worker::{Env, Result};

/// The one pool. A further one, with a capacity of its own, would be another name.
const NAME: &str = "stories";

/// The pool.
pub(crate) struct PoolClient<'a> {
    env: &'a Env,
}

impl<'a> PoolClient<'a> {
    /// The pool as bound in that environment.
    #[must_use]
    pub(crate) const fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Has the pool decide.
    ///
    /// # Errors
    /// When it cannot be reached, is overloaded, or failed.
    pub(crate) async fn ask(&self, command: &Command) -> Result<Reply> {
        let held = command.listener().map_or(Duration::ZERO, |_| LISTEN);
        call(
            self.env,
            bindings::POOLS,
            NAME,
            command,
            held + CALL_TIMEOUT,
        )
        .await
    }
}
