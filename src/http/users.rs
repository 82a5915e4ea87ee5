//! The routes about a user: the account, the plan, and the deletion.

use super::Service;
use crate::clock;
use queue_core::{
    api::{account, plan, problem::ApiError},
    domain::UserId,
    gate::{Command, Reply, command::AccountView},
};
use serde_json::json;
use worker::{Request, Response};

impl Service<'_> {
    pub(super) async fn user(&self, user_id: &UserId) -> Result<Response, ApiError> {
        let reply = self.ask(user_id, Command::Account).await?;
        let Reply::Account { account } = reply else {
            return Err(self.unexpected());
        };
        self.account(user_id, &account)
    }

    pub(super) async fn set_plan(
        &self,
        user_id: &UserId,
        request: &mut Request,
    ) -> Result<Response, ApiError> {
        self.require_json(request)?;
        let body = self.body(request).await?;
        let change = plan::parse(&body, clock::now()).map_err(ApiError::Invalid)?;
        let reply = self.ask(user_id, Command::SetPlan(change)).await?;
        if let Reply::PlanSet { account, .. } = reply {
            self.account(user_id, &account)
        } else if reply == Reply::Erasing {
            Err(ApiError::UserBeingDeleted)
        } else {
            Err(self.unexpected())
        }
    }

    /// 204 if nothing is left, 202 as long as something is.
    pub(super) async fn delete_user(&self, user_id: &UserId) -> Result<Response, ApiError> {
        let reply = self.ask(user_id, Command::DeleteUser).await?;
        let Reply::UserDeleted { running, is_gone } = reply else {
            return Err(self.unexpected());
        };
        if is_gone {
            let response = Response::empty().map_err(|error| self.fault(&error))?;
            return Ok(response.with_status(204));
        }
        let left = json!({"userId": user_id, "isBeingDeleted": true, "running": running});
        self.json(202, &left)
    }

    fn account(&self, user_id: &UserId, account: &AccountView) -> Result<Response, ApiError> {
        let tiers = &self.config.gate.tiers;
        self.json(200, &account::account(user_id, account, tiers))
    }
}
