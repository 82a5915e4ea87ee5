//! Any text, repeated: a byte of it costs no more when there are more of them.

use crate::request_body::read;
use queue_core::api::{auth::presented, query, routes::route};
use serde_json::json;
use storyboard::{Captions, Player, Render, frame, story::Story};
use testkit::growth::{Counting, assert_linear_bytes, repeated};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Longest unit, in characters: of a longer one there is too little repetition.
const UNIT_MAX: usize = 16;

/// Bytes that reading or drawing may allocate for one byte.
const PER_BYTE: usize = 2_000;

/// Reads and draws the text, repeated.
pub fn check(input: &[u8]) {
    let unit: String = String::from_utf8_lossy(input)
        .chars()
        .take(UNIT_MAX)
        .collect();
    if unit.is_empty() {
        return;
    }
    let text = |bytes| repeated(&unit, bytes);
    assert_linear_bytes("path", PER_BYTE, text, |text| route("GET", text));
    assert_linear_bytes("header", PER_BYTE, text, |text| {
        presented(Some(text)).is_ok()
    });
    assert_linear_bytes("query", PER_BYTE, text, |text| {
        let pairs = text.split('&');
        query::parse(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))))
    });
    assert_linear_bytes("JSON", PER_BYTE, text, |text| read(text.as_bytes()));
    let body = |bytes| {
        let text = text(bytes);
        let script = json!({"title": "T", "scenes": [{"narration": text, "imagePrompt": text, text.as_str(): text}]});
        let video = json!({"width": 640, "height": 360, "style": "noir"});
        json!({"userId": "u", "seriesId": "s", "script": script, "videoConfig": video}).to_string()
    };
    assert_linear_bytes("body", PER_BYTE, body, |body| read(body.as_bytes()));
    let story = |bytes| Story::from_json(&body(bytes)).expect("a story of any length");
    assert_linear_bytes("captions", PER_BYTE, story, Captions::whole);
    assert_linear_bytes("frame", PER_BYTE, story, |story| frame(story, 0));
    assert_linear_bytes("page", PER_BYTE, story, Player::whole);
}
