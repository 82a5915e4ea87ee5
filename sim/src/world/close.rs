//! What can only be judged at the end of a seed: that the twins agree, and that the work was bounded.

use super::World;
use crate::{marks::Mark, oracle::Violation};

impl World {
    /// Checks what can only be judged at the end.
    pub fn close(&mut self) {
        let differ = self.gates.iter().find_map(|gate| {
            let gate = &gate.product;
            gate.twin.as_ref()?.differs(&gate.rows)
        });
        let pool = &self.pool.product;
        let pool_differs = || pool.twin.as_ref()?.differs(&pool.rows);
        if let Some(detail) = differ.or_else(pool_differs) {
            self.violation = Some(Violation {
                invariant: "SQL agrees",
                detail,
            });
            return;
        }
        let facts = self.oracle.jobs.iter();
        let (sends, epochs) = facts.fold((0, 0), |(sends, epochs), fact| {
            let epoch = fact
                .grant
                .as_ref()
                .map_or(0, |(epoch, _)| u64::from(*epoch));
            (sends + u64::from(fact.sends), epochs + epoch)
        });
        let faults = self.tally.faults();
        let sends = sends + self.oracle.pool.sent;
        let retries = self.tally.of(Mark::Retry) + self.tally.of(Mark::Forgotten);
        let most = 10 + 2 * (sends + epochs + self.renewals + retries) + 4 * faults;
        let cancels = self.tally.of(Mark::CancelReleases);
        // A claim and a release for each hand-over at most, a release for each ticket that nobody needs.
        let calls = 10 + 2 * epochs + sends + cancels + self.slot_renewals + 4 * faults;
        let (rings, asked) = (self.rings, self.asked);
        let resent = self.tally.of(Mark::TicketResent);
        let expired = self.tally.of(Mark::LeaseExpired) + self.tally.of(Mark::SlotExpired);
        let detail = if rings > most {
            format!("{rings} alarms for {sends} sends, {epochs} grants, {faults} faults")
        } else if asked > calls {
            format!("{asked} calls of the pool for {sends} sends, {epochs} grants, {faults} faults")
        } else if faults == 0 && resent + expired > 0 {
            format!(
                "without any fault {resent} tickets were sent again, {expired} leases or slots ran out"
            )
        } else {
            return;
        };
        self.violation = Some(Violation {
            invariant: "I11 bounded work",
            detail,
        });
    }
}
