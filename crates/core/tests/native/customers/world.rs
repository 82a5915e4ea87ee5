//! Users with their gates, and the notes of Stripe's customers, in memory. Each step of applying an event can be stopped at.

use crate::{
    gate::harness::GateHarness,
    harness::{Harness, START},
};
use queue_core::{
    api::stripe::{StripeEvent, event::StripeId},
    config::secret::{Secret, StripeSecret},
    customers::{
        Applied, Ledger, Link, Rules, apply,
        ledger::{Kept, kept_of, links_of},
    },
    domain::{Tier, Timestamp, UserId},
    gate::{
        Command, Reply,
        command::{AccountView, PlanChange, PlanOutcome},
    },
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    convert::Infallible,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// The bucket and all gates.
pub struct World {
    pub now: Timestamp,
    pub objects: RefCell<BTreeMap<String, String>>,
    gates: RefCell<BTreeMap<UserId, GateHarness>>,
    secrets: Vec<StripeSecret>,
    sample: GateHarness,
}

pub fn user(name: &str) -> UserId {
    UserId::try_from(name.to_owned()).unwrap()
}

pub fn secret(name: &str) -> StripeSecret {
    let text = format!("whsec_{name:0>40}");
    StripeSecret::new(Secret::try_from(text.as_str()).unwrap()).unwrap()
}

/// Others go on here.
async fn pause() {
    let mut is_first = true;
    poll_fn(move |_| {
        if std::mem::take(&mut is_first) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// One step of a future; its result, if it has ended.
pub fn step<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let mut context = Context::from_waker(Waker::noop());
    match future.poll(&mut context) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// All its steps.
pub fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Some(value) = step(future.as_mut()) {
            return value;
        }
    }
}

impl World {
    pub fn new() -> Self {
        let mut sample = GateHarness::new();
        sample.sell_tiers();
        Self {
            now: START,
            objects: RefCell::default(),
            gates: RefCell::default(),
            secrets: vec![secret("now")],
            sample,
        }
    }

    /// With that setting for all gates.
    pub fn with(set: impl Fn(&mut GateHarness)) -> Self {
        let mut world = Self::new();
        set(&mut world.sample);
        world
    }

    pub fn replace_secrets(&mut self, secrets: &[&str]) {
        self.secrets = secrets.iter().map(|name| secret(name)).collect();
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    pub fn gate<T>(&self, name: &UserId, act: impl FnOnce(&mut GateHarness) -> T) -> T {
        let mut gates = self.gates.borrow_mut();
        let gate = gates.entry(name.clone()).or_insert_with(GateHarness::new);
        gate.config = self.sample.config.clone();
        gate.now = self.now;
        act(gate)
    }

    pub fn account(&self, name: &str) -> AccountView {
        self.gate(&user(name), GateHarness::account)
    }

    pub fn tier(&self, name: &str) -> Tier {
        self.account(name).tier
    }

    /// The whole deletion of a user without jobs, as the route does it.
    pub fn delete(&self, name: &str) {
        let name = user(name);
        self.gate(&name, GateHarness::delete_user);
        let folder = links_of(&name);
        let keys: Vec<_> = self.objects.borrow().keys().cloned().collect();
        for key in keys.iter().filter(|key| key.starts_with(&folder)) {
            let link = Link::from_key(key, &name).unwrap();
            finish(self.unlink(&link, &name)).unwrap();
        }
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules {
            now: self.now,
            plans: &self.sample.config.plans,
            secrets: &self.secrets,
        }
    }

    pub async fn applied(&self, event: &Value) -> Applied {
        let event = StripeEvent::read(self.now, event.to_string().as_bytes()).unwrap();
        let Ok(applied) = apply(self, self.rules(), event).await;
        applied
    }

    pub fn apply(&self, event: &Value) -> Applied {
        finish(self.applied(event))
    }
}

impl Ledger for World {
    type Error = Infallible;

    async fn user_of(&self, link: &Link) -> Result<Option<UserId>, Infallible> {
        pause().await;
        Ok(self
            .objects
            .borrow()
            .get(&link.key())
            .map(|name| user(name)))
    }

    async fn link(&self, link: &Link, user_id: &UserId) -> Result<(), Infallible> {
        for (key, text) in [
            (link.key_of(user_id), String::new()),
            (link.key(), user_id.to_string()),
        ] {
            pause().await;
            self.objects.borrow_mut().insert(key, text);
        }
        Ok(())
    }

    async fn unlink(&self, link: &Link, user_id: &UserId) -> Result<(), Infallible> {
        if self.user_of(link).await?.as_ref() == Some(user_id) {
            self.objects.borrow_mut().remove(&link.key());
        }
        self.objects.borrow_mut().remove(&link.key_of(user_id));
        Ok(())
    }

    async fn kept(&self, customer: &StripeId) -> Result<Vec<Kept>, Infallible> {
        pause().await;
        let folder = kept_of(customer);
        let objects = self.objects.borrow();
        let kept = objects.iter().filter(|(key, _)| key.starts_with(&folder));
        Ok(kept
            .map(|(_, text)| serde_json::from_str(text).unwrap())
            .collect())
    }

    async fn keep(&self, customer: &StripeId, kept: &Kept) -> Result<(), Infallible> {
        pause().await;
        let text = serde_json::to_string(kept).unwrap();
        self.objects.borrow_mut().insert(kept.key(customer), text);
        Ok(())
    }

    async fn let_go(&self, customer: &StripeId, kept: &[Kept]) -> Result<(), Infallible> {
        pause().await;
        for kept in kept {
            self.objects.borrow_mut().remove(&kept.key(customer));
        }
        Ok(())
    }

    async fn set_plan(
        &self,
        user_id: &UserId,
        change: PlanChange,
    ) -> Result<(AccountView, PlanOutcome), Infallible> {
        pause().await;
        let reply = self.gate(user_id, |gate| gate.turn(Command::SetPlan(change)));
        let Reply::PlanSet { account, outcome } = reply else {
            panic!("{reply:?}");
        };
        Ok((account, outcome))
    }
}

/// An event in the shape that Stripe gives it, so many seconds after the start.
pub fn event(id: &str, kind: &str, seconds: i64, object: &Value) -> Value {
    json!({"id": id, "object": "event", "type": kind, "created": at(seconds), "data": {"object": object}})
}

pub fn at(seconds: i64) -> i64 {
    START.as_millis() / 1_000 + seconds
}

/// A subscription, whose user the metadata may name, at those prices.
pub fn subscription(id: &str, name: Option<&str>, status: &str, prices: &[&str]) -> Value {
    let metadata = name.map_or_else(|| json!({}), |name| json!({"userId": name}));
    let items: Vec<_> = prices
        .iter()
        .map(|price| json!({"price": {"id": price}}))
        .collect();
    json!({"id": id, "customer": id.replace("sub", "cus"), "status": status, "metadata": metadata,
        "items": {"data": items}})
}

/// The customer of the subscriptions, another than their own.
pub fn of(customer: &str, mut object: Value) -> Value {
    object["customer"] = json!(customer);
    object
}

/// A checkout that names its user in a payment link, and began a minute before the start.
pub fn session(name: &str, customer: &str, bought: &str) -> Value {
    json!({"id": "cs_1", "created": at(-60), "customer": customer, "client_reference_id": name,
        "subscription": bought, "mode": "subscription", "payment_status": "paid"})
}

/// `customer.subscription.…` of mara's, so many seconds after the start.
pub fn told(seconds: i64, kind: &str, id: &str, status: &str, prices: &[&str]) -> Value {
    let kind = format!("customer.subscription.{kind}");
    let object = subscription(id, Some("mara"), status, prices);
    event(
        &format!("evt_{id}_{seconds}_{status}"),
        &kind,
        seconds,
        &object,
    )
}
