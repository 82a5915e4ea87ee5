// A burst's results as text: a line for each run, and how this Worker stands to what it is to reach. Pure.

const TIERS = ['tier1', 'tier2', 'tier3', 'tier4'];
const number = (value, digits = 1) => (value === null || value === undefined ? '-' : value.toFixed(digits));

const COLUMNS = [
  ['scenario', 8, ({ scenario }) => scenario],
  ['consumers', 9, ({ consumers }) => `${consumers}`],
  ['worker', 8, ({ worker }) => worker],
  ['used', 6, ({ used }) => number(used, 3)],
  ['of asked', 8, ({ usedOfAsked }) => number(usedOfAsked, 3)],
  ['at once', 9, ({ mostAtOnce, slots }) => `${mostAtOnce}/${slots}`],
  ...TIERS.map((tier) => [`${tier} s`, 7, ({ waitP95S }) => number(waitP95S[tier], 2)]),
  ['late s', 6, ({ lateS }) => number(lateS, 2)],
  ['deliveries', 10, ({ deliveriesOfQueue }) => `${deliveriesOfQueue ?? '-'}`],
  ['messages', 8, ({ messagesPerJob }) => number(messagesPerJob, 2)],
  ['calls', 6, ({ objectRequests }) => number(objectRequests, 2)],
  ['$/M', 6, ({ dollarsPerMillion }) => number(dollarsPerMillion, 2)],
  ['sent again', 10, ({ resent }) => `${resent ?? '-'}`],
  ['given twice', 11, ({ givenTwice }) => `${givenTwice ?? '-'}`],
  ['above limit', 11, ({ aboveLimit }) => `${aboveLimit}`],
  ['lost', 4, ({ lost }) => `${lost ?? '-'}`],
  ['seconds', 7, ({ seconds }) => number(seconds)],
];
const line = (cells) => cells.map((cell, index) => cell[index < 3 ? 'padEnd' : 'padStart'](COLUMNS[index][1])).join('  ');

/**
 * What the columns are. Used is a share of all slots, and of those for which there were jobs. Waits are p95 from
 * submission to the start of work, messages and calls those of a job.
 */
export const header = () => line(COLUMNS.map(([name]) => name));
export const row = (result) => line(COLUMNS.map(([, , cell]) => cell(result)));
/** The ideal for the submissions of a run, as a run of its own. */
export const idealOf = ({ scenario, consumers, slots, ideal }) => ({ scenario, consumers, slots, worker: 'ideal', ...ideal });

const usedAtLeast = ({ scenario, consumers }) => {
  if (consumers === 1) return { low: 0.92, high: 0.92, mixed: 0.85 }[scenario];
  return scenario === 'mixed' ? 0.9 : 0.92;
};

/** What is to be reached: a value of each run that it is asked of, and how far that may go. */
const TARGETS = [
  { what: 'capacity used', atLeast: usedAtLeast, of: ({ used }) => used },
  { what: 'capacity used, of what was asked for', atLeast: usedAtLeast, of: ({ usedOfAsked }) => usedOfAsked },
  { what: 'the late job waits, s', atMost: ({ scenario }) => (scenario === 'late' ? 3.5 : undefined), of: ({ lateS }) => lateS },
  {
    what: 'tier4 waits, p95 s: 1.2 × the ideal, or 0.25',
    atMost: ({ ideal: { waitP95S } }) => waitP95S.tier4 === undefined ? undefined : Math.max(0.25, 1.2 * waitP95S.tier4),
    of: ({ waitP95S }) => waitP95S.tier4,
  },
  {
    what: 'a better tier waits longer, p95 s', atMost: () => 0,
    of: ({ waitP95S }) => {
      const waits = TIERS.map((tier) => waitP95S[tier]).filter((wait) => wait !== undefined);
      return Math.max(0, ...waits.slice(1).map((wait, index) => wait - waits[index]));
    },
  },
  { what: 'running above the capacity', atMost: () => 0, of: ({ mostAtOnce, slots }) => Math.max(0, mostAtOnce - slots) },
  { what: 'starts above a user\'s limit', atMost: () => 0, of: ({ aboveLimit }) => aboveLimit },
  { what: 'tickets sent again', atMost: () => 0, of: ({ resent }) => resent },
  { what: 'jobs given twice', atMost: () => 0, of: ({ givenTwice }) => givenTwice },
  { what: 'jobs lost', atMost: () => 0, of: ({ lost }) => lost },
];

/** For each target: in how many runs it was reached, and the runs in which it was not. */
export function targets(runs) {
  return TARGETS.map(({ what, atLeast, atMost, of }) => {
    const asked = runs.map((run) => ({ run, value: of(run), bound: (atLeast ?? atMost)(run) }))
      .filter(({ bound }) => bound !== undefined);
    const isReached = ({ value, bound }) => Number.isFinite(value) && (atLeast ? value >= bound : value <= bound);
    const missed = asked.filter((each) => !isReached(each));
    return {
      what, runs: asked.length, reached: asked.length - missed.length,
      missed: missed.map(({ run: { scenario, consumers }, value, bound }) =>
        ({ scenario, consumers, value: value ?? null, toReach: bound })),
    };
  });
}

/** The same as lines. */
export function targetLines(runs) {
  return targets(runs).map(({ what, runs, reached, missed }) => [
    what.padEnd(46), `${reached} of ${runs}`.padStart(8),
    missed.map(({ scenario, consumers, value, toReach }) =>
      `${scenario}/${consumers}: ${number(value, 2)}, not ${number(toReach, 2)}`).join('; '),
  ].join('  ').trimEnd());
}
