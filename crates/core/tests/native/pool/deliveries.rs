//! Deliveries that call a pool.

use super::{
    harness::PoolHarness,
    jobs::{ids, offer, started},
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Tier, Timestamp},
    line::want::{Holding, Want},
    pool::{
        Command, Reply,
        command::{Exchange, Given, Listen, Offer},
    },
};

impl PoolHarness {
    fn began(&mut self, delivery: &str) -> Timestamp {
        *self.began.entry(delivery.to_owned()).or_insert(self.now)
    }

    /// A call of a delivery that has no place, nothing to tell, and more to do.
    pub fn exchange(&mut self, delivery: &str) -> Exchange {
        Exchange {
            delivery: delivery.to_owned(),
            call: 1,
            is_first: !self.began.contains_key(delivery),
            began: self.began(delivery),
            freed: Vec::new(),
            wants: Vec::new(),
            running: Vec::new(),
            offer: offer(0),
            listens: false,
            stays: true,
            well: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// These jobs arrive at the delivery.
    pub fn gets(&mut self, delivery: &str, jobs: &[Want]) {
        let has = self.has.entry(delivery.to_owned()).or_default();
        has.extend(
            jobs.iter()
                .map(|want| (want.job_id().clone(), want.epoch())),
        );
    }

    /// Says what the delivery has.
    pub fn honest(&mut self, delivery: &str, offer: &Offer) -> Offer {
        let has = self.has.entry(delivery.to_owned()).or_default();
        Offer {
            has: has
                .iter()
                .map(|(job_id, epoch)| Holding {
                    job_id: job_id.clone(),
                    epoch: *epoch,
                })
                .collect(),
            ..offer.clone()
        }
    }

    pub fn call(&mut self, mut exchange: Exchange) -> Given {
        exchange.offer = self.honest(&exchange.delivery, &exchange.offer);
        let has = self.has.entry(exchange.delivery.clone()).or_default();
        for spoken_of in exchange.freed.iter().chain(&exchange.running) {
            if has
                .get(&spoken_of.job_id)
                .is_some_and(|of| *of <= spoken_of.epoch)
            {
                has.remove(&spoken_of.job_id);
            }
        }
        let delivery = exchange.delivery.clone();
        let Reply::Given(given) = self.turn(Command::Exchange(exchange)) else {
            panic!("an exchange is answered with what is given");
        };
        self.gets(&delivery, &given.jobs);
        given
    }

    /// A delivery with so many places asks for jobs.
    pub fn takes(&mut self, delivery: &str, places: u32) -> Vec<JobId> {
        let exchange = Exchange {
            offer: offer(places),
            ..self.exchange(delivery)
        };
        ids(&self.call(exchange).jobs)
    }

    /// A delivery says that the job runs, under the epoch of its start; whether it has its slot.
    pub fn confirms(&mut self, delivery: &str, want: &Want) -> bool {
        let exchange = Exchange {
            running: vec![started(want)],
            ..self.exchange(delivery)
        };
        self.call(exchange).lost.is_empty()
    }

    /// A delivery gives up a job that ran there, for another.
    pub fn frees(&mut self, delivery: &str, want: &Want) -> Vec<JobId> {
        let exchange = Exchange {
            freed: vec![started(want)],
            offer: offer(1),
            ..self.exchange(delivery)
        };
        ids(&self.call(exchange).jobs)
    }

    /// A delivery waits for work; `None` when its call stays open.
    pub fn listens_with(&mut self, delivery: &str, offer: &Offer) -> Option<Vec<JobId>> {
        let listen = Listen {
            delivery: delivery.to_owned(),
            call: 1,
            began: self.began(delivery),
            offer: self.honest(delivery, offer),
        };
        match self.turn(Command::Listen(listen)) {
            Reply::Given(given) => {
                self.gets(delivery, &given.jobs);
                Some(ids(&given.jobs))
            }
            Reply::Held => None,
            other @ (Reply::Place { .. }
            | Reply::Backlog { .. }
            | Reply::Told { .. }
            | Reply::Backends { .. }
            | Reply::Done) => panic!("{other:?}"),
        }
    }

    pub fn listens(&mut self, delivery: &str, places: u32) -> Option<Vec<JobId>> {
        self.listens_with(delivery, &offer(places))
    }

    /// A delivery that has no place, and nothing to do, offers this and leaves if it gets nothing.
    pub fn leaves(&mut self, delivery: &str, offer: Offer) -> Given {
        let exchange = Exchange {
            offer,
            stays: false,
            ..self.exchange(delivery)
        };
        self.call(exchange)
    }

    /// A delivery brings new jobs, and has so many places.
    pub fn brings(&mut self, delivery: &str, wants: Vec<Want>, places: u32) -> Vec<Want> {
        let exchange = Exchange {
            wants,
            offer: offer(places),
            ..self.exchange(delivery)
        };
        self.call(exchange).jobs
    }

    /// So many new jobs run, each confirmed by that delivery.
    pub fn run(&mut self, delivery: &str, count: usize) -> Vec<Want> {
        let one = |_| {
            let want = self.told(Tier::Tier1);
            assert_eq!(self.takes(delivery, 1), [want.job_id().clone()]);
            assert!(self.confirms(delivery, &want));
            want
        };
        (0..count).map(one).collect()
    }
}
