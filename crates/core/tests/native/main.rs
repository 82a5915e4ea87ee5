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
mod codecs;
mod delivery;
mod delivery_ends;
mod delivery_harness;
mod docs;
mod edge_values;
mod gate_commands;
mod gate_erase;
mod gate_harness;
mod gate_healing;
mod gate_model;
mod gate_plan_changes;
mod gate_plans;
mod gate_questions;
mod gate_quotas;
mod gate_reference;
mod gate_reports;
mod gate_rules;
mod gate_steps;
mod gate_waiting;
mod log_lines;
mod ordering;
mod permissions;
mod pool_calls;
mod pool_harness;
mod pool_healing;
mod pool_jobs;
mod pool_model;
mod pool_reference;
mod pool_rules;
mod pool_steps;
mod pool_takers;
mod problems;
mod requests;
mod rows;
mod stage;
mod stripe_events;
mod stripe_signatures;
mod tidy;
mod tokens;
mod waiting;
mod wire_format;

use std::path::Path;

/// Fails unless `actual` is what that golden file holds.
fn assert_golden(name: &str, actual: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    testkit::golden::assert_golden(&folder.join(name), actual);
}
