//! Calls of a gate and its answers.

use super::{
    NOW, coming, estimate, job, job_id, lines,
    plans::{changes, with_plan},
    series_id, user_id, want, window,
};
use crate::{
    arbitrary::{SKIP_REASONS, UNTIMELY},
    assert_golden, delivery,
    gate::commands::{LEAVES, of_a_job, of_a_user},
};
use queue_core::{
    domain::{Kind, Tier, Window},
    gate::account::Account,
    gate::{
        Command, Reply, State,
        command::{
            AccountView, Call, Exceeded, Grant, IdempotencyKey, JobFilter, JobView, NewJob,
            Outcome, PlanOutcome, Quota, ReplayOutcome, Start,
        },
    },
};
use testkit::STORY;

/// The most that a submission says, and the least.
fn submissions() -> [NewJob; 2] {
    let new = NewJob {
        job_id: job_id(),
        kind: Kind::story(),
        stages: STORY.to_vec(),
        series_id: series_id(),
        stated_tier: Some(Tier::Tier4),
        tier_ceiling: Some(Tier::Tier4),
        claimed_tier: Some(Tier::Tier4),
        chars: 9,
        weight: 9,
        window: window(),
        payload: "{}".to_owned(),
        idempotency: Some(IdempotencyKey {
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
        }),
    };
    let bare = NewJob {
        stated_tier: None,
        tier_ceiling: None,
        claimed_tier: None,
        window: Window::default(),
        idempotency: None,
        ..new.clone()
    };
    [new, bare]
}

#[test]
fn calls_are_pinned() {
    let filter = JobFilter {
        state: Some(State::Parked),
        series_id: Some(series_id()),
        before: Some(job_id()),
        limit: 50,
        artifacts: true,
    };
    let mut commands = submissions().map(Command::Submit).to_vec();
    commands.extend(of_a_job(&job_id(), 3));
    for command in &mut commands {
        if let Command::Complete {
            ended_at, going, ..
        } = command
        {
            *ended_at = going.on.then_some(NOW);
        }
    }
    commands.extend(changes().map(Command::SetPlan));
    commands.extend(of_a_user(&job_id(), 3, filter));
    let calls = commands.into_iter().map(|command| Call {
        user_id: user_id(),
        command,
    });
    assert_golden("gate-calls.v1.jsonl", &lines(calls.collect()));
}

fn grant() -> Grant {
    Grant {
        tier: Tier::Tier4,
        priority: 4,
        wait_ms: Some(5),
        active: 7,
        limit: 20,
        ..delivery::harness::grant(3)
    }
}

fn starts() -> Vec<Start> {
    let skips = SKIP_REASONS.map(|reason| Start::Skip { reason });
    [Start::Run(grant())].into_iter().chain(skips).collect()
}

/// The least that is answered to a report, and the most.
fn reports() -> [Reply; 4] {
    let reported = |outcome, state, retry_at| Reply::Reported {
        outcome,
        state,
        cancel: false,
        retry_at,
        next: None,
        granted: Vec::new(),
    };
    [
        reported(Outcome::Accepted, Some(State::Retrying), Some(NOW)),
        reported(Outcome::Repeated, Some(State::Succeeded), None),
        reported(Outcome::Stale, None, None),
        Reply::Reported {
            outcome: Outcome::Accepted,
            state: Some(State::Running),
            cancel: true,
            retry_at: None,
            next: Some(Box::new(grant())),
            granted: vec![want()],
        },
    ]
}

fn exceeded() -> Exceeded {
    Exceeded {
        quota: Quota::JobsPerMonth,
        tier: Tier::Tier1,
        limit: 5,
        used: 5,
        resets_at: Some(NOW),
    }
}

fn exported() -> Reply {
    Reply::Exported {
        account: Some(Box::new(Account::new(user_id()))),
        jobs: vec![(job(), "{}".to_owned())],
        more: true,
    }
}

fn account() -> AccountView {
    AccountView {
        tier: Tier::Tier4,
        limit: 20,
        active: 1,
        parked: 2,
        queued: 3,
        retrying: 4,
        scheduled: 5,
        ..AccountView::default()
    }
}

#[test]
fn answers_are_pinned() {
    let account = account();
    let view = JobView {
        job: job(),
        active: 1,
        limit: 20,
        by_kind: true,
        position: Some(2),
        coming: Some(Box::new(coming())),
        estimate: Some(estimate()),
    };
    let mut replies = vec![
        Reply::Submitted {
            job: Box::new(job()),
            replayed: true,
        },
        Reply::KeyReused { job_id: job_id() },
        Reply::Started { starts: starts() },
    ];
    replies.extend(reports());
    replies.push(exported());
    replies.extend([
        Reply::Job {
            view: Some(Box::new(view)),
        },
        Reply::Job { view: None },
        Reply::Replayed {
            outcome: ReplayOutcome::Unknown,
            view: None,
        },
        Reply::TierNotEntitled {
            allowed: Tier::Tier2,
        },
        Reply::QuotaExceeded {
            exceeded: exceeded(),
        },
        Reply::Erasing,
        Reply::Untimely {
            faults: UNTIMELY.to_vec(),
        },
        Reply::PlanSet {
            account: with_plan(&account),
            outcome: PlanOutcome::Applied,
        },
        Reply::Account { account },
        Reply::UserDeleted {
            running: 1,
            is_gone: false,
        },
        Reply::Jobs {
            jobs: vec![],
            more: false,
        },
        Reply::Done,
    ]);
    assert_golden("gate-replies.v1.jsonl", &lines(replies));
}

#[test]
fn omitted_fields_have_defaults() {
    let submission = r#"{"op":"submit","jobId":"018bcfe5-6800-7000-8000-000000000000","kind":"story","stages":["image"],"seriesId":"s","statedTier":null,"payload":"{}","idempotency":null}"#;
    let Command::Submit(new) = serde_json::from_str(submission).unwrap() else {
        panic!("it is a submission");
    };
    let numbers = (new.tier_ceiling, new.chars, new.weight);
    assert_eq!(numbers, (None, 0, 0));
    let report = r#"{"op":"complete","jobId":"018bcfe5-6800-7000-8000-000000000000","epoch":3,"artifacts":[]}"#;
    let Command::Complete { going, .. } = serde_json::from_str(report).unwrap() else {
        panic!("it is a report");
    };
    assert_eq!(going, LEAVES);
}

#[test]
fn every_state_has_one_name() {
    for state in State::ALL {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(text, format!("\"{}\"", state.name()));
        assert_eq!(State::from_name(state.name()), Some(state));
    }
}
