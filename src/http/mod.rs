//! The fetch event: find the route, authenticate, read the body, ask the gate, answer. Mails come in here, too ([`mails`]).

mod artifacts;
mod auth;
mod backends;
mod cancel;
mod cors;
mod episodes;
mod events;
mod export;
mod follow;
mod job_bodies;
mod jobs;
mod limiter;
mod mailboxes;
pub(crate) mod mails;
mod operator;
mod provider;
mod reconcile;
mod replay;
mod replays;
mod service;
mod stripe;
mod users;
mod web_crypto;

use crate::{body::Held, clock};
use cors::Cors;
use queue_core::api::{
    auth::{Caller, Refusal},
    content::{self, MediaType},
    link::Target,
    problem::ApiError,
    query,
    routes::{Route, route},
    rules,
};
use service::{Service, configured, json_response};
use worker::{Env, Request, Response, Result};

/// Answers any request; every error becomes a problem document.
pub(crate) async fn answer(request: Request, env: &Env) -> Result<Response> {
    let request_id = clock::request_id();
    let cors = Cors::of(&request, env);
    let preflight = cors.as_ref().map(|cors| cors.preflight(&request));
    let mut response = match preflight.transpose()?.flatten() {
        Some(response) => response,
        None => match served(request, env, &request_id).await {
            Ok(response) => response,
            Err(error) => problem(&error)?,
        },
    };
    let headers = response.headers_mut();
    if let Some(cors) = cors {
        cors.allow(headers)?;
    }
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("x-request-id", &request_id)?;
    Ok(response)
}

async fn served(mut request: Request, env: &Env, request_id: &str) -> Result<Response, ApiError> {
    let (config, access) = configured(env, request_id)?;
    // The method as it was sent: that of the crate is GET, if it does not know it.
    let found = route(&request.inner().method(), &request.path());
    let service = Service {
        env,
        config: &config,
        access: &access,
        route: found.as_ref().map_or("none", Route::pattern),
        request_id,
        held: Held::new(),
    };
    serve(&service, found, &mut request).await
}

/// The route and its caller, if the caller may ask for it.
async fn admitted(
    service: &Service<'_>,
    found: Result<Route, ApiError>,
    request: &mut Request,
) -> Result<(Route, Option<Caller>), ApiError> {
    if !service.access.admits_somebody() && found != Ok(Route::Health) {
        service
            .log(&"no credentials are configured: set SERVICE_KEYS, JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL");
        return Err(ApiError::NoCredentials);
    }
    let route = found?;
    cors::refuse_foreign(service, request)?;
    let caller = auth::caller(service, &route, request).await?;
    if !matches!(
        route,
        Route::Events(_)
            | Route::Jobs(_)
            | Route::Cancel(..)
            | Route::Artifact(..)
            | Route::DeadLetters
            | Route::CreateEpisode
    ) {
        service.query(request, query::parse_none)?;
    }
    Ok((route, caller))
}

async fn serve(
    service: &Service<'_>,
    found: Result<Route, ApiError>,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let (route, caller) = admitted(service, found, request).await?;
    match route {
        Route::CreateStory => jobs::create(service, &known(caller)?, request).await,
        Route::CreateJobs => job_bodies::create(service, &known(caller)?, request).await,
        Route::CreateEpisode => {
            let content_type = service.header(request, "content-type").unwrap_or_default();
            let (media_type, caller) = (content::of_episode(&content_type)?, known(caller)?);
            if media_type == MediaType::Mail {
                return mails::create(service, &caller, request).await;
            }
            episodes::create(service, &caller, request, media_type == MediaType::Form).await
        }
        Route::StripeWebhook => stripe::webhook(service, request).await,
        Route::User(user_id) => users::shown(service, &user_id).await,
        Route::DeleteUser(user_id) => users::delete(service, &user_id).await,
        Route::SetMailbox(user_id) => {
            mailboxes::set(service, &known(caller)?, &user_id, request).await
        }
        Route::SetPlan(user_id) => users::set_plan(service, &user_id, request).await,
        Route::Reconcile(user_id) => reconcile::reconcile(service, &user_id).await,
        Route::Export(user_id) => export::export(service, user_id),
        Route::Events(user_id) => events::stream(service, user_id, request).await,
        Route::Jobs(user_id) => jobs::list(service, &user_id, request).await,
        Route::Job(user_id, job_id) => follow::shown(service, &user_id, job_id, request).await,
        Route::Cancel(user_id, job_id) => {
            cancel::cancel(service, &known(caller)?, (&user_id, job_id), request).await
        }
        Route::Replay(user_id, job_id) => {
            replay::replay(service, &known(caller)?, (&user_id, job_id), request).await
        }
        Route::Attempts(user_id, job_id) => replay::attempts(service, &user_id, job_id).await,
        Route::Artifacts(user_id, job_id) => artifacts::list(service, &user_id, job_id).await,
        Route::Artifact(user_id, job_id, name) => {
            artifacts::shown(service, Target::new(&user_id, &job_id, &name), request).await
        }
        Route::LinkArtifact(user_id, job_id, name) => {
            artifacts::make_link(service, Target::new(&user_id, &job_id, &name), request).await
        }
        Route::Tiers => service.json(200, &rules::tiers(&service.config.gate)),
        Route::Kinds => service.json(200, &rules::kinds(&service.config.gate.kinds)),
        Route::Backends => backends::shown(service).await,
        Route::PauseBackend(backend) => backends::pause(service, backend, request).await,
        Route::ResumeBackend(backend) => backends::resume(service, backend).await,
        Route::LetThrough(user_id, job_id) => {
            backends::let_through(service, &user_id, job_id).await
        }
        Route::Replays => replays::begin(service, request).await,
        Route::ListReplays => replays::list(service).await,
        Route::ShowReplay(id) => replays::shown(service, id).await,
        Route::StopReplay(id) => replays::stop(service, id).await,
        Route::PauseReplay(id) => replays::pause(service, id, true).await,
        Route::ResumeReplay(id) => replays::pause(service, id, false).await,
        Route::DeadLetters => operator::dead_letters(service, request).await,
        Route::Health => operator::health(service).await,
    }
}

/// Who submits: these routes have their caller found.
fn known(caller: Option<Caller>) -> Result<Caller, ApiError> {
    caller.ok_or(ApiError::Unauthenticated(Refusal::Missing))
}

fn problem(error: &ApiError) -> Result<Response> {
    let problem = error.problem();
    let value = serde_json::to_value(&problem)?;
    let mut response = json_response(problem.status, "application/problem+json", &value)?;
    for (name, value) in error.headers() {
        response.headers_mut().set(name, &value)?;
    }
    Ok(response)
}
