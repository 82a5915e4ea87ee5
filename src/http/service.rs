//! What every answer needs: the settings, the request's parts, the log.

use crate::{body::Held, clients::GateClient, log::log_of, settings};
use queue_core::{
    api::{
        bodies::Share,
        content,
        problem::{ApiError, FieldError},
        view,
    },
    config::{Config, LogFormat, access::Access},
    domain::UserId,
    events::Event,
    gate::{Command, Reply},
};
use serde_json::Value;
use std::{rc::Rc, vec::IntoIter};
use worker::{Env, Headers, Request, Response, Result};

/// One request's view of the Worker.
pub(super) struct Service<'a> {
    pub(super) env: &'a Env,
    pub(super) config: &'a Config,
    pub(super) access: &'a Access,
    /// The route's pattern.
    pub(super) route: &'static str,
    pub(super) request_id: &'a str,
    /// What the isolate holds of the body, as long as the request lasts.
    pub(super) held: Held,
}

/// The settings; if any is wrong, the log says which.
pub(super) fn configured(
    env: &Env,
    request_id: &str,
) -> Result<(Rc<Config>, Rc<Access>), ApiError> {
    let settings = match (settings::load(env), settings::access(env)) {
        (Ok(config), Ok(access)) => Ok((config, access)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        (Err(error), Err(other)) => Err(error.and(other)),
    };
    settings.map_err(|error| {
        let event = Event::fault("the configuration is invalid", error);
        log_of(LogFormat::Text, &event, Some(request_id));
        ApiError::Misconfigured
    })
}

impl Service<'_> {
    /// 415 for a body that is not said to be JSON.
    pub(super) fn require_json(&self, request: &Request) -> Result<(), ApiError> {
        content::require_json(self.header(request, "content-type").as_deref())
    }

    /// What `parse` makes of the query.
    pub(super) fn query<T>(
        &self,
        request: &Request,
        parse: impl FnOnce(IntoIter<(String, String)>) -> Result<T, Vec<FieldError>>,
    ) -> Result<T, ApiError> {
        let url = request.url().map_err(|error| self.fault(&error))?;
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        parse(pairs.into_iter()).map_err(ApiError::Invalid)
    }

    /// The body, of at most so many bytes. A compressed one is refused. So is one that is too large: before it is parsed, and
    /// before it is read if it has a content-length. So is one that is too slow, or for which the isolate has no room now.
    pub(super) async fn body(
        &self,
        request: &mut Request,
        most: usize,
    ) -> Result<Vec<u8>, ApiError> {
        self.body_within(request, (most, Share::Known)).await
    }

    /// The same, in that share of the isolate's room.
    pub(super) async fn body_within(
        &self,
        request: &mut Request,
        (most, share): (usize, Share),
    ) -> Result<Vec<u8>, ApiError> {
        content::require_plain(self.header(request, "content-encoding").as_deref())?;
        let announced = self
            .header(request, "content-length")
            .and_then(|text| text.parse().ok());
        if announced.is_some_and(|length: usize| length > most) {
            return Err(ApiError::BodyTooLarge(most));
        }
        // A request without a body has no stream.
        let Ok(stream) = request.stream() else {
            return Ok(Vec::new());
        };
        let fault = |error| self.fault(&error);
        self.held.read(stream, (most, share), fault).await
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

    pub(super) fn set(
        &self,
        response: &mut Response,
        name: &str,
        value: &str,
    ) -> Result<(), ApiError> {
        response
            .headers_mut()
            .set(name, value)
            .map_err(|error| self.fault(&error))
    }

    pub(super) fn json(&self, status: u16, value: &Value) -> Result<Response, ApiError> {
        json_response(status, "application/json", value).map_err(|error| self.fault(&error))
    }

    /// 202 for what is at `link` and not done yet.
    pub(super) fn accepted(&self, link: &str, value: &Value) -> Result<Response, ApiError> {
        let mut response = self.json(202, value)?;
        self.set(&mut response, "location", link)?;
        self.set(&mut response, "retry-after", view::ASK_AGAIN_SECONDS)?;
        Ok(response)
    }

    pub(super) fn unexpected(&self) -> ApiError {
        self.fault(&"a gate gave an unexpected reply")
    }

    pub(super) fn fault(&self, error: &impl ToString) -> ApiError {
        self.log(error);
        ApiError::Unavailable
    }

    /// Logs that something was refused: to this user, if the caller is one.
    pub(super) fn refuse(
        &self,
        what: &'static str,
        user_id: Option<&UserId>,
        reason: &(impl ToString + ?Sized),
    ) {
        self.log_event(&Event::Refused {
            what,
            route: self.route,
            user_id: user_id.cloned(),
            reason: reason.to_string(),
        });
    }

    pub(super) fn log(&self, error: &impl ToString) {
        self.log_event(&Event::fault("a request failed", error.to_string()));
    }

    pub(super) fn log_event(&self, event: &Event) {
        log_of(self.config.log_format, event, Some(self.request_id));
    }
}

/// An answer in JSON, which no cache keeps.
pub(super) fn json_response(status: u16, content_type: &str, value: &Value) -> Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store")?;
    Ok(Response::ok(value.to_string())?
        .with_status(status)
        .with_headers(headers))
}
