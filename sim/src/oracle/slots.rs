//! Slots as deliveries are promised them: a slot is live from the answer that gives it until its delivery gives it back,
//! a later lease of the job takes it over, or its time is over by the pool's clock.

use super::{Oracle, Violation, pool_facts::Slot, require};
use crate::marks::Mark;
use queue_core::{
    domain::Timestamp,
    line::want::{Holding, Want},
    pool::{
        Command, Reply, Turn,
        command::{Exchange, Given, Tell},
        turn::START_LEFT,
    },
};

impl Oracle {
    /// What deliveries are told of their slots.
    pub(super) fn promised(
        &mut self,
        now: Timestamp,
        command: &Command,
        turn: &Turn,
    ) -> Result<(), Violation> {
        self.pool.expire(now);
        let given: &[Want] = match &turn.reply {
            Reply::Given(given) => &given.jobs,
            Reply::Held
            | Reply::Place { .. }
            | Reply::Backlog { .. }
            | Reply::Told { .. }
            | Reply::Backends { .. }
            | Reply::Done => &[],
        };
        match (command, &turn.reply) {
            (Command::Tell(Tell { wants, gone, .. }), _) => {
                for holding in gone {
                    self.left(holding, None)?;
                }
                self.wanted(wants)?;
            }
            (Command::Exchange(exchange), Reply::Given(Given { lost, .. })) => {
                let Exchange {
                    delivery,
                    freed,
                    wants,
                    running,
                    ..
                } = exchange;
                for holding in freed {
                    self.left(holding, Some(delivery))?;
                }
                self.wanted(wants)?;
                for holding in running {
                    let is_lost = lost.contains(&holding.job_id);
                    self.renewed(now, delivery, holding, is_lost)?;
                }
            }
            _ => {}
        }
        let caller = match command {
            Command::Exchange(exchange) => Some(&exchange.delivery),
            Command::Listen(listen) => Some(&listen.delivery),
            Command::Tell(_)
            | Command::Wake
            | Command::Place { .. }
            | Command::Backlog { .. }
            | Command::Pause { .. }
            | Command::Let { .. }
            | Command::Backends => None,
        };
        let pushed = turn
            .effects
            .answers
            .iter()
            .flat_map(|(delivery, jobs)| jobs.iter().map(move |want| (delivery, want)));
        let pushed: Vec<(&String, &Want)> = pushed.collect();
        let answered = caller
            .into_iter()
            .flat_map(|caller| given.iter().map(move |want| (caller, want)));
        for (delivery, want) in answered.chain(pushed) {
            self.given(now, delivery, want)?;
        }
        Ok(())
    }

    /// A job was given to a delivery, or given again.
    fn given(&mut self, now: Timestamp, delivery: &str, want: &Want) -> Result<(), Violation> {
        let number = self.number(want.job_id())?;
        let epoch = want.epoch();
        let slots = &mut self.pool.slots;
        if let Some(slot) = slots.get_mut(&number)
            && (slot.delivery.as_str(), slot.epoch) == (delivery, epoch)
        {
            self.tally.mark(Mark::GivenAgain);
            // What has run out begins anew, perhaps on a clock that was set back meanwhile.
            let until = now.after(START_LEFT);
            slot.until = if slot.expired {
                until
            } else {
                slot.until.max(until)
            };
            slot.expired = false;
            return Ok(());
        }
        let live = slots
            .get(&number)
            .filter(|slot| !slot.expired && slot.epoch >= epoch);
        require(live.is_none() || !self.pool.books, "I7 given once", || {
            format!("job {number} is given to {delivery} under epoch {epoch} beside {live:?}")
        })?;
        self.tally.mark(Mark::SlotGiven);
        let slot = Slot {
            delivery: delivery.to_owned(),
            epoch,
            until: now.after(START_LEFT),
            expired: false,
        };
        self.pool.slots.insert(number, slot);
        Ok(())
    }

    /// A job needs its slot no more, by the word of its gate, or of the delivery that has it.
    fn left(
        &mut self,
        Holding { job_id, epoch }: &Holding,
        by: Option<&str>,
    ) -> Result<(), Violation> {
        let number = self.number(job_id)?;
        let slot = self.pool.slots.get(&number);
        let is_own = |slot: &Slot| by.is_none_or(|by| slot.delivery == by) && slot.epoch <= *epoch;
        if slot.is_some_and(is_own) {
            self.tally.mark(Mark::SlotFreed);
            self.pool.slots.remove(&number);
        } else if slot.is_some() {
            self.tally.mark(Mark::FreedLate);
        }
        Ok(())
    }

    /// A newer lease of a job ends what it had.
    fn wanted(&mut self, wants: &[Want]) -> Result<(), Violation> {
        for want in wants {
            let number = self.number(want.job_id())?;
            let slots = &mut self.pool.slots;
            if slots
                .get(&number)
                .is_some_and(|slot| slot.epoch < want.epoch())
            {
                slots.remove(&number);
            }
        }
        Ok(())
    }

    fn renewed(
        &mut self,
        now: Timestamp,
        delivery: &str,
        Holding { job_id, epoch }: &Holding,
        is_lost: bool,
    ) -> Result<(), Violation> {
        let number = self.number(job_id)?;
        let pool = &mut self.pool;
        let unbounded = pool.config.capacity == 0;
        let own = pool
            .slots
            .get(&number)
            .filter(|slot| slot.delivery == delivery && slot.epoch <= *epoch);
        if is_lost {
            let live = own.is_some_and(|slot| !slot.expired);
            return require(!live || !pool.books, "I7 slot kept", || {
                format!("the slot of job {number} under epoch {epoch} was lost before its time")
            });
        }
        if unbounded {
            return Ok(());
        }
        self.tally.mark(match own {
            Some(slot) if slot.epoch == *epoch => Mark::SlotRenewed,
            Some(_) => Mark::StartConfirmed,
            None => Mark::SlotRetaken,
        });
        let slot = Slot {
            delivery: delivery.to_owned(),
            epoch: *epoch,
            until: now.after(pool.config.lease),
            expired: false,
        };
        pool.slots.insert(number, slot);
        Ok(())
    }
}
