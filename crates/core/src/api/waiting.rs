//! Why a job does not run, as its user sees it.

use crate::{
    domain::{Backend, Timestamp},
    estimate::Estimate,
    gate::{Job, State, command::JobView},
    line::POSITION_MAX,
    pool::{
        command::Place,
        outages::{Halt, HaltedBy},
    },
};
use serde_json::{Value, json};

/// Why a job does not run, its place in the line in which it waits, and when its turn comes, as far as that can be said.
pub(super) fn waiting(view: &JobView, place: Option<&Place>) -> Option<Value> {
    let mut waiting = match view.job.state {
        State::Parked => in_line(parked(view), view.position),
        State::Queued => queued(&view.job, place),
        State::Retrying => backoff(&view.job),
        State::Scheduled => scheduled(&view.job),
        State::Running | State::Succeeded | State::Failed | State::Cancelled | State::Expired => {
            return None;
        }
    };
    let estimate = place.and_then(|place| place.estimate).or(view.estimate);
    if waiting["reason"] != "queue" && waiting["reason"] != "scheduled" {
        waiting["estimate"] = estimate.map_or(Value::Null, |estimate| told(&estimate));
    }
    Some(waiting)
}

fn parked(view: &JobView) -> Value {
    json!({
        "reason": if view.by_kind { "kind_limit" } else { "user_limit" },
        "detail": parked_detail(view),
        "active": view.active,
        "limit": view.limit,
    })
}

fn queued(job: &Job, place: Option<&Place>) -> Value {
    match place {
        Some(Place {
            halt: Some(halt), ..
        }) => halted(halt),
        _ if job.is_between_faults() => between_faults(job),
        Some(Place {
            position: Some(position),
            active,
            capacity,
            halt: None,
            ..
        }) => in_line(
            json!({
                "reason": "capacity",
                "detail": format!(
                    "{active} of {capacity} slots are in use, over all users. This job starts when it is first in line and a slot is free."
                ),
                "active": active,
                "limit": capacity,
            }),
            Some(*position),
        ),
        Some(_) => json!({"reason": "queue", "detail": "It is about to start."}),
        None => json!({"reason": "queue", "detail": "It is waiting for its turn."}),
    }
}

fn backoff(job: &Job) -> Value {
    json!({
        "reason": "backoff",
        "detail": if job.error.is_some() {
            "The last attempt failed. It will be tried again at the given time."
        } else {
            "What it needs is not there yet. It will look again at the given time."
        },
        "until": shown(job.due),
    })
}

/// Its time has not come.
fn scheduled(job: &Job) -> Value {
    json!({
        "reason": "scheduled",
        "detail": "Its submission asked not to start it before the given time.",
        "until": shown(job.window.not_before),
    })
}

/// A back end holds it.
fn halted(halt: &Halt) -> Value {
    let Halt {
        backend,
        since,
        until,
        by,
        reason,
    } = halt;
    let detail = match by {
        HaltedBy::Operator => format!("The service has paused {}: {reason}", label(*backend)),
        HaltedBy::Backend => format!(
            "{} is out and asked for a pause. Then one job tries, and the others follow.",
            label(*backend)
        ),
        HaltedBy::Breaker => format!(
            "{} is out. One job tries again every few seconds, and the others follow as soon as it succeeds.",
            label(*backend)
        ),
    };
    json!({
        "reason": "backend",
        "detail": capitalised(&detail),
        "backend": backend,
        "since": shown(Some(*since)),
        "until": shown(*until),
        "by": by,
    })
}

/// It met a fault of a back end, and is told to the pool again soon.
fn between_faults(job: &Job) -> Value {
    let met = job.outage.as_ref();
    let backend = met.map(|met| met.backend);
    let label = backend.map_or("What it needs", label);
    json!({
        "reason": "backend",
        "detail": capitalised(&format!("{label} did not answer as it should. The job tries again at the given time; no attempt is spent.")),
        "backend": backend,
        "since": shown(met.map(|met| met.since)),
        "until": shown(job.due),
        "by": Value::Null,
    })
}

const fn label(backend: Backend) -> &'static str {
    match backend {
        Backend::Generator => "the generator",
        Backend::Storage => "the storage",
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn parked_detail(view: &JobView) -> String {
    let (active, limit, kind) = (view.active, view.limit, &view.job.kind);
    let jobs = if view.by_kind {
        format!("active jobs of the kind {kind:?}", kind = kind.as_str())
    } else {
        "active jobs".to_owned()
    };
    format!(
        "The user has {active} {jobs} and a limit of {limit}. This job starts when it is first in line and one of them ends."
    )
}

/// Adds the place in the line.
fn in_line(mut reason: Value, position: Option<u32>) -> Value {
    reason["position"] = position.into();
    reason["positionIsAtLeast"] = position.is_some_and(|place| place > POSITION_MAX).into();
    reason
}

fn told(estimate: &Estimate) -> Value {
    json!({
        "startsAt": estimate.starts_at.to_rfc3339(),
        "from": estimate.from.to_rfc3339(),
        "until": estimate.until.to_rfc3339(),
        "basedOn": {"jobs": estimate.ended, "ahead": estimate.ahead},
    })
}

fn shown(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339)
}
