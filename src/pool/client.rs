//! Asks the pool.

use super::{
    command::{Command, Reply},
    durable_object::LISTEN,
};
use crate::{
    bindings,
    object::call::{TIMEOUT, call},
};
use std::time::Duration;
use worker::{Env, Result};

/// The one pool. A further one, with a capacity of its own, would be another name.
const NAME: &str = "stories";

/// The pool.
pub struct PoolClient<'a> {
    env: &'a Env,
}

impl<'a> PoolClient<'a> {
    /// The pool as bound in that environment.
    #[must_use]
    pub const fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Has the pool decide.
    ///
    /// # Errors
    /// When it cannot be reached, is overloaded, or failed.
    pub async fn ask(&self, command: &Command) -> Result<Reply> {
        let held = command.listener().map_or(Duration::ZERO, |_| LISTEN);
        call(self.env, bindings::POOLS, NAME, command, held + TIMEOUT).await
    }
}
