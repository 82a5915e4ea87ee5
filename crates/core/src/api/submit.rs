//! The body of `POST /create-story`: a new job, or every field that is wrong.

use super::{canonical::canonical, form::Form, json::RawStory, problem::FieldError};
use crate::{
    delivery::weight::weight,
    domain::{JobId, Kind, Kinds, SeriesId, UserId},
    gate::command::{IdempotencyKey, NewJob},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Longest body, in bytes: 256 KiB. A gate answers a start with the payloads it grants, so a tier4
/// user's 20 take at most 5 MiB of the isolate's 128 MB, and stay far below the 2 MB of one row.
pub const BODY_MAX_BYTES: usize = 256 * 1024;

/// A valid submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The user.
    pub user_id: UserId,
    /// The job.
    pub job: NewJob,
}

/// Reads a body of at most [`BODY_MAX_BYTES`] and the `Idempotency-Key` header.
///
/// # Errors
/// All errors at once.
pub fn parse(
    body: &[u8],
    key: Option<&str>,
    job_id: JobId,
    kinds: &Kinds,
) -> Result<Submission, Vec<FieldError>> {
    let mut form = Form::default();
    let key = key.map(|key| form.idempotency_key(key));
    let Some(fields) = form.body(body) else {
        return Err(form.errors);
    };
    let known = ["script", "videoConfig", "userId", "seriesId", "userTier"];
    form.known("", &fields, &known);
    form.script(fields.get("script"));
    form.video_config(fields.get("videoConfig"));
    let user_id = form.id::<UserId>("/userId", fields.get("userId"));
    let series_id = form.id::<SeriesId>("/seriesId", fields.get("seriesId"));
    let stated_tier = form.tier(fields.get("userTier"));
    let kind = form.kind(&Kind::story(), kinds);
    let raw: Option<RawStory<'_>> = serde_json::from_slice(body).ok();
    match (user_id, series_id, kind, raw) {
        (Some(user_id), Some(series_id), Some((kind, stages)), Some(raw))
            if form.errors.is_empty() =>
        {
            let payload = format!(
                r#"{{"script":{},"videoConfig":{}}}"#,
                raw.script, raw.video_config
            );
            let idempotency = key.map(|key| IdempotencyKey {
                key,
                fingerprint: fingerprint(body),
            });
            let job = NewJob {
                job_id,
                kind,
                stages,
                series_id,
                stated_tier,
                tier_ceiling: None,
                claimed_tier: None,
                chars: script_chars(fields.get("script")),
                weight: weight(payload.len(), scenes(fields.get("script"))),
                payload,
                idempotency,
            };
            Ok(Submission { user_id, job })
        }
        _ => Err(form.errors),
    }
}

/// How many scenes a script has.
fn scenes(script: Option<&Value>) -> usize {
    let scenes = script.and_then(|script| script["scenes"].as_array());
    scenes.map_or(0, Vec::len)
}

/// How long a script is: the characters of its title, narrations and image prompts.
fn script_chars(script: Option<&Value>) -> u32 {
    let Some(script) = script else { return 0 };
    let scenes = script["scenes"].as_array().into_iter().flatten();
    let texts = scenes.flat_map(|scene| [&scene["narration"], &scene["imagePrompt"]]);
    let length = |text: &Value| text.as_str().map_or(0, |text| text.chars().count());
    let chars = texts.chain([&script["title"]]).map(length).sum::<usize>();
    u32::try_from(chars).unwrap_or(u32::MAX)
}

/// A digest of the content of a body: white space and the order of keys do not change it.
fn fingerprint(body: &[u8]) -> String {
    match serde_json::from_slice(body).and_then(canonical) {
        Ok(text) => digest(&[text.as_bytes()]),
        // Not reached, because the body was parsed before; the bytes themselves are as good a fingerprint.
        Err(_) => digest(&[body]),
    }
}

/// The SHA-256 of these parts, one after another.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Tier, Timestamp};

    const GOOD: &str = r#"{"userId":"u","seriesId":"s","userTier":"tier3",
        "script":{"title":"T","scenes":[{"narration":"N","mood":12345678901234567890123}],"x":{"b":1,"a":2}},
        "videoConfig":{"width":640,"height":360,"hdr":true}}"#;

    fn read(body: &str, key: Option<&str>) -> Result<Submission, Vec<FieldError>> {
        parse(
            body.as_bytes(),
            key,
            JobId::new(Timestamp::from_millis(0), &[0; 10]),
            &Kinds::default(),
        )
    }

    fn pointers(body: &str) -> Vec<String> {
        let errors = read(body, None).unwrap_err();
        errors
            .into_iter()
            .map(|error| error.pointer.unwrap_or_default())
            .collect()
    }

    #[test]
    fn unknown_inner_fields_reach_the_generator_unchanged() {
        let payload = read(GOOD, None).unwrap().job.payload;
        assert!(
            payload.contains(r#""mood":12345678901234567890123"#),
            "{payload}"
        );
        assert!(payload.contains(r#""x":{"b":1,"a":2}"#), "{payload}");
        assert!(payload.contains(r#""hdr":true"#), "{payload}");
    }

    #[test]
    fn a_weight_counts_parsed_scenes_not_words_in_their_text() {
        let weight = |body: &str| read(body, None).unwrap().job.weight;
        let one = weight(GOOD);
        let escaped = GOOD.replace("narration", "narr\\u0061tion");
        assert_eq!(weight(&escaped) - one, 5 * 17, "its letters alone");
        let told = GOOD.replace(r#""N""#, r#""say: \"narration\"""#);
        assert_eq!(weight(&told) - one, 17 * 17);
        let two = GOOD.replace(r#""scenes":["#, r#""scenes":[{"narration":"N"},"#);
        assert_eq!(weight(&two) - one, 18 * 17 + 24 * 1_024);
    }

    #[test]
    fn a_submission_without_a_tier_states_none() {
        let job = read(&GOOD.replace("\"userTier\":\"tier3\",", ""), None)
            .unwrap()
            .job;
        assert_eq!(job.stated_tier, None);
        assert_eq!(read(GOOD, None).unwrap().job.stated_tier, Some(Tier::Tier3));
    }

    #[test]
    fn all_invalid_fields_are_reported_at_once() {
        let body = r#"{"userId":"a b","userTier":"gold","priority":9,
            "script":{"title":"","scenes":[{"narration":5},{"narration":"x","durationSeconds":-1,"imagePrompt":7}]},
            "videoConfig":{"width":1.5,"fps":"30","style":""}}"#;
        let expected = [
            "/priority",
            "/script/title",
            "/script/scenes/0/narration",
            "/script/scenes/1/imagePrompt",
            "/script/scenes/1/durationSeconds",
            "/videoConfig/width",
            "/videoConfig/height",
            "/videoConfig/fps",
            "/videoConfig/style",
            "/userId",
            "/seriesId",
            "/userTier",
        ];
        assert_eq!(pointers(body), expected);
    }

    #[test]
    fn an_empty_object_reports_all_required_fields() {
        assert_eq!(
            pointers("{}"),
            ["/script", "/videoConfig", "/userId", "/seriesId"]
        );
        assert_eq!(pointers("[]"), [""]);
        assert_eq!(
            pointers(&GOOD.replace("[{", "[[{").replace("}],", "}]],")),
            ["/script/scenes/0"]
        );
    }

    #[test]
    fn a_story_has_one_to_two_hundred_scenes() {
        let with = |scenes: &str| {
            GOOD.replace(
                r#"[{"narration":"N","mood":12345678901234567890123}]"#,
                scenes,
            )
        };
        let scenes = |count: usize| format!("[{}]", vec![r#"{"narration":"N"}"#; count].join(","));
        assert_eq!(pointers(&with("[]")), ["/script/scenes"]);
        assert_eq!(pointers(&with(&scenes(201))), ["/script/scenes"]);
        assert!(read(&with(&scenes(200)), None).is_ok());
    }

    #[test]
    fn the_fingerprint_depends_on_the_content_not_on_the_formatting() {
        let print = |body: &str| {
            read(body, Some("k"))
                .unwrap()
                .job
                .idempotency
                .unwrap()
                .fingerprint
        };
        assert_eq!(print(GOOD), print(&GOOD.replace('\n', " ")));
        assert_eq!(
            print(GOOD),
            print(&GOOD.replace(r#"{"b":1,"a":2}"#, r#"{"a":2, "b":1}"#))
        );
        assert_ne!(print(GOOD), print(&GOOD.replace("640", "641")));
        assert_ne!(print(GOOD), print(&GOOD.replace("890123}", "890124}")));
    }

    #[test]
    fn a_key_is_read_with_and_without_quotes_and_checked() {
        let key =
            |header: &str| read(GOOD, Some(header)).map(|read| read.job.idempotency.unwrap().key);
        assert_eq!(key("\"abc\"").unwrap(), "abc");
        assert_eq!(key("abc").unwrap(), "abc");
        for bad in [
            "",
            "\"\"",
            "\"",
            "\"a",
            "a\"b",
            "a\\",
            "a b",
            "é",
            &"x".repeat(256),
        ] {
            assert_eq!(
                key(bad).unwrap_err()[0].header,
                Some("Idempotency-Key"),
                "{bad:?}"
            );
        }
    }
}
