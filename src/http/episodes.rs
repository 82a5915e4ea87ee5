//! Submits an episode: its text goes to the bucket first, and its job to the gate.

use super::{jobs, service::Service};
use crate::{clock, generator::web, sources::Source};
use js_sys::{Array, Uint8Array};
use queue_core::{
    api::{
        auth::Caller,
        episode::{self, BODY_MAX_BYTES, Body, Rules},
        problem::{ApiError, FieldError},
        query,
        source::Part,
        submit::Submission,
    },
    domain::UserId,
    gate::Reply,
};
use wasm_bindgen::{JsCast, JsValue};
use worker::{File, Headers, Method, Request, RequestInit, Response, Result, web_sys};

/// Most fields of a form that are looked at; there are four.
const FIELDS_MAX: usize = 20;

/// Submits an episode by JSON, or by a form.
pub(super) async fn create(
    service: &Service<'_>,
    caller: &Caller,
    request: &mut Request,
    is_form: bool,
) -> Result<Response, ApiError> {
    service.query(request, query::parse_none)?;
    jobs::admit(service, caller, request).await?;
    let body = service.body(request, BODY_MAX_BYTES).await?;
    let body = if is_form {
        let content_type = service.header(request, "content-type").unwrap_or_default();
        Body::Form(fields(&content_type, &body).await.map_err(|_| {
            let detail = "Cannot be read as multipart/form-data. Let your client write the content type and its boundary.";
            ApiError::Invalid(vec![FieldError::at("", detail)])
        })?)
    } else {
        Body::Json(body)
    };
    let local = service.config.local_urls;
    let rules = Rules {
        key: service.header(request, "idempotency-key"),
        job_id: clock::job_id(),
        kinds: &service.config.gate.kinds,
        fetchable: &|url| web::fetchable(url, local).map_err(|why| why.to_string()),
    };
    let (submission, text) = episode::parse(body, rules).map_err(ApiError::Invalid)?;
    let (user_id, reply) = submit(service, caller, submission, text).await?;
    jobs::accepted(service, &user_id, reply)
}

/// Submits it, if the caller may; whose it is, and what the gate says. Its text, if it brings one, is in the bucket by then.
pub(super) async fn submit(
    service: &Service<'_>,
    caller: &Caller,
    submission: Submission,
    text: Option<Vec<u8>>,
) -> Result<(UserId, Reply), ApiError> {
    let job_id = submission.job.job_id.clone();
    let (user_id, command) = jobs::permitted(service, caller, submission)?;
    let source = Source {
        env: service.env,
        user_id: &user_id,
        job_id: &job_id,
    };
    let has_text = text.is_some();
    if let Some(text) = text {
        let stored = source.store(text).await;
        stored.map_err(|error| service.fault(&error))?;
    }
    // Without an answer nobody knows whether the job was recorded; the daily run then finds out.
    let reply = service.ask(&user_id, command).await?;
    if has_text {
        let is_own = matches!(&reply, Reply::Submitted { job, .. } if job.job_id == job_id);
        let settled = if is_own {
            source.confirm().await
        } else {
            source.withdraw().await
        };
        if let Err(error) = settled {
            service.log(&error);
        }
    }
    Ok((user_id, reply))
}

/// The fields of a form, which is read whole: the platform finds them only then.
async fn fields(content_type: &str, body: &[u8]) -> Result<Vec<(String, Part)>> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(Some(Uint8Array::from(body).into()));
    let form = Request::new_with_init("http://form/", &init)?
        .form_data()
        .await?;
    let mut fields = Vec::new();
    for entry in js_sys::try_iter(&JsValue::from(form))?
        .into_iter()
        .flatten()
        .take(FIELDS_MAX)
    {
        let entry: Array = entry?.unchecked_into();
        let name = entry.get(0).as_string().unwrap_or_default();
        let value = entry.get(1);
        let part = match value.as_string() {
            Some(text) => Part::Text(text),
            None => file(File::from(value.unchecked_into::<web_sys::File>())).await?,
        };
        fields.push((name, part));
    }
    Ok(fields)
}

async fn file(file: File) -> Result<Part> {
    Ok(Part::File {
        name: file.name(),
        content_type: file.type_(),
        bytes: file.bytes().await?,
    })
}
