//! What makes a payload a story: its fields, each within its bounds.

use super::{
    form::{Form, present},
    problem::FieldError,
};
use serde_json::{Map, Value};

/// Most scenes of one story.
pub(super) const SCENES_MAX: usize = 200;

/// What keeps a payload from being a story within the bounds; nothing, if it is one.
#[must_use]
pub fn faults_of_story(payload: &str) -> Vec<FieldError> {
    let mut form = Form::default();
    if let Some(fields) = form.body(payload.as_bytes()) {
        form.story(&fields);
    }
    form.errors
}

/// Whether it is the script of a story.
pub(super) fn is_script(script: &Value) -> bool {
    let mut form = Form::default();
    form.script(Some(script));
    form.errors.is_empty()
}

impl Form {
    /// What makes a story.
    pub(super) fn story(&mut self, fields: &Map<String, Value>) {
        self.script(fields.get("script"));
        self.video_config(fields.get("videoConfig"));
    }

    fn script(&mut self, value: Option<&Value>) {
        let Some(script) = self.object("/script", value) else {
            return;
        };
        self.required_text("/script/title", script.get("title"), 1..=200);
        match script.get("scenes") {
            Some(Value::Array(scenes)) if (1..=SCENES_MAX).contains(&scenes.len()) => {
                for (index, scene) in scenes.iter().enumerate() {
                    self.scene(&format!("/script/scenes/{index}"), scene);
                }
            }
            Some(Value::Array(scenes)) => {
                let detail = format!("Has {} scenes; must have 1 to {SCENES_MAX}.", scenes.len());
                self.fault("/script/scenes", &detail);
            }
            Some(_) => self.fault("/script/scenes", "Must be a list of scenes."),
            None => self.fault("/script/scenes", "Required list of scenes."),
        }
    }

    fn scene(&mut self, at: &str, value: &Value) {
        let Some(scene) = self.object(at, Some(value)) else {
            return;
        };
        self.required_text(
            &format!("{at}/narration"),
            scene.get("narration"),
            1..=5_000,
        );
        self.optional_text(
            &format!("{at}/imagePrompt"),
            scene.get("imagePrompt"),
            1..=2_000,
        );
        if let Some(value) = present(scene.get("durationSeconds"))
            && !value
                .as_f64()
                .is_some_and(|seconds| (0.5..=600.0).contains(&seconds))
        {
            self.fault(
                &format!("{at}/durationSeconds"),
                "Must be a number from 0.5 to 600.",
            );
        }
    }

    fn video_config(&mut self, value: Option<&Value>) {
        let Some(video) = self.object("/videoConfig", value) else {
            return;
        };
        for side in ["width", "height"] {
            let at = format!("/videoConfig/{side}");
            match video.get(side) {
                Some(value) => self.whole(&at, value, 64..=4_096),
                None => self.fault(&at, "Required whole number of pixels from 64 to 4096."),
            }
        }
        if let Some(fps) = present(video.get("fps")) {
            self.whole("/videoConfig/fps", fps, 1..=120);
        }
        self.optional_text("/videoConfig/style", video.get("style"), 1..=64);
        self.optional_text("/videoConfig/voice", video.get("voice"), 1..=64);
    }
}
