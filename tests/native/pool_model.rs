//! Random commands against a naive pool: a list, searched from the front each time.

use crate::pool_harness::{PoolHarness, holding, next_lease};
use proptest::{prelude::*, sample::Index};
use std::time::Duration;
use story_queue::{
    domain::{JobId, Rank, Tier, Timestamp},
    gate::command::Holding,
    pool::{
        Command, Hold, Reply,
        command::{Claimed, Want},
    },
};

#[derive(Clone, Debug)]
enum Step {
    /// A new job.
    Claim(Tier),
    /// A new job, for the slot of a known one.
    Exchange(Index, Tier),
    /// A known one, under its present lease or the next.
    ClaimAgain(Index, bool),
    Release(Index),
    ReleaseLate(Index),
    /// Under its present lease or the next.
    Renew(Index, bool),
    Capacity(u32),
    Wake,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        8 => prop::sample::select(&Tier::ALL[..]).prop_map(Step::Claim),
        4 => (index(), any::<bool>()).prop_map(|(index, next)| Step::ClaimAgain(index, next)),
        4 => index().prop_map(Step::Release),
        1 => index().prop_map(Step::ReleaseLate),
        2 => (index(), any::<bool>()).prop_map(|(index, next)| Step::Renew(index, next)),
        4 => (index(), prop::sample::select(&Tier::ALL[..])).prop_map(|(index, tier)| Step::Exchange(index, tier)),
        1 => (1..6_u32).prop_map(Step::Capacity),
        2 => Just(Step::Wake),
        3 => (0..200_u64).prop_map(Step::Pass),
    ]
}

fn place(want: &Want) -> (Rank, JobId) {
    (want.rank, want.ticket.job_id.clone())
}

#[derive(Clone, Debug)]
struct Row {
    want: Want,
    hold: Hold,
    due: Option<Timestamp>,
    sends: u32,
}

struct Run {
    pool: PoolHarness,
    rows: Vec<Row>,
    /// Every job ever wanted, under its latest lease.
    known: Vec<Want>,
}

impl Run {
    fn held(&self) -> usize {
        self.rows.iter().filter(|row| row.hold.has_slot()).count()
    }

    fn row(&mut self, want: &Want) -> Option<&mut Row> {
        let id = &want.ticket.job_id;
        self.rows
            .iter_mut()
            .find(|row| row.want.ticket.job_id == *id)
    }

    fn capacity(&self) -> usize {
        self.pool.config.capacity as usize
    }

    fn pause(&self, sends: u32) -> Duration {
        (self.pool.config.ticket_resend * 2_u32.pow(sends)).min(Duration::from_hours(1))
    }

    /// Serves the line, as far as it goes before that place.
    fn fill(&mut self, before: Option<&(Rank, JobId)>) {
        let due = self.pool.now.after(self.pause(0));
        while self.held() < self.capacity() {
            let parked = self.rows.iter_mut().filter(|row| row.hold == Hold::Parked);
            let best = parked.min_by_key(|row| place(&row.want));
            let goes = |row: &&mut Row| before.is_none_or(|at| place(&row.want) < *at);
            let Some(row) = best.filter(goes) else { return };
            (row.hold, row.due, row.sends) = (Hold::Granted, Some(due), 1);
        }
    }

    /// Claims for one job, perhaps in exchange for the slot of another.
    fn claim(&mut self, want: &Want, freed: Option<&Want>) {
        let freed: Vec<_> = freed.map(holding).into_iter().collect();
        for freed in &freed {
            self.free(freed);
        }
        self.fill(Some(&place(want)));
        let is_free = self.held() < self.capacity();
        let until = Some(self.pool.now.after(self.pool.config.lease));
        let expected = match self.row(want) {
            Some(row) if row.want.epoch > want.epoch => Claimed::Stale,
            row => {
                let has_slot = row.is_some_and(|row| row.hold.has_slot()) || is_free;
                let id = &want.ticket.job_id;
                self.rows.retain(|row| row.want.ticket.job_id != *id);
                self.rows.push(Row {
                    want: want.clone(),
                    hold: if has_slot { Hold::Held } else { Hold::Parked },
                    due: until.filter(|_| has_slot),
                    sends: 0,
                });
                if has_slot {
                    Claimed::Slot
                } else {
                    Claimed::Parked
                }
            }
        };
        self.fill(None);
        let wants = vec![want.clone()];
        let takes = !freed.is_empty();
        let reply = self.pool.turn(Command::Claim {
            wants,
            freed,
            takes,
        });
        let Reply::Claimed { claimed, .. } = reply else {
            panic!("a claim is answered as one");
        };
        assert_eq!(claimed, [expected]);
    }

    fn free(&mut self, freed: &Holding) {
        let kept =
            |row: &Row| row.want.ticket.job_id != freed.job_id || row.want.epoch > freed.epoch;
        self.rows.retain(kept);
    }

    /// The job under its next lease, from now on.
    fn next(&mut self, want: &Want) -> Want {
        let next = next_lease(want);
        let id = &next.ticket.job_id;
        self.known.retain(|known| known.ticket.job_id != *id);
        self.known.push(next.clone());
        next
    }

    fn release(&mut self, want: &Want) {
        self.free(&holding(want));
        self.fill(None);
        self.pool.release(want);
    }

    fn wake(&mut self) {
        let now = self.pool.now;
        let is_due = |row: &Row| row.due.is_some_and(|due| due <= now);
        self.rows
            .retain(|row| row.hold != Hold::Held || !is_due(row));
        let resend = self.pool.config.ticket_resend;
        for row in self.rows.iter_mut().filter(|row| is_due(row)) {
            let pause = (resend * 2_u32.pow(row.sends)).min(Duration::from_hours(1));
            (row.due, row.sends) = (Some(now.after(pause)), row.sends + 1);
        }
        self.fill(None);
        self.pool.turn(Command::Wake);
    }

    fn take(&mut self, step: &Step) {
        let known = |index: &Index| index.get(&self.known).clone();
        let nobody = self.known.is_empty();
        match step {
            Step::Claim(tier) => {
                let want = self.pool.want(*tier);
                self.known.push(want.clone());
                self.claim(&want, None);
            }
            Step::Exchange(index, tier) if !nobody => {
                let freed = known(index);
                let want = self.pool.want(*tier);
                self.known.push(want.clone());
                self.claim(&want, Some(&freed));
            }
            Step::ClaimAgain(index, next) if !nobody => {
                let mut want = known(index);
                if *next {
                    want = self.next(&want);
                }
                self.claim(&want, None);
            }
            Step::Release(index) if !nobody => self.release(&known(index)),
            Step::ReleaseLate(index) if !nobody => {
                let mut want = known(index);
                want.epoch -= 1;
                self.release(&want);
            }
            Step::Renew(index, next) if !nobody => {
                let mut want = known(index);
                if *next {
                    want = self.next(&want);
                }
                let until = Some(self.pool.now.after(self.pool.config.lease));
                let row = self.row(&want);
                let own = row.filter(|row| row.hold.has_slot() && row.want.epoch <= want.epoch);
                let renewed = own.map(|row| {
                    (row.hold, row.due, row.sends) = (Hold::Held, until, 0);
                    row.want.epoch = want.epoch;
                });
                let is_lost = renewed.is_none();
                assert_eq!(self.pool.renew(&want).is_empty(), !is_lost);
            }
            Step::Capacity(capacity) => self.pool.config.capacity = *capacity,
            Step::Wake => self.wake(),
            Step::Pass(seconds) => self.pool.pass(Duration::from_secs(*seconds)),
            Step::ClaimAgain(..)
            | Step::Release(_)
            | Step::ReleaseLate(_)
            | Step::Renew(..)
            | Step::Exchange(..) => {}
        }
    }

    fn check(&mut self, held_before: u32) {
        let (held, capacity) = (self.pool.held(), self.pool.config.capacity);
        assert!(
            held <= capacity.max(held_before),
            "P6: {held} of {capacity}"
        );
        for want in self.known.clone() {
            let row = self
                .row(&want)
                .map(|row| (row.hold, row.due, row.want.rank));
            let found = self.pool.find(&want.ticket.job_id);
            let found = found.map(|claim| (claim.hold, claim.due, claim.rank));
            assert_eq!(found, row, "{}", holding(&want).job_id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_agrees_with_the_reference_and_keeps_its_capacity(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run { pool: PoolHarness::new(3), rows: Vec::new(), known: Vec::new() };
        for step in &steps {
            let before = run.pool.held();
            run.take(step);
            run.check(before);
            // A capacity raised by configuration is used from the next turn on that may free or take a slot.
            if matches!(step, Step::Claim(_) | Step::Exchange(..) | Step::ClaimAgain(..) | Step::Release(_) | Step::Wake) {
                let is_parked = run.rows.iter().any(|row| row.hold == Hold::Parked);
                prop_assert!(!is_parked || run.held() >= run.capacity(), "P4: a slot idles");
            }
        }
    }
}
