//! Mails, by HTTP or from Cloudflare Email Routing: each becomes an episode, or its sender hears why not.

use super::{
    episodes, jobs, limiter, mailboxes,
    service::{Service, configured},
};
use crate::{body::Held, clock};
use article::{Automatic, Mail as Read, Refusal};
use queue_core::{
    api::{
        auth::Caller,
        bodies::Share,
        mail::{Mail, is_from_program, rejection},
        problem::{ApiError, FieldError},
        query::{self, Addressee},
        submit::Submission,
    },
    domain::{SeriesId, UserId, source::SOURCE_MAX_BYTES},
    gate::Reply,
};
use serde_json::json;
use worker::{Env, ForwardableEmailMessage, Request, Response};

/// What became of a mail.
enum Taken {
    Submitted(Reply),
    /// A program sent it by itself.
    Ignored(Automatic),
}

/// Submits a mail that the product's back end passes on.
pub(super) async fn create(
    service: &Service<'_>,
    caller: &Caller,
    request: &mut Request,
) -> Result<Response, ApiError> {
    if caller.user_id().is_some() {
        let why = "A mail requires a service key. A user token is not allowed.";
        service.refuse("a submission", caller.user_id(), why);
        return Err(ApiError::Forbidden(why));
    }
    let (addressee, series_id) = service.query(request, query::parse_mail)?;
    if service.header(request, "idempotency-key").is_some() {
        let detail = "Leave it out: a mail is known by its Message-ID.".to_owned();
        let fault = FieldError::header("Idempotency-Key", detail);
        return Err(ApiError::Invalid(vec![fault]));
    }
    // In open mode the caller picks the user.
    limiter::guard(service, caller, request).await?;
    let user_id = match addressee {
        Addressee::User(user_id) => user_id,
        Addressee::Address(to) => mailboxes::owner(service, &to).await?,
    };
    admit(service, &user_id).await?;
    let raw = service.body(request, SOURCE_MAX_BYTES).await?;
    match take(service, (&user_id, series_id), raw).await? {
        Taken::Submitted(reply) => jobs::accepted(service, &user_id, reply),
        Taken::Ignored(what) => service.json(200, &json!({"ignored": what.name()})),
    }
}

/// Takes a mail that Email Routing brings.
///
/// # Errors
/// Something that may pass: the sender's server shall try again.
pub(crate) async fn receive(message: &ForwardableEmailMessage, env: &Env) -> Result<(), ApiError> {
    let request_id = clock::request_id();
    let (config, access) = configured(env, &request_id)?;
    let service = Service {
        env,
        config: &config,
        access: &access,
        route: "email",
        request_id: &request_id,
        held: Held::new(),
    };
    let Err(error) = delivered(&service, message).await else {
        return Ok(());
    };
    let why = rejection(&error).ok_or(error)?;
    service.refuse("a mail", None, &why);
    message.set_reject(&why);
    Ok(())
}

async fn delivered(
    service: &Service<'_>,
    message: &ForwardableEmailMessage,
) -> Result<(), ApiError> {
    if is_from_program(&message.from(), service.access.email_domain.as_deref()) {
        service.refuse("a mail", None, "it is a bounce, or comes from here");
        return Ok(());
    }
    let user_id = mailboxes::owner(service, &message.to()).await?;
    admit(service, &user_id).await?;
    let stream = message.raw_byte_stream();
    let fault = |error| service.fault(&error);
    let room = (SOURCE_MAX_BYTES, Share::Known);
    let raw = service.held.read(stream, room, fault).await?;
    let taken = take(service, (&user_id, SeriesId::of_mails()), raw).await?;
    if let Taken::Submitted(reply) = taken {
        jobs::recorded(service, reply)?;
    }
    Ok(())
}

async fn admit(service: &Service<'_>, user_id: &UserId) -> Result<(), ApiError> {
    limiter::guard_mail(service, user_id).await?;
    jobs::admits(service).await
}

async fn take(
    service: &Service<'_>,
    whose: (&UserId, SeriesId),
    raw: Vec<u8>,
) -> Result<Taken, ApiError> {
    match submission(service, whose, &raw)? {
        Ok(submission) => {
            let submitted = episodes::submit(service, &Caller::Service, submission, Some(raw));
            Ok(Taken::Submitted(submitted.await?.1))
        }
        Err(what) => Ok(Taken::Ignored(what)),
    }
}

/// What the mail is submitted as, or why it is ignored. All that was read of it is gone when this returns: it takes many
/// times the mail's bytes.
fn submission(
    service: &Service<'_>,
    (user_id, series_id): (&UserId, SeriesId),
    raw: &[u8],
) -> Result<Result<Submission, Automatic>, ApiError> {
    let no_text = |refusal: Refusal| ApiError::NoText(refusal.to_string());
    let read = Read::read(raw).map_err(no_text)?;
    if let Some(what) = read.automatic {
        service.refuse("a mail", Some(user_id), what.name());
        return Ok(Err(what));
    }
    let mail = Mail {
        raw,
        message_id: read.message_id.as_deref(),
        from: read.from_address.as_deref(),
        subject: &read.subject,
        chars: read.article().map_err(no_text)?.chars(),
    };
    let kinds = &service.config.gate.kinds;
    mail.submission((user_id, series_id), clock::job_id(), kinds)
        .map(Ok)
}
