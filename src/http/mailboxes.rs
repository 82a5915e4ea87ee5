//! The addresses at which mails become episodes. The bucket says whose one may be, and that user's gate whether it is.

use super::{limiter, service::Service, users};
use crate::{clock, customers::Customers};
use queue_core::{
    api::{auth::Caller, problem::ApiError},
    customers::ledger::{Ledger, Link},
    domain::{Mailbox, UserId},
    gate::{Command, Reply},
};
use worker::{Request, Response};

/// Gives the user a new address; the one before ends at once.
pub(super) async fn set(
    service: &Service<'_>,
    caller: &Caller,
    user_id: &UserId,
    request: &Request,
) -> Result<Response, ApiError> {
    let asked_at = clock::now();
    limiter::guard(service, caller, request).await?;
    domain(service)?;
    let before = users::account(service, user_id).await?.mailbox;
    let mailbox = clock::mailbox();
    let link = Link::Mailbox(mailbox.digest());
    let customers = Customers { env: service.env };
    // First: an address that the gate does not know leads nowhere.
    let linked = customers.link(&link, user_id).await;
    linked.map_err(|error| service.fault(&error))?;
    let command = Command::SetMailbox { mailbox, asked_at };
    let reply = service.ask(user_id, command).await?;
    if let Reply::Account { account } = reply {
        if let Some(before) = before {
            unlink(service, &Link::Mailbox(before.digest()), user_id).await;
        }
        users::answer(service, user_id, &account)
    } else if reply == Reply::Erasing {
        unlink(service, &link, user_id).await;
        Err(ApiError::UserBeingDeleted)
    } else {
        Err(service.unexpected())
    }
}

/// One that stays leads nowhere, and is deleted with the user.
async fn unlink(service: &Service<'_>, link: &Link, user_id: &UserId) {
    let customers = Customers { env: service.env };
    if let Err(error) = customers.unlink(link, user_id).await {
        service.log(&error);
    }
}

/// Whose the address is.
pub(super) async fn owner(service: &Service<'_>, address: &str) -> Result<UserId, ApiError> {
    let mailbox = Mailbox::of_address(address, domain(service)?);
    let mailbox = mailbox.ok_or(ApiError::NoSuchMailbox)?;
    let customers = Customers { env: service.env };
    let linked = customers.user_of(&Link::Mailbox(mailbox.digest())).await;
    let user_id = linked
        .map_err(|error| service.fault(&error))?
        .ok_or(ApiError::NoSuchMailbox)?;
    let account = users::account(service, &user_id).await?;
    if account.mailbox == Some(mailbox) {
        Ok(user_id)
    } else {
        Err(ApiError::NoSuchMailbox)
    }
}

fn domain<'a>(service: &Service<'a>) -> Result<&'a str, ApiError> {
    let domain = service.access.email_domain.as_deref();
    domain.ok_or(ApiError::EmailNotConfigured)
}
