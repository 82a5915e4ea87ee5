//! The body of `POST /create-story`, the short form of a job of the kind `story`: a new job, or every field that is wrong.

pub use super::{
    draft::{BODY_MAX_BYTES, Submission},
    story::faults_of_story,
};

use super::{draft::Draft, form::Form, json::members, problem::FieldError, window};
use crate::domain::{JobId, Kind, Kinds, SeriesId};

/// Reads the body of a story, of at most [`BODY_MAX_BYTES`], and the `Idempotency-Key` header.
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
    let known = [
        "script",
        "videoConfig",
        "userId",
        "seriesId",
        "userTier",
        "notBefore",
        "startBy",
    ];
    form.known("", &fields, &known);
    form.story(&fields);
    let kind = form.kind(Kind::story().as_str(), kinds);
    let user_id = form.owner(kind.as_ref().map(|(_, rules)| *rules), fields.get("userId"));
    let series_id = form.id::<SeriesId>("/seriesId", fields.get("seriesId"));
    let stated_tier = form.tier(user_id.as_ref(), fields.get("userTier"));
    let window = window::read(&mut form, &fields);
    let raw = members(body);
    let raw = |name: &str| raw.as_ref()?.get(name).map(|raw| raw.get());
    match (user_id, series_id, kind, raw("script"), raw("videoConfig")) {
        (Some(user_id), Some(series_id), Some((kind, rules)), Some(script), Some(video))
            if form.errors.is_empty() =>
        {
            let draft = Draft {
                user_id,
                kind,
                stages: rules.stages.clone(),
                series_id: Some(series_id),
                stated_tier,
                window,
                payload: format!(r#"{{"script":{script},"videoConfig":{video}}}"#),
                content: &fields,
                key,
            };
            Ok(draft.submission(job_id))
        }
        _ => Err(form.errors),
    }
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
