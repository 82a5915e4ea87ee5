//! Pins every shape that outlives a deploy: tickets, rows, and calls between Worker and object.
//!
//! Old tickets, old rows and the other side of a rolling deploy read these shapes. A change here is allowed
//! only if everything written before is still read: add fields with defaults, never rename or remove.

mod gate;
mod live;
mod plans;
mod pool;
mod rows;

use crate::gate::commands::artifacts;
use queue_core::{
    domain::{
        Backend, JobId, Kind, Rank, ReplayId, SeriesId, Stage, Ticket, Tier, Timestamp, UserId,
        Window,
    },
    estimate::Estimate,
    gate::{
        Job, State,
        job::{JobError, MetOutage, StageRecord},
        past::{Entry, LastReplay, Past},
    },
    line::want::{Holding, Want},
    pool::coming::{Before, Coming, Own},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt::Debug, time::Duration};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn job_id() -> JobId {
    JobId::new(NOW, &[7; 10])
}

fn user_id() -> UserId {
    UserId::try_from("auth0|u".to_owned()).unwrap()
}

fn holding() -> Holding {
    Holding {
        job_id: job_id(),
        epoch: 3,
    }
}

/// What is told of a job's turn.
fn estimate() -> Estimate {
    Estimate {
        starts_at: NOW,
        from: NOW,
        until: NOW,
        ended: 3,
        ahead: 4,
    }
}

/// A job that comes into the pool's line later, with all it may have.
fn coming() -> Coming {
    Coming {
        kind: Kind::story(),
        stage: Stage::Audio,
        rank: rank(),
        ages_later: true,
        not_before: Some(NOW),
        parked: Some(Own {
            leases: vec![job_id()],
            held: 2,
            above: 1,
            before: vec![Before {
                kind: Kind::story(),
                stage: Stage::Image,
                count: 5,
            }],
        }),
    }
}

fn series_id() -> SeriesId {
    SeriesId::try_from("s".to_owned()).unwrap()
}

fn rank() -> Rank {
    Rank::new(NOW, 4, Duration::from_mins(30))
}

/// A ticket with all it may have.
fn ticket() -> Ticket {
    Ticket {
        job_id: job_id(),
        user_id: user_id(),
        kind: Kind::story(),
        stage: Stage::Audio,
        tier: Tier::Tier4,
        priority: 4,
        submitted_at: NOW,
        epoch: Some(3),
        weight: Some(9),
        aged_from: Some(NOW),
    }
}

fn window() -> Window {
    Window {
        not_before: Some(NOW),
        start_by: Some(NOW),
    }
}

fn want() -> Want {
    Want {
        ticket: ticket(),
        rank: rank(),
        mark: None,
    }
}

/// All that a job can have gone through.
fn past() -> Past {
    let failed = |backend| Entry::Failed {
        stage: Stage::Image,
        number: 1,
        epoch: 2,
        began_at: Some(NOW),
        ended_at: NOW,
        code: "c".to_owned(),
        message: "m".to_owned(),
        backend,
        times: 1,
    };
    Past {
        entries: vec![
            failed(None),
            failed(Some(Backend::Generator)),
            Entry::Made {
                stage: Stage::Image,
                number: 2,
                began_at: Some(NOW),
                ended_at: NOW,
            },
            Entry::Replayed {
                at: NOW,
                stage: Stage::Audio,
                from: State::Failed,
                error: Some(error()),
                run: Some(replay_id()),
            },
        ],
        dropped: 3,
        replays: 1,
        last: Some(LastReplay {
            at: NOW,
            epoch: 2,
            key: Some("k".to_owned()),
            run: Some(replay_id()),
        }),
        aged_from: Some(NOW),
        sweeping: Some(NOW),
        is_swept: true,
    }
}

fn error() -> JobError {
    JobError {
        code: "c".to_owned(),
        message: "m".to_owned(),
        at: NOW,
    }
}

fn replay_id() -> ReplayId {
    ReplayId::new(NOW, &[1; 10])
}

/// A job with all it may have.
fn job() -> Job {
    let stage = StageRecord {
        name: Stage::Image,
        failures: 1,
        started_at: Some(NOW),
        began_at: Some(NOW),
        finished_at: Some(NOW),
        artifacts: artifacts(2),
    };
    Job {
        job_id: job_id(),
        series_id: series_id(),
        kind: Kind::story(),
        tier: Tier::Tier4,
        priority: 4,
        rank: rank(),
        submitted_at: NOW,
        window: window(),
        room_at: Some(NOW),
        changed_at: Some(NOW),
        state: State::Running,
        stage: 1,
        epoch: 3,
        reported: 2,
        due: Some(NOW),
        purges: 1,
        sends: 1,
        holder: Some("h".to_owned()),
        weight: 9,
        granted_at: Some(NOW),
        granted_epoch: 1,
        started_at: Some(NOW),
        finished_at: None,
        times_parked: 1,
        max_chars: 7,
        by_kind: true,
        cancel_requested: false,
        lowered_to: Some(Tier::Tier2),
        counted_in: Some(NOW),
        idempotency_key: Some("k".to_owned()),
        outage: Some(MetOutage {
            backend: Backend::Generator,
            since: NOW,
            at: NOW,
            times: 2,
        }),
        error: Some(error()),
        past: past(),
        stages: vec![
            stage,
            StageRecord::new(Stage::Audio),
            StageRecord::new(Stage::Video),
        ],
    }
}

/// One line a value, each of which must read back as itself.
fn lines<T: Serialize + DeserializeOwned + Debug + PartialEq>(values: Vec<T>) -> String {
    let line = |value: T| {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value);
        text + "\n"
    };
    values.into_iter().map(line).collect()
}
