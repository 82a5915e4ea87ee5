//! What can only be judged at the end of a seed: that the twins agree, and that the work was bounded.

use super::World;
use crate::{marks::Mark, oracle::Violation};

impl World {
    /// Checks what can only be judged at the end.
    pub fn close(&mut self) {
        for object in &self.objects {
            let twin = object.twin.as_ref();
            if let Some(detail) = twin.and_then(|twin| twin.differs(&object.rows)) {
                self.violation = Some(Violation {
                    invariant: "SQL agrees",
                    detail,
                });
                return;
            }
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
        let retries = self.tally.of(Mark::Retry) + self.tally.of(Mark::Forgotten);
        let most = 10 + 2 * (sends + epochs + self.renewals + retries) + 4 * faults;
        let (rings, resent) = (self.rings, self.tally.of(Mark::TicketResent));
        let expired = self.tally.of(Mark::LeaseExpired);
        let detail = if rings > most {
            format!("{rings} alarms for {sends} sends, {epochs} grants, {faults} faults")
        } else if faults == 0 && resent + expired > 0 {
            format!("without any fault {resent} tickets were sent again, {expired} leases ran out")
        } else {
            return;
        };
        self.violation = Some(Violation {
            invariant: "I11 bounded work",
            detail,
        });
    }
}
