//! What is written is read back, whatever its values; what was damaged on the way is refused, never a panic.

use crate::arbitrary::{
    artifacts, cases, count, damage, damaged, job, job_id, millis, moment, plan_change, plan_step,
    plan_view, rank, series_id, stage, state, text, ticket, tier, user_id,
};
use proptest::{option::of, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use story_queue::{
    domain::{JobId, Kind, Rank, Ticket, Timestamp, ticket::TICKET_MAX_BYTES},
    gate::{
        Command, Job, Reply,
        command::{
            AccountView, Admission, Call, Grant, Handed, Holding, IdempotencyKey, JobFilter,
            JobView, NewJob, Outcome, PlanOutcome, SkipReason, TierSource,
        },
        quota::{Exceeded, MonthUse, Quota},
    },
    line::pace::Pace,
    pool::{self, command::Want},
};

fn command() -> impl Strategy<Value = Command> {
    let key = (text(), text());
    let key = key.prop_map(|(key, fingerprint)| IdempotencyKey { key, fingerprint });
    let new = (
        (job_id(), series_id()),
        (of(tier()), of(tier()), count()),
        (text(), of(key)),
    );
    let new = new.prop_map(|(ids, tiers, (payload, idempotency))| NewJob {
        job_id: ids.0,
        kind: Kind::STORY,
        series_id: ids.1,
        stated_tier: tiers.0,
        tier_ceiling: tiers.1,
        script_chars: tiers.2,
        payload,
        idempotency,
    });
    let filter = (of(state()), of(series_id()), of(job_id()), count());
    let filter = filter.prop_map(|(state, series_id, before, limit)| JobFilter {
        state,
        series_id,
        before,
        limit,
    });
    let fail = (job_id(), count(), any::<bool>(), text(), text(), count());
    let fail = (fail, of(text())).prop_map(
        |((job_id, epoch, permanent, code, message, entropy), holder)| Command::Fail {
            job_id,
            epoch,
            permanent,
            code,
            message,
            entropy,
            holder,
        },
    );
    let complete = (job_id(), count(), artifacts(), of(text()));
    let complete = complete.prop_map(|(job_id, epoch, artifacts, holder)| Command::Complete {
        job_id,
        epoch,
        artifacts,
        holder,
    });
    let jobs = || prop::collection::vec(job_id(), 0..3);
    prop_oneof![
        new.prop_map(Command::Submit),
        (text(), jobs()).prop_map(|(holder, jobs)| Command::Admit { holder, jobs }),
        complete,
        fail,
        (job_id(), count()).prop_map(|(job_id, epoch)| Command::HandBack { job_id, epoch }),
        (job_id(), count()).prop_map(|(job_id, epoch)| Command::Renew { job_id, epoch }),
        (holdings(), any::<bool>()).prop_map(|(jobs, in_line)| Command::Wait { jobs, in_line }),
        tier().prop_map(|tier| Command::SetTier { tier }),
        plan_change().prop_map(Command::SetPlan),
        Just(Command::DeleteUser),
        (job_id(), text()).prop_map(|(job_id, message)| Command::Bury { job_id, message }),
        job_id().prop_map(|job_id| Command::Cancel { job_id }),
        jobs().prop_map(|jobs| Command::Forget { jobs }),
        count().prop_map(|entropy| Command::Wake { entropy }),
        Just(Command::Account),
        job_id().prop_map(|job_id| Command::Job { job_id }),
        filter.prop_map(Command::Jobs),
    ]
}

fn holdings() -> impl Strategy<Value = Vec<Holding>> {
    let holding = (job_id(), count()).prop_map(|(job_id, epoch)| Holding { job_id, epoch });
    prop::collection::vec(holding, 0..4)
}

fn want() -> impl Strategy<Value = Want> {
    (ticket(), count(), rank()).prop_map(|(ticket, epoch, rank)| Want {
        ticket,
        epoch,
        rank,
    })
}

fn pool_command() -> impl Strategy<Value = pool::Command> {
    let wants = prop::collection::vec(want(), 0..4);
    let claim = (wants, holdings(), any::<bool>());
    let claim = claim.prop_map(|(wants, freed, takes)| pool::Command::Claim {
        wants,
        freed,
        takes,
    });
    prop_oneof![
        claim,
        holdings().prop_map(|jobs| pool::Command::Release { jobs }),
        holdings().prop_map(|jobs| pool::Command::Renew { jobs }),
        Just(pool::Command::Wake),
        job_id().prop_map(|job_id| pool::Command::Place { job_id }),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    (user_id(), command()).prop_map(|(user_id, command)| Call { user_id, command })
}

fn grant() -> impl Strategy<Value = Grant> {
    let who = (stage(), tier(), rank(), text());
    let counts = (count(), count(), count(), count(), count());
    (who, counts, of(millis())).prop_map(
        |((stage, tier, rank, payload), (epoch, priority, attempt, active, limit), wait_ms)| {
            Grant {
                epoch,
                kind: Kind::STORY,
                stage,
                tier,
                priority,
                rank,
                attempt,
                wait_ms,
                active,
                limit,
                payload,
            }
        },
    )
}

fn admission() -> impl Strategy<Value = Admission> {
    let reasons = [
        SkipReason::AlreadyRunning,
        SkipReason::AlreadyParked,
        SkipReason::Retrying,
        SkipReason::Ended,
        SkipReason::Unknown,
    ];
    let park = (tier(), count(), count(), count());
    let park = park.prop_map(|(tier, priority, active, limit)| Admission::Park {
        tier,
        priority,
        active,
        limit,
    });
    prop_oneof![
        grant().prop_map(Admission::Run),
        park,
        prop::sample::select(reasons.to_vec()).prop_map(|reason| Admission::Skip { reason }),
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
    let what = (prop::sample::select(sources), of(month), any::<bool>());
    (tier(), counts, plan, what).prop_map(|(tier, counts, (plan, changes), what)| {
        let [limit, active, waiting, parked, queued, retrying] = counts;
        let (source, month, is_erased) = what;
        AccountView {
            tier,
            limit,
            active,
            waiting,
            parked,
            queued,
            retrying,
            source,
            plan,
            month,
            changes,
            is_erased,
        }
    })
}

fn plan_outcome() -> impl Strategy<Value = PlanOutcome> {
    prop::sample::select(vec![
        PlanOutcome::Applied,
        PlanOutcome::Repeated,
        PlanOutcome::Outdated,
    ])
}

fn refusal() -> impl Strategy<Value = Reply> {
    let quotas = vec![
        Quota::JobsPerMonth,
        Quota::MaxScriptChars,
        Quota::MaxParkedJobs,
    ];
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

fn reply() -> impl Strategy<Value = Reply> {
    let outcomes = vec![Outcome::Accepted, Outcome::Repeated, Outcome::Stale];
    let outcome = prop::sample::select(outcomes);
    let handed = (ticket(), grant()).prop_map(|(ticket, grant)| Handed { ticket, grant });
    let handed = prop::collection::vec(handed, 0..3);
    let reported = (outcome, of(state()), any::<bool>(), of(moment()), handed);
    let reported =
        reported.prop_map(
            |(outcome, state, cancel, retry_at, handed)| Reply::Reported {
                outcome,
                state,
                cancel,
                retry_at,
                handed,
            },
        );
    let pace =
        (count(), 0..1_800_000_000_000_i64).prop_map(|(count, over_ms)| Pace { count, over_ms });
    let view = (job(), count(), count(), of(count()), of(pace));
    let view = view.prop_map(|(job, active, limit, position, pace)| JobView {
        job,
        active,
        limit,
        position,
        pace,
    });
    let admissions = prop::collection::vec(admission(), 0..4);
    prop_oneof![
        (job(), any::<bool>()).prop_map(|(job, replayed)| Reply::Submitted {
            job: Box::new(job),
            replayed
        }),
        job_id().prop_map(|job_id| Reply::KeyReused { job_id }),
        admissions.prop_map(|admissions| Reply::Admitted { admissions }),
        reported,
        of(view).prop_map(|view| Reply::Job {
            view: view.map(Box::new)
        }),
        account_view().prop_map(|account| Reply::Account { account }),
        refusal(),
        (account_view(), plan_outcome())
            .prop_map(|(account, outcome)| Reply::PlanSet { account, outcome }),
        (count(), holdings(), any::<bool>()).prop_map(|(running, released, is_gone)| {
            Reply::UserDeleted {
                running,
                released,
                is_gone,
            }
        }),
        (prop::collection::vec(job(), 0..3), any::<bool>())
            .prop_map(|(jobs, more)| Reply::Jobs { jobs, more }),
        count().prop_map(|jobs| Reply::Repriced { jobs }),
        Just(Reply::Done),
    ]
}

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

/// Reads damaged bytes; what is still readable must be as good as any other value.
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    value: &T,
    wounds: &[crate::arbitrary::Damage],
) {
    let text = serde_json::to_string(value).unwrap();
    if let Ok(read) = serde_json::from_slice::<T>(&damaged(&text, wounds)) {
        reads_back(&read);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_ticket_is_read_as_it_was_written_and_is_short_enough_to_be(ticket in ticket()) {
        let text = ticket.to_text();
        prop_assert!(text.len() < 500 && text.len() < TICKET_MAX_BYTES, "{}", text.len());
        prop_assert_eq!(Ticket::parse(&text), Ok(ticket));
    }

    #[test]
    fn a_call_is_read_as_it_was_written(call in call()) {
        reads_back(&call);
    }

    #[test]
    fn a_call_of_the_pool_is_read_as_it_was_written(command in pool_command(), wounds in damage()) {
        reads_back(&command);
        survives(&command, &wounds);
    }

    #[test]
    fn a_reply_is_read_as_it_was_written(reply in reply()) {
        reads_back(&reply);
    }

    #[test]
    fn ids_moments_and_ranks_are_read_as_they_were_written(
        ids in (user_id(), series_id(), job_id()), moment in moment(), rank in rank(),
    ) {
        reads_back(&ids);
        reads_back(&(moment, rank));
        prop_assert_eq!(JobId::try_from(ids.2.to_string()), Ok(ids.2));
    }

    #[test]
    fn moments_and_ranks_from_any_number_are_read_as_they_were_written(millis in millis(), wide in any::<u64>(), priority in count()) {
        let moment = Timestamp::from_millis(millis);
        let span = std::time::Duration::from_millis(wide);
        reads_back(&[moment, moment.after(span), moment.after(std::time::Duration::MAX)]);
        reads_back(&Rank::new(moment, priority, span));
    }

    #[test]
    fn a_damaged_ticket_is_refused_or_read_as_another(ticket in ticket(), wounds in damage()) {
        let bytes = damaged(&ticket.to_text(), &wounds);
        if let Ok(Ok(read)) = std::str::from_utf8(&bytes).map(Ticket::parse) {
            prop_assert_eq!(Ticket::parse(&read.to_text()), Ok(read));
        }
    }

    #[test]
    fn a_damaged_call_is_refused_or_read_as_another(call in call(), wounds in damage()) {
        survives::<Call>(&call, &wounds);
    }

    #[test]
    fn a_damaged_reply_is_refused_or_read_as_another(reply in reply(), wounds in damage()) {
        survives::<Reply>(&reply, &wounds);
    }

    #[test]
    fn a_damaged_record_of_a_job_is_refused_or_read_as_another(job in job(), wounds in damage()) {
        survives::<Job>(&job, &wounds);
    }
}
