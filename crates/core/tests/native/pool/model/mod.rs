//! Random calls of gates and deliveries against the naive reference; every promise is checked after every turn.

mod checks;

use super::{
    harness::PoolHarness,
    jobs::{ids, next_lease, repriced, weighing},
    reference::Reference,
    steps::{DELIVERIES, Step, Talk, step},
};
use crate::{arbitrary::cases, harness::Harness};
use proptest::{prelude::*, sample::Index};
use queue_core::{
    domain::{JobId, Timestamp},
    line::want::{Holding, Want},
    pool::{
        Command, Hold,
        command::{Exchange, Given, Listen, Tell},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What each delivery was given and has not spoken of.
type Has = BTreeMap<String, BTreeMap<JobId, u32>>;

struct Run {
    pool: PoolHarness,
    reference: Reference,
    /// Every job ever told of, under its latest lease.
    known: Vec<Want>,
    /// What runs in each delivery.
    running: BTreeMap<String, Vec<Holding>>,
    generations: [usize; DELIVERIES],
    /// When the alarm rings.
    alarm: Option<Timestamp>,
}

impl Run {
    fn new() -> Self {
        let mut pool = PoolHarness::new(3);
        pool.config.batch_sizes = [1, 2, 2, 3];
        let reference = Reference::new(pool.config, pool.now);
        Self {
            pool,
            reference,
            known: Vec::new(),
            running: BTreeMap::new(),
            generations: [0; DELIVERIES],
            alarm: None,
        }
    }

    fn name(&self, delivery: usize) -> String {
        format!("{delivery}-{}", self.generations[delivery])
    }

    fn any(&self, index: Index) -> Option<Want> {
        (!self.known.is_empty()).then(|| index.get(&self.known).clone())
    }

    /// The job as it is told from now on.
    fn tells(&mut self, want: &Want) {
        self.known.retain(|known| known.job_id() != want.job_id());
        self.known.push(want.clone());
    }

    fn take(&mut self, step: &Step) {
        let held = self.pool.held();
        match step {
            Step::Tell(tier, weight, ticketed) => {
                let want = weighing(*weight, self.pool.want(*tier));
                self.tells(&want);
                self.tell(vec![want], Vec::new(), *ticketed);
            }
            Step::Again(index, tier, next) => {
                if let Some(known) = self.any(*index) {
                    let known = repriced(&known, *tier);
                    let want = if *next { next_lease(&known) } else { known };
                    self.tells(&want);
                    self.tell(vec![want], Vec::new(), false);
                }
            }
            Step::Gone(index, old) => {
                if let Some(want) = self.any(*index) {
                    let mut gone = want.holding();
                    gone.epoch -= u32::from(*old);
                    self.tell(Vec::new(), vec![gone], false);
                }
            }
            Step::Exchange(delivery, talk) => self.exchange(&self.name(*delivery), talk),
            Step::Listen(delivery, talk) => self.listen(&self.name(*delivery), talk),
            Step::HangUp(delivery) => {
                let name = self.name(*delivery);
                self.pool.hang_up(&name);
                self.reference.hang_up(&name);
                return;
            }
            Step::Die(delivery) => {
                self.generations[*delivery] += 1;
                return;
            }
            Step::Evict => {
                self.pool.evict();
                self.reference.forget();
                return;
            }
            Step::Capacity(capacity) => {
                self.pool.config.capacity = *capacity;
                self.reference.config.capacity = *capacity;
                // It holds from the next turn on.
                self.wake();
            }
            Step::Wake => self.wake(),
            Step::Pass(seconds) => {
                self.pool.pass(Duration::from_secs(*seconds));
                self.reference.now = self.pool.now;
                return;
            }
        }
        self.check(held);
    }

    fn tell(&mut self, wants: Vec<Want>, gone: Vec<Holding>, ticketed: bool) {
        let tell = Tell {
            wants,
            gone,
            ticketed,
        };
        self.reference.tell(tell.clone());
        self.pool.turn(Command::Tell(tell));
    }

    fn wake(&mut self) {
        self.alarm = None;
        self.reference.wake();
        self.pool.wake();
    }

    fn exchange(&mut self, name: &str, talk: &Talk) {
        let mut exchange = Exchange {
            offer: talk.offer.clone(),
            listens: talk.listens,
            stays: talk.stays,
            ..self.pool.exchange(name)
        };
        let mut choices = (0..32).map(|job| (talk.jobs >> (2 * job)) & 3);
        let mut run = self.running.remove(name).unwrap_or_default();
        let mut kept = Vec::new();
        let has = self.pool.has.entry(name.to_owned()).or_default().clone();
        for (job_id, epoch) in has {
            match choices.next() {
                // Its start made the epoch the next one.
                Some(0) => run.push(Holding {
                    job_id,
                    epoch: epoch + 1,
                }),
                Some(1) => exchange.freed.push(Holding { job_id, epoch }),
                _ => {}
            }
        }
        for job in run {
            match choices.next() {
                Some(0 | 1) => exchange.freed.push(job),
                Some(2) => kept.push(job),
                _ => exchange.running.push(job),
            }
        }
        if let Some(tier) = talk.brings {
            let want = self.pool.want(tier);
            self.tells(&want);
            exchange.wants.push(want);
        }
        exchange.offer = self.pool.honest(name, &exchange.offer);
        kept.extend(exchange.running.clone());
        let expected = self.reference.exchange(exchange.clone());
        let before = self.pool.has.clone();
        let Given { jobs, lost, .. } = self.pool.call(exchange);
        assert_eq!((ids(&jobs), &lost), (expected.0, &expected.1));
        kept.retain(|job| !lost.contains(&job.job_id));
        self.running.insert(name.to_owned(), kept);
        self.arrives(name, &ids(&jobs), before, talk.is_lost);
    }

    fn listen(&mut self, name: &str, talk: &Talk) {
        let listen = Listen {
            delivery: name.to_owned(),
            call: 1,
            began: self.pool.exchange(name).began,
            offer: self.pool.honest(name, &talk.offer),
        };
        let expected = self.reference.listen(listen);
        let before = self.pool.has.clone();
        let jobs = self.pool.listens_with(name, &talk.offer);
        let jobs = jobs.unwrap_or_default();
        assert_eq!(jobs, expected);
        self.arrives(name, &jobs, before, talk.is_lost);
    }

    /// What is given to a delivery is given to it alone; what is lost on the way, nobody has.
    fn arrives(&mut self, name: &str, jobs: &[JobId], before: Has, is_lost: bool) {
        let others = self.pool.answered();
        let others = others.iter().map(|(name, jobs)| (*name, &jobs[..]));
        let mut all = BTreeSet::new();
        for (name, jobs) in others.chain([(name, jobs)]) {
            for job_id in jobs {
                let row = self.reference.row(job_id).unwrap();
                assert_eq!((row.hold, row.by.as_deref()), (Hold::Given, Some(name)));
                assert!(all.insert(job_id.clone()), "{job_id} is given twice");
            }
        }
        if is_lost {
            self.pool.has = before;
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_pool_agrees_with_the_reference_and_keeps_its_promises(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
        }
        run.is_rescued();
    }
}
