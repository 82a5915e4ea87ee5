//! The canonical form and the fingerprint made of it: the same for what is said the same way, another for
//! anything that is said otherwise. The oracle is a writer of its own, which spells one document in many ways.

use crate::arbitrary::{cases, damage, damaged, text};
use proptest::prelude::*;
use queue_core::{
    api::{canonical, json, submit},
    domain::{JobId, Kinds, Timestamp},
};
use std::collections::BTreeMap;

/// A JSON document; a number is its spelling.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Json {
    Word(&'static str),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

fn number() -> impl Strategy<Value = Json> {
    let number = "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?";
    number.prop_map(Json::Number)
}

fn document() -> impl Strategy<Value = Json> {
    let word = prop::sample::select(vec!["true", "false", "null"]).prop_map(Json::Word);
    let leaf = prop_oneof![word, number(), text().prop_map(Json::Text)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::List),
            prop::collection::btree_map(text(), inner, 0..4).prop_map(Json::Object),
        ]
    })
}

/// Choices of a writer: each byte decides one, and they begin again when they end.
struct Style<'a> {
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
}

impl Style<'_> {
    fn next(&mut self) -> u8 {
        *self.choices.next().unwrap()
    }

    fn space(&mut self) -> &'static str {
        ["", "", " ", "\n\t", " \r\n "][usize::from(self.next()) % 5]
    }

    fn text(&mut self, text: &str) -> String {
        let mut written = String::from("\"");
        for character in text.chars() {
            let must = matches!(character, '"' | '\\') || character < ' ';
            if must || self.next().is_multiple_of(3) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let hex = format!("{unit:04x}");
                    let upper = self.next().is_multiple_of(2);
                    written += "\\u";
                    written += &if upper { hex.to_uppercase() } else { hex };
                }
            } else {
                written.push(character);
            }
        }
        written + "\""
    }

    fn write(&mut self, json: &Json) -> String {
        let (before, after) = (self.space(), self.space());
        let body = match json {
            Json::Word(word) => (*word).to_owned(),
            Json::Number(number) => number.clone(),
            Json::Text(text) => self.text(text),
            Json::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.write(item)).collect();
                format!("[{}{}]", self.space(), items.join(","))
            }
            Json::Object(members) => {
                let member = |(key, value): (&String, &Json)| {
                    let (key, space) = (self.text(key), self.space());
                    format!("{space}{key}{space}:{}", self.write(value))
                };
                let mut members: Vec<String> = members.iter().map(member).collect();
                if !members.is_empty() {
                    let by = usize::from(self.next()) % members.len();
                    members.rotate_left(by);
                }
                format!("{{{}{}}}", members.join(","), self.space())
            }
        };
        format!("{before}{body}{after}")
    }
}

fn written(json: &Json, choices: &[u8]) -> String {
    let choices = choices.iter().cycle();
    Style { choices }.write(json)
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 1..40)
}

fn canonical(text: &str) -> String {
    canonical::canonical(serde_json::from_str(text).unwrap()).unwrap()
}

/// The fingerprint of a submission whose script says, besides, what `extra` says.
fn fingerprint(extra: &str) -> String {
    let body = format!(
        r#"{{"userId":"u","seriesId":"s","videoConfig":{{"width":640,"height":360}},
        "script":{{"title":"T","scenes":[{{"narration":"N"}}],"extra":{extra}}}}}"#
    );
    print_of(&body)
}

fn print_of(body: &str) -> String {
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    let submission =
        submit::parse(body.as_bytes(), Some("key"), job_id, &Kinds::default()).unwrap();
    submission.job.idempotency.unwrap().fingerprint
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn white_space_key_order_and_escapes_change_nothing(json in document(), one in choices(), other in choices()) {
        let (one, other) = (written(&json, &one), written(&json, &other));
        prop_assert_eq!(canonical(&one), canonical(&other), "{} {}", one, other);
        prop_assert_eq!(fingerprint(&one), fingerprint(&other));
    }

    #[test]
    fn the_canonical_form_means_the_same_and_is_canonical(json in document(), choices in choices()) {
        let text = written(&json, &choices);
        let form = canonical(&text);
        prop_assert_eq!(&canonical(&form), &form);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        prop_assert_eq!(value(&form), value(&text));
        prop_assert_eq!(json::parse(form.as_bytes()), Ok((value(&text), Vec::new())));
    }

    #[test]
    fn another_document_has_another_form(json in document(), other in document(), choices in choices()) {
        let same = json == other;
        let (one, other) = (written(&json, &choices), written(&other, &choices));
        prop_assert_eq!(canonical(&one) == canonical(&other), same);
    }

    #[test]
    fn a_single_change_changes_form_and_fingerprint(json in document(), leaf in document(), key in text(), choices in choices()) {
        let mut others = vec![Json::List(vec![json.clone()])];
        others.push(Json::Object(BTreeMap::from([(key.clone(), json.clone())])));
        match &json {
            Json::Word(_) => others.push(Json::Text("true".to_owned())),
            Json::Number(digits) => {
                others.push(Json::Text(digits.clone()));
                others.push(Json::Number(format!("1{}", digits.trim_start_matches('-'))));
            }
            Json::Text(text) => others.push(Json::Text(format!("{text} "))),
            Json::List(items) => {
                others.push(Json::List(items.iter().cloned().chain([leaf]).collect()));
                let turned: Vec<Json> = items.iter().rev().cloned().collect();
                if &turned != items {
                    others.push(Json::List(turned));
                }
            }
            Json::Object(members) => {
                let mut more = members.clone();
                more.insert(format!("{key}+"), leaf);
                if &more != members {
                    others.push(Json::Object(more));
                }
            }
        }
        let text = written(&json, &choices);
        for other in others {
            let other = written(&other, &choices);
            prop_assert_ne!(canonical(&text), canonical(&other));
            prop_assert_ne!(fingerprint(&text), fingerprint(&other));
        }
    }

    #[test]
    fn damaged_json_is_refused_or_has_another_form(json in document(), choices in choices(), wounds in damage()) {
        let bytes = damaged(&written(&json, &choices), &wounds);
        if let (Ok((value, _)), Ok(raw)) = (json::parse(&bytes), serde_json::from_slice(&bytes)) {
            let form = canonical::canonical(raw).unwrap();
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&form).unwrap(), value);
        }
    }
}

#[test]
fn numbers_are_kept_exactly_as_written() {
    let spellings = [
        "1",
        "1.0",
        "1.00",
        "1e0",
        "1E0",
        "1e+0",
        "1e-0",
        "10e-1",
        "0",
        "-0",
        "0.0",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "1e308",
        "1.0e308",
        "12345678901234567890123",
        "12345678901234567890124",
        "0.1",
        "0.10000000000000001",
    ];
    for (index, one) in spellings.iter().enumerate() {
        assert_eq!(canonical(one), *one);
        for other in &spellings[index + 1..] {
            assert_ne!(fingerprint(one), fingerprint(other), "{one} {other}");
        }
    }
}

#[test]
fn every_field_of_a_submission_counts() {
    let body = r#"{"userId":"u","seriesId":"s","userTier":"tier1","videoConfig":{"width":640,"height":360,"fps":24,"style":"a","voice":"b"},
        "script":{"title":"T","scenes":[{"narration":"N","imagePrompt":"P","durationSeconds":5}]}}"#;
    for (from, to) in [
        (r#""u""#, r#""U""#),
        (r#""s""#, r#""S""#),
        (r#""tier1""#, r#""tier2""#),
        (r#""userTier":"tier1","#, ""),
        ("640", "641"),
        ("360", "361"),
        ("24", "25"),
        (r#""a""#, r#""A""#),
        (r#""b""#, r#""b ""#),
        (r#""T""#, r#""t""#),
        (r#""N""#, r#""NN""#),
        (r#""P""#, "null"),
        (r#","durationSeconds":5"#, r#","durationSeconds":5.0"#),
        (r#","durationSeconds":5"#, ""),
    ] {
        assert!(body.contains(from), "{from}");
        assert_ne!(
            print_of(body),
            print_of(&body.replacen(from, to, 1)),
            "{from}"
        );
    }
}

#[test]
fn nesting_is_bounded_by_the_parser() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(canonical(&nested(127)), nested(127));
    assert!(json::parse(nested(127).as_bytes()).is_ok());
    assert!(json::parse(nested(128).as_bytes()).is_err());
}
