//! What a submission asks for, whichever route it came by: the job that a gate is asked to record.

use super::{
    canonical::canonical,
    story::{SCENES_MAX, is_script},
};
use crate::{
    delivery::weight::{weight, weight_of_page},
    domain::{JobId, Kind, SeriesId, Stage, Tier, Timestamp, UserId, Window, hex::hex},
    gate::command::{IdempotencyKey, NewJob},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Longest payload, in bytes, and longest body of a story: 256 KiB. A gate answers a start with the payloads it grants, so
/// a tier4 user's 20 take at most 5 MiB of the isolate's 128 MB, and stay far below the 2 MB of one row.
pub const BODY_MAX_BYTES: usize = 256 * 1024;

/// A valid submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The user.
    pub user_id: UserId,
    /// The job.
    pub job: NewJob,
}

/// What was read of a submission; nothing in it is wrong.
pub(crate) struct Draft<'a> {
    pub(crate) user_id: UserId,
    pub(crate) kind: Kind,
    pub(crate) stages: Vec<Stage>,
    /// Without it, that of the kind's name.
    pub(crate) series_id: Option<SeriesId>,
    pub(crate) stated_tier: Option<Tier>,
    pub(crate) window: Window,
    /// The payload, to the letter.
    pub(crate) payload: String,
    /// The payload, parsed.
    pub(crate) content: &'a Map<String, Value>,
    pub(crate) key: Option<String>,
}

impl Draft<'_> {
    /// The job to be recorded under that id.
    ///
    /// # Panics
    /// Never: every kind is the name of a series.
    pub(crate) fn submission(self, job_id: JobId) -> Submission {
        let named = || SeriesId::try_from(self.kind.to_string());
        let series_id = self.series_id.clone().map_or_else(named, Ok);
        let series_id = series_id.expect("a kind has letters of a series");
        let fingerprint = self.fingerprint(&series_id);
        let weight = self.weight();
        let job = NewJob {
            job_id,
            kind: self.kind,
            stages: self.stages,
            series_id,
            stated_tier: self.stated_tier,
            tier_ceiling: None,
            claimed_tier: None,
            chars: chars(self.content),
            weight,
            window: self.window,
            payload: self.payload,
            idempotency: self.key.map(|key| IdempotencyKey { key, fingerprint }),
        };
        Submission {
            user_id: self.user_id,
            job,
        }
    }

    /// What it takes while it is made. What is processed may be a page that is yet to be fetched.
    fn weight(&self) -> u32 {
        let weight = weight(self.payload.len(), scenes(self.content));
        if self.stages.contains(&Stage::Process) {
            weight.max(weight_of_page())
        } else {
            weight
        }
    }

    /// A digest of what is submitted: neither white space and the order of keys change it, nor the route.
    fn fingerprint(&self, series: &SeriesId) -> String {
        let (user, kind, payload) = (&self.user_id, &self.kind, &self.payload);
        let tier = self.stated_tier.map_or("", Tier::name);
        let window = fingerprint(&self.window);
        let text = format!(r#"["{user}","{kind}","{series}","{tier}",{payload}{window}]"#);
        // A string that is not Unicode is refused before; the text itself is as good.
        let text = serde_json::from_str(&text)
            .and_then(canonical)
            .unwrap_or(text);
        digest(&[text.as_bytes()])
    }
}

/// What a window adds to a fingerprint: its times, however they are written.
pub(super) fn fingerprint(window: &Window) -> String {
    let moment = |at: Option<Timestamp>| at.map_or(0, Timestamp::as_millis);
    if window.is_open() {
        return String::new();
    }
    format!(",{},{}", moment(window.not_before), moment(window.start_by))
}

/// The SHA-256 of these parts, one after another.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// How many scenes of a payload can be made: a story of more is refused by its stage. What weighs more than any story would
/// hold up the line until an isolate has nothing else.
fn scenes(content: &Map<String, Value>) -> usize {
    let scenes = content
        .get("script")
        .and_then(|script| script["scenes"].as_array());
    scenes.map_or(0, Vec::len).min(SCENES_MAX)
}

/// How long a text is: of a story's script, the characters of its title, narrations and image prompts; of any other payload,
/// those of all its strings.
fn chars(content: &Map<String, Value>) -> u32 {
    let chars = match content.get("script") {
        Some(script) if is_script(script) => {
            let scenes = script["scenes"].as_array().into_iter().flatten();
            let texts = scenes.flat_map(|scene| [&scene["narration"], &scene["imagePrompt"]]);
            let texts = texts.chain([&script["title"]]);
            texts.filter_map(Value::as_str).map(length).sum()
        }
        _ => content.values().map(chars_of).sum::<usize>(),
    };
    u32::try_from(chars).unwrap_or(u32::MAX)
}

fn chars_of(value: &Value) -> usize {
    match value {
        Value::String(text) => length(text),
        Value::Array(items) => items.iter().map(chars_of).sum(),
        Value::Object(members) => members.values().map(chars_of).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
