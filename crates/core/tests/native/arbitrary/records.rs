//! Any record of a job, a plan or an account.

use super::{count, job_id, mailbox, moment, rank, series_id, state, text, tier, user_id, window};
use proptest::prelude::*;
use queue_core::{
    domain::{
        Backend, Kind, ReplayId, Stage, Subscription, Timestamp,
        plan::{AccountType, Paid, PlanName},
        subscription::{Grace, SubscriptionStatus},
    },
    gate::{
        Job, State,
        account::{Account, KnownPlan, Standing, Usage, Walk},
        command::{PlanChange, PlanEvent, PlanStep, PlanView, SubscriptionView},
        job::{ArtifactRecord, JobError, MetOutage, StageRecord},
        past::{Entry, LastReplay, Past},
        subscriptions::{Row, Subscriptions},
    },
};

pub fn artifacts() -> impl Strategy<Value = Vec<ArtifactRecord>> {
    let bytes = prop_oneof![Just(u64::MAX), Just(0), any::<u64>()];
    let place = (any::<u64>(), bytes);
    let artifact = (text(), text(), place, count());
    let artifact =
        artifact.prop_map(
            |(name, content_type, (offset, bytes), epoch)| ArtifactRecord {
                name,
                content_type,
                offset,
                bytes,
                epoch,
            },
        );
    prop::collection::vec(artifact, 0..3)
}

fn stage_record() -> impl Strategy<Value = StageRecord> {
    let times = (prop::option::of(moment()), prop::option::of(moment()));
    (count(), times, artifacts()).prop_map(|(failures, (started_at, finished_at), artifacts)| {
        StageRecord {
            name: Stage::Image,
            failures,
            started_at,
            began_at: started_at,
            finished_at,
            artifacts,
        }
    })
}

fn met(since: Timestamp, times: u32) -> MetOutage {
    MetOutage {
        backend: Backend::Generator,
        since,
        at: since,
        times,
    }
}

/// One that ends with that error, perhaps replayed.
fn past(error: Option<&JobError>, count: u32) -> Past {
    let Some(error) = error else {
        return Past::default();
    };
    let (at, epoch) = (error.at, count);
    let is_odd = count % 2 == 1;
    let run = is_odd.then(|| ReplayId::new(at, &[1; 10]));
    let failed = Entry::Failed {
        stage: Stage::Image,
        number: count,
        epoch,
        began_at: Some(at),
        ended_at: at,
        code: error.code.clone(),
        message: error.message.clone(),
        backend: is_odd.then_some(Backend::Generator),
        times: count,
    };
    let replayed = Entry::Replayed {
        at,
        stage: Stage::Image,
        from: State::Failed,
        error: Some(error.clone()).filter(|_| is_odd),
        run: run.clone(),
    };
    Past {
        entries: vec![failed, replayed],
        dropped: count,
        replays: count,
        last: Some(LastReplay {
            at,
            epoch,
            key: Some(error.code.clone()),
            run,
        }),
        aged_from: Some(at).filter(|_| is_odd),
        sweeping: Some(at).filter(|_| is_odd),
        is_swept: is_odd,
    }
}

/// Any row, also one that no gate would write, but with a record a stage. Boxed: it has too many parts for a
/// test's stack.
pub fn job() -> BoxedStrategy<Job> {
    let place = prop_oneof![4 => 0..3_usize, 1 => Just(usize::MAX)];
    let error = (text(), text(), moment());
    let error = error.prop_map(|(code, message, at)| JobError { code, message, at });
    let order = (tier(), count(), rank());
    let fixed = (job_id(), series_id(), order, moment(), window());
    let numbers = [(); 5].map(|()| count());
    let moving = (place, state(), numbers, any::<bool>());
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
            let (job_id, series_id, (tier, priority, rank), submitted_at, window) = fixed;
            let (place, state, numbers, cancel_requested) = moving;
            let [epoch, reported, sends, times_parked, weight] = numbers;
            let (room_at, due, granted_at, started_at, finished_at) = times;
            let (holder, idempotency_key, error) = texts;
            Job {
                job_id,
                series_id,
                kind: Kind::story(),
                tier,
                priority,
                rank,
                submitted_at,
                window,
                room_at,
                changed_at: room_at,
                state,
                stage: place,
                epoch,
                reported,
                due,
                purges: sends / 2,
                sends,
                holder,
                weight,
                granted_at,
                granted_epoch: epoch / 2,
                started_at,
                finished_at,
                times_parked,
                max_chars: weight / 2,
                by_kind: times_parked > 2,
                cancel_requested,
                lowered_to: Some(tier).filter(|_| sends > 1),
                counted_in: started_at.filter(|_| times_parked > 1),
                idempotency_key,
                outage: started_at.filter(|_| sends > 2).map(|at| met(at, sends)),
                past: past(error.as_ref(), sends),
                error,
                stages,
            }
        })
        .boxed()
}

fn account_type() -> impl Strategy<Value = AccountType> {
    prop::sample::select(&AccountType::ALL[..])
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..3)
}

fn subscription() -> impl Strategy<Value = Subscription> {
    let status = prop::sample::select(&SubscriptionStatus::ALL[..]);
    let parts = (text(), status, moment(), texts(), prop::option::of(text()));
    parts.prop_map(|(id, status, since, price_ids, customer)| Subscription {
        id,
        status,
        since,
        price_ids,
        customer,
    })
}

fn row() -> impl Strategy<Value = Row> {
    let at = || prop::option::of(moment());
    let parts = (subscription(), moment(), texts(), texts(), (at(), at()));
    parts.prop_map(
        |(subscription, as_of, events, marks, (over_at, bound))| Row {
            subscription,
            as_of,
            events,
            marks,
            grace: Grace { over_at, bound },
        },
    )
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
    let about = (event, prop::option::of(text()));
    (moment(), text(), about, standing(), standing()).prop_map(
        |(at, by, (event, subscription), from, to)| PlanStep {
            at,
            by,
            event,
            subscription,
            from,
            to,
        },
    )
}

pub fn plan_view() -> impl Strategy<Value = PlanView> {
    let until = || prop::option::of(moment());
    let paid = (tier(), until()).prop_map(|(tier, until)| Paid { tier, until });
    let view = (subscription(), prop::option::of(paid), any::<bool>());
    let view = view.prop_map(|(subscription, paid, counts)| SubscriptionView {
        subscription,
        paid,
        counts,
    });
    let views = prop::collection::vec(view, 0..3);
    (plan_name(), account_type(), views, until()).prop_map(
        |(name, account_type, subscriptions, until)| PlanView {
            name,
            account_type,
            subscriptions,
            until,
        },
    )
}

pub fn plan_change() -> impl Strategy<Value = PlanChange> {
    let began = prop::option::of(moment());
    let flags = any::<[bool; 2]>();
    let event = (text(), moment(), flags, began, texts());
    let event = event.prop_map(
        |(id, created, [is_read, has_turned], began, marks)| PlanEvent {
            id,
            created,
            is_read,
            began,
            has_turned,
            marks,
        },
    );
    let told = prop::option::of(prop::option::of(subscription()));
    let event = prop::option::of(event);
    let parts = (
        prop::option::of(account_type()),
        told,
        any::<bool>(),
        text(),
    );
    (parts, event).prop_map(
        |((account_type, subscription, keeps_price, by), event)| PlanChange {
            account_type,
            subscription,
            keeps_price,
            by,
            event,
        },
    )
}

/// Any account, also one that no gate would write.
pub fn account() -> BoxedStrategy<Account> {
    let at = || prop::option::of(moment());
    let lists = (
        prop::collection::vec(row(), 0..3),
        prop::collection::vec(plan_step(), 0..3),
    );
    let known = (account_type(), [at(), at()], lists).prop_map(
        |(account_type, [until, next_reading], (rows, history))| KnownPlan {
            account_type,
            subscriptions: Subscriptions(rows),
            until,
            next_reading,
            history,
        },
    );
    let usage = (moment(), count()).prop_map(|(since, used)| Usage {
        since,
        kind: Kind::story(),
        used,
    });
    let walk = (prop::option::of(state()), prop::option::of(job_id()))
        .prop_map(|(state, before)| Walk { state, before });
    let parts = (
        prop::option::of(known),
        prop::option::of(mailbox()),
        prop::collection::vec(usage, 0..3),
        at(),
        prop::option::of(walk),
    );
    (user_id(), tier(), any::<bool>(), parts)
        .prop_map(
            |(user_id, tier, stated, (plan, mailbox, usage, erasing, walk))| Account {
                user_id,
                tier,
                stated,
                plan,
                usage,
                mailbox,
                erasing,
                walk,
            },
        )
        .boxed()
}
