//! A customer comes for the first time, or comes back.

use super::record::{DAY, HOUR, Life, Recorder, deletion, ended, status};
use queue_core::domain::Tier::{Tier1, Tier2, Tier4};
use serde_json::json;

pub fn all() -> Vec<Life> {
    vec![
        payment_link(),
        return_after_the_end(),
        return_after_the_deletion_of_the_user(),
    ]
}

fn payment_link() -> Life {
    let mut a = Recorder::by_link("sub_a", 0, "price_pro");
    Life {
        name: "a payment link, to which the page adds the user",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &status("incomplete")), Tier1, Tier4),
            (a.told(3, "updated", &status("active")), Tier1, Tier4),
            (a.checkout(4), Tier4, Tier1),
        ],
        ends: &[("sub_a", "active", Some(Tier4))],
    }
}

fn return_after_the_end() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let mut b = Recorder::new("sub_b", 25 * DAY, "price_pro");
    let gone = ended(20 * DAY, "cancellation_requested");
    Life {
        name: "a customer who comes back",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier4),
            (a.told(20 * DAY, "deleted", &gone), Tier1, Tier4),
            (b.told(25 * DAY, "created", &json!({})), Tier4, Tier1),
        ],
        ends: &[
            ("sub_a", "canceled", None),
            ("sub_b", "active", Some(Tier4)),
        ],
    }
}

fn return_after_the_deletion_of_the_user() -> Life {
    let mut a = Recorder::new("sub_a", 0, "price_basic");
    let mut b = Recorder::new("sub_b", 15 * DAY, "price_pro");
    let gone = ended(10 * DAY + HOUR, "cancellation_requested");
    Life {
        name: "a customer who comes back after the user was deleted",
        grace_days: 0,
        told: vec![
            (a.told(0, "created", &json!({})), Tier2, Tier4),
            (deletion(10 * DAY), Tier1, Tier4),
            (a.told(10 * DAY + HOUR, "deleted", &gone), Tier1, Tier4),
            (b.told(15 * DAY, "created", &json!({})), Tier4, Tier1),
        ],
        ends: &[("sub_b", "active", Some(Tier4))],
    }
}
