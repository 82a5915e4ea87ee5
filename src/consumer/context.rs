//! What belongs to one delivery on the platform.

use crate::{
    clock,
    generator::{lines::Lines, turns::Waiting},
    log::log,
};
use queue_core::{
    config::Config,
    delivery::{Delivery, weight::Loads},
    events::Event,
};
use std::cell::RefCell;
use worker::{Env, RawMessage};

thread_local! {
    /// What the deliveries of this isolate hold.
    static LOADS: RefCell<Loads> = RefCell::default();
}

/// The host of one delivery.
pub(super) struct Consumer<'a> {
    pub(super) env: &'a Env,
    pub(super) config: &'a Config,
    pub(super) delivery: RefCell<Delivery>,
    pub(super) waiting: Waiting,
    pub(super) lines: Lines,
}

impl Consumer<'_> {
    pub(super) fn log(&self, event: &Event) {
        log(self.config.log_format, event);
    }

    /// A decision of the delivery, which is told what others of the isolate hold, and tells what it holds itself.
    pub(super) fn decide<T>(&self, decision: impl FnOnce(&mut Delivery, u32) -> T) -> T {
        let mut delivery = self.delivery.borrow_mut();
        LOADS.with_borrow_mut(|loads| {
            let others = loads.others(delivery.name());
            let decided = decision(&mut delivery, others);
            loads.set(delivery.name(), delivery.weight(), clock::now());
            decided
        })
    }
}

/// The body of a message, if it is a string.
pub(super) fn text(message: &RawMessage) -> Option<String> {
    message.body().as_string()
}
