//! `GET /backends` and `PUT /backends/{name}/pause`: what holds back ends, and an operator's word.

use super::{
    form::{Form, present},
    problem::FieldError,
};
use crate::{
    domain::{Backend, Stage, Timestamp},
    pool::{outage::Pause, outages::Outages},
};
use serde_json::{Value, json};

/// The longest reason, in characters: users read it.
const REASON_MAX: usize = 200;

/// Reads `{reason, until?}`.
///
/// # Errors
/// Every fault, each with its place.
pub fn parse_pause(body: &[u8], now: Timestamp) -> Result<Pause, Vec<FieldError>> {
    let mut form = Form::default();
    let Some(fields) = form.body(body) else {
        return Err(form.errors);
    };
    form.known("", &fields, &["reason", "until"]);
    let reason = form.required_text("/reason", fields.get("reason"), 1..=REASON_MAX);
    let until = present(fields.get("until")).and_then(|until| {
        let until = until.as_str().and_then(Timestamp::from_rfc3339);
        if until.is_none_or(|until| until <= now) {
            let detail = "Must be a time in the future, as in 2026-12-31T18:00:00Z. Leave it out to pause until you take it back.";
            form.fault("/until", detail);
        }
        until
    });
    match reason {
        Some(reason) if form.errors.is_empty() => Ok(Pause {
            since: now,
            until,
            reason: reason.to_owned(),
        }),
        _ => Err(form.errors),
    }
}

/// Each back end, and what holds it.
#[must_use]
pub fn document(outages: &Outages, now: Timestamp) -> Value {
    let backends = Backend::ALL.map(|backend| {
        let closed = outages.closed().get(&backend);
        let outage = closed.and_then(|closed| closed.outage.as_ref());
        let pause = closed.and_then(|closed| closed.pause.as_ref());
        let pause = pause.filter(|pause| pause.until.is_none_or(|until| now < until));
        json!({
            "name": backend,
            "status": match (pause, outage) {
                (Some(_), _) => "paused",
                (None, Some(_)) => "out",
                (None, None) => "up",
            },
            "outage": outage.map(|outage| json!({
                "since": outage.since.to_rfc3339(),
                "until": Some(outage.until).filter(|until| *until > now).map(Timestamp::to_rfc3339),
                "by": if outage.is_named { "backend" } else { "breaker" },
                "stages": outage.stages.iter().map(|stage: &Stage| stage.name()).collect::<Vec<_>>(),
                "reason": outage.code,
                "trying": outage.probe,
            })),
            "pause": pause.map(|pause| json!({
                "since": pause.since.to_rfc3339(),
                "until": pause.until.map(Timestamp::to_rfc3339),
                "reason": pause.reason,
            })),
        })
    });
    json!({"backends": backends})
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn a_pause_has_a_reason_and_perhaps_an_end() {
        let pause = parse_pause(br#"{"reason":"GPU driver"}"#, NOW).unwrap();
        assert_eq!((pause.reason.as_str(), pause.until), ("GPU driver", None));
        let body = br#"{"reason":"r","until":"2023-11-14T23:13:21+00:00"}"#;
        let until = parse_pause(body, NOW).unwrap().until;
        assert_eq!(until, Some(Timestamp::from_millis(1_700_003_601_000)));
    }

    #[test]
    fn all_faults_of_a_pause_are_named_at_once() {
        let body = br#"{"reason":"","until":"2020-01-01T00:00:00Z","why":1}"#;
        let faults = parse_pause(body, NOW).unwrap_err();
        let at: Vec<_> = faults
            .iter()
            .map(|fault| fault.pointer.as_deref())
            .collect();
        assert_eq!(at, [Some("/why"), Some("/reason"), Some("/until")]);
    }

    #[test]
    fn what_nothing_holds_is_up() {
        let document = document(&Outages::default(), NOW);
        let states = document["backends"].as_array().unwrap().iter();
        let states: Vec<_> = states.map(|one| &one["status"]).collect();
        assert_eq!(states, ["up", "up"]);
    }
}
