//! No text makes a renderer work more than its length says. A binary of its own, because it counts what is allocated.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]

use serde_json::json;
use storyboard::{Captions, Frames, Player, Render, story::Story};
use testkit::growth::{Counting, UNITS, assert_linear, pairs, repeated};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that a renderer may allocate for one byte of a story: a frame alone takes some 40 KB.
const PER_BYTE: usize = 2_000;

/// Scenes are drawn with any text, so a few texts do for many scenes.
const OF_SCENES: [&str; 4] = ["word ", ".", "\u{7f}\n", "\u{feff}\n"];

fn payload(title: &str, scenes: &[serde_json::Value]) -> String {
    let video = json!({"width": 640, "height": 360, "style": "noir"});
    json!({"script": {"title": title, "scenes": scenes}, "videoConfig": video}).to_string()
}

fn scene(narration: &str, prompt: &str) -> serde_json::Value {
    json!({"narration": narration, "imagePrompt": prompt})
}

fn assert_linear_in<T>(name: &str, payload: impl Fn(usize) -> String, work: impl Fn(&Story) -> T) {
    let story = |bytes| Story::from_json(&payload(bytes)).unwrap();
    assert_linear(name, PER_BYTE, story, work);
}

fn assert_linear_in_narrations<T>(work: impl Fn(&Story) -> T) {
    for unit in UNITS {
        let narration = |bytes| payload("T", &[scene(&repeated(unit, bytes), "P")]);
        assert_linear_in(&format!("a narration of {unit:?}"), narration, &work);
    }
    for unit in OF_SCENES {
        let scene = scene(&repeated(unit, 100), "P");
        let scenes = |bytes: usize| payload("T", &vec![scene.clone(); bytes.div_ceil(100)]);
        assert_linear_in(&format!("scenes of {unit:?}"), scenes, &work);
    }
}

#[test]
fn captions_take_as_long_as_their_story() {
    assert_linear_in_narrations(Captions::whole);
    for unit in pairs() {
        let narration = |bytes| payload("T", &[scene(&repeated(&unit, bytes), "P")]);
        assert_linear_in(
            &format!("a narration of {unit:?}"),
            narration,
            Captions::whole,
        );
    }
}

#[test]
fn frames_take_as_long_as_their_story() {
    assert_linear_in_narrations(Frames::whole);
    for unit in UNITS {
        let prompt = |bytes| payload("T", &[scene("N", &repeated(unit, bytes))]);
        let title = |bytes| payload(&repeated(unit, bytes), &[scene("N", "P")]);
        assert_linear_in(&format!("a prompt of {unit:?}"), prompt, Frames::whole);
        assert_linear_in(&format!("a title of {unit:?}"), title, Frames::whole);
    }
}

#[test]
fn a_page_takes_as_long_as_its_story() {
    assert_linear_in_narrations(Player::whole);
}

#[test]
fn a_story_is_read_in_linear_time() {
    for unit in UNITS {
        let unknown = |bytes| {
            let extra = json!({"narration": "N", repeated(unit, bytes): [repeated(unit, bytes)]});
            payload("T", &[extra])
        };
        assert_linear(unit, PER_BYTE, unknown, |text| Story::from_json(text));
    }
}
