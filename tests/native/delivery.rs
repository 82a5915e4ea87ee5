//! What a delivery decides once its gates have answered.

use std::time::Duration;
use story_queue::{
    config::Config,
    consumer::{
        delivery::{Action, Delivery},
        lanes::WEIGHT_MAX,
        verdict::Verdict,
    },
    domain::{JobId, Kind, Rank, Stage, Ticket, Tier, Timestamp, UserId},
    gate::{
        self, State,
        command::{Grant, Handed, Outcome, SkipReason},
    },
    pool::{self, command::Claimed},
};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn ticket(number: u8, tier: Tier) -> Ticket {
    Ticket {
        job_id: JobId::new(START, &[number; 10]),
        user_id: UserId::try_from("u".to_owned()).unwrap(),
        kind: Kind::STORY,
        stage: Stage::Image,
        tier,
        priority: 1,
        submitted_at: START,
        epoch: Some(1),
    }
}

fn grant(number: u8, tier: Tier, epoch: u32) -> Grant {
    let submitted_at = START.after(Duration::from_millis(u64::from(number)));
    Grant {
        epoch,
        kind: Kind::STORY,
        stage: Stage::Image,
        tier,
        priority: 1,
        rank: Rank::new(submitted_at, 1, Duration::ZERO),
        attempt: 1,
        wait_ms: None,
        active: 1,
        limit: 2,
        payload: "{}".to_owned(),
    }
}

struct Desk {
    delivery: Delivery,
    now: Timestamp,
    /// What is to be done.
    todo: Vec<Action>,
}

impl Desk {
    fn new(capacity: u32) -> Self {
        let mut config = Config::for_testing();
        config.pool.capacity = capacity;
        Self {
            delivery: Delivery::new(START, &config, WEIGHT_MAX),
            now: START,
            todo: Vec::new(),
        }
    }

    fn act(&mut self) {
        self.todo = self.delivery.act(self.now);
    }

    /// The batch was admitted.
    fn open(&mut self, jobs: &[(u8, Tier)]) {
        for (number, tier) in jobs {
            let verdict = Verdict::Run(grant(*number, *tier, 1));
            assert_eq!(self.delivery.judged(ticket(*number, *tier), verdict), None);
        }
        self.act();
    }

    fn claim(&mut self) -> (usize, usize, bool) {
        let claim = self.todo.iter().find_map(|action| {
            if let Action::Exchange(pool::Command::Claim {
                wants,
                freed,
                takes,
            }) = action
            {
                Some((wants.len(), freed.len(), *takes))
            } else {
                None
            }
        });
        claim.expect("the pool is asked")
    }

    fn answer(&mut self, claimed: Vec<Claimed>, tickets: Vec<Ticket>) {
        self.delivery.exchanged(Some(pool::Reply::Claimed {
            claimed,
            active: 1,
            capacity: 1,
            tickets,
        }));
        self.act();
    }

    fn numbers(&self, take: impl Fn(&Action) -> Vec<&Ticket>) -> Vec<u8> {
        let job = |ticket: &Ticket| {
            let same = |number: &u8| ticket.job_id == JobId::new(START, &[*number; 10]);
            (0..=u8::MAX).find(same).unwrap()
        };
        self.todo.iter().flat_map(take).map(job).collect()
    }

    fn started(&self) -> Vec<u8> {
        self.numbers(|action| {
            if let Action::Start(admitted) = action {
                vec![&admitted.ticket]
            } else {
                Vec::new()
            }
        })
    }

    fn asked(&self) -> Vec<u8> {
        self.numbers(|action| {
            if let Action::Admit(tickets) = action {
                tickets.iter().collect()
            } else {
                Vec::new()
            }
        })
    }

    fn forwarded(&self) -> Vec<u8> {
        self.numbers(|action| {
            if let Action::Forward(tickets) = action {
                tickets.iter().collect()
            } else {
                Vec::new()
            }
        })
    }

    fn waits(&self) -> Vec<(u8, bool)> {
        let in_line = self.todo.iter().filter_map(|action| {
            if let Action::Wait { in_line, .. } = action {
                Some(*in_line)
            } else {
                None
            }
        });
        let jobs = self.numbers(|action| {
            if let Action::Wait { jobs, .. } = action {
                jobs.iter().map(|job| &job.ticket).collect()
            } else {
                Vec::new()
            }
        });
        jobs.into_iter().zip(in_line).collect()
    }

    fn end(&mut self, number: u8, state: State, handed: Vec<Handed>) {
        let job_id = JobId::new(START, &[number; 10]);
        let reply = report(state, handed);
        self.delivery.reported(&job_id, Some(reply));
        self.act();
    }
}

fn report(state: State, handed: Vec<Handed>) -> gate::Reply {
    gate::Reply::Reported {
        outcome: Outcome::Accepted,
        state: Some(state),
        cancel: false,
        retry_at: None,
        handed,
    }
}

fn handed(number: u8, tier: Tier, epoch: u32) -> Handed {
    Handed {
        ticket: ticket(number, tier),
        grant: grant(number, tier, epoch),
    }
}

#[test]
fn what_got_a_slot_starts_and_what_got_none_waits_in_the_line() {
    let mut desk = Desk::new(1);
    desk.open(&[(2, Tier::Tier1), (1, Tier::Tier1), (3, Tier::Tier1)]);
    assert_eq!(desk.claim(), (3, 0, true));
    assert!(desk.started().is_empty(), "nothing starts without a slot");
    // Best first, whatever the order in which they were admitted.
    desk.answer(
        vec![Claimed::Slot, Claimed::Parked, Claimed::Stale],
        Vec::new(),
    );
    assert_eq!(desk.started(), [1]);
    assert_eq!(desk.waits(), [(2, true)]);
}

#[test]
fn while_the_pool_does_not_answer_every_job_waits_by_its_gate() {
    let mut desk = Desk::new(1);
    desk.open(&[(1, Tier::Tier1)]);
    desk.delivery.exchanged(None);
    desk.act();
    assert!(desk.started().is_empty());
    assert_eq!(desk.waits(), [(1, false)]);
    desk.delivery.told();
    assert!(desk.delivery.is_done());
}

#[test]
fn without_a_pool_everything_starts_and_nobody_is_asked() {
    let mut desk = Desk::new(0);
    desk.open(&[(1, Tier::Tier1), (2, Tier::Tier2)]);
    assert_eq!(desk.started(), [1, 2]);
    for number in [1, 2] {
        desk.end(number, State::Succeeded, Vec::new());
        assert!(desk.todo.is_empty());
    }
    assert!(desk.delivery.is_done());
}

#[test]
fn the_next_stage_keeps_its_slot_and_asks_nobody() {
    let mut desk = Desk::new(1);
    desk.open(&[(1, Tier::Tier1)]);
    desk.answer(vec![Claimed::Slot], Vec::new());
    desk.end(1, State::Running, vec![handed(1, Tier::Tier1, 2)]);
    assert_eq!(desk.started(), [1]);
    assert_eq!(desk.todo.len(), 1, "the pool need not know yet");
    let holdings = desk.delivery.slots().holdings();
    assert_eq!(
        holdings[0].epoch, 2,
        "the slot is renewed under the new epoch"
    );
}

#[test]
fn a_slot_that_was_lost_is_claimed_anew_for_the_next_stage() {
    let mut desk = Desk::new(1);
    desk.open(&[(1, Tier::Tier1)]);
    desk.answer(vec![Claimed::Slot], Vec::new());
    desk.delivery.lost(vec![JobId::new(START, &[1; 10])]);
    desk.end(1, State::Running, vec![handed(1, Tier::Tier1, 2)]);
    assert!(desk.started().is_empty());
    assert_eq!(desk.claim(), (1, 1, true));
}

#[test]
fn a_freed_slot_is_exchanged_together_with_what_the_gate_hands_over() {
    let mut desk = Desk::new(1);
    desk.open(&[(1, Tier::Tier1)]);
    desk.answer(vec![Claimed::Slot], Vec::new());
    desk.end(1, State::Succeeded, vec![handed(2, Tier::Tier1, 1)]);
    assert_eq!(desk.claim(), (1, 1, true), "the pool decides who is better");
    desk.answer(vec![Claimed::Parked], vec![ticket(3, Tier::Tier4)]);
    assert_eq!(desk.asked(), [3]);
    assert_eq!(desk.waits(), [(2, true)]);
    let run = Verdict::Run(grant(3, Tier::Tier4, 5));
    let events = desk.delivery.admitted(vec![(ticket(3, Tier::Tier4), run)]);
    assert!(events.is_empty());
    desk.act();
    assert_eq!(desk.started(), [3]);
    assert_eq!(desk.delivery.slots().holdings()[0].epoch, 5);
}

#[test]
fn a_ticket_without_a_place_in_its_lane_goes_to_another_delivery() {
    let mut desk = Desk::new(9);
    // The lane of tier1 has three places.
    let lane = [1, 2, 3].map(|number| (number, Tier::Tier1));
    desk.open(&[&lane[..], &[(4, Tier::Tier2)]].concat());
    desk.answer(vec![Claimed::Slot; 4], Vec::new());
    desk.end(4, State::Succeeded, Vec::new());
    desk.answer(
        Vec::new(),
        vec![ticket(5, Tier::Tier1), ticket(6, Tier::Tier2)],
    );
    assert_eq!((desk.forwarded(), desk.asked()), (vec![5], vec![6]));
}

#[test]
fn a_ticket_whose_gate_cannot_be_reached_goes_to_another_delivery_and_a_useless_one_frees_its_slot()
{
    let mut desk = Desk::new(1);
    desk.open(&[(1, Tier::Tier1)]);
    desk.answer(vec![Claimed::Slot], Vec::new());
    desk.end(1, State::Succeeded, Vec::new());
    let tickets = [2, 3].map(|number| ticket(number, Tier::Tier1));
    desk.answer(Vec::new(), tickets.to_vec());
    let [one, other] = tickets;
    let ended = Verdict::Skip(SkipReason::Ended);
    let events = desk
        .delivery
        .admitted(vec![(one, Verdict::Retry), (other, ended)]);
    assert_eq!(events.len(), 1);
    desk.act();
    assert_eq!(desk.forwarded(), [2]);
    assert_eq!(desk.claim(), (0, 1, true));
}

#[test]
fn it_goes_on_within_its_budget_and_only_where_nobody_waits_for_the_place() {
    let mut desk = Desk::new(9);
    let jobs: Vec<_> = (1..=4).map(|number| (number, Tier::Tier1)).collect();
    desk.open(&[&jobs[..], &[(5, Tier::Tier2)]].concat());
    desk.answer(vec![Claimed::Slot; 5], Vec::new());
    assert_eq!(
        desk.started(),
        [1, 2, 3, 5],
        "the lane of tier1 has three places"
    );
    assert!(
        !desk.delivery.goes_on(desk.now, Tier::Tier1),
        "4 waits for it"
    );
    assert!(desk.delivery.goes_on(desk.now, Tier::Tier2));
    let ends = desk.delivery.budget_ends();
    assert!(!desk.delivery.goes_on(ends, Tier::Tier2));
}

#[test]
fn it_goes_on_with_no_more_than_an_invocation_may_call_for() {
    let mut desk = Desk::new(0);
    desk.open(&[(1, Tier::Tier1)]);
    for epoch in 2..=300 {
        assert!(desk.delivery.goes_on(desk.now, Tier::Tier1), "{epoch}");
        desk.end(1, State::Running, vec![handed(1, Tier::Tier1, epoch)]);
        assert_eq!(desk.started(), [1]);
    }
    assert!(!desk.delivery.goes_on(desk.now, Tier::Tier1));
}

#[test]
fn what_has_no_place_when_the_budget_ends_is_handed_back_with_its_slot() {
    let mut desk = Desk::new(9);
    let jobs: Vec<_> = (1..=4).map(|number| (number, Tier::Tier1)).collect();
    desk.open(&jobs);
    desk.answer(vec![Claimed::Slot; 4], Vec::new());
    desk.now = desk.delivery.budget_ends();
    desk.act();
    assert!(matches!(&desk.todo[..], [Action::HandBack(_)]));
    let job_id = JobId::new(START, &[4; 10]);
    desk.delivery
        .handed_back(&job_id, Some(&report(State::Granted, Vec::new())));
    desk.act();
    assert!(desk.todo.is_empty(), "its slot goes with its ticket");
    desk.end(1, State::Succeeded, Vec::new());
    assert_eq!(desk.claim(), (0, 1, false), "and no more tickets are taken");
}

#[test]
fn what_is_handed_twice_is_taken_once() {
    let mut desk = Desk::new(0);
    desk.open(&[(1, Tier::Tier1), (2, Tier::Tier1)]);
    let both = vec![handed(2, Tier::Tier1, 1), handed(3, Tier::Tier1, 1)];
    desk.end(1, State::Succeeded, both.clone());
    assert_eq!(desk.started(), [3], "2 runs already");
    desk.end(3, State::Failed, both);
    assert!(desk.todo.is_empty());
}
