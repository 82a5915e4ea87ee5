//! Native tests: milliseconds, no platform.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]
#![allow(unreachable_pub, reason = "everything here is one binary")]
#![allow(missing_docs, reason = "names of tests are sentences")]

mod access;
mod arbitrary;
mod canonical;
mod cleanup;
mod codecs;
mod customers;
mod delivery;
mod docs;
mod edge_values;
mod entitlements;
mod episodes;
mod estimates;
mod events;
mod failures;
mod gate;
mod harness;
mod http;
mod job_bodies;
mod limits;
mod links;
mod log_lines;
mod mails;
mod ordering;
mod permissions;
mod pool;
mod problems;
mod provider;
mod requests;
mod routes;
mod rows;
mod stage;
mod stripe_envelopes;
mod stripe_events;
mod stripe_signatures;
mod tidy;
mod times;
mod tokens;
mod waiting;
mod wire_format;

use std::path::Path;

/// Fails unless `actual` is what that golden file holds.
fn assert_golden(name: &str, actual: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    testkit::golden::assert_golden(&folder.join(name), actual);
}
