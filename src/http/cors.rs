//! Lets pages of the listed origins ask from a browser, and keeps others from changing anything where nobody is asked who it is.

use super::service::Service;
use crate::settings;
use queue_core::api::{
    cors::{self, ANSWER_HEADERS, MAX_AGE_SECONDS, REQUEST_HEADERS, listed, method},
    problem::ApiError,
};
use worker::{Env, Headers, Request, Response, Result};

/// A path that pages of other origins may ask for.
pub(super) struct Cors {
    /// With which method.
    method: &'static str,
    /// The origin of the request, if it is listed.
    origin: Option<String>,
}

impl Cors {
    /// `None` where no page of another origin may ask for anything.
    pub(super) fn of(request: &Request, env: &Env) -> Option<Self> {
        let access = settings::access(env).ok()?;
        if access.cors_origins.is_empty() {
            return None;
        }
        let method = method(&request.path())?;
        let origin = request.headers().get("origin").ok().flatten();
        let origin = listed(&access.cors_origins, origin.as_deref()).map(str::to_owned);
        Some(Self { method, origin })
    }

    /// The answer to a browser that asks whether it may ask.
    pub(super) fn preflight(&self, request: &Request) -> Result<Option<Response>> {
        if request.inner().method() != "OPTIONS" || self.origin.is_none() {
            return Ok(None);
        }
        let mut response = Response::empty()?.with_status(204);
        let headers = response.headers_mut();
        headers.set("access-control-allow-methods", self.method)?;
        headers.set("access-control-allow-headers", REQUEST_HEADERS)?;
        headers.set("access-control-max-age", MAX_AGE_SECONDS)?;
        Ok(Some(response))
    }

    /// Says in an answer who may read it.
    pub(super) fn allow(&self, headers: &mut Headers) -> Result<()> {
        headers.append("vary", "origin")?;
        if let Some(origin) = &self.origin {
            headers.set("access-control-allow-origin", origin)?;
            headers.set("access-control-expose-headers", ANSWER_HEADERS)?;
        }
        Ok(())
    }
}

/// Refuses what a page of another origin wants to change, if it needs no credential for it.
pub(super) fn refuse_foreign(service: &Service<'_>, request: &Request) -> Result<(), ApiError> {
    let access = service.access;
    let url = request.url().map_err(|error| service.fault(&error))?;
    let asked = (&*request.inner().method(), url.authority());
    let origin = service.header(request, "origin");
    cors::refuse_foreign(access.mode, &access.cors_origins, asked, origin.as_deref())
        .inspect_err(|_| service.refuse("a caller", None, "a page of another origin"))
}
