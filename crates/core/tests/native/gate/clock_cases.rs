//! The states of a gate in which its clock may step, what holds once the clock is right again, and what in the end.

use super::object::{Object, Step};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{Tier, subscription::SubscriptionStatus},
    gate::{Command, Reply, SqlStore, Store},
    line::pause::FAR,
};
use std::time::Duration;

/// How long ended jobs are kept, and a grace lasts: the longest legal pauses.
pub const KEPT: Duration = Duration::from_hours(6);

const HOUR: Duration = Duration::from_hours(1);

/// A state of a gate, what holds once the clock is right again, and what in the end.
pub struct Case {
    pub name: &'static str,
    pub prepare: fn(&mut Object),
    /// What happens while the clock is wrong, besides a question.
    pub call: fn(&mut Object),
    pub back: fn(&mut Object, Step) -> bool,
    pub end: fn(&mut Object, Step) -> bool,
}

const CASE: Case = Case {
    name: "",
    prepare: |_| {},
    call: |object| _ = submit(object),
    back: |_, _| true,
    end: |object, _| object.gate.jobs().is_empty(),
};

fn submit(object: &mut Object) -> Reply {
    let job = object.gate.new_job(None);
    object.call(Command::Submit(job))
}

fn tier(object: &mut Object) -> Tier {
    object.gate.account().tier
}

fn sweeps(object: &Object) -> usize {
    let store = SqlStore::new(&object.gate.database);
    store.sweeps(9).unwrap().len()
}

/// A job that runs, whose consumer is dead.
fn running(object: &mut Object) {
    let job_id = object.gate.submit(Tier::Tier1);
    object.follow();
    object.lose();
    object.gate.start(&job_id);
    object.follow();
}

fn ended(object: &mut Object) {
    object.gate.submit_with_key("k", "print");
    object.follow();
    object.go_on(Duration::ZERO);
}

/// The first job was kept long enough, but for the step.
fn is_not_early(object: &Object, step: Step, kept: Duration) -> bool {
    let due = START.after(kept).before(step.early());
    object.forgotten.first().is_none_or(|(_, at)| due <= *at)
}

/// What a job may be at.
pub fn jobs() -> Vec<Case> {
    vec![
        Case {
            name: "queued",
            prepare: |object| {
                object.gate.submit(Tier::Tier1);
                object.follow();
                object.lose();
            },
            ..CASE
        },
        Case {
            name: "running",
            prepare: running,
            ..CASE
        },
        Case {
            name: "parked",
            prepare: |object| {
                object.gate.set_limit(1);
                running(object);
                submit(object);
            },
            ..CASE
        },
        Case {
            name: "retrying",
            prepare: |object| {
                let job_id = object.gate.submit(Tier::Tier1);
                object.follow();
                object.lose();
                let epoch = object.gate.start(&job_id).epoch;
                object.gate.fail(&job_id, epoch, false);
                object.follow();
            },
            ..CASE
        },
        Case {
            name: "ended",
            prepare: ended,
            call: |_| {},
            end: |object, step| object.gate.jobs().is_empty() && is_not_early(object, step, KEPT),
            ..CASE
        },
        Case {
            name: "key",
            prepare: ended,
            back: |object, step| {
                let is_kept = !object.gate.jobs().is_empty() && object.forgotten.is_empty();
                let reply = object.gate.submit_with_key("k", "print");
                object.follow();
                let replays = matches!(reply, Reply::Submitted { replayed, .. } if replayed);
                replays == is_kept && (is_kept || step.early() > HOUR)
            },
            end: |object, _| {
                let reply = object.gate.submit_with_key("k", "other");
                matches!(reply, Reply::Submitted { replayed, .. } if !replayed)
            },
            ..CASE
        },
    ]
}

/// What a user may be at.
pub fn users() -> Vec<Case> {
    vec![
        Case {
            name: "erasing",
            prepare: |object| {
                running(object);
                submit(object);
                object.has_bucket = false;
                object.call(Command::DeleteUser);
                object.has_bucket = true;
            },
            call: |_| {},
            end: |object, _| object.gate.is_forgotten() && sweeps(object) == 0,
            ..CASE
        },
        Case {
            name: "plan of a user who came back",
            prepare: |object| {
                submit(object);
                object.go_on(Duration::ZERO);
            },
            call: |object| {
                object.call(Command::DeleteUser);
                object.go_on(Duration::ZERO);
            },
            back: |object, _| {
                object.gate.pass(Duration::from_secs(1));
                let now = object.gate.now.as_millis() - START.as_millis();
                object.gate.stripe("evt_1", now, SubscriptionStatus::Active);
                object.follow();
                tier(object) == Tier::Tier3
            },
            ..CASE
        },
    ]
}

/// What a plan or a quota may be at.
pub fn plans() -> Vec<Case> {
    vec![
        Case {
            name: "grace",
            prepare: |object| {
                object.gate.subscribe(SubscriptionStatus::PastDue);
                object.follow();
            },
            back: |object, step| {
                let ended = step.early() >= KEPT;
                tier(object) == if ended { Tier::Tier1 } else { Tier::Tier3 }
            },
            end: |object, _| tier(object) == Tier::Tier1,
            ..CASE
        },
        Case {
            name: "grace that began in between",
            call: |object| {
                object.gate.subscribe(SubscriptionStatus::PastDue);
                object.follow();
            },
            end: |object, _| tier(object) == Tier::Tier1,
            ..CASE
        },
        Case {
            name: "quota",
            prepare: |object| {
                object.gate.set_quotas(r#"{"tier1":{"jobsPerMonth":3}}"#);
                submit(object);
            },
            back: |object, _| {
                let month = object.gate.month().unwrap();
                let is_counted = (1..=2).contains(&month.used);
                is_counted && matches!(submit(object), Reply::Submitted { .. })
            },
            ..CASE
        },
    ]
}

/// What a gate may be at.
pub fn work() -> Vec<Case> {
    vec![
        Case {
            name: "walk",
            prepare: |object| {
                object.has_deliveries = false;
                object.gate.submit_many(Tier::Tier1, 210);
                object.gate.set_tier(Tier::Tier4);
                object.follow();
            },
            call: |_| {},
            end: |object, _| {
                let jobs = object.gate.jobs();
                let is_done = jobs.iter().all(|job| job.tier == Tier::Tier4);
                is_done && object.gate.held() == 20
            },
            ..CASE
        },
        Case {
            name: "purge under way",
            prepare: |object| {
                ended(object);
                object.has_bucket = false;
                object.go_on(KEPT + 2 * HOUR);
                object.gate.wake();
                object.follow();
                object.has_bucket = true;
            },
            ..CASE
        },
        Case {
            name: "sweep",
            prepare: |object| {
                running(object);
                let job_id = object.gate.jobs().remove(0).job_id;
                object.gate.fail(&job_id, 2, true);
                object.follow();
                object.call(Command::DeleteUser);
                object.go_on(Duration::ZERO);
                assert!(object.gate.is_forgotten() && sweeps(object) == 1);
                object.forgotten.clear();
            },
            call: |_| {},
            end: |object, step| {
                // To a clock that is far behind, it seems to be written by one that was far ahead.
                let may_be_early = !step.is_ahead && step.by > FAR;
                let in_time = may_be_early || is_not_early(object, step, HOUR / 2);
                in_time && sweeps(object) == 0 && object.gate.jobs().is_empty()
            },
            ..CASE
        },
    ]
}
