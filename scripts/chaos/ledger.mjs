// What the generator did, read from the lines it logs. The method is described in ../chaos.mjs.

const JOB = '([0-9a-f-]{36})';
const PATTERNS = Object.entries({
  started: `^\\[Queue Consumer\\] Processing (\\w+) for job ${JOB} `,
  completed: `^\\[Queue Consumer\\] Completed (\\w+) for job ${JOB} `,
  late: `^\\[Queue Consumer\\] Late result of (\\w+) for job ${JOB} `,
  attemptFailed: `^\\[Queue Consumer\\] Attempt \\d+ at (\\w+) for job ${JOB} failed`,
  out: `^\\[Queue Consumer\\] (\\w+) for job ${JOB} waits for `,
  ended: `^\\[Queue Consumer\\] Job ()${JOB} (succeeded|cancelled)`,
  failed: `^\\[Queue Consumer\\] Job ()${JOB} failed`,
  expired: `^\\[Concurrency Manager\\] Lease ()expired for job ${JOB} `,
  skipped: `^\\[Queue Consumer\\] Skipped ()job ${JOB}:`,
  requeued: `^\\[Queue Consumer\\] Slot lost by (\\w+) for job ${JOB} `,
  startMissed: `^\\[Capacity Pool\\] Start ()missed for job ${JOB} `,
  parked: '^\\[Concurrency Manager\\] Concurrency limit reached',
  doubled: '^\\[Operator\\] A batch of (\\d+) delivered twice',
  buried: '^\\[Dead Letters\\] ',
  fault: '^\\[Fault\\] ',
}).map(([event, pattern]) => [event, new RegExp(pattern)]);

/**
 * `executions` are `{jobId, stage, start, end, how}`: how a generator's work on one stage went, while its lease
 * lived. `how` is completed, attemptFailed, out, requeued, cancelled, failed, expired or killed.
 */
export function createLedger() {
  const executions = [];
  const counts = Object.fromEntries(PATTERNS.map(([event]) => [event, 0]));
  // Executions that have not ended, by job, oldest first.
  const open = new Map();
  // By job: how it ended, as logged. More than one kind is a fault.
  const endings = new Map();
  const startedAfterEnd = [];
  const faults = [];

  const close = (execution, at, how) => {
    Object.assign(execution, { end: at, how });
    const rest = open.get(execution.jobId).filter((each) => each !== execution);
    if (rest.length > 0) open.set(execution.jobId, rest);
    else open.delete(execution.jobId);
  };
  const openOf = (jobId, stage) => (open.get(jobId) ?? []).filter((each) => stage === undefined || each.stage === stage);

  const react = {
    started(at, stage, jobId) {
      if (endings.has(jobId)) startedAfterEnd.push({ jobId, stage });
      const execution = { jobId, stage, start: at, end: null, how: null };
      executions.push(execution);
      open.set(jobId, [...(open.get(jobId) ?? []), execution]);
    },
    // The lease is the newest holder's.
    completed: (at, stage, jobId) => openOf(jobId, stage).slice(-1).forEach((each) => close(each, at, 'completed')),
    attemptFailed: (at, stage, jobId) => openOf(jobId, stage).slice(-1).forEach((each) => close(each, at, 'attemptFailed')),
    out: (at, stage, jobId) => openOf(jobId, stage).slice(-1).forEach((each) => close(each, at, 'out')),
    requeued: (at, stage, jobId) => openOf(jobId, stage).slice(-1).forEach((each) => close(each, at, 'requeued')),
    // The work goes on, but its lease is over: what comes of it is refused as late.
    expired: (at, _, jobId) => openOf(jobId).forEach((each) => close(each, at, 'expired')),
    // It is replayed.
    failed: (at, _, jobId) => openOf(jobId).forEach((each) => close(each, at, 'failed')),
    ended(at, _, jobId, how) {
      endings.set(jobId, (endings.get(jobId) ?? new Set()).add(how));
      openOf(jobId).forEach((each) => close(each, at, how));
    },
  };

  return {
    executions,
    counts,
    endings,
    startedAfterEnd,
    faults,
    line(text, at) {
      for (const [event, pattern] of PATTERNS) {
        const found = pattern.exec(text);
        if (!found) continue;
        counts[event] += 1;
        if (event === 'fault' || event === 'buried') faults.push(text);
        react[event]?.(at, ...found.slice(1));
        return;
      }
    },
    /** How many stages run. */
    running: () => [...open.values()].flat().length,
    /** Everything that ran is dead since `at`; returns how many stages that were. */
    killed(at) {
      const struck = [...open.values()].flat();
      for (const execution of struck) close(execution, at, 'killed');
      // Lines read after the kill were written before it.
      for (const execution of executions) {
        execution.start = Math.min(execution.start, at);
        execution.end = Math.min(execution.end, at);
      }
      return struck.length;
    },
  };
}
