//! How a delivery ends: its messages are settled by name, or it dies and nothing was settled.

use super::World;
use crate::marks::Mark;
use queue_core::delivery::settlement::Settlement;

impl World {
    pub(super) fn finish(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        if let Some(consumer) = self.consumers.remove(&number) {
            for (message, job_id, settlement) in consumer.messages {
                let settlement = job_id.map_or(settlement, |job_id| {
                    Settlement::of_ticket(consumer.delivery.is_unreached(&job_id))
                });
                self.settle(message, settlement);
            }
            self.batch();
        }
    }

    pub(super) fn wall(&mut self, number: usize) {
        if self.consumers.contains_key(&number) {
            self.mark(Mark::WallClockExceeded);
            self.kill(number);
        }
    }

    /// Whether the consumer dies here.
    pub(super) fn dies(&mut self, number: usize) -> bool {
        if self.consumers.contains_key(&number) && self.dice.chance(self.rates.death) {
            self.mark(Mark::ConsumerDied);
            self.kill(number);
            return true;
        }
        false
    }

    /// What it ran at the generator goes on; nobody listens. Nothing was settled.
    fn kill(&mut self, number: usize) {
        self.say(|| format!("delivery {number} dies"));
        if let Some(consumer) = self.consumers.remove(&number) {
            for (message, ..) in consumer.messages {
                let pause = self.dice.between(1_000, 60_000);
                self.again(message, pause);
            }
            self.batch();
        }
    }
}
