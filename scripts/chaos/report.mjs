// What the terminal shows.

const FAULTS_SHOWN = 5;

/** The state of the run, in one line. */
export function standing(users, ledger) {
  const all = users.flatMap(({ submissions }) => submissions);
  const count = (of) => all.filter(of).length;
  const { parked, expired } = ledger.counts;
  return `${count(({ accepted }) => accepted)} accepted, ${count(({ ended }) => ended)} ended, ` +
    `${parked} parked, ${expired} leases expired`;
}

/** What happened in the whole run, in lines. */
export function summary({ busiest, parked }, { ledger, counts, rounds }) {
  const { counts: lines, faults, executions } = ledger;
  const more = faults.length - FAULTS_SHOWN;
  return [
    ...busiest.map(({ userId, tier, limit, submitted, maxActive }) =>
      `${tier} ${userId.padEnd(7)} ${String(submitted).padStart(5)} submitted, at most ${maxActive} of ${limit} executing`),
    `${counts.struckKills} of ${rounds} kills hit running stages; ${executions.length} stages executed, ` +
      `${lines.late} late results refused, ${lines.attemptFailed} attempts failed, ` +
      `${lines.startMissed} starts missed, ${lines.requeued} slots lost, jobs parked ${parked} times`,
    `${counts.repeated} submissions repeated because there was no answer (${counts.recovered} of them had been accepted), ` +
      `${counts.replayed} repeated despite an answer; ` +
      `${counts.duplicates} tickets delivered again on both queues, ${lines.skipped} jobs skipped`,
    `${counts.evictions} gates evicted, all objects aborted ${counts.aborts} times, workerd frozen ${counts.freezes} times, the generator out ${counts.outages} times; ` +
      `${lines.out} stages met an outage, jobs failed for good ${lines.failed} times, ` +
      `${counts.replayedByUsers} were replayed by their users and ${counts.replayedByService} by ${counts.replays} replays of many; ` +
      `${lines.doubled} batches delivered twice`,
    ...faults.slice(0, FAULTS_SHOWN).map((fault) => `logged: ${fault}`),
    ...(more > 0 ? [`and ${more} more faults logged`] : []),
  ];
}
