//! Reads the fields of a body one by one, and collects what is wrong with each.

use super::{
    json::{self, escape},
    problem::{FAULTS_MAX, FieldError},
};
use crate::domain::{
    Kind, Kinds, Tier, UserId,
    id::IdError,
    integer::whole,
    kind::{KindRules, Owner},
};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Most scenes of one story.
pub(super) const SCENES_MAX: usize = 200;

/// Longest idempotency key, in characters.
const KEY_MAX: usize = 255;

/// Why a job of nobody says nothing about a user.
const NOBODYS: &str = "Leave it out: jobs of this kind are nobody's.";

/// What a key must be.
const KEY: &str = "Must be 1 to 255 visible ASCII characters except \" and \\";

/// Collects errors while fields are read.
#[derive(Default)]
pub(super) struct Form {
    pub(super) errors: Vec<FieldError>,
}

impl Form {
    pub(super) fn fault(&mut self, pointer: &str, detail: &str) {
        self.push(FieldError::at(pointer, detail));
    }

    pub(super) fn push(&mut self, fault: FieldError) {
        if self.errors.len() < FAULTS_MAX {
            self.errors.push(fault);
        }
    }

    /// The members of a body that must be a JSON object.
    pub(super) fn body(&mut self, body: &[u8]) -> Option<Map<String, Value>> {
        let (value, faults) = match json::parse(body) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.fault("", &format!("The body {error}."));
                return None;
            }
        };
        for fault in faults {
            self.push(fault);
        }
        let Value::Object(fields) = value else {
            self.fault("", "The body must be a JSON object.");
            return None;
        };
        Some(fields)
    }

    /// Every member at this place must be one of the known ones.
    pub(super) fn known(&mut self, at: &str, fields: &Map<String, Value>, known: &[&str]) {
        let detail = format!("Unknown field. Allowed fields: {}.", known.join(", "));
        let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
        for unknown in unknown.take(FAULTS_MAX) {
            self.fault(&format!("{at}/{}", escape(unknown)), &detail);
        }
    }

    /// A structured-field string (RFC 9651): in quotes, as in the IETF draft, or without them.
    pub(super) fn idempotency_key(&mut self, header: &str) -> String {
        let bare = header
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(header);
        if !is_key(bare) {
            let detail = format!("{KEY}; quotes around it are optional.");
            self.push(FieldError::header("Idempotency-Key", detail));
        }
        bare.to_owned()
    }

    /// The same as a member of the body, optional; there it stands alone.
    pub(super) fn member_key(&mut self, value: Option<&Value>) -> Option<String> {
        let value = present(value)?;
        let key = value.as_str().filter(|key| is_key(key)).map(str::to_owned);
        if key.is_none() {
            self.fault("/idempotencyKey", &format!("{KEY}."));
        }
        key
    }

    /// Whose a job is, by its kind if that is known; no caller may name nobody.
    pub(super) fn owner(
        &mut self,
        rules: Option<&KindRules>,
        value: Option<&Value>,
    ) -> Option<UserId> {
        if rules.is_some_and(|rules| rules.owner == Owner::Nobody) {
            if present(value).is_some() {
                self.fault("/userId", NOBODYS);
            }
            return Some(UserId::nobody());
        }
        if rules.is_none() && value.is_none() {
            return None;
        }
        let user_id = self.id::<UserId>("/userId", value)?;
        if user_id.is_nobody() {
            self.fault("/userId", &format!("{user_id} is reserved. Use another."));
            return None;
        }
        Some(user_id)
    }

    pub(super) fn id<T: TryFrom<String, Error = IdError>>(
        &mut self,
        at: &str,
        value: Option<&Value>,
    ) -> Option<T> {
        let text = self.required_text(at, value, 1..=usize::MAX)?;
        match T::try_from(text.to_owned()) {
            Ok(id) => Some(id),
            Err(error) => {
                self.fault(at, &format!("{error}."));
                None
            }
        }
    }

    /// The tier that is stated for that owner.
    pub(super) fn tier(&mut self, owner: Option<&UserId>, value: Option<&Value>) -> Option<Tier> {
        let value = present(value)?;
        if owner.is_some_and(UserId::is_nobody) {
            self.fault("/userTier", NOBODYS);
        }
        let tier = value.as_str().and_then(Tier::from_name);
        if tier.is_none() {
            self.fault(
                "/userTier",
                "Must be one of tier1, tier2, tier3, tier4; omit it to use the user's default.",
            );
        }
        tier
    }

    /// The kind of that name, if there is one.
    pub(super) fn kind<'k>(
        &mut self,
        name: &str,
        kinds: &'k Kinds,
    ) -> Option<(Kind, &'k KindRules)> {
        let kind = Kind::try_from(name.to_owned()).ok();
        let found = kind.and_then(|kind| Some((kinds.get(&kind)?, kind)));
        if found.is_none() {
            let known: Vec<_> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
            let detail = format!(
                "Not a kind of job here. Must be one of {}.",
                known.join(", ")
            );
            self.fault("/kind", &detail);
        }
        found.map(|(rules, kind)| (kind, rules))
    }

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

    pub(super) fn object<'v>(
        &mut self,
        at: &str,
        value: Option<&'v Value>,
    ) -> Option<&'v Map<String, Value>> {
        match value {
            Some(Value::Object(object)) => return Some(object),
            Some(_) => self.fault(at, "Must be a JSON object."),
            None => self.fault(at, "Required JSON object."),
        }
        None
    }

    fn whole(&mut self, at: &str, value: &Value, bounds: RangeInclusive<i64>) {
        if !whole(value).is_some_and(|number| bounds.contains(&number)) {
            let (low, high) = (bounds.start(), bounds.end());
            self.fault(at, &format!("Must be a whole number from {low} to {high}."));
        }
    }

    pub(super) fn optional_text(
        &mut self,
        at: &str,
        value: Option<&Value>,
        length: RangeInclusive<usize>,
    ) {
        if present(value).is_some() {
            self.required_text(at, value, length);
        }
    }

    pub(super) fn required_text<'v>(
        &mut self,
        at: &str,
        value: Option<&'v Value>,
        length: RangeInclusive<usize>,
    ) -> Option<&'v str> {
        match value {
            Some(Value::String(text)) if text.trim().is_empty() => {
                self.fault(at, "Must not be empty.");
            }
            Some(Value::String(text)) if length.contains(&text.chars().count()) => {
                return Some(text);
            }
            Some(Value::String(text)) => {
                let (found, most) = (text.chars().count(), length.end());
                self.fault(
                    at,
                    &format!("Has {found} characters; must have at most {most}."),
                );
            }
            Some(_) => self.fault(at, "Must be a string."),
            None => self.fault(at, "Required string."),
        }
        None
    }
}

fn is_key(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
    (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// A field that is present and not null.
pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}
