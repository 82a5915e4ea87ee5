//! Any call of a gate, and any answer.

use super::{
    artifacts, blame, count, holdings, job, job_id, mailbox, millis, moment, out, plan_change,
    plan_step, plan_view,
    pool::{coming, estimate},
    series_id, stage, state, text, tier, untimely, user_id, wants, window,
};
use proptest::{option::of, prelude::*};
use queue_core::{
    domain::{Kind, ReplayId, Stage},
    failures::Word,
    gate::{
        Command, Reply,
        command::{
            AccountView, Call, Exceeded, Going, Grant, IdempotencyKey, JobFilter, JobView,
            MonthUse, NewJob, Outcome, PlanOutcome, Quota, Replay, ReplayOutcome, ReplayRun,
            SkipReason, Start, TierSource,
        },
    },
};
use testkit::STORY;

pub fn going() -> impl Strategy<Value = Going> {
    any::<[bool; 2]>().prop_map(|[on, carries]| Going { on, carries })
}

fn submission() -> impl Strategy<Value = NewJob> {
    let key = (text(), text());
    let key = key.prop_map(|(key, fingerprint)| IdempotencyKey { key, fingerprint });
    let new = (
        (job_id(), series_id()),
        (of(tier()), of(tier()), count(), count()),
        (text(), of(key), window()),
    );
    new.prop_map(|(ids, numbers, (payload, idempotency, window))| NewJob {
        job_id: ids.0,
        kind: Kind::story(),
        stages: STORY.to_vec(),
        series_id: ids.1,
        stated_tier: numbers.0,
        tier_ceiling: numbers.1,
        claimed_tier: None,
        chars: numbers.2,
        weight: numbers.3,
        window,
        payload,
        idempotency,
    })
}

fn report() -> impl Strategy<Value = Command> {
    let of_whom = || (job_id(), count(), going());
    let why = (any::<bool>(), text(), text(), of(blame()), count());
    let fail = (of_whom(), why, of(moment())).prop_map(
        |((job_id, epoch, going), (permanent, code, message, blame, entropy), ended_at)| {
            Command::Fail {
                job_id,
                epoch,
                permanent,
                code,
                message,
                blame,
                entropy,
                ended_at,
                going,
            }
        },
    );
    let complete = (of_whom(), artifacts(), of(moment())).prop_map(
        |((job_id, epoch, going), artifacts, ended_at)| Command::Complete {
            job_id,
            epoch,
            artifacts,
            ended_at,
            going,
        },
    );
    let requeue = (of_whom(), of(any::<u32>())).prop_map(|((job_id, epoch, going), pause_ms)| {
        Command::Requeue {
            job_id,
            epoch,
            pause_ms,
            going,
        }
    });
    prop_oneof![complete, fail, requeue]
}

fn replay_id() -> impl Strategy<Value = ReplayId> {
    (moment(), any::<[u8; 10]>()).prop_map(|(at, random)| ReplayId::new(at, &random))
}

fn replay() -> impl Strategy<Value = Replay> {
    let run = (replay_id(), count()).prop_map(|(id, epoch)| ReplayRun { id, epoch });
    (job_id(), of(text()), of(run), of(tier())).prop_map(|(job_id, key, run, tier_ceiling)| {
        Replay {
            job_id,
            key,
            run,
            tier_ceiling,
        }
    })
}

fn command() -> impl Strategy<Value = Command> {
    let filter = (
        of(state()),
        of(series_id()),
        of(job_id()),
        count(),
        any::<bool>(),
    );
    let filter = filter.prop_map(|(state, series_id, before, limit, artifacts)| JobFilter {
        state,
        series_id,
        before,
        limit,
        artifacts,
    });
    let jobs = || prop::collection::vec(job_id(), 0..3);
    prop_oneof![
        1 => submission().prop_map(Command::Submit),
        1 => (text(), holdings()).prop_map(|(holder, jobs)| Command::Start { holder, jobs }),
        3 => report(),
        1 => (job_id(), count()).prop_map(|(job_id, epoch)| Command::Renew { job_id, epoch }),
        1 => plan_change().prop_map(Command::SetPlan),
        1 => (mailbox(), moment()).prop_map(|(mailbox, asked_at)| Command::SetMailbox { mailbox, asked_at }),
        1 => Just(Command::DeleteUser),
        1 => (job_id(), text()).prop_map(|(job_id, message)| Command::Bury { job_id, message }),
        1 => job_id().prop_map(|job_id| Command::Cancel { job_id }),
        1 => (jobs(), jobs()).prop_map(|(jobs, failed)| Command::Forget { jobs, failed }),
        1 => (job_id(), any::<bool>()).prop_map(|(job_id, begins)| Command::Swept { job_id, begins }),
        1 => replay().prop_map(Command::Replay),
        1 => (holdings(), out()).prop_map(|(gone, out)| Command::Told { gone, out }),
        1 => (job_id(), count()).prop_map(|(job_id, epoch)| Command::Listed { words: vec![Word::Gone { job_id, epoch }] }),
        1 => count().prop_map(|entropy| Command::Wake { entropy }),
        1 => Just(Command::Account),
        1 => job_id().prop_map(|job_id| Command::Job { job_id }),
        1 => filter.prop_map(Command::Jobs),
        1 => of(job_id()).prop_map(|before| Command::Export { before }),
    ]
}

pub fn call() -> impl Strategy<Value = Call> {
    (user_id(), command()).prop_map(|(user_id, command)| Call { user_id, command })
}

fn grant() -> impl Strategy<Value = Grant> {
    let counts = [(); 5].map(|()| count());
    (stage(), tier(), text(), counts, of(millis())).prop_map(
        |(stage, tier, payload, [epoch, priority, attempt, active, limit], wait_ms)| Grant {
            epoch,
            kind: Kind::story(),
            stage,
            tier,
            priority,
            attempt,
            wait_ms,
            active,
            limit,
            is_last: active % 2 == 0,
            next: (active % 2 == 1).then_some(Stage::Video),
            max_chars: limit / 2,
            made: Vec::new(),
            payload,
        },
    )
}

pub const SKIP_REASONS: [SkipReason; 7] = [
    SkipReason::AlreadyRunning,
    SkipReason::AlreadyParked,
    SkipReason::Scheduled,
    SkipReason::Retrying,
    SkipReason::OtherLease,
    SkipReason::Ended,
    SkipReason::Unknown,
];

fn start() -> impl Strategy<Value = Start> {
    prop_oneof![
        grant().prop_map(Start::Run),
        prop::sample::select(&SKIP_REASONS[..]).prop_map(|reason| Start::Skip { reason }),
    ]
}

fn account_view() -> impl Strategy<Value = AccountView> {
    let sources = vec![TierSource::Plan, TierSource::Stated, TierSource::Default];
    let month = (count(), count(), moment()).prop_map(|(limit, used, ends_at)| MonthUse {
        limit,
        used,
        ends_at,
    });
    let counts = [(); 6].map(|()| count());
    let plan = (of(plan_view()), prop::collection::vec(plan_step(), 0..2));
    let what = (
        prop::sample::select(sources),
        of(month),
        of(mailbox()),
        any::<bool>(),
    );
    (tier(), counts, plan, what).prop_map(|(tier, counts, (plan, changes), what)| {
        let [limit, active, parked, queued, retrying, scheduled] = counts;
        let (source, month, mailbox, is_erased) = what;
        AccountView {
            tier,
            limit,
            active,
            parked,
            queued,
            retrying,
            scheduled,
            source,
            plan,
            months: month
                .map(|month| (Kind::story(), month))
                .into_iter()
                .collect(),
            changes,
            mailbox,
            is_erased,
        }
    })
}

fn plan_outcome() -> impl Strategy<Value = PlanOutcome> {
    prop::sample::select(vec![
        PlanOutcome::Applied,
        PlanOutcome::Repeated,
        PlanOutcome::Outdated,
        PlanOutcome::Erased,
        PlanOutcome::Full,
    ])
}

fn refusal() -> impl Strategy<Value = Reply> {
    let quotas = vec![Quota::JobsPerMonth, Quota::MaxChars, Quota::MaxParkedJobs];
    let exceeded = (
        prop::sample::select(quotas),
        tier(),
        count(),
        count(),
        of(moment()),
    );
    prop_oneof![
        tier().prop_map(|allowed| Reply::TierNotEntitled { allowed }),
        Just(Reply::Erasing),
        untimely().prop_map(|fault| Reply::Untimely {
            faults: vec![fault]
        }),
        exceeded.prop_map(|(quota, tier, limit, used, resets_at)| {
            Reply::QuotaExceeded {
                exceeded: Exceeded {
                    quota,
                    tier,
                    limit,
                    used,
                    resets_at,
                },
            }
        }),
    ]
}

/// In a box, as the trees of values grow large on the stack.
fn job_view() -> BoxedStrategy<JobView> {
    let view = (
        job(),
        count(),
        count(),
        of(count()),
        of(coming()),
        of(estimate()),
    );
    view.prop_map(|(job, active, limit, position, coming, estimate)| JobView {
        job,
        active,
        limit,
        by_kind: active > limit,
        position,
        coming: coming.map(Box::new),
        estimate,
    })
    .boxed()
}

fn replayed() -> BoxedStrategy<Reply> {
    let replays = vec![
        ReplayOutcome::Begun,
        ReplayOutcome::Repeated,
        ReplayOutcome::Succeeded,
        ReplayOutcome::Changed,
        ReplayOutcome::Sweeping,
        ReplayOutcome::Unknown,
    ];
    let replayed = (prop::sample::select(replays), of(job_view()));
    replayed
        .prop_map(|(outcome, view)| Reply::Replayed {
            outcome,
            view: view.map(Box::new),
        })
        .boxed()
}

pub fn reply() -> impl Strategy<Value = Reply> {
    let outcomes = vec![Outcome::Accepted, Outcome::Repeated, Outcome::Stale];
    let outcome = prop::sample::select(outcomes);
    let told = (of(moment()), of(grant()), wants());
    let reported = (outcome, of(state()), any::<bool>(), told);
    let reported =
        reported.prop_map(
            |(outcome, state, cancel, (retry_at, next, granted))| Reply::Reported {
                outcome,
                state,
                cancel,
                retry_at,
                next: next.map(Box::new),
                granted,
            },
        );
    let starts = prop::collection::vec(start(), 0..4);
    prop_oneof![
        (job(), any::<bool>()).prop_map(|(job, replayed)| Reply::Submitted {
            job: Box::new(job),
            replayed
        }),
        job_id().prop_map(|job_id| Reply::KeyReused { job_id }),
        starts.prop_map(|starts| Reply::Started { starts }),
        reported,
        of(job_view()).prop_map(|view| Reply::Job {
            view: view.map(Box::new)
        }),
        replayed(),
        account_view().prop_map(|account| Reply::Account { account }),
        refusal(),
        (account_view(), plan_outcome())
            .prop_map(|(account, outcome)| Reply::PlanSet { account, outcome }),
        (count(), any::<bool>())
            .prop_map(|(running, is_gone)| Reply::UserDeleted { running, is_gone }),
        (prop::collection::vec(job(), 0..3), any::<bool>())
            .prop_map(|(jobs, more)| Reply::Jobs { jobs, more }),
        (prop::collection::vec((job(), text()), 0..3), any::<bool>()).prop_map(|(jobs, more)| {
            let account = None;
            Reply::Exported {
                account,
                jobs,
                more,
            }
        }),
        Just(Reply::Done),
    ]
}
