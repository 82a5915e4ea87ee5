//! The body of `POST /create-episode`, JSON or a form: a new job and its text, or every field that is wrong.

use super::{
    draft::{Submission, digest, fingerprint},
    form::Form,
    problem::FieldError,
    source::{self, FIELDS, Fields, Part, Read},
    window,
};
use crate::{
    delivery::weight::{weight_of_page, weight_of_source},
    domain::{
        JobId, Kind, Kinds, SeriesId, Window,
        kind::KindRules,
        source::{Episode, SOURCE_MAX_BYTES, Source},
    },
    gate::command::{IdempotencyKey, NewJob},
};
use serde_json::Value;

/// Longest body, in bytes: the longest source, and a MiB for the other fields and what JSON escapes.
pub const BODY_MAX_BYTES: usize = SOURCE_MAX_BYTES + 1024 * 1024;

/// Most values in a JSON body. Each takes some memory of an isolate, and a body has room for millions.
const VALUES_MAX: usize = 1_000;

/// A body.
#[derive(Debug)]
pub enum Body {
    /// JSON.
    Json(Vec<u8>),
    /// The fields of a form, in order.
    Form(Vec<(String, Part)>),
}

/// What stays the same for all bodies of a request.
pub struct Rules<'a> {
    /// The `Idempotency-Key` header.
    pub key: Option<String>,
    /// The id of the new job.
    pub job_id: JobId,
    /// The kinds of jobs.
    pub kinds: &'a Kinds,
    /// The address in its usual form, if it may be fetched, or a sentence that says why not.
    pub fetchable: &'a dyn Fn(&str) -> Result<String, String>,
}

/// Reads a body of at most [`BODY_MAX_BYTES`]: the job, and the text that belongs into the bucket; of a page that is yet
/// to be fetched there is none.
///
/// # Errors
/// All errors at once.
pub fn parse(
    body: Body,
    Rules {
        key,
        job_id,
        kinds,
        fetchable,
    }: Rules<'_>,
) -> Result<(Submission, Option<Vec<u8>>), Vec<FieldError>> {
    let mut form = Form::default();
    let key = key.map(|key| form.idempotency_key(&key));
    let read = match body {
        Body::Json(body) => json(&mut form, &body, fetchable),
        Body::Form(parts) => Some(source::of_form(&mut form, parts)),
    };
    let Some((fields, source)) = read else {
        return Err(form.errors);
    };
    let kind = form.kind(Kind::episode().as_str(), kinds);
    let user_id = form.owner(kind.as_ref().map(|(_, rules)| *rules), fields.get("userId"));
    let series_id = form.id::<SeriesId>("/seriesId", fields.get("seriesId"));
    let stated_tier = form.tier(user_id.as_ref(), fields.get("userTier"));
    let window = window::read(&mut form, &fields);
    match (user_id, series_id, kind, source) {
        (Some(user_id), Some(series_id), Some((kind, rules)), Some((source, text)))
            if form.errors.is_empty() =>
        {
            let bytes = text.as_deref();
            let job = job((job_id, kind, rules), series_id, &source, bytes);
            let of = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or("");
            let named = ["userId", "seriesId", "userTier"].map(of).join("\n");
            let times = fingerprint(&window);
            let parts = [
                named.as_bytes(),
                times.as_bytes(),
                job.payload.as_bytes(),
                bytes.unwrap_or_default(),
            ];
            let fingerprint = digest(&parts);
            let job = NewJob {
                stated_tier,
                window,
                idempotency: key.map(|key| IdempotencyKey { key, fingerprint }),
                ..job
            };
            Ok((Submission { user_id, job }, text))
        }
        _ => Err(form.errors),
    }
}

/// The job that a source becomes, as far as the source says it.
pub(super) fn job(
    (job_id, kind, rules): (JobId, Kind, &KindRules),
    series_id: SeriesId,
    source: &Source,
    text: Option<&[u8]>,
) -> NewJob {
    let weight = text.map_or_else(weight_of_page, |text| weight_of_source(text.len()));
    let episode = Episode {
        source: source.clone(),
    };
    NewJob {
        job_id,
        kind,
        stages: rules.stages.clone(),
        series_id,
        stated_tier: None,
        tier_ceiling: None,
        claimed_tier: None,
        chars: chars(source, text.unwrap_or_default()),
        weight,
        window: Window::default(),
        payload: serde_json::to_string(&episode).expect("texts and numbers can be written"),
        idempotency: None,
    }
}

/// The characters that are known to be read aloud. How many a page has shows when it is read.
fn chars(source: &Source, text: &[u8]) -> u32 {
    let is_paste = matches!(source, Source::Paste { .. });
    let text = std::str::from_utf8(text).ok().filter(|_| is_paste);
    let chars = text.map_or(0, |text| text.chars().count());
    u32::try_from(chars).unwrap_or(u32::MAX)
}

fn json(
    form: &mut Form,
    body: &[u8],
    fetchable: &dyn Fn(&str) -> Result<String, String>,
) -> Option<(Fields, Read)> {
    if values(body) > VALUES_MAX {
        let detail = format!("Has more than {VALUES_MAX} values; send only the fields that exist.");
        form.fault("", &detail);
        return None;
    }
    let fields = form.body(body)?;
    form.known("", &fields, &[&FIELDS[..], &["source"]].concat());
    let source = source::of_json(form, fields.get("source"), fetchable);
    Some((fields, source))
}

/// About how many values a JSON text has: the marks outside of its strings that end one or begin some.
fn values(json: &[u8]) -> usize {
    let (mut count, mut is_text, mut is_escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => count += 1,
            _ => {}
        }
    }
    count
}
