//! Tells the lies of [`Defect`] about plans, quotas and other rules: what a defective gate is told, goes by, and remembers of
//! its account.

use crate::planted::Defect;
use queue_core::{
    config::GateConfig,
    domain::{Kind, Month, Timestamp},
    gate::{
        account::{Account, Usage},
        command::PlanChange,
    },
};
use std::time::Duration;

/// A change of a plan, as a defective gate hears of it.
#[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
pub(crate) fn hear(defect: Defect, change: &mut PlanChange) {
    match defect {
        Defect::OneSubscription => {
            if let Some(Some(told)) = &mut change.subscription {
                "sub_0".clone_into(&mut told.id);
            }
        }
        Defect::ReadingIsOld => {
            if let Some(event) = change.event.as_mut().filter(|event| event.is_read) {
                event.created = event.created.before(Duration::from_hours(1));
            }
        }
        Defect::GraceAnew => {
            if let Some(event) = &mut change.event {
                event.has_turned = true;
            }
        }
        _ => {}
    }
}

/// The rules that the decisions go by.
pub(crate) fn rules(defect: Defect, config: &GateConfig) -> GateConfig {
    let mut config = config.clone();
    if defect == Defect::EndlessLease {
        config.lease = Duration::from_hours(24);
    }
    if defect == Defect::ResendStorm {
        config.ticket_resend = Duration::from_secs(1);
    }
    if defect == Defect::OutageFails {
        config.outage_max = Duration::ZERO;
    }
    if defect == Defect::EndlessGrace {
        config.plans.past_due_grace = Duration::from_hours(24);
    }
    if defect == Defect::NoGrace {
        config.plans.past_due_grace = Duration::ZERO;
    }
    config
}

/// The account, as it is read.
#[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
pub(crate) fn recall(defect: Defect, now: Timestamp, mut account: Account) -> Account {
    match defect {
        Defect::EndlessMonth => {
            let used = account.usage.iter().map(|usage| usage.used).sum();
            let since = Month::of(now).start;
            let kind = Kind::story();
            account.usage = vec![Usage { since, kind, used }];
        }
        Defect::MonthNotCounted => account.usage.clear(),
        _ => {}
    }
    account
}

/// The account, after a submission was answered with an earlier one.
pub(crate) fn replayed(mut account: Account) -> Account {
    if let Some(usage) = account.usage.last_mut() {
        usage.used += 1;
    }
    account
}
