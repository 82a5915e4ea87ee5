//! The one place that reads the wall clock, and the one that draws random numbers.

use queue_core::domain::{JobId, Mailbox, ReplayId, Timestamp};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(buffer: &js_sys::Uint8Array) -> js_sys::Uint8Array;
}

/// The time; on Workers it stands still between two awaits.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn now() -> Timestamp {
    let millis = worker::Date::now().as_millis();
    Timestamp::from_millis(i64::try_from(millis).unwrap_or(0))
}

/// Random bytes from the platform's cryptographic source.
fn random<const N: usize>() -> [u8; N] {
    let buffer = js_sys::Uint8Array::new_with_length(u32::try_from(N).unwrap_or(0));
    let mut bytes = [0; N];
    get_random_values(&buffer).copy_to(&mut bytes);
    bytes
}

/// A number evenly spread over its range, for jitter.
pub(crate) fn entropy() -> u32 {
    u32::from_le_bytes(random())
}

/// A new id of a request, which sorts by time.
pub(crate) fn request_id() -> String {
    job_id().to_string()
}

/// A new job id.
pub(crate) fn job_id() -> JobId {
    JobId::new(now(), &random())
}

/// The id of a new replay of many.
pub(crate) fn replay_id() -> ReplayId {
    ReplayId::new(now(), &random())
}

/// A new mailbox, which nobody can guess.
pub(crate) fn mailbox() -> Mailbox {
    Mailbox::new(&random())
}
