//! Numbers in bodies and queries: accepted as what, or refused at which place in which words.

use queue_core::{
    api::{problem::FieldError, query, submit},
    domain::{JobId, Kinds, Timestamp},
};
use serde_json::Value;
use storyboard::story::Story;

const REFUSED: &str = "refused";
const LEFT_OUT: &str = "left out";
/// JSON has no such number, so the body as a whole is refused.
const BODY: &str = "the body is refused";

/// What is sent, and what it is as a width or height, as `fps`, and as `durationSeconds`.
const NUMBERS: [(&str, [&str; 3]); 38] = [
    ("-1", [REFUSED, REFUSED, REFUSED]),
    ("0", [REFUSED, REFUSED, REFUSED]),
    ("-0", [REFUSED, REFUSED, REFUSED]),
    ("0.49", [REFUSED, REFUSED, REFUSED]),
    ("0.5", [REFUSED, REFUSED, "0.5"]),
    ("1", [REFUSED, "1", "1"]),
    ("1.5", [REFUSED, REFUSED, "1.5"]),
    ("5.0", [REFUSED, "5", "5"]),
    ("5e0", [REFUSED, "5", "5"]),
    ("63", [REFUSED, "63", "63"]),
    ("64", ["64", "64", "64"]),
    ("64.0", ["64", "64", "64"]),
    ("120", ["120", "120", "120"]),
    ("121", ["121", REFUSED, "121"]),
    ("600", ["600", REFUSED, "600"]),
    ("600.01", [REFUSED, REFUSED, REFUSED]),
    ("601", ["601", REFUSED, REFUSED]),
    ("6.4e2", ["640", REFUSED, REFUSED]),
    ("640.5", [REFUSED, REFUSED, REFUSED]),
    ("4096", ["4096", REFUSED, REFUSED]),
    ("4097", [REFUSED, REFUSED, REFUSED]),
    // 2^32 + 64: as 32 bits it would be 64.
    ("4294967360", [REFUSED, REFUSED, REFUSED]),
    ("9007199254740991", [REFUSED, REFUSED, REFUSED]),
    ("9007199254740992", [REFUSED, REFUSED, REFUSED]),
    ("9007199254740993", [REFUSED, REFUSED, REFUSED]),
    ("9223372036854775807", [REFUSED, REFUSED, REFUSED]),
    ("9223372036854775808", [REFUSED, REFUSED, REFUSED]),
    ("-9223372036854775808", [REFUSED, REFUSED, REFUSED]),
    ("18446744073709551615", [REFUSED, REFUSED, REFUSED]),
    ("1e308", [REFUSED, REFUSED, REFUSED]),
    ("1e400", [BODY, BODY, BODY]),
    ("\"5\"", [REFUSED, REFUSED, REFUSED]),
    ("\"\"", [REFUSED, REFUSED, REFUSED]),
    ("true", [REFUSED, REFUSED, REFUSED]),
    ("[]", [REFUSED, REFUSED, REFUSED]),
    ("{}", [REFUSED, REFUSED, REFUSED]),
    ("null", [REFUSED, LEFT_OUT, LEFT_OUT]),
    ("NaN", [BODY, BODY, BODY]),
];

/// Each number: its place, its column, and the words of its refusal.
const FIELDS: [(&str, usize, &str); 4] = [
    (
        "/videoConfig/width",
        0,
        "Must be a whole number from 64 to 4096.",
    ),
    (
        "/videoConfig/height",
        0,
        "Must be a whole number from 64 to 4096.",
    ),
    (
        "/videoConfig/fps",
        1,
        "Must be a whole number from 1 to 120.",
    ),
    (
        "/script/scenes/0/durationSeconds",
        2,
        "Must be a number from 0.5 to 600.",
    ),
];

const STORY: &str = r#"{"userId":"u","seriesId":"s","userTier":"tier1",
    "script":{"title":"T","scenes":[{"narration":"N","imagePrompt":"P","durationSeconds":5}]},
    "videoConfig":{"width":640,"height":360,"fps":24,"style":"S","voice":"V"}}"#;

/// The story with that literal at that place.
fn story(pointer: &str, literal: &str) -> String {
    let mut story: Value = serde_json::from_str(STORY).unwrap();
    *story.pointer_mut(pointer).unwrap() = "@".into();
    story.to_string().replace("\"@\"", literal)
}

/// The payload that is stored, or what is wrong.
fn submit(body: &str) -> Result<String, Vec<FieldError>> {
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    submit::parse(body.as_bytes(), None, job_id, &Kinds::default())
        .map(|submission| submission.job.payload)
}

#[test]
fn a_number_of_a_story_is_accepted_unchanged_or_refused_at_its_place() {
    for (literal, outcomes) in NUMBERS {
        for (pointer, column, refusal) in FIELDS {
            let outcome = match submit(&story(pointer, literal)) {
                Ok(payload) => {
                    // As the generator reads it.
                    let story = Story::from_json(&payload).unwrap();
                    let story = serde_json::to_value(story).unwrap();
                    story.pointer(pointer).map_or(LEFT_OUT.to_owned(), |value| {
                        value.as_f64().unwrap().to_string()
                    })
                }
                Err(errors) if errors == [FieldError::at(pointer, refusal)] => REFUSED.to_owned(),
                Err(errors) => {
                    let [error] = errors.as_slice() else {
                        panic!("{literal} at {pointer}: {errors:?}");
                    };
                    assert!(error.detail.starts_with("The body is not valid JSON: "));
                    assert_eq!(error.pointer.as_deref(), Some(""));
                    BODY.to_owned()
                }
            };
            assert_eq!(outcome, outcomes[column], "{literal} at {pointer}");
        }
    }
}

#[test]
fn a_number_in_an_unknown_field_reaches_the_generator_unchanged() {
    for (literal, outcomes) in NUMBERS.into_iter().filter(|row| row.1[0] != BODY) {
        let body = story("/videoConfig/fps", &format!("1,\"mood\":{literal}"));
        let payload = submit(&body).unwrap();
        assert!(
            payload.contains(&format!("\"mood\":{literal}")),
            "{payload} {outcomes:?}"
        );
        Story::from_json(&payload).unwrap();
    }
}

#[test]
fn a_number_in_a_field_of_another_type_is_refused_at_its_place() {
    let tiers = "Must be one of tier1, tier2, tier3, tier4; omit it to use the user's default.";
    for (pointer, refusal) in [
        ("/userId", "Must be a string."),
        ("/seriesId", "Must be a string."),
        ("/userTier", tiers),
        ("/script", "Must be a JSON object."),
        ("/script/title", "Must be a string."),
        ("/script/scenes", "Must be a list of scenes."),
        ("/script/scenes/0", "Must be a JSON object."),
        ("/script/scenes/0/narration", "Must be a string."),
        ("/script/scenes/0/imagePrompt", "Must be a string."),
        ("/videoConfig", "Must be a JSON object."),
        ("/videoConfig/style", "Must be a string."),
        ("/videoConfig/voice", "Must be a string."),
    ] {
        for literal in ["-1", "0", "5", "1.5", "1e308", "9007199254740993"] {
            let errors = submit(&story(pointer, literal)).unwrap_err();
            assert_eq!(errors, [FieldError::at(pointer, refusal)], "{literal}");
        }
    }
}

#[test]
fn a_string_has_a_maximum_length() {
    for (pointer, most) in [
        ("/userId", 128),
        ("/seriesId", 128),
        ("/script/title", 200),
        ("/script/scenes/0/narration", 5_000),
        ("/script/scenes/0/imagePrompt", 2_000),
        ("/videoConfig/style", 64),
        ("/videoConfig/voice", 64),
    ] {
        let sent = |character: &str, count: usize| {
            submit(&story(pointer, &format!("\"{}\"", character.repeat(count))))
        };
        assert!(sent("x", most).is_ok(), "{pointer}");
        let error = &sent("x", most + 1).unwrap_err()[0];
        assert_eq!(error.pointer.as_deref(), Some(pointer));
        // An id is of ASCII; any other text counts characters, not bytes.
        assert_eq!(sent("é", most).is_ok(), !pointer.ends_with("Id"));
    }
}

/// What stands behind `limit=`, and what it is.
const LIMITS: [(&str, Option<u32>); 24] = [
    ("-1", None),
    ("0", None),
    ("-0", None),
    ("1", Some(1)),
    ("+1", Some(1)),
    ("007", Some(7)),
    ("100", Some(100)),
    ("101", None),
    // 2^32 + 1: as 32 bits it would be 1.
    ("4294967297", None),
    ("9007199254740991", None),
    ("9007199254740992", None),
    ("9007199254740993", None),
    ("9223372036854775807", None),
    ("9223372036854775808", None),
    ("-9223372036854775808", None),
    ("18446744073709551615", None),
    ("1e308", None),
    ("1e400", None),
    ("1.5", None),
    ("5.0", None),
    ("\"5\"", None),
    ("true", None),
    ("null", None),
    ("", None),
];

#[test]
fn a_limit_is_a_whole_number_from_1_to_100() {
    for (text, expected) in LIMITS {
        let read = query::parse([("limit", text)].into_iter()).map(|filter| filter.limit);
        let refusal = FieldError::parameter("limit", "Must be a whole number from 1 to 100.");
        assert_eq!(read, expected.ok_or(vec![refusal]), "{text:?}");
    }
}

#[test]
fn a_number_is_not_a_cursor_but_may_be_a_series_or_a_key() {
    for (text, _) in LIMITS {
        let cursor = query::parse([("cursor", text)].into_iter()).unwrap_err();
        assert_eq!(cursor[0].parameter.as_deref(), Some("cursor"), "{text:?}");
        let Some(Ok(number)) = text.parse::<i128>().ok().map(u64::try_from) else {
            continue;
        };
        let series = query::parse([("seriesId", text)].into_iter()).unwrap();
        assert_eq!(series.series_id.unwrap().as_str(), text);
        let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
        let submission =
            submit::parse(STORY.as_bytes(), Some(text), job_id, &Kinds::default()).unwrap();
        assert_eq!(submission.job.idempotency.unwrap().key, text, "{number}");
    }
}
