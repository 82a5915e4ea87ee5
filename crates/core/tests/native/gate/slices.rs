//! Work on all jobs of a user: short turns, nothing granted by an old rank meanwhile, and an end whatever happens.

use super::{
    harness::GateHarness,
    subscriptions::{sold, typed},
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Tier, plan::AccountType},
    gate::{Command, SqlStore, State, Store, command::NewJob},
};
use std::time::{Duration, Instant};
use testkit::Sqlite;

/// Jobs visited in one turn.
const SLICE: usize = 200;

/// What a turn wrote: rows, and bytes of text in them.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    rows: i64,
    bytes: usize,
}

impl GateHarness {
    /// Has the user submit so many jobs of the plan's tier, with payloads of that length.
    fn fill(&mut self, count: usize, payload: usize) -> Vec<JobId> {
        self.sell_tiers();
        let payload = "x".repeat(payload);
        let one = |_| {
            self.pass(Duration::from_millis(1));
            let payload = payload.clone();
            self.submit_job(NewJob {
                payload,
                ..self.new_job(None)
            })
        };
        (0..count).map(one).collect()
    }

    fn is_walking(&self) -> bool {
        let account = SqlStore::new(&self.database).account().unwrap();
        account.is_some_and(|account| account.walk.is_some())
    }

    /// Rings until the walk is done; in how many turns.
    fn walk_on(&mut self) -> usize {
        let mut turns = 0;
        while self.is_walking() {
            assert_eq!(self.next_due(), Some(self.now), "at once");
            self.wake();
            turns += 1;
        }
        turns
    }

    fn cost_of(&mut self, command: Command) -> Cost {
        let before = self.database.changes().unwrap();
        self.database.take_written();
        self.turn(command);
        Cost {
            rows: self.database.changes().unwrap() - before,
            bytes: self.database.take_written(),
        }
    }

    /// What each turn cost, from that command on to the last job that was forgotten.
    fn costs_of(&mut self, command: Command) -> Vec<Cost> {
        let mut costs = vec![self.cost_of(command)];
        loop {
            costs.push(self.cost_of(Self::WAKE));
            let (jobs, failed) = (self.effects.purge.clone(), Vec::new());
            if !jobs.is_empty() {
                costs.push(self.cost_of(Command::Forget { jobs, failed }));
            } else if !self.is_walking() {
                return costs;
            }
        }
    }
}

#[test]
fn each_turn_writes_few_rows_and_no_payload() {
    const PAYLOAD: usize = 16 * 1_024;
    for command in [
        Command::SetPlan(sold(Tier::Tier3, (1, 1))),
        Command::DeleteUser,
    ] {
        let mut gate = GateHarness::new();
        gate.fill(5 * SLICE, PAYLOAD);
        let costs = gate.costs_of(command.clone());
        assert!(costs.len() >= 5, "{}", costs.len());
        for cost in costs {
            assert!(cost.rows <= 220, "{command:?} {cost:?}");
            assert!(cost.bytes < SLICE * 1_500, "{command:?} {cost:?}");
        }
    }
}

/// A gate of a plan of tier3 with ten jobs under a lease, 290 of a lower tier that wait, and 300 younger ones of tier3
/// before them in the line. Then the plan gives tier1, which has room for fifty, and the first slice is done.
fn walking() -> (GateHarness, Vec<JobId>) {
    let mut gate = GateHarness::new();
    gate.set_tiers(r#"{"tier1":{"maxConcurrentJobs":50}}"#);
    gate.set_tier(Tier::Tier3);
    let mut jobs = gate.submit_many(Tier::Tier1, 300);
    jobs.extend(gate.fill(300, 2));
    gate.hear();
    gate.set_tier(Tier::Tier1);
    assert!(gate.is_walking());
    (gate, jobs)
}

#[test]
fn nothing_is_granted_by_an_old_rank_while_jobs_are_repriced() {
    let (mut gate, jobs) = walking();
    assert_eq!(gate.account().limit, 50);
    assert_eq!(gate.held(), 10, "a raised limit grants nothing yet");
    gate.cancel(&jobs[0]);
    let epoch = gate.start(&jobs[1]).epoch;
    gate.fail(&jobs[1], epoch, true);
    assert_eq!(gate.held(), 8, "nor does a lease that is freed");
    let new = gate.submit(Tier::Tier1);
    assert_eq!(
        gate.state(&new),
        State::Parked,
        "it waits behind the others"
    );
    gate.wake();
    assert!(gate.is_walking());
    assert_eq!(gate.held(), 8);
    gate.walk_on();
    assert_eq!(gate.held(), 50);
    let states = jobs.iter().map(|job_id| gate.state(job_id));
    let granted: Vec<_> = states.map(State::holds_lease).collect();
    assert!(granted[2..52].iter().all(|granted| *granted), "the oldest");
    assert!(!granted[52..].contains(&true), "and no others");
}

#[test]
fn a_crash_between_two_slices_loses_nothing() {
    let (mut gate, jobs) = walking();
    let mut turns = 0;
    while gate.is_walking() {
        gate.evict();
        assert_eq!(gate.next_due(), Some(gate.now), "as the rows say");
        // The one turn fails half-way, as well.
        gate.database.fail_after(50);
        assert!(gate.try_turn(GateHarness::WAKE).is_err());
        gate.database.heal();
        gate.evict();
        gate.wake();
        turns += 1;
    }
    assert_eq!(turns, 600_usize.div_ceil(SLICE) - 1);
    assert!(gate.jobs().iter().all(|job| job.tier == Tier::Tier1));
    assert_eq!((gate.held(), gate.jobs().len()), (50, jobs.len()));
}

#[test]
fn another_plan_in_mid_walk_begins_anew() {
    let mut gate = GateHarness::new();
    gate.set_limit(1);
    let retrying = gate.submit(Tier::Tier1);
    let epoch = gate.start(&retrying).epoch;
    gate.fail(&retrying, epoch, false);
    gate.fill(3 * SLICE, 2);
    gate.set_tier(Tier::Tier2);
    gate.wake();
    assert!(gate.is_walking());
    // One that was visited comes into the line meanwhile.
    gate.wake_for(&retrying);
    gate.set_tier(Tier::Tier4);
    assert_eq!(gate.walk_on(), 3);
    let is_new = |job: &queue_core::gate::Job| (job.tier, job.priority) == (Tier::Tier4, 4);
    assert!(gate.jobs().iter().all(is_new));
    assert_eq!(gate.held(), 20);
}

#[test]
fn a_deletion_takes_over_from_a_repricing() {
    let (mut gate, jobs) = walking();
    gate.delete_user();
    gate.walk_on();
    let mut states = jobs.iter().map(|job_id| gate.state(job_id));
    assert!(states.all(|state| state == State::Cancelled));
    gate.evict();
    assert_eq!(gate.purge().len(), jobs.len());
    gate.hear();
    assert!(gate.is_forgotten());
}

/// The wall time of each turn, for a line of 10,000 jobs of 256 KiB in a file. Run it in release; nothing is asserted.
#[test]
#[ignore = "writes 2.6 GB, and prints what it measures"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn measure_slices() {
    let command = |number: usize| match number {
        0 => Command::SetPlan(typed(AccountType::Complimentary)),
        _ => Command::DeleteUser,
    };
    let file = std::env::temp_dir().join(format!("slices-{}", std::process::id()));
    let mut gate = GateHarness::on(Sqlite::create(&file).unwrap());
    gate.fill(10_000, 256 * 1_024);
    for number in 0..2 {
        let (mut longest, mut all, mut turns) = (Duration::ZERO, Cost::default(), 0);
        let mut most = Cost::default();
        let mut next = Some(command(number));
        let begun = Instant::now();
        while let Some(command) = next {
            let turn = Instant::now();
            let cost = gate.cost_of(command);
            longest = longest.max(turn.elapsed());
            all.rows += cost.rows;
            all.bytes += cost.bytes;
            most.rows = most.rows.max(cost.rows);
            most.bytes = most.bytes.max(cost.bytes);
            turns += 1;
            let (jobs, failed) = (gate.effects.purge.clone(), Vec::new());
            gate.effects.purge = Vec::new();
            next = match jobs.is_empty() {
                false => Some(Command::Forget { jobs, failed }),
                true if gate.is_walking() || turns < 3 => Some(GateHarness::WAKE),
                true if gate.next_due() == Some(gate.now) => Some(GateHarness::WAKE),
                true => None,
            };
        }
        let took = begun.elapsed();
        println!(
            "{number}: {turns} turns in {took:?}, longest {longest:?}; {all:?}, at most {most:?} a turn"
        );
    }
    drop(gate);
    std::fs::remove_file(file).unwrap();
}
