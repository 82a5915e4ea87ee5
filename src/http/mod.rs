//! The fetch event: find the route, authenticate, read the body, ask the gate, answer.

mod auth;
mod stripe;
mod users;
mod web_crypto;

use crate::{
    artifacts, clock,
    log::log,
    objects::{GateClient, PoolClient},
    settings,
};
use futures_util::TryStreamExt;
use queue_core::{
    api::{
        auth::{Caller, Refusal},
        problem::ApiError,
        query,
        quota::QuotaProblem,
        routes::{Route, route},
        submit::{self, BODY_MAX_BYTES, Submission},
        view,
    },
    bindings,
    config::{Config, LogFormat, access::Access},
    domain::{JobId, UserId},
    events::Event,
    gate::{Command, Job, Reply, State, command::JobView},
    pool::{self, command::Place},
};
use serde_json::{Value, json};
use worker::{Env, Headers, Request, Response, Result};

/// Answers any request; every error becomes a problem document.
pub(crate) async fn answer(mut request: Request, env: &Env) -> Result<Response> {
    let settings = match (settings::load(env), settings::access(env)) {
        (Ok(config), Ok(access)) => Ok((config, access)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(error), Err(other)) => Err(error.and(other)),
    };
    let (config, access) = match settings {
        Ok(settings) => settings,
        Err(error) => {
            log(
                LogFormat::Text,
                &Event::fault("the configuration is invalid", error),
            );
            return problem(&ApiError::Misconfigured);
        }
    };
    let service = Service {
        env,
        config: &config,
        access: &access,
    };
    match service.serve(&mut request).await {
        Ok(response) => Ok(response),
        Err(error) => problem(&error),
    }
}

pub(super) struct Service<'a> {
    pub(super) env: &'a Env,
    pub(super) config: &'a Config,
    pub(super) access: &'a Access,
}

impl Service<'_> {
    async fn serve(&self, request: &mut Request) -> Result<Response, ApiError> {
        let found = route(request.method().as_ref(), &request.path());
        if !self.access.admits_somebody() && found != Ok(Route::Health) {
            self.log(
                &"no credentials are configured: set SERVICE_KEYS, JWT_SECRET or JWT_PUBLIC_KEY",
            );
            return Err(ApiError::NoCredentials);
        }
        let route = found?;
        let caller = self.caller(&route, request).await?;
        match route {
            Route::CreateStory => {
                let caller = caller.ok_or(ApiError::Unauthenticated(Refusal::Missing))?;
                self.create_story(&caller, request).await
            }
            Route::StripeWebhook => self.stripe_webhook(request).await,
            Route::User(user_id) => self.user(&user_id).await,
            Route::DeleteUser(user_id) => self.delete_user(&user_id).await,
            Route::SetPlan(user_id) => self.set_plan(&user_id, request).await,
            Route::Jobs(user_id) => self.jobs(&user_id, request).await,
            Route::Job(user_id, job_id) => {
                let view = self.job(&user_id, Command::Job { job_id }).await?;
                let place = self.place(&view).await;
                self.json(
                    200,
                    &view::job(&user_id, &view, place.as_ref(), clock::now()),
                )
            }
            Route::Cancel(user_id, job_id) => self.cancel(&user_id, job_id).await,
            Route::Artifacts(user_id, job_id) => {
                let view = self.job(&user_id, Command::Job { job_id }).await?;
                self.json(
                    200,
                    &json!({"artifacts": view::artifacts(&user_id, &view.job)}),
                )
            }
            Route::Artifact(user_id, job_id, name) => self.artifact(&user_id, &job_id, &name).await,
            Route::Tiers => self.json(200, &view::tiers(&self.config.gate.tiers)),
            Route::DeadLetters => self.dead_letters(request).await,
            Route::Health => self.health().await,
        }
    }

    async fn create_story(
        &self,
        caller: &Caller,
        request: &mut Request,
    ) -> Result<Response, ApiError> {
        self.guard(caller, request).await?;
        self.require_json(request)?;
        let key = self.header(request, "idempotency-key");
        let body = self.body(request).await?;
        let Submission { user_id, mut job } =
            submit::parse(&body, key.as_deref(), clock::job_id()).map_err(ApiError::Invalid)?;
        if !caller.acts_for(&user_id) {
            let why = "A user token can submit only for its own user.";
            self.refuse("a submission", &why);
            return Err(ApiError::Forbidden(why));
        }
        job.kind = self.config.kind;
        job.tier_ceiling = caller.tier_ceiling();
        let reply = self.ask(&user_id, Command::Submit(job)).await?;
        let (job, replayed) = self.accepted(reply)?;
        let mut response = self.json(202, &view::submitted(&user_id, &job))?;
        if replayed {
            // The header that Stripe uses; the IETF draft leaves its name to the service.
            self.set(&mut response, "idempotent-replayed", "true")?;
        }
        Ok(response)
    }

    /// The job that was recorded by this submission or an earlier one with the same key.
    fn accepted(&self, reply: Reply) -> Result<(Box<Job>, bool), ApiError> {
        if let Reply::Submitted { job, replayed } = reply {
            Ok((job, replayed))
        } else if let Reply::KeyReused { job_id } = reply {
            Err(ApiError::KeyReused(job_id.to_string()))
        } else if let Reply::TierNotEntitled { allowed } = reply {
            Err(ApiError::TierNotEntitled(allowed))
        } else if let Reply::QuotaExceeded { exceeded } = reply {
            let at = clock::now();
            Err(ApiError::QuotaExceeded(QuotaProblem { exceeded, at }))
        } else if reply == Reply::Erasing {
            Err(ApiError::UserBeingDeleted)
        } else {
            Err(self.unexpected())
        }
    }

    pub(super) fn require_json(&self, request: &Request) -> Result<(), ApiError> {
        let content_type = self.header(request, "content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        Err(ApiError::UnsupportedMediaType(
            media_type.chars().take(100).collect(),
        ))
    }

    /// The body. One that is too large is refused before it is parsed, and before it is read if it has a content-length.
    pub(super) async fn body(&self, request: &mut Request) -> Result<Vec<u8>, ApiError> {
        let too_large = || ApiError::BodyTooLarge(BODY_MAX_BYTES);
        let announced = self
            .header(request, "content-length")
            .and_then(|text| text.parse().ok());
        if announced.is_some_and(|length: usize| length > BODY_MAX_BYTES) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        // A request without a body has no stream.
        let Ok(mut stream) = request.stream() else {
            return Ok(body);
        };
        while let Some(chunk) = stream
            .try_next()
            .await
            .map_err(|error| self.fault(&error))?
        {
            if body.len() + chunk.len() > BODY_MAX_BYTES {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn jobs(&self, user_id: &UserId, request: &Request) -> Result<Response, ApiError> {
        let url = request.url().map_err(|error| self.fault(&error))?;
        let filter = query::parse(url.query_pairs()).map_err(ApiError::Invalid)?;
        let reply = self.ask(user_id, Command::Jobs(filter)).await?;
        let Reply::Jobs { jobs, more } = reply else {
            return Err(self.unexpected());
        };
        self.json(200, &view::jobs(user_id, &jobs, more))
    }

    async fn job(&self, user_id: &UserId, command: Command) -> Result<Box<JobView>, ApiError> {
        let reply = self.ask(user_id, command).await?;
        let Reply::Job { view } = reply else {
            return Err(self.unexpected());
        };
        view.ok_or(ApiError::NoSuchJob)
    }

    /// The place in line of a job that waits for capacity; `None` if it does not wait, or the pool cannot be asked.
    async fn place(&self, view: &JobView) -> Option<Place> {
        if view.job.state != State::Queued || self.config.pool.capacity == 0 {
            return None;
        }
        let job_id = view.job.job_id.clone();
        match PoolClient::new(self.env)
            .ask(&pool::Command::Place { job_id })
            .await
        {
            Ok(pool::Reply::Place { place }) => Some(place),
            Ok(_) => None,
            Err(error) => {
                self.log(&error);
                None
            }
        }
    }

    /// 200 if the job has ended, 202 if it will end when its holder next reports.
    async fn cancel(&self, user_id: &UserId, job_id: JobId) -> Result<Response, ApiError> {
        let view = self.job(user_id, Command::Cancel { job_id }).await?;
        let status = if view.job.state.is_final() { 200 } else { 202 };
        self.json(status, &view::job(user_id, &view, None, clock::now()))
    }

    async fn artifact(
        &self,
        user_id: &UserId,
        job_id: &JobId,
        name: &str,
    ) -> Result<Response, ApiError> {
        let view = self
            .job(
                user_id,
                Command::Job {
                    job_id: job_id.clone(),
                },
            )
            .await?;
        let mut records = view.job.stages.iter().flat_map(|stage| &stage.artifacts);
        let record = records
            .find(|record| record.name == name)
            .ok_or(ApiError::NoSuchArtifact)?;
        let object = artifacts::fetch(self.env, user_id, job_id, record).await;
        let object = object
            .map_err(|error| self.fault(&error))?
            .ok_or(ApiError::NoSuchArtifact)?;
        let body = object.body().ok_or(ApiError::NoSuchArtifact)?;
        let body = body.response_body().map_err(|error| self.fault(&error))?;
        let mut response = Response::from_body(body).map_err(|error| self.fault(&error))?;
        self.set(&mut response, "content-type", &record.content_type)?;
        self.set(&mut response, "etag", &object.http_etag())?;
        // Generated content is not trusted: its scripts may run, but without an origin.
        self.set(
            &mut response,
            "content-security-policy",
            "sandbox allow-scripts",
        )?;
        self.set(&mut response, "x-content-type-options", "nosniff")?;
        Ok(response)
    }

    async fn dead_letters(&self, request: &Request) -> Result<Response, ApiError> {
        let url = request.url().map_err(|error| self.fault(&error))?;
        let cursor = url
            .query_pairs()
            .find(|(name, _)| name == "cursor")
            .map(|(_, value)| value.into_owned());
        let page = artifacts::dead_letters(self.env, cursor).await;
        let (letters, next) = page.map_err(|error| self.fault(&error))?;
        self.json(200, &json!({"deadLetters": letters, "nextCursor": next}))
    }

    /// Checks each binding that the service needs; the queue can only be looked up.
    async fn health(&self) -> Result<Response, ApiError> {
        self.env
            .queue(bindings::STORIES)
            .map_err(|error| self.fault(&error))?;
        artifacts::answers(self.env)
            .await
            .map_err(|error| self.fault(&error))?;
        let nobody = UserId::try_from("healthz".to_owned()).map_err(|error| self.fault(&error))?;
        self.ask(&nobody, Command::Account).await?;
        self.json(200, &json!({"status": "ok"}))
    }

    pub(super) async fn ask(&self, user_id: &UserId, command: Command) -> Result<Reply, ApiError> {
        GateClient::new(self.env)
            .ask(user_id, command)
            .await
            .map_err(|error| self.fault(&error))
    }

    pub(super) fn header(&self, request: &Request, name: &str) -> Option<String> {
        request.headers().get(name).unwrap_or_else(|error| {
            self.log(&error);
            None
        })
    }

    fn set(&self, response: &mut Response, name: &str, value: &str) -> Result<(), ApiError> {
        response
            .headers_mut()
            .set(name, value)
            .map_err(|error| self.fault(&error))
    }

    pub(super) fn json(&self, status: u16, value: &Value) -> Result<Response, ApiError> {
        json_response(status, "application/json", value).map_err(|error| self.fault(&error))
    }

    pub(super) fn unexpected(&self) -> ApiError {
        self.fault(&"a gate gave an unexpected reply")
    }

    pub(super) fn fault(&self, error: &impl ToString) -> ApiError {
        self.log(error);
        ApiError::Unavailable
    }

    pub(super) fn refuse(&self, what: &'static str, reason: &(impl ToString + ?Sized)) {
        log(
            self.config.log_format,
            &Event::Refused {
                what,
                reason: reason.to_string(),
            },
        );
    }

    pub(super) fn log(&self, error: &impl ToString) {
        log(
            self.config.log_format,
            &Event::fault("a request failed", error.to_string()),
        );
    }
}

fn problem(error: &ApiError) -> Result<Response> {
    let problem = error.problem();
    let value = serde_json::to_value(&problem)?;
    let mut response = json_response(problem.status, "application/problem+json", &value)?;
    if let Some((name, value)) = error.header() {
        response.headers_mut().set(name, value)?;
    }
    if let ApiError::QuotaExceeded(quota) = error {
        for (name, value) in quota.headers() {
            response.headers_mut().set(name, &value)?;
        }
    }
    Ok(response)
}

fn json_response(status: u16, content_type: &str, value: &Value) -> Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store")?;
    Ok(Response::ok(value.to_string())?
        .with_status(status)
        .with_headers(headers))
}
