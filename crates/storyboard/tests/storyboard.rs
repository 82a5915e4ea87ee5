//! One example, rendered through every stage, byte for byte.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]

use base64ct::{Base64, Encoding};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use storyboard::{Artifact, Captions, Frames, Player, Render, story::Story};

fn assert_golden(name: &str, actual: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    testkit::golden::assert_golden(&folder.join(name), actual);
}

fn story() -> Story {
    let example: Value =
        serde_json::from_str(include_str!("../../../examples/a-shelf-of-weather.json")).unwrap();
    let payload =
        serde_json::json!({"script": example["script"], "videoConfig": example["videoConfig"]});
    Story::from_json(&payload.to_string()).unwrap()
}

fn text(artifacts: &[Artifact], name: &str) -> String {
    let artifact = artifacts.iter().find(|artifact| artifact.name == name);
    String::from_utf8(artifact.unwrap().bytes.clone()).unwrap()
}

#[test]
fn the_storyboard_of_an_example_is_pinned_byte_for_byte() {
    let story = story();
    let artifacts = [
        Frames::whole(&story),
        Captions::whole(&story),
        Player::whole(&story),
    ]
    .concat();
    assert_golden("001.svg", &text(&artifacts, "frames/001.svg"));
    assert_golden("captions.vtt", &text(&artifacts, "captions.vtt"));
    let line = |artifact: &Artifact| {
        let digest = Base64::encode_string(&Sha256::digest(&artifact.bytes));
        let (name, bytes) = (&artifact.name, artifact.bytes.len());
        format!(
            "{digest}  {name} ({}, {bytes} bytes)\n",
            artifact.content_type
        )
    };
    assert_golden(
        "digests.txt",
        &artifacts.iter().map(line).collect::<String>(),
    );
}
