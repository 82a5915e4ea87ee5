//! What every answer needs: the settings, the request's parts, the log.

use crate::{log::log, objects::GateClient};
use futures_util::TryStreamExt;
use queue_core::{
    api::{problem::ApiError, submit::BODY_MAX_BYTES},
    config::{Config, access::Access},
    domain::UserId,
    events::Event,
    gate::{Command, Reply},
};
use serde_json::Value;
use worker::{Env, Headers, Request, Response, Result};

/// One request's view of the Worker.
pub(super) struct Service<'a> {
    pub(super) env: &'a Env,
    pub(super) config: &'a Config,
    pub(super) access: &'a Access,
}

impl Service<'_> {
    /// 415 for a body that is not said to be JSON.
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

/// An answer in JSON, which no cache keeps.
pub(super) fn json_response(status: u16, content_type: &str, value: &Value) -> Result<Response> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store")?;
    Ok(Response::ok(value.to_string())?
        .with_status(status)
        .with_headers(headers))
}
