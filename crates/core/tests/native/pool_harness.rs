//! A pool on `SQLite` with deliveries that call it and a clock that a test moves.

use crate::pool_jobs::{ids, offer, started};
use queue_core::{
    config::PoolConfig,
    domain::{JobId, Kind, Stage, Ticket, Tier, Timestamp, UserId},
    line::want::{Holding, Want},
    pool::{
        Claim, Command, Desk, Effects, Hold, Reply, SqlStore, Store, Turn, apply,
        command::{Exchange, Given, Listen, Offer, Place, Tell},
        turn::Notice,
    },
    storage::{Database, StorageError},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use testkit::Sqlite;

pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub struct PoolHarness {
    pub database: Sqlite,
    pub config: PoolConfig,
    pub desk: Desk,
    pub now: Timestamp,
    /// When each delivery began.
    began: BTreeMap<String, Timestamp>,
    /// What each delivery was given and has not spoken of.
    pub has: BTreeMap<String, BTreeSet<JobId>>,
    next_job: Cell<u32>,
    /// What the latest turn asked for.
    pub effects: Effects,
}

impl PoolHarness {
    pub fn new(capacity: u32) -> Self {
        let database = Sqlite::in_memory().unwrap();
        SqlStore::new(&database).migrate().unwrap();
        Self {
            database,
            config: PoolConfig {
                capacity,
                ..testkit::defaults().pool
            },
            desk: Desk::default(),
            now: START,
            began: BTreeMap::new(),
            has: BTreeMap::new(),
            next_job: Cell::new(0),
            effects: Effects::default(),
        }
    }

    /// One turn, as the object makes it.
    pub fn try_turn(&mut self, command: Command) -> Result<Reply, StorageError> {
        let store = SqlStore::new(&self.database);
        let desk = &mut self.desk;
        let Turn { reply, effects } = self
            .database
            .atomically(|| apply(&store, desk, &self.config, self.now, command))?;
        for (delivery, jobs) in &effects.answers {
            self.has
                .entry(delivery.clone())
                .or_default()
                .extend(ids(jobs));
        }
        self.effects = effects;
        Ok(reply)
    }

    pub fn turn(&mut self, command: Command) -> Reply {
        self.try_turn(command).unwrap()
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    pub fn wake(&mut self) {
        self.turn(Command::Wake);
    }

    /// A job of that tier, submitted now, under its first lease.
    pub fn want(&self, tier: Tier) -> Want {
        let number = self.next_job.get();
        self.next_job.set(number + 1);
        let config = testkit::defaults().gate;
        let priority = config.tiers.of(tier).priority;
        let mut random = [0; 10];
        random[..4].copy_from_slice(&number.to_be_bytes());
        let ticket = Ticket {
            job_id: JobId::new(self.now, &random),
            user_id: UserId::try_from(format!("user{number}")).unwrap(),
            kind: Kind::STORY,
            stage: Stage::Image,
            tier,
            priority,
            submitted_at: self.now,
            epoch: Some(1),
            weight: Some(1),
        };
        Want::of(ticket, config.priority_boost)
    }

    /// What a gate tells.
    pub fn tell(&mut self, wants: &[Want], gone: &[Holding]) {
        self.turn(Command::Tell(Tell {
            wants: wants.to_vec(),
            gone: gone.to_vec(),
            ticketed: false,
        }));
    }

    /// A gate tells of a new job of that tier.
    pub fn told(&mut self, tier: Tier) -> Want {
        let want = self.want(tier);
        self.tell(std::slice::from_ref(&want), &[]);
        want
    }

    /// Gates tell of so many new jobs, a millisecond apart.
    pub fn told_many(&mut self, tier: Tier, count: usize) -> Vec<Want> {
        let one = |_| {
            self.pass(Duration::from_millis(1));
            self.told(tier)
        };
        (0..count).map(one).collect()
    }

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
        }
    }

    /// Says what the delivery has.
    pub fn honest(&mut self, delivery: &str, offer: &Offer) -> Offer {
        let has = self.has.entry(delivery.to_owned()).or_default();
        Offer {
            has: has.iter().cloned().collect(),
            ..offer.clone()
        }
    }

    pub fn call(&mut self, mut exchange: Exchange) -> Given {
        exchange.offer = self.honest(&exchange.delivery, &exchange.offer);
        let has = self.has.entry(exchange.delivery.clone()).or_default();
        for spoken_of in exchange.freed.iter().chain(&exchange.running) {
            has.remove(&spoken_of.job_id);
        }
        let delivery = exchange.delivery.clone();
        let Reply::Given(given) = self.turn(Command::Exchange(exchange)) else {
            panic!("an exchange is answered with what is given");
        };
        self.has
            .entry(delivery)
            .or_default()
            .extend(ids(&given.jobs));
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
                let jobs = ids(&given.jobs);
                self.has
                    .entry(delivery.to_owned())
                    .or_default()
                    .extend(jobs.clone());
                Some(jobs)
            }
            Reply::Held => None,
            other @ (Reply::Place { .. } | Reply::Done) => panic!("{other:?}"),
        }
    }

    pub fn listens(&mut self, delivery: &str, places: u32) -> Option<Vec<JobId>> {
        self.listens_with(delivery, &offer(places))
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

    pub fn place(&mut self, want: &Want) -> Place {
        let job_id = want.job_id().clone();
        let Reply::Place { place } = self.turn(Command::Place { job_id }) else {
            panic!("a question for a place is answered with it");
        };
        place
    }

    pub fn find(&self, want: &Want) -> Option<Claim> {
        SqlStore::new(&self.database).find(want.job_id()).unwrap()
    }

    /// Every claim, by id.
    pub fn claims(&self) -> Vec<Claim> {
        let sql = "SELECT record FROM jobs ORDER BY job_id";
        SqlStore::new(&self.database).records(sql, &[]).unwrap()
    }

    pub fn hold(&self, want: &Want) -> Option<Hold> {
        self.find(want).map(|claim| claim.hold)
    }

    pub fn held(&self) -> u32 {
        SqlStore::new(&self.database).held().unwrap()
    }

    /// The open calls that the latest turn answered, and with which jobs.
    pub fn answered(&self) -> Vec<(&str, Vec<JobId>)> {
        let answers = self.effects.answers.iter();
        answers
            .map(|(name, jobs)| (name.as_str(), ids(jobs)))
            .collect()
    }

    /// The jobs whose tickets the latest turn sent.
    pub fn sent(&self) -> Vec<JobId> {
        let tickets = self.effects.tickets.iter();
        tickets.map(|ticket| ticket.job_id.clone()).collect()
    }

    /// What the latest turn had to log.
    pub fn notices(&self) -> Vec<Notice> {
        let notices = self.effects.notices.iter();
        notices.map(|(notice, _)| *notice).collect()
    }
}
