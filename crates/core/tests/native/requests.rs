//! Every request gets an answer, the generator can read every accepted story, and every link works.

use crate::arbitrary::{cases, damage, damaged, job, series_id, text, tier, user_id};
use proptest::{collection::vec, option::of, prelude::*, sample::Index};
use queue_core::{
    api::{
        json::escape,
        query,
        routes::{Route, route},
        submit, view,
    },
    domain::{JobId, Kinds, Timestamp},
};
use serde_json::{Map, Value, json};
use storyboard::story::{Scene, Script, Story, VideoConfig};

/// Fields that no version knows. No fractions: reading those may round the last digit.
fn extra() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        vec(any::<u64>(), 0..3).prop_map(|list| json!({"": list})),
    ];
    let field = text().prop_map(|name| format!("x-{name}"));
    prop::collection::btree_map(field, value, 0..3).prop_map(Map::from_iter)
}

fn words() -> impl Strategy<Value = String> {
    text().prop_filter("only white space", |text| !text.trim().is_empty())
}

fn scene() -> impl Strategy<Value = Scene> {
    // Parts of a second that a floating-point number holds exactly.
    let seconds = prop_oneof![Just(512), Just(614_400), 512..=614_400_u32];
    let seconds = seconds.prop_map(|parts| f64::from(parts) / 1_024.0);
    (words(), of(words()), of(seconds), extra()).prop_map(
        |(narration, image_prompt, duration_seconds, extra)| Scene {
            narration,
            image_prompt,
            duration_seconds,
            extra,
        },
    )
}

/// Any story that is within the bounds.
fn story() -> impl Strategy<Value = Story> {
    let script = (words(), vec(scene(), 1..4), extra());
    let script = script.prop_map(|(title, scenes, extra)| Script {
        title,
        scenes,
        extra,
    });
    let side = || prop_oneof![Just(64), Just(4_096), 64..=4_096_u32];
    let video = (
        side(),
        side(),
        of(1..=120_u32),
        of(words()),
        of(words()),
        extra(),
    );
    let video = video.prop_map(|(width, height, fps, style, voice, extra)| VideoConfig {
        width,
        height,
        fps,
        style,
        voice,
        extra,
    });
    let story = (script, video).prop_map(|(script, video_config)| Story {
        script,
        video_config,
        extra: Map::new(),
    });
    story.boxed()
}

/// The places of a value and of all that is in it.
fn places(value: &Value, at: &str) -> Vec<String> {
    let mut all = vec![at.to_owned()];
    if let Value::Array(items) = value {
        for (index, item) in items.iter().enumerate() {
            all.extend(places(item, &format!("{at}/{index}")));
        }
    }
    if let Value::Object(members) = value {
        for (key, member) in members {
            all.extend(places(member, &format!("{at}/{}", escape(key))));
        }
    }
    all
}

/// A segment of a path: any text, one that a route has, or a hostile one.
fn segment() -> impl Strategy<Value = String> {
    let known = [
        "users",
        "jobs",
        "artifacts",
        "u",
        "",
        "..",
        "%2F",
        "%fF",
        "%",
        "%4",
        "%u1",
    ];
    let known = prop::sample::select(known.to_vec()).prop_map(str::to_owned);
    prop_oneof![3 => known, 1 => text()]
}

fn parse(body: &[u8], key: Option<&str>) -> Option<submit::Submission> {
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    let parsed = submit::parse(body, key, job_id, &Kinds::default());
    if let Err(errors) = &parsed {
        assert!((1..=101).contains(&errors.len()), "{errors:?}");
    }
    parsed.ok()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_story_is_read_as_it_was_written(story in story(), more in extra()) {
        let story = Story { extra: more, ..story };
        let text = serde_json::to_string(&story).unwrap();
        prop_assert_eq!(Story::from_json(&text).unwrap(), story);
    }

    #[test]
    fn a_story_within_the_bounds_is_accepted_and_reaches_the_generator_unchanged(
        story in story(), user_id in user_id(), series_id in series_id(), tier in of(tier()), key in "[!#-\\[\\]-~]{1,255}",
    ) {
        let mut body = serde_json::to_value(&story).unwrap();
        for (name, value) in [("userId", json!(user_id)), ("seriesId", json!(series_id)), ("userTier", json!(tier))] {
            body[name] = value;
        }
        let read = parse(body.to_string().as_bytes(), Some(&key)).expect("it is within the bounds");
        prop_assert_eq!((read.user_id, read.job.series_id, read.job.stated_tier), (user_id, series_id, tier));
        prop_assert_eq!(read.job.idempotency.unwrap().key, key);
        prop_assert_eq!(Story::from_json(&read.job.payload).unwrap(), story);
    }

    #[test]
    fn a_damaged_submission_is_refused_or_its_story_can_be_read(story in story(), wounds in damage(), key in of(text())) {
        let mut body = serde_json::to_value(&story).unwrap();
        body["userId"] = "u".into();
        body["seriesId"] = "s".into();
        if let Some(read) = parse(&damaged(&body.to_string(), &wounds), key.as_deref()) {
            prop_assert!(Story::from_json(&read.job.payload).is_ok(), "{}", read.job.payload);
        }
    }

    #[test]
    fn a_story_with_arbitrary_json_is_refused_or_can_be_read(
        story in story(), at in any::<Index>(),
        other in prop::sample::select(vec![json!(null), json!(true), json!(-1), json!(1.5), json!(1e308), json!("5"), json!([]), json!({})]),
    ) {
        let mut body = serde_json::to_value(&story).unwrap();
        let at = at.get(&places(&body, "")[..]).clone();
        *body.pointer_mut(&at).unwrap() = other;
        // The place may have been the whole.
        if let Value::Object(fields) = &mut body {
            fields.insert("userId".to_owned(), "u".into());
            fields.insert("seriesId".to_owned(), "s".into());
        }
        if let Some(read) = parse(body.to_string().as_bytes(), None) {
            prop_assert!(Story::from_json(&read.job.payload).is_ok(), "{}", read.job.payload);
        }
    }

    #[test]
    fn any_path_and_any_query_get_an_answer(parts in vec(segment(), 0..7), method in text(), pairs in vec((text(), text()), 0..4)) {
        let path = format!("/{}", parts.join("/"));
        for method in [method.as_str(), "GET", "POST", "DELETE", "HEAD"] {
            let _ = route(method, &path);
        }
        let known = ["limit", "cursor", "status", "seriesId"];
        let known = known.iter().zip(&parts).map(|(name, value)| ((*name).to_owned(), value.clone()));
        if let Ok(filter) = query::parse(pairs.into_iter().chain(known)) {
            prop_assert!((1..=100).contains(&filter.limit));
        }
    }

    #[test]
    fn every_link_leads_to_its_route(user_id in user_id(), job in job()) {
        let links = &view::submitted(&user_id, &job)["links"];
        let leads = |link: &Value| route("GET", link.as_str().unwrap()).unwrap();
        prop_assert_eq!(leads(&links["self"]), Route::Job(user_id.clone(), job.job_id.clone()));
        prop_assert_eq!(leads(&links["user"]), Route::User(user_id.clone()));
        prop_assert_eq!(leads(&links["artifacts"]), Route::Artifacts(user_id.clone(), job.job_id.clone()));
        for artifact in view::artifacts(&user_id, &job).as_array().unwrap() {
            let name = artifact["name"].as_str().unwrap().to_owned();
            let artifact = leads(&artifact["href"]);
            prop_assert_eq!(artifact, Route::Artifact(user_id.clone(), job.job_id.clone(), name));
        }
    }
}
