//! Any value of every type that crosses a wire; extreme ones come often.

use proptest::{prelude::*, sample::Index};
use std::time::Duration;
use story_queue::{
    domain::{
        JobId, Kind, Plan, Rank, SeriesId, Stage, Ticket, Tier, Timestamp, UserId,
        plan::{AccountType, PlanName, Subscription, SubscriptionStatus},
    },
    gate::{
        Job, State,
        command::{PlanChange, PlanEvent, PlanStep, PlanView},
        job::{ArtifactRecord, JobError, StageRecord},
        plan::{KnownPlan, SeenEvent, Standing},
        quota::Usage,
        store::Account,
    },
};

/// No files of past failures: a failure is shrunk, printed, and becomes a test of its own.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

pub fn count() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()]
}

/// Milliseconds, also those that no [`Timestamp`] can have.
pub fn millis() -> impl Strategy<Value = i64> {
    const SAFE: i64 = (1 << 53) - 1;
    let edges = [i64::MIN, -SAFE - 1, -SAFE, -1, 0, SAFE, SAFE + 1, i64::MAX];
    let today = 1_700_000_000_000_i64..1_800_000_000_000;
    prop_oneof![prop::sample::select(edges.to_vec()), today, any::<i64>()]
}

pub fn moment() -> impl Strategy<Value = Timestamp> {
    millis().prop_map(Timestamp::from_millis)
}

/// Any text: line breaks, quotes, NUL and emoji included.
pub fn text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(&['\n', '\r', '\0', '"', '\\', '\u{2028}', '\u{1f980}'][..]);
    let character = prop_oneof![3 => any::<char>(), 1 => hostile];
    prop::collection::vec(character, 0..12).prop_map(String::from_iter)
}

fn name() -> impl Strategy<Value = String> {
    let name = "[A-Za-z0-9._:|@+=~-]{1,16}|[a-z]{128}";
    name.prop_filter("dots alone are no id", |text| text != "." && text != "..")
}

pub fn user_id() -> impl Strategy<Value = UserId> {
    name().prop_map(|text| UserId::try_from(text).unwrap())
}

pub fn series_id() -> impl Strategy<Value = SeriesId> {
    name().prop_map(|text| SeriesId::try_from(text).unwrap())
}

pub fn job_id() -> impl Strategy<Value = JobId> {
    (moment(), any::<[u8; 10]>()).prop_map(|(now, random)| JobId::new(now, &random))
}

pub fn tier() -> impl Strategy<Value = Tier> {
    prop::sample::select(&Tier::ALL[..])
}

pub fn stage() -> impl Strategy<Value = Stage> {
    prop::sample::select(Kind::STORY.stages())
}

pub fn state() -> impl Strategy<Value = State> {
    prop::sample::select(&State::ALL[..])
}

pub fn rank() -> impl Strategy<Value = Rank> {
    (moment(), count(), any::<u64>())
        .prop_map(|(at, priority, boost)| Rank::new(at, priority, Duration::from_millis(boost)))
}

pub fn ticket() -> impl Strategy<Value = Ticket> {
    let who = (job_id(), user_id(), stage(), tier());
    let when = (count(), moment(), prop::option::of(count()));
    (who, when).prop_map(
        |((job_id, user_id, stage, tier), (priority, submitted_at, epoch))| Ticket {
            job_id,
            user_id,
            kind: Kind::STORY,
            stage,
            tier,
            priority,
            submitted_at,
            epoch,
        },
    )
}

pub fn artifacts() -> impl Strategy<Value = Vec<ArtifactRecord>> {
    let bytes = prop_oneof![Just(u64::MAX), Just(0), any::<u64>()];
    let artifact = (text(), text(), bytes, count());
    let artifact = artifact.prop_map(|(name, content_type, bytes, epoch)| ArtifactRecord {
        name,
        content_type,
        bytes,
        epoch,
    });
    prop::collection::vec(artifact, 0..3)
}

fn stage_record() -> impl Strategy<Value = StageRecord> {
    let times = (prop::option::of(moment()), prop::option::of(moment()));
    (count(), times, artifacts()).prop_map(|(failures, (started_at, finished_at), artifacts)| {
        StageRecord {
            failures,
            started_at,
            finished_at,
            artifacts,
        }
    })
}

/// Any row, also one that no gate would write, but with a record a stage. Boxed: it has too many parts for a
/// test's stack.
pub fn job() -> BoxedStrategy<Job> {
    let place = prop_oneof![4 => 0..3_usize, 1 => Just(usize::MAX)];
    let error = (text(), text(), moment());
    let error = error.prop_map(|(code, message, at)| JobError { code, message, at });
    let fixed = (job_id(), series_id(), tier(), count(), rank(), moment());
    let moving = (place, state(), count(), count(), count(), any::<bool>());
    let at = || prop::option::of(moment());
    let times = (at(), at(), at(), at(), at());
    let texts = (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of(error),
    );
    let stages = prop::collection::vec(stage_record(), 3);
    (fixed, moving, times, texts, stages)
        .prop_map(|(fixed, moving, times, texts, stages)| {
            let (job_id, series_id, tier, priority, rank, submitted_at) = fixed;
            let (place, state, epoch, sends, times_parked, cancel_requested) = moving;
            let (room_at, due, granted_at, started_at, finished_at) = times;
            let (holder, idempotency_key, error) = texts;
            Job {
                job_id,
                series_id,
                kind: Kind::STORY,
                tier,
                priority,
                rank,
                submitted_at,
                room_at,
                state,
                stage: place,
                epoch,
                due,
                sends,
                told_rank: holder.as_ref().map(|_| rank),
                holder,
                granted_at,
                started_at,
                finished_at,
                times_parked,
                cancel_requested,
                lowered_to: Some(tier).filter(|_| sends > 1),
                counted: times_parked > 1,
                idempotency_key,
                error,
                stages,
            }
        })
        .boxed()
}

fn plan() -> impl Strategy<Value = Plan> {
    let status = prop::sample::select(&SubscriptionStatus::ALL[..]);
    let subscription = (status, moment(), prop::option::of(text()));
    let subscription = subscription.prop_map(|(status, since, price_id)| Subscription {
        status,
        since,
        price_id,
    });
    let account_type = prop::sample::select(&AccountType::ALL[..]);
    (account_type, prop::option::of(subscription)).prop_map(|(account_type, subscription)| Plan {
        account_type,
        subscription,
    })
}

fn plan_name() -> impl Strategy<Value = PlanName> {
    let names = [
        PlanName::Free,
        PlanName::Premium,
        PlanName::Complimentary,
        PlanName::Unlimited,
    ];
    prop::sample::select(names.to_vec())
}

pub fn plan_step() -> impl Strategy<Value = PlanStep> {
    let standing =
        || {
            let status = prop::option::of(prop::sample::select(&SubscriptionStatus::ALL[..]));
            (prop::option::of(plan_name()), status, tier())
                .prop_map(|(plan, status, tier)| Standing { plan, status, tier })
        };
    let event = prop::option::of(text());
    (moment(), text(), event, standing(), standing()).prop_map(|(at, by, event, from, to)| {
        PlanStep {
            at,
            by,
            event,
            from,
            to,
        }
    })
}

pub fn plan_view() -> impl Strategy<Value = PlanView> {
    (plan_name(), plan(), prop::option::of(moment())).prop_map(|(name, plan, until)| PlanView {
        name,
        plan,
        until,
    })
}

pub fn plan_change() -> impl Strategy<Value = PlanChange> {
    let event = (text(), moment()).prop_map(|(id, created)| PlanEvent { id, created });
    let parts = (any::<bool>(), any::<bool>());
    (plan(), parts, text(), prop::option::of(event)).prop_map(
        |(plan, (has_type, has_subscription), by, event)| PlanChange {
            account_type: has_type.then_some(plan.account_type),
            subscription: has_subscription.then_some(plan.subscription),
            by,
            event,
        },
    )
}

/// Any account, also one that no gate would write.
pub fn account() -> BoxedStrategy<Account> {
    let at = || prop::option::of(moment());
    let seen = (text(), moment()).prop_map(|(id, at)| SeenEvent { id, at });
    let lists = (
        prop::collection::vec(seen, 0..3),
        prop::collection::vec(plan_step(), 0..3),
    );
    let known =
        (plan(), at(), at(), lists).prop_map(|(plan, until, newest_event, (events, history))| {
            KnownPlan {
                plan,
                until,
                newest_event,
                events,
                history,
            }
        });
    let usage = (moment(), count()).prop_map(|(since, used)| Usage { since, used });
    let parts = (prop::option::of(known), prop::option::of(usage), at());
    (user_id(), tier(), any::<bool>(), parts)
        .prop_map(|(user_id, tier, stated, (plan, usage, erasing))| Account {
            user_id,
            tier,
            stated,
            plan,
            usage,
            erasing,
        })
        .boxed()
}

/// A few bytes of a message changed, lost, doubled or added, or its end cut off.
#[derive(Clone, Debug)]
pub enum Damage {
    Change(Index, u8),
    Lose(Index),
    Double(Index),
    Add(Index, u8),
    Cut(Index),
}

pub fn damage() -> impl Strategy<Value = Vec<Damage>> {
    // Bytes that mean something in JSON get further than others.
    let byte = || {
        prop_oneof![
            prop::sample::select(&br#"{}[]",:-+.eE0915\/ untf"#[..]),
            any::<u8>()
        ]
    };
    let index = any::<Index>;
    let one = prop_oneof![
        4 => (index(), byte()).prop_map(|(at, byte)| Damage::Change(at, byte)),
        2 => index().prop_map(Damage::Lose),
        2 => index().prop_map(Damage::Double),
        2 => (index(), byte()).prop_map(|(at, byte)| Damage::Add(at, byte)),
        1 => index().prop_map(Damage::Cut),
    ];
    prop::collection::vec(one, 1..4)
}

pub fn damaged(text: &str, damage: &[Damage]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for one in damage {
        // Nothing is left to damage once all is cut off.
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match one {
            Damage::Change(at, byte) => bytes[at.index(length)] = *byte,
            Damage::Lose(at) => drop(bytes.remove(at.index(length))),
            Damage::Double(at) => bytes.insert(at.index(length), bytes[at.index(length)]),
            Damage::Add(at, byte) => bytes.insert(at.index(length), *byte),
            Damage::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
    bytes
}
