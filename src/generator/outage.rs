//! A generator that can be told to be out, for tests: by an object in the bucket, and only where `GENERATOR_OUTAGES` is on.

use super::{GeneratorError, Work};
use queue_core::{
    bindings,
    domain::{Backend, Stage},
};
use serde::Deserialize;
use std::time::Duration;

/// The object that a test writes and deletes.
const KEY: &str = "tests/outage.json";

/// Who meets the outage.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Outage {
    /// At these stages; left out: at all.
    stages: Option<Vec<Stage>>,
    /// Users whose ids begin so.
    #[serde(default)]
    users: String,
    /// What the generator asks for, in milliseconds.
    retry_after_ms: Option<u64>,
}

/// Fails where a test says so.
pub(super) async fn is_there(work: &Work<'_>) -> Result<(), GeneratorError> {
    let Some(bytes) = read(work).await else {
        return Ok(());
    };
    let outage: Outage =
        serde_json::from_slice(&bytes).map_err(|error| GeneratorError::Permanent {
            code: "outage_unreadable",
            message: format!(
                "The object {KEY} is no outage: {error}. Write it anew, or delete it."
            ),
        })?;
    let is_of_stage = outage
        .stages
        .is_none_or(|stages| stages.contains(&work.stage));
    if !is_of_stage || !work.user_id.as_str().starts_with(&outage.users) {
        return Ok(());
    }
    Err(GeneratorError::Out {
        backend: Backend::Generator,
        code: "generator_unavailable",
        message: "the generator is out".to_owned(),
        retry_after: outage.retry_after_ms.map(Duration::from_millis),
    })
}

async fn read(work: &Work<'_>) -> Option<Vec<u8>> {
    let bucket = work.env.bucket(bindings::ARTIFACTS).ok()?;
    let object = bucket.get(KEY).execute().await.ok()??;
    object.body()?.bytes().await.ok()
}
