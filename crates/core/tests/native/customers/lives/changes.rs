//! A customer changes what is bought.

use super::record::{DAY, HOUR, Life, Recorder, ended, items, status};
use crate::customers::world::at;
use queue_core::domain::Tier::{Tier1, Tier2, Tier3, Tier4};
use serde_json::json;

pub fn all() -> Vec<Life> {
    vec![
        upgrade(),
        upgrade_that_awaits_its_payment(),
        downgrade(),
        downgrade_at_the_end_of_the_period(),
        annual_to_monthly(),
        seats(),
        cancellation_at_the_end_of_the_period(),
        cancellation_that_is_taken_back(),
        second_product(),
        second_checkout_that_fails(),
    ]
}

fn upgrade() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let to_pro = items(10 * DAY, &[("price_pro", 1)]);
    Life {
        name: "an upgrade in the portal, at once",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier4),
            (a.told(10 * DAY, "updated", &to_pro), Tier4, Tier2),
            (a.invoice(10 * DAY + 2, "paid", 600), Tier4, Tier4),
        ],
        ends: &[("sub_a", "active", Some(Tier4))],
    }
}

fn upgrade_that_awaits_its_payment() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let mut to_pro = items(10 * DAY, &[("price_pro", 1)]);
    let pending = json!({"pending_update": {"billing_cycle_anchor": null, "cancel_at_period_end": null,
        "discount": null, "discounts": null, "expires_at": at(11 * DAY - HOUR), "metadata": null,
        "subscription_items": to_pro["items"]["data"], "trial_end": null, "trial_from_plan": null}});
    to_pro["pending_update"] = json!(null);
    Life {
        name: "an upgrade that counts only when its first invoice is paid",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier4),
            (a.told(10 * DAY, "updated", &pending), Tier2, Tier4),
            (a.told(10 * DAY + HOUR, "updated", &to_pro), Tier4, Tier2),
            (
                a.told(10 * DAY + HOUR, "pending_update_applied", &json!({})),
                Tier4,
                Tier4,
            ),
        ],
        ends: &[("sub_a", "active", Some(Tier4))],
    }
}

fn downgrade() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    let to_basic = items(10 * DAY, &[("price_basic", 1)]);
    Life {
        name: "a downgrade in the portal, at once",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier4, Tier2),
            (a.told(10 * DAY, "updated", &to_basic), Tier2, Tier4),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}

fn downgrade_at_the_end_of_the_period() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    let scheduled = json!({"schedule": "sub_sched_1"});
    let mut to_basic = items(30 * DAY, &[("price_basic", 1)]);
    to_basic["schedule"] = json!(null);
    Life {
        name: "a downgrade that a schedule makes at the end of the period",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier4, Tier2),
            (a.told(5 * DAY, "updated", &scheduled), Tier4, Tier2),
            (a.told(30 * DAY, "updated", &to_basic), Tier2, Tier4),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}

fn annual_to_monthly() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic_annual");
    let to_monthly = items(40 * DAY, &[("price_basic", 1)]);
    let to_annual = items(80 * DAY, &[("price_basic_annual", 1)]);
    Life {
        name: "from a year to a month, and back",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier3, Tier3),
            (a.told(40 * DAY, "updated", &to_monthly), Tier2, Tier3),
            (a.told(80 * DAY, "updated", &to_annual), Tier3, Tier2),
        ],
        ends: &[("sub_a", "active", Some(Tier3))],
    }
}

fn seats() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let seats = |since, count| items(since, &[("price_seat", count), ("price_basic", 1)]);
    Life {
        name: "more and fewer seats, beside a base fee",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &seats(0, 1)), Tier2, Tier2),
            (a.told(10 * DAY, "updated", &seats(0, 25)), Tier2, Tier2),
            (a.told(20 * DAY, "updated", &seats(0, 2)), Tier2, Tier2),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}

fn cancellation_at_the_end_of_the_period() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let asked = json!({"cancel_at": at(30 * DAY), "cancel_at_period_end": true, "canceled_at": at(5 * DAY)});
    let gone = ended(30 * DAY, "cancellation_requested");
    Life {
        name: "a cancellation at the end of the period",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier1),
            (a.told(5 * DAY, "updated", &asked), Tier2, Tier1),
            (a.told(30 * DAY, "deleted", &gone), Tier1, Tier2),
        ],
        ends: &[("sub_a", "canceled", None)],
    }
}

fn cancellation_that_is_taken_back() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let asked = json!({"cancel_at": at(30 * DAY), "cancel_at_period_end": true, "canceled_at": at(5 * DAY)});
    let back = json!({"cancel_at": null, "cancel_at_period_end": false, "canceled_at": null});
    let renewed = items(30 * DAY, &[("price_basic", 1)]);
    Life {
        name: "a cancellation that is taken back",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier2),
            (a.told(5 * DAY, "updated", &asked), Tier2, Tier2),
            (a.told(8 * DAY, "updated", &back), Tier2, Tier2),
            (a.told(30 * DAY, "updated", &renewed), Tier2, Tier2),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}

fn second_product() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let mut b = Recorder::new("sub_b", 10 * DAY, "price_pro");
    let gone = ended(10 * DAY + HOUR, "cancellation_requested");
    Life {
        name: "a second subscription in place of the first",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier4),
            (b.told(10 * DAY, "created", &json!({})), Tier4, Tier1),
            (a.told(10 * DAY + HOUR, "deleted", &gone), Tier4, Tier4),
        ],
        ends: &[
            ("sub_a", "canceled", None),
            ("sub_b", "active", Some(Tier4)),
        ],
    }
}

fn second_checkout_that_fails() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let mut b = Recorder::new("sub_b", 10 * DAY, "price_pro");
    let (unpaid, expired) = (status("incomplete"), status("incomplete_expired"));
    Life {
        name: "a second checkout whose payment fails",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier1),
            (b.told(10 * DAY, "created", &unpaid), Tier2, Tier2),
            (b.told(11 * DAY, "updated", &expired), Tier2, Tier2),
        ],
        ends: &[
            ("sub_a", "active", Some(Tier2)),
            ("sub_b", "incomplete_expired", None),
        ],
    }
}
