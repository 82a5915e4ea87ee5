//! What a user asked for: the script, and how it is to look.
//!
//! Unknown fields are kept. Long numbers may lose digits; that does not matter, because the JSON is stored and passed
//! on exactly as it was sent.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Map, Value};

/// What a user asked for: parsed from the stored payload `{"script":{...},"videoConfig":{...}}`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Story {
    /// The words.
    pub script: Script,
    /// The picture.
    pub video_config: VideoConfig,
    /// Every other field, as it was sent.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The words of a story.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Script {
    /// The title, shown on the first frame.
    pub title: String,
    /// In the order in which they are told.
    pub scenes: Vec<Scene>,
    /// Every other field, as it was sent.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One scene: one frame of the storyboard.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scene {
    /// What is told while the frame is shown.
    pub narration: String,
    /// What the frame shows; without it, the narration decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_prompt: Option<String>,
    /// How long the frame is shown; without it, the length of the narration decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// Every other field, as it was sent.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How the story is to look and sound.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VideoConfig {
    /// Width of a frame in pixels.
    #[serde(deserialize_with = "whole")]
    pub width: u32,
    /// Height of a frame in pixels.
    #[serde(deserialize_with = "whole")]
    pub height: u32,
    /// Frames per second of the finished video.
    #[serde(
        default,
        deserialize_with = "optional_whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub fps: Option<u32>,
    /// The look, in the user's words: `watercolor`, `noir`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// The voice that tells the story.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// Every other field, as it was sent.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A whole number, however JSON writes it: `640`, `640.0` and `6.4e2` are the same.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = f64::deserialize(deserializer)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what it changes is refused below"
    )]
    let whole = number as u32;
    let is_whole = f64::from(whole).total_cmp(&number).is_eq();
    is_whole
        .then_some(whole)
        .ok_or_else(|| D::Error::custom(format!("{number} is not a whole number")))
}

fn optional_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    struct Whole(#[serde(deserialize_with = "whole")] u32);
    Ok(Option::<Whole>::deserialize(deserializer)?.map(|Whole(number)| number))
}

impl Story {
    /// Reads the stored payload.
    ///
    /// # Errors
    /// If the string is not JSON, or a field is missing or has the wrong type.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Story;
    use serde_json::{Value, json};

    #[test]
    fn unknown_fields_survive_reading_and_writing() {
        let payload = json!({
            "script": {
                "title": "T",
                "scenes": [{"narration": "N", "imagePrompt": "P", "durationSeconds": 2.5, "mood": "calm"}],
                "author": {"name": "A"},
            },
            "videoConfig": {"width": 640, "height": 360, "fps": 24, "style": "ink", "voice": "v", "codec": "av1"},
            "tags": [1, 2],
        });

        let story = Story::from_json(&payload.to_string()).unwrap();
        let written: Value = serde_json::from_str(&serde_json::to_string(&story).unwrap()).unwrap();

        assert_eq!(written, payload);
    }

    #[test]
    fn optional_fields_may_be_absent_and_stay_absent() {
        let payload = json!({
            "script": {"title": "", "scenes": [{"narration": ""}]},
            "videoConfig": {"width": 64, "height": 64},
        });

        let story = Story::from_json(&payload.to_string()).unwrap();

        assert_eq!(serde_json::to_value(&story).unwrap(), payload);
    }

    #[test]
    fn a_missing_size_is_refused() {
        let text = r#"{"script":{"title":"","scenes":[]},"videoConfig":{"width":64}}"#;

        assert!(Story::from_json(text).is_err());
    }
}
