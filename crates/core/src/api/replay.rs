//! Reads what asks for a replay of one job or of many, and shows how one of many goes.

use super::{
    form::{Form, present},
    problem::FieldError,
    view::{job_link, moment},
};
use crate::{
    domain::{Kind, Tier, Timestamp, UserId, integer::whole},
    failures::{
        Failed, Filter, Run,
        run::{RATE_DEFAULT, RATE_MAX},
    },
};
use serde_json::{Map, Value, json};

/// The longest code of an error, in characters.
const ERROR_MAX: usize = 64;

/// What a filter may say.
const FIELDS: [&str; 6] = [
    "error",
    "kind",
    "tier",
    "userId",
    "failedAfter",
    "failedBefore",
];

/// What is asked of many jobs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Which.
    pub filter: Filter,
    /// How many a minute.
    pub rate: u32,
    /// Only to be shown.
    pub preview: bool,
    /// The key of who asks.
    pub key: Option<String>,
}

/// Why a body is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It cannot be read.
    Invalid(Vec<FieldError>),
    /// Its filter says nothing.
    Empty(Vec<FieldError>),
}

/// Reads the header `Idempotency-Key`, if there is one.
///
/// # Errors
/// It is no key.
pub fn key(header: Option<&str>) -> Result<Option<String>, Vec<FieldError>> {
    let mut form = Form::default();
    let key = header.map(|header| form.idempotency_key(header));
    if form.errors.is_empty() {
        Ok(key)
    } else {
        Err(form.errors)
    }
}

/// Reads `{filter, ratePerMinute?, preview?}`.
///
/// # Errors
/// Every fault, each with its place.
pub fn parse(body: &[u8], header: Option<&str>) -> Result<Wanted, Fault> {
    let mut form = Form::default();
    let key = header.map(|header| form.idempotency_key(header));
    let Some(fields) = form.body(body) else {
        return Err(Fault::Invalid(form.errors));
    };
    form.known("", &fields, &["filter", "ratePerMinute", "preview"]);
    let filter = form
        .object("/filter", fields.get("filter"))
        .cloned()
        .map(|fields| filter(&mut form, &fields));
    let rate = present(fields.get("ratePerMinute"));
    let bounds = 1..=i64::from(RATE_MAX);
    rate.inspect(|rate| form.whole("/ratePerMinute", rate, bounds));
    let rate = rate
        .and_then(whole)
        .and_then(|rate| u32::try_from(rate).ok());
    let preview = present(fields.get("preview"));
    if preview.is_some_and(|preview| !preview.is_boolean()) {
        form.fault("/preview", "Must be true or false.");
    }
    let Some(filter) = filter.filter(|_| form.errors.is_empty()) else {
        return Err(Fault::Invalid(form.errors));
    };
    if filter.is_empty() {
        let detail = format!(
            "Says nothing, so all failed jobs of all users would be replayed. Set at least one of {}.",
            FIELDS.join(", ")
        );
        return Err(Fault::Empty(vec![FieldError::at("/filter", detail)]));
    }
    Ok(Wanted {
        filter,
        rate: rate.unwrap_or(RATE_DEFAULT),
        preview: preview.and_then(Value::as_bool) == Some(true),
        key,
    })
}

fn filter(form: &mut Form, fields: &Map<String, Value>) -> Filter {
    form.known("/filter", fields, &FIELDS);
    let text = |form: &mut Form, name: &str| {
        let value = present(fields.get(name))?;
        let text = form.required_text(&format!("/filter/{name}"), Some(value), 1..=ERROR_MAX);
        text.map(str::to_owned)
    };
    let error = text(form, "error");
    let kind =
        present(fields.get("kind")).and_then(|value| form.id::<Kind>("/filter/kind", Some(value)));
    let user_id = present(fields.get("userId"))
        .and_then(|value| form.id::<UserId>("/filter/userId", Some(value)));
    let tier = present(fields.get("tier")).and_then(|value| {
        let tier = value.as_str().and_then(Tier::from_name);
        if tier.is_none() {
            form.fault("/filter/tier", "Must be one of tier1, tier2, tier3, tier4.");
        }
        tier
    });
    let mut time = |name: &str| {
        let value = present(fields.get(name))?;
        let at = value.as_str().and_then(Timestamp::from_rfc3339);
        if at.is_none() {
            let detail = "Must be a time, as in 2026-12-31T18:00:00Z.";
            form.fault(&format!("/filter/{name}"), detail);
        }
        at
    };
    Filter {
        error,
        kind,
        tier,
        user_id,
        failed_after: time("failedAfter"),
        failed_before: time("failedBefore"),
    }
}

/// What is meant by a filter, before anything is done.
#[must_use]
pub fn preview(wanted: &Wanted, matched: u32, first: &[Failed]) -> Value {
    let rate = u64::from(wanted.rate.max(1));
    let failed = |failed: &Failed| {
        json!({
            "jobId": failed.job_id,
            "userId": failed.user_id,
            "kind": failed.kind,
            "tier": failed.tier,
            "stage": failed.stage,
            "error": failed.error,
            "failedAt": moment(Some(failed.at)),
            "links": {"job": job_link(&failed.user_id, &failed.job_id)},
        })
    };
    json!({
        "matched": matched,
        "first": first.iter().map(failed).collect::<Vec<_>>(),
        "ratePerMinute": wanted.rate,
        "takesSeconds": u64::from(matched) * 60 / rate,
    })
}

/// Where a replay of many is.
#[must_use]
pub fn link(run: &Run) -> String {
    format!("/replays/{}", run.id)
}

/// How a replay of many goes.
#[must_use]
pub fn run(run: &Run) -> Value {
    let refused: u32 = run.refused.values().sum();
    let Filter {
        error,
        kind,
        tier,
        user_id,
        failed_after,
        failed_before,
    } = &run.filter;
    let mut filter = json!({
        "error": error,
        "kind": kind,
        "tier": tier,
        "userId": user_id,
        "failedAfter": moment(*failed_after),
        "failedBefore": moment(*failed_before),
    });
    if let Value::Object(fields) = &mut filter {
        fields.retain(|_, value| !value.is_null());
    }
    json!({
        "replayId": run.id,
        "status": run.state,
        "filter": filter,
        "ratePerMinute": run.rate,
        "beganAt": moment(Some(run.began_at)),
        "endedAt": moment(run.ended_at),
        "matched": run.matched,
        "replayed": run.replayed,
        "refused": refused,
        "refusals": run.refused,
        "waiting": run.asked.len(),
        "links": {"self": link(run), "pause": format!("{}/pause", link(run))},
    })
}

/// The latest replays of many, newest first.
#[must_use]
pub fn runs(runs: &[Run]) -> Value {
    json!({"replays": runs.iter().map(run).collect::<Vec<_>>()})
}
