//! What happens to a customer's payments.

use super::record::{DAY, HOUR, Life, Recorder, ended, status};
use crate::customers::world::at;
use queue_core::domain::Tier::{Tier1, Tier2, Tier4};
use serde_json::json;

pub fn all() -> Vec<Life> {
    vec![
        trial_that_ends_unpaid(),
        dunning_and_recovery(),
        dunning_until_unpaid(),
        recovery_after_the_grace_period(),
        dunning_twice(),
        refund(),
        dispute(),
        pause(),
        pause_of_the_collection(),
        coupon_to_zero(),
    ]
}

fn trial_that_ends_unpaid() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    let trial = json!({"status": "trialing", "trial_start": at(0), "trial_end": at(14 * DAY)});
    let gone = ended(35 * DAY, "payment_failed");
    Life {
        name: "a trial that ends unpaid",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &trial), Tier4, Tier1),
            (a.told(11 * DAY, "trial_will_end", &json!({})), Tier4, Tier1),
            (a.told(14 * DAY, "updated", &status("active")), Tier4, Tier1),
            (
                a.told(14 * DAY + HOUR, "updated", &status("past_due")),
                Tier1,
                Tier1,
            ),
            (a.told(35 * DAY, "deleted", &gone), Tier1, Tier1),
        ],
        ends: &[("sub_a", "canceled", None)],
    }
}

fn dunning_and_recovery() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    Life {
        name: "a payment that fails, and is made later",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &status("incomplete")), Tier1, Tier4),
            (a.told(5, "updated", &status("active")), Tier4, Tier4),
            (
                a.invoice(30 * DAY + HOUR, "payment_failed", 900),
                Tier4,
                Tier4,
            ),
            (
                a.told(30 * DAY + HOUR, "updated", &status("past_due")),
                Tier1,
                Tier4,
            ),
            (a.told(33 * DAY, "updated", &status("active")), Tier4, Tier1),
        ],
        ends: &[("sub_a", "active", Some(Tier4))],
    }
}

fn dunning_until_unpaid() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    Life {
        name: "a payment that fails until nothing is tried any more",
        grace_days: 3,
        told: vec![
            (a.told(0, "created", &json!({})), Tier4, Tier1),
            (
                a.told(30 * DAY, "updated", &status("past_due")),
                Tier4,
                Tier1,
            ),
            (a.invoice(44 * DAY, "payment_failed", 900), Tier1, Tier1),
            (a.told(51 * DAY, "updated", &status("unpaid")), Tier1, Tier1),
        ],
        ends: &[("sub_a", "unpaid", None)],
    }
}

fn recovery_after_the_grace_period() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    let other_card = json!({"default_payment_method": "pm_2"});
    Life {
        name: "a payment that is made after the grace period",
        grace_days: 7,
        told: vec![
            (a.told(0, "created", &json!({})), Tier4, Tier4),
            (
                a.told(30 * DAY, "updated", &status("past_due")),
                Tier4,
                Tier4,
            ),
            (a.told(36 * DAY, "updated", &other_card), Tier4, Tier4),
            (a.invoice(38 * DAY, "payment_failed", 900), Tier1, Tier4),
            (a.told(40 * DAY, "updated", &status("active")), Tier4, Tier1),
        ],
        ends: &[("sub_a", "active", Some(Tier4))],
    }
}

fn dunning_twice() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    let (active, past_due) = (status("active"), status("past_due"));
    Life {
        name: "a payment that fails in two months, each with its own grace period",
        grace_days: 7,
        told: vec![
            (a.told(0, "created", &json!({})), Tier4, Tier4),
            (a.told(31 * DAY, "updated", &past_due), Tier4, Tier4),
            (a.told(33 * DAY, "updated", &active), Tier4, Tier4),
            (a.told(60 * DAY, "updated", &past_due), Tier4, Tier4),
        ],
        ends: &[("sub_a", "past_due", Some(Tier4))],
    }
}

fn refund() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    Life {
        name: "a refund",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier1),
            (
                a.charge(DAY, "charge.refunded", "charge", "succeeded"),
                Tier2,
                Tier2,
            ),
            (
                a.charge(DAY, "refund.created", "refund", "succeeded"),
                Tier2,
                Tier2,
            ),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}

fn dispute() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let gone = ended(20 * DAY, "payment_disputed");
    Life {
        name: "a dispute, for which Stripe then ends the subscription",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier1),
            (
                a.charge(
                    5 * DAY,
                    "charge.dispute.created",
                    "dispute",
                    "needs_response",
                ),
                Tier2,
                Tier1,
            ),
            (
                a.charge(20 * DAY, "charge.dispute.closed", "dispute", "lost"),
                Tier2,
                Tier1,
            ),
            (a.told(20 * DAY, "deleted", &gone), Tier1, Tier2),
        ],
        ends: &[("sub_a", "canceled", None)],
    }
}

fn pause() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_pro");
    let trial = json!({"status": "trialing", "trial_start": at(0), "trial_end": at(14 * DAY)});
    let (active, paused) = (status("active"), status("paused"));
    Life {
        name: "a trial that ends without a card, is paused, and goes on",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &trial), Tier4, Tier4),
            (a.told(14 * DAY, "updated", &paused), Tier1, Tier4),
            (a.told(14 * DAY, "paused", &paused), Tier1, Tier4),
            (a.told(20 * DAY, "updated", &active), Tier4, Tier4),
            (a.told(20 * DAY, "resumed", &active), Tier4, Tier4),
        ],
        ends: &[("sub_a", "active", Some(Tier4))],
    }
}

fn pause_of_the_collection() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let paused = json!({"pause_collection": {"behavior": "void", "resumes_at": at(20 * DAY)}});
    let resumed = json!({"pause_collection": null});
    Life {
        name: "the collection of payments is paused, and goes on",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier2),
            (a.told(10 * DAY, "updated", &paused), Tier2, Tier2),
            (a.told(20 * DAY, "updated", &resumed), Tier2, Tier2),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}

fn coupon_to_zero() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let discount = json!({
        "id": "di_1", "object": "discount", "checkout_session": null, "customer": "cus_mara", "end": null,
        "promotion_code": null, "source": {"type": "coupon", "coupon": "free_for_ever"}, "start": at(10 * DAY),
        "subscription": "sub_a", "subscription_item": null,
    });
    let free = json!({"discounts": ["di_1"]});
    Life {
        name: "a coupon that makes it cost nothing",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier2),
            (
                a.other(10 * DAY, "customer.discount.created", &discount),
                Tier2,
                Tier2,
            ),
            (a.told(10 * DAY, "updated", &free), Tier2, Tier2),
        ],
        ends: &[("sub_a", "active", Some(Tier2))],
    }
}
