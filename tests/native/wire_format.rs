//! Pins every shape that outlives a deploy: tickets, rows, and calls between Worker and object.
//!
//! Old tickets, old rows and the other side of a rolling deploy read these shapes. A change here is allowed
//! only if everything written before is still read: add fields with defaults, never rename or remove.

use crate::{gate_harness::artifacts, golden::assert_golden, sqlite::Sqlite};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use story_queue::{
    domain::{
        JobId, Kind, Plan, Rank, SeriesId, Stage, Ticket, Tier, Timestamp, UserId,
        plan::{AccountType, PlanName, Subscription, SubscriptionStatus},
    },
    gate::{
        Command, Job, Reply, SqlStore, State, Store,
        command::{
            AccountView, Admission, Call, Grant, Handed, Holding, IdempotencyKey, JobFilter,
            JobView, NewJob, Outcome, PlanChange, PlanEvent, PlanOutcome, PlanStep, PlanView,
            SkipReason, TierSource,
        },
        job::{JobError, StageRecord},
        plan::{KnownPlan, SeenEvent, Standing},
        quota::{Exceeded, MonthUse, Quota, Usage},
        store::{Account, UsedKey},
    },
    line::pace::Pace,
    pool::{
        self, Claim, Hold, Store as _,
        command::{Claimed, Place, Want},
    },
    storage::{Database, Value},
};

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

fn series_id() -> SeriesId {
    SeriesId::try_from("s".to_owned()).unwrap()
}

fn job() -> Job {
    let stage = StageRecord {
        failures: 1,
        started_at: Some(NOW),
        finished_at: Some(NOW),
        artifacts: artifacts(2),
    };
    Job {
        job_id: job_id(),
        series_id: series_id(),
        kind: Kind::STORY,
        tier: Tier::Tier4,
        priority: 4,
        rank: Rank::new(NOW, 4, std::time::Duration::from_mins(30)),
        submitted_at: NOW,
        room_at: Some(NOW),
        state: State::Running,
        stage: 1,
        epoch: 3,
        due: Some(NOW),
        sends: 1,
        holder: Some("h".to_owned()),
        told_rank: Some(Rank::new(NOW, 4, std::time::Duration::from_mins(30))),
        granted_at: Some(NOW),
        started_at: Some(NOW),
        finished_at: None,
        times_parked: 1,
        cancel_requested: false,
        lowered_to: Some(Tier::Tier2),
        counted: true,
        idempotency_key: Some("k".to_owned()),
        error: Some(JobError {
            code: "c".to_owned(),
            message: "m".to_owned(),
            at: NOW,
        }),
        stages: vec![stage, StageRecord::default(), StageRecord::default()],
    }
}

fn subscription() -> Subscription {
    Subscription {
        status: SubscriptionStatus::PastDue,
        since: NOW,
        price_id: Some("price_a".to_owned()),
    }
}

fn plan() -> Plan {
    Plan {
        account_type: AccountType::Standard,
        subscription: Some(subscription()),
    }
}

fn step() -> PlanStep {
    let standing = |plan, status, tier| Standing { plan, status, tier };
    let (premium, past_due) = (PlanName::Premium, SubscriptionStatus::PastDue);
    PlanStep {
        at: NOW,
        by: "stripe".to_owned(),
        event: Some("evt_1".to_owned()),
        from: standing(None, None, Tier::Tier1),
        to: standing(Some(premium), Some(past_due), Tier::Tier4),
    }
}

/// An account with all it may have.
fn account() -> Account {
    let seen = SeenEvent {
        id: "evt_1".to_owned(),
        at: NOW,
    };
    Account {
        tier: Tier::Tier4,
        stated: true,
        plan: Some(KnownPlan {
            plan: plan(),
            until: Some(NOW),
            newest_event: Some(NOW),
            events: vec![seen],
            history: vec![step()],
        }),
        usage: Some(Usage {
            since: NOW,
            used: 5,
        }),
        erasing: Some(NOW),
        ..Account::new(user_id())
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

fn ticket() -> Ticket {
    Ticket {
        job_id: job_id(),
        user_id: user_id(),
        kind: Kind::STORY,
        stage: Stage::Audio,
        tier: Tier::Tier4,
        priority: 4,
        submitted_at: NOW,
        epoch: None,
    }
}

#[test]
fn tickets_are_pinned() {
    let ticket = ticket();
    let held = Ticket {
        epoch: Some(3),
        ..ticket.clone()
    };
    assert_golden(
        "ticket.v1.jsonl",
        &format!("{}\n{}\n", ticket.to_text(), held.to_text()),
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one value a command")]
fn commands_are_pinned() {
    let new = NewJob {
        job_id: job_id(),
        kind: Kind::STORY,
        series_id: series_id(),
        stated_tier: Some(Tier::Tier4),
        tier_ceiling: Some(Tier::Tier4),
        script_chars: 9,
        payload: "{}".to_owned(),
        idempotency: Some(IdempotencyKey {
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
        }),
    };
    let bare = NewJob {
        stated_tier: None,
        tier_ceiling: None,
        idempotency: None,
        ..new.clone()
    };
    let filter = JobFilter {
        state: Some(State::Parked),
        series_id: Some(series_id()),
        before: Some(job_id()),
        limit: 50,
    };
    let message = "m".to_owned();
    let complete = |holder| Command::Complete {
        job_id: job_id(),
        epoch: 3,
        artifacts: artifacts(3),
        holder,
    };
    let fail = |holder| Command::Fail {
        job_id: job_id(),
        epoch: 3,
        permanent: true,
        code: "c".to_owned(),
        message: "m".to_owned(),
        entropy: 9,
        holder,
    };
    let commands = vec![
        Command::Submit(new),
        Command::Submit(bare),
        Command::Admit {
            holder: "h".to_owned(),
            jobs: vec![job_id()],
        },
        complete(None),
        complete(Some("h".to_owned())),
        fail(None),
        fail(Some("h".to_owned())),
        Command::HandBack {
            job_id: job_id(),
            epoch: 3,
        },
        Command::Renew {
            job_id: job_id(),
            epoch: 3,
        },
        Command::Wait {
            jobs: vec![holding()],
            in_line: true,
        },
        Command::SetTier { tier: Tier::Tier4 },
        Command::SetPlan(PlanChange {
            account_type: Some(AccountType::Complimentary),
            subscription: Some(Some(subscription())),
            by: "stripe".to_owned(),
            event: Some(PlanEvent {
                id: "evt_1".to_owned(),
                created: NOW,
            }),
        }),
        Command::SetPlan(PlanChange {
            account_type: None,
            subscription: Some(None),
            by: "service".to_owned(),
            event: None,
        }),
        Command::SetPlan(PlanChange {
            account_type: Some(AccountType::Unlimited),
            subscription: None,
            by: "service".to_owned(),
            event: None,
        }),
        Command::DeleteUser,
        Command::Bury {
            job_id: job_id(),
            message,
        },
        Command::Cancel { job_id: job_id() },
        Command::Forget {
            jobs: vec![job_id()],
        },
        Command::Wake { entropy: 9 },
        Command::Account,
        Command::Job { job_id: job_id() },
        Command::Jobs(filter),
    ];
    let calls = commands.into_iter().map(|command| Call {
        user_id: user_id(),
        command,
    });
    assert_golden("gate-calls.v1.jsonl", &lines(calls.collect()));
}

fn grant() -> Grant {
    Grant {
        epoch: 3,
        kind: Kind::STORY,
        stage: Stage::Image,
        tier: Tier::Tier4,
        priority: 4,
        rank: Rank::new(NOW, 4, std::time::Duration::from_mins(30)),
        attempt: 1,
        wait_ms: Some(5),
        active: 7,
        limit: 20,
        payload: "{}".to_owned(),
    }
}

fn admissions() -> Vec<Admission> {
    let skips = [
        SkipReason::AlreadyRunning,
        SkipReason::AlreadyParked,
        SkipReason::Retrying,
        SkipReason::Ended,
        SkipReason::Unknown,
    ];
    let mut admissions = vec![
        Admission::Run(grant()),
        Admission::Park {
            tier: Tier::Tier4,
            priority: 4,
            active: 20,
            limit: 20,
        },
    ];
    admissions.extend(skips.map(|reason| Admission::Skip { reason }));
    admissions
}

/// An account that shows all it can.
fn with_plan(account: &AccountView) -> AccountView {
    AccountView {
        source: TierSource::Plan,
        plan: Some(PlanView {
            name: PlanName::Premium,
            plan: plan(),
            until: Some(NOW),
        }),
        month: Some(MonthUse {
            limit: 5,
            used: 4,
            ends_at: NOW,
        }),
        changes: vec![step()],
        is_erased: true,
        ..account.clone()
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one value a reply")]
fn replies_are_pinned() {
    let admissions = admissions();
    let account = AccountView {
        tier: Tier::Tier4,
        limit: 20,
        active: 1,
        waiting: 1,
        parked: 2,
        queued: 3,
        retrying: 4,
        ..AccountView::default()
    };
    let view = JobView {
        job: job(),
        active: 1,
        limit: 20,
        position: Some(2),
        pace: Some(Pace {
            count: 3,
            over_ms: 4,
        }),
    };
    let reported = |outcome, state, retry_at| Reply::Reported {
        outcome,
        state,
        cancel: false,
        retry_at,
        handed: Vec::new(),
    };
    let handed = Reply::Reported {
        outcome: Outcome::Accepted,
        state: Some(State::Running),
        cancel: false,
        retry_at: None,
        handed: vec![Handed {
            ticket: ticket(),
            grant: grant(),
        }],
    };
    assert_golden(
        "gate-replies.v1.jsonl",
        &lines(vec![
            Reply::Submitted {
                job: Box::new(job()),
                replayed: true,
            },
            Reply::KeyReused { job_id: job_id() },
            Reply::Admitted { admissions },
            reported(Outcome::Accepted, Some(State::Retrying), Some(NOW)),
            reported(Outcome::Repeated, Some(State::Succeeded), None),
            reported(Outcome::Stale, None, None),
            handed,
            Reply::Job {
                view: Some(Box::new(view)),
            },
            Reply::Job { view: None },
            Reply::TierNotEntitled {
                allowed: Tier::Tier2,
            },
            Reply::QuotaExceeded {
                exceeded: Exceeded {
                    quota: Quota::JobsPerMonth,
                    tier: Tier::Tier1,
                    limit: 5,
                    used: 5,
                    resets_at: Some(NOW),
                },
            },
            Reply::Erasing,
            Reply::PlanSet {
                account: with_plan(&account),
                outcome: PlanOutcome::Applied,
            },
            Reply::Account { account },
            Reply::UserDeleted {
                running: 1,
                released: vec![holding()],
                is_gone: false,
            },
            Reply::Jobs {
                jobs: vec![],
                more: false,
            },
            Reply::Repriced { jobs: 3 },
            Reply::Done,
        ]),
    );
}

#[test]
fn tables_and_rows_are_pinned() {
    let database = Sqlite::in_memory();
    let store = SqlStore::new(&database);
    store.migrate().unwrap();
    store.save_account(&account()).unwrap();
    store.insert(&job(), "{}").unwrap();
    store
        .save_key(
            "k",
            &UsedKey {
                job_id: job_id(),
                fingerprint: "f".to_owned(),
            },
        )
        .unwrap();
    let dumped = dump(&database, &["gate", "jobs", "keys"]);
    assert_golden("gate-rows.v1.txt", &dumped);
}

#[test]
fn what_is_asked_of_a_pool_is_pinned() {
    let want = Want {
        ticket: ticket(),
        epoch: 3,
        rank: Rank::new(NOW, 4, std::time::Duration::from_mins(30)),
    };
    let commands = vec![
        pool::Command::claim(vec![want.clone()]),
        pool::Command::Claim {
            wants: vec![want],
            freed: vec![holding()],
            takes: true,
        },
        pool::Command::Release {
            jobs: vec![holding()],
        },
        pool::Command::Renew {
            jobs: vec![holding()],
        },
        pool::Command::Wake,
        pool::Command::Place { job_id: job_id() },
    ];
    assert_golden("pool-calls.v1.jsonl", &lines(commands));
    let place = Place {
        position: Some(2),
        active: 50,
        capacity: 50,
        pace: Some(Pace {
            count: 3,
            over_ms: 4,
        }),
    };
    let claimed = |tickets| pool::Reply::Claimed {
        claimed: vec![Claimed::Slot, Claimed::Parked, Claimed::Stale],
        active: 50,
        capacity: 50,
        tickets,
    };
    let replies = vec![
        claimed(Vec::new()),
        claimed(vec![ticket()]),
        pool::Reply::Renewed {
            lost: vec![job_id()],
        },
        pool::Reply::Place { place },
        pool::Reply::Done,
    ];
    assert_golden("pool-replies.v1.jsonl", &lines(replies));
}

#[test]
fn tables_and_rows_of_a_pool_are_pinned() {
    let database = Sqlite::in_memory();
    let store = pool::SqlStore::new(&database);
    store.migrate().unwrap();
    for (random, hold) in [Hold::Parked, Hold::Granted, Hold::Held]
        .into_iter()
        .enumerate()
    {
        let random = u8::try_from(random).unwrap();
        let mut ticket = ticket();
        ticket.job_id = JobId::new(NOW, &[random; 10]);
        let claim = Claim {
            ticket,
            epoch: 3,
            rank: Rank::new(NOW, 4, std::time::Duration::from_mins(30)),
            hold,
            due: hold.has_slot().then_some(NOW),
            sends: 1,
        };
        store.insert(&claim).unwrap();
        assert_eq!(store.find(&claim.ticket.job_id).unwrap(), Some(claim));
    }
    assert_golden("pool-rows.v1.txt", &dump(&database, &["pool", "jobs"]));
}

/// The tables as they were made, and their rows.
fn dump(database: &Sqlite, tables: &[&str]) -> String {
    let dump = |sql: &str| {
        let row = |row: Vec<Value>| {
            let values = row.into_iter().map(|value| match value {
                Value::Null => "NULL".to_owned(),
                Value::Integer(value) => value.to_string(),
                Value::Text(text) => text,
            });
            values.collect::<Vec<_>>().join(" | ") + "\n"
        };
        database
            .query(sql, &[])
            .unwrap()
            .into_iter()
            .map(row)
            .collect::<String>()
    };
    let schema = dump("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name");
    let table = |table: &&str| format!("-- {table}\n{}", dump(&format!("SELECT * FROM {table}")));
    let rows: String = tables.iter().map(table).collect();
    format!("{schema}{rows}")
}

#[test]
fn what_builds_without_plans_wrote_and_asked_is_read() {
    let account = r#"{"userId":"auth0|u","tier":"tier4"}"#;
    let tier = Tier::Tier4;
    let expected = Account {
        tier,
        ..Account::new(user_id())
    };
    assert_eq!(serde_json::from_str::<Account>(account).unwrap(), expected);
    assert_eq!(serde_json::to_string(&expected).unwrap(), account);
    let submission = r#"{"op":"submit","jobId":"018bcfe5-6800-7000-8000-000000000000","kind":"story","seriesId":"s","statedTier":null,"payload":"{}","idempotency":null}"#;
    let Command::Submit(new) = serde_json::from_str(submission).unwrap() else {
        panic!("it is a submission");
    };
    assert_eq!((new.tier_ceiling, new.script_chars), (None, 0));
    let view = r#"{"tier":"tier4","limit":20,"active":1,"parked":2,"queued":3,"retrying":4}"#;
    let view: AccountView = serde_json::from_str(view).unwrap();
    assert_eq!((view.source, view.plan), (TierSource::Default, None));
}

#[test]
fn a_row_of_every_state_reads_back() {
    for state in State::ALL {
        let text = serde_json::to_string(&state).unwrap();
        assert_eq!(text, format!("\"{}\"", state.name()));
        assert_eq!(State::from_name(state.name()), Some(state));
    }
}
