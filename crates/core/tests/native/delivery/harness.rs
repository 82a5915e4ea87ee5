//! A delivery without a consumer: a test says what comes of each thing that it wants done.

use crate::harness::{START, vars};
use queue_core::{
    config::Config,
    delivery::{Action, Delivery, assignment::Assignment, stage::Ending},
    domain::{JobId, Kind, Rank, Stage, Ticket, Tier, Timestamp, UserId},
    events::Event,
    gate::{
        self, Command, State,
        command::{Going, Grant, Outcome, SkipReason, Start},
    },
    line::want::{Holding, Want},
    pool::command::{Exchange, Given, Listen, Offer},
};
use std::time::Duration;

pub struct Scene {
    pub delivery: Delivery,
    pub now: Timestamp,
    /// What others hold in the isolate.
    pub others: u32,
    /// What it wants done now.
    pub todo: Vec<Action>,
}

impl Scene {
    pub fn new(capacity: u32) -> Self {
        let capacity = capacity.to_string();
        let config = Config::from_vars(&vars(&[("POOL_CAPACITY", &capacity)])).unwrap();
        Self {
            delivery: Delivery::new("one".to_owned(), START, &config),
            now: START,
            others: 0,
            todo: Vec::new(),
        }
    }

    /// A delivery whose first call a pool has answered with these jobs.
    pub fn given(jobs: &[Want]) -> Self {
        let mut scene = Self::new(50);
        scene.act();
        scene.gives(jobs);
        scene
    }

    /// A delivery that runs these jobs of a pool, each confirmed, and listens.
    pub fn running(jobs: &[u8]) -> Self {
        let mut scene = Self::given(&jobs.iter().copied().map(want).collect::<Vec<_>>());
        assert!(scene.listen().is_some());
        scene.start_all();
        scene.pass(Duration::from_secs(4));
        scene.gives(&[]);
        scene
    }

    pub fn act(&mut self) {
        self.todo = self.delivery.act(self.now, self.others);
        let due = self.delivery.next_due(self.now);
        let is_later = due.is_none_or(|due| self.now < due);
        assert!(
            is_later,
            "it would be asked again and again, {due:?} at {:?}",
            self.now
        );
    }

    pub fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
        self.act();
    }

    /// Time passes until it wants to be asked again; how much.
    pub fn pass_until_due(&mut self) -> Duration {
        let due = self.delivery.next_due(self.now).unwrap();
        let span = due.millis_since(self.now);
        self.now = due;
        self.act();
        Duration::from_millis(span.try_into().unwrap())
    }

    pub fn exchange(&self) -> Option<Exchange> {
        let mut exchanges = self.todo.iter().filter_map(|action| {
            let Action::Exchange(exchange) = action else {
                return None;
            };
            Some(exchange.clone())
        });
        let exchange = exchanges.next();
        assert_eq!(exchanges.next(), None, "one at a time");
        exchange
    }

    /// The exchange that it makes now, without fail.
    pub fn exchanges(&self) -> Exchange {
        self.exchange().unwrap()
    }

    /// What it offers while it listens.
    pub fn offers(&self) -> Offer {
        self.listen().unwrap().offer
    }

    /// It would free these in an exchange, and queue those.
    #[track_caller]
    pub fn owes(&self, freed: &[Holding], wants: &[Want]) {
        let exchange = self.exchanges();
        assert_eq!((&exchange.freed[..], &exchange.wants[..]), (freed, wants));
    }

    pub fn listen(&self) -> Option<Listen> {
        self.todo.iter().find_map(|action| {
            let Action::Listen(listen) = action else {
                return None;
            };
            Some(listen.clone())
        })
    }

    /// The jobs whose gates it wants asked, in order.
    pub fn starting(&self) -> Vec<u8> {
        let starts = self.todo.iter().filter_map(|action| {
            let Action::Start(jobs) = action else {
                return None;
            };
            Some(jobs)
        });
        starts.flatten().map(number).collect()
    }

    /// The jobs that it wants run.
    pub fn runs(&self) -> Vec<(u8, u32)> {
        let runs = self.todo.iter().filter_map(|action| {
            let Action::Run(Assignment { want, grant }) = action else {
                return None;
            };
            Some((number(want), grant.epoch))
        });
        runs.collect()
    }

    /// The pool answers the exchange.
    pub fn gives(&mut self, jobs: &[Want]) {
        self.answers(Some(given(jobs)));
    }

    pub fn answers(&mut self, answer: Option<Given>) {
        self.delivery.exchanged(self.now, self.others, answer);
        self.act();
    }

    /// The pool answers who listens.
    pub fn hears(&mut self, jobs: &[Want]) {
        let answer = Some(given(jobs));
        self.delivery.listened(self.now, self.others, answer);
        self.act();
    }

    /// The gates of these jobs answer.
    pub fn starts(&mut self, jobs: &[Want], answer: Option<Vec<Start>>) -> Vec<Event> {
        let events = self.delivery.started(self.now, jobs.to_vec(), answer);
        self.act();
        events
    }

    /// All jobs whose gates were to be asked may start.
    pub fn start_all(&mut self) {
        for action in self.todo.clone() {
            if let Action::Start(jobs) = action {
                let runs = jobs.iter().map(|want| Start::Run(grant(want.epoch() + 1)));
                self.starts(&jobs, Some(runs.collect()));
            }
        }
    }

    /// The job's work has stopped; it may have been that on its last stage.
    pub fn stops(&mut self, job: u8, has_next: bool) -> Going {
        let grant = Grant {
            is_last: !has_next,
            next: has_next.then_some(Stage::Audio),
            ..grant(2)
        };
        let want = want(job);
        let assignment = Assignment { want, grant };
        let made = Ending::Made(Vec::new());
        let report = self.delivery.stopped(self.now, &assignment, made, 7);
        self.act();
        match report {
            Some(Command::Complete { going, .. }) => going,
            other => panic!("it is not reported as made: {other:?}"),
        }
    }

    /// The gate answers the report.
    pub fn reported(&mut self, job: u8, next: Option<Grant>, granted: Vec<Want>) {
        let reply = gate::Reply::Reported {
            outcome: Outcome::Accepted,
            state: Some(State::Running),
            cancel: false,
            retry_at: None,
            next: next.map(Box::new),
            granted,
        };
        self.delivery.reported(&job_id(job), Some(reply));
        self.act();
    }

    /// The job's last stage ends, and is reported.
    pub fn ends(&mut self, job: u8) {
        self.stops(job, false);
        let todo = std::mem::take(&mut self.todo);
        self.reported(job, None, Vec::new());
        self.todo.splice(0..0, todo);
    }
}

fn given(jobs: &[Want]) -> Given {
    Given {
        jobs: jobs.to_vec(),
        ..Given::default()
    }
}

pub fn job_id(job: u8) -> JobId {
    JobId::new(START, &[job; 10])
}

fn number(want: &Want) -> u8 {
    (0..=u8::MAX)
        .find(|job| job_id(*job) == *want.job_id())
        .unwrap()
}

/// A job of a user of its own; the ranks are in the order of the numbers.
pub fn want(job: u8) -> Want {
    let submitted_at = START.after(Duration::from_millis(job.into()));
    let ticket = Ticket {
        job_id: job_id(job),
        user_id: UserId::try_from(format!("user{job}")).unwrap(),
        kind: Kind::story(),
        stage: Stage::Image,
        tier: Tier::Tier1,
        priority: 1,
        submitted_at,
        epoch: Some(1),
        weight: Some(1),
        aged_from: None,
    };
    let rank = Rank::new(submitted_at, 1, Duration::from_mins(30));
    Want {
        ticket,
        rank,
        mark: None,
    }
}

pub fn heavy(job: u8, weight: u32) -> Want {
    let mut want = want(job);
    want.ticket.weight = Some(weight);
    want
}

/// The job under another lease.
pub fn under(epoch: u32, job: u8) -> Want {
    let mut want = want(job);
    want.ticket.epoch = Some(epoch);
    want
}

pub fn holding(job: u8, epoch: u32) -> Holding {
    let job_id = job_id(job);
    Holding { job_id, epoch }
}

pub fn grant(epoch: u32) -> Grant {
    Grant {
        epoch,
        kind: Kind::story(),
        stage: Stage::Image,
        tier: Tier::Tier1,
        priority: 1,
        attempt: 1,
        wait_ms: None,
        active: 1,
        limit: 2,
        is_last: false,
        next: Some(Stage::Audio),
        max_chars: 0,
        made: Vec::new(),
        payload: "{}".to_owned(),
    }
}

pub fn skip(reason: SkipReason) -> Vec<Start> {
    vec![Start::Skip { reason }]
}
