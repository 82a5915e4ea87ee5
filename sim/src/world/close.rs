//! What can only be judged at the end of a seed: that the twins agree, and that the work was bounded.

use super::World;
use crate::marks::Mark;

impl World {
    fn twins_differ(&self) -> Option<String> {
        let differ = self.gates.iter().find_map(|gate| {
            let gate = &gate.product;
            gate.twin.as_ref()?.differs(&gate.rows)
        });
        let pool = &self.pool.product;
        let pool_differs = || pool.twin.as_ref()?.differs(&pool.rows);
        let list = &self.list.product;
        let list_differs = || list.twin.as_ref()?.differs(&list.rows);
        differ.or_else(pool_differs).or_else(list_differs)
    }

    /// Checks what can only be judged at the end.
    pub(crate) fn close(&mut self) {
        if let Some(detail) = self.twins_differ() {
            self.breaks("SQL agrees", detail);
            return;
        }
        self.judge_the_list();
        let facts = self.oracle.jobs.iter();
        let (sends, epochs) = facts.fold((0, 0), |(sends, epochs), fact| {
            let epoch = fact
                .grant
                .as_ref()
                .map_or(0, |(epoch, _)| u64::from(*epoch));
            (sends + u64::from(fact.sends), epochs + epoch)
        });
        let faults = self.oracle.tally.faults();
        let sends = sends + self.oracle.pool.sent;
        let waits = [
            Mark::Retry,
            Mark::Forgotten,
            Mark::WaitedForBackend,
            Mark::FailedByOutage,
            Mark::Scheduled,
            Mark::Expired,
        ];
        let retries: u64 = waits.iter().map(|mark| self.oracle.tally.of(*mark)).sum();
        // Each gate looks once a day.
        let looks = self.elapsed().unsigned_abs() / 86_400_000 * self.gates.len() as u64;
        let most = 10 + looks + 2 * (sends + epochs + self.renewals + retries) + 4 * faults;
        // For each start: its slot given back, what it frees taken along, and a confirmation; for each delivery its
        // first call and its last.
        let delivered = self.delivered as u64;
        let seconds = u64::try_from(self.elapsed() / 1_000).unwrap_or(0);
        let calls = 10 + 3 * epochs + 2 * delivered + seconds / 4 + 4 * faults;
        let (rings, exchanges) = (self.rings, self.exchanges);
        let listens = self.listen_calls.saturating_sub(self.long_listens);
        let resent = self.oracle.tally.of(Mark::TicketResent);
        let expired =
            self.oracle.tally.of(Mark::LeaseExpired) + self.oracle.tally.of(Mark::SlotExpired);
        let missed = self.oracle.tally.of(Mark::StartMissed) + self.skips;
        let detail = if rings > most {
            format!("{rings} alarms for {sends} sends, {epochs} grants, {faults} faults")
        } else if exchanges > calls {
            format!(
                "{exchanges} exchanges for {epochs} grants, {delivered} deliveries, {faults} faults"
            )
        } else if listens > calls {
            format!(
                "{listens} calls for work that were answered, for {epochs} grants, {delivered} deliveries, {faults} \
                 faults"
            )
        } else if self.plan.is_calm && self.plan.has_pool() && resent + expired + missed > 0 {
            format!(
                "without any fault {resent} tickets were sent again, {expired} leases or slots ran out, {missed} starts \
                 came to nothing"
            )
        } else {
            return;
        };
        self.breaks("I11 bounded work", detail);
    }
}
