// What looks at waiting jobs came to: as in the crate `bench`. Pure.

/** Of a wait, at least so much counts, so that a second is a quarter of it. */
const LEAST_MS = 4_000;

const share = (count, all) => (all === 0 ? 0 : Math.round((1_000 * count) / all) / 1_000);
const middle = (values) => values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length / 2) - 1)] ?? 0;
const part = (ms, { at, started }) => Math.round((1_000 * ms) / Math.max(LEAST_MS, started - at)) / 1_000;

/** Of looks `{ at, told?, again?, started, overtaken }`, where what was told is `{ startsAt, from, until }`; all in ms. */
export function figures(looks) {
  const told = looks.filter(({ told }) => told);
  const free = told.filter(({ overtaken }) => !overtaken);
  const pairs = told.filter(({ again }) => again);
  const late = told.filter(({ told, started }) => told.until < started);
  const early = told.filter(({ told, started }) => started < told.from);
  const steady = pairs.filter(({ told, again }) => Math.abs(told.startsAt - again.startsAt) < told.until - told.from);
  return {
    looks: looks.length,
    none: share(looks.length - told.length, looks.length),
    notOvertaken: free.length,
    medianError: middle(free.map((look) => part(Math.abs(look.told.startsAt - look.started), look))),
    within: share(told.length - late.length - early.length, told.length),
    late: share(late.length, told.length),
    steady: share(steady.length, pairs.length),
    width: middle(told.map((look) => part(look.told.until - look.told.from, look))),
  };
}

/** Whether, while the job was in the pool's line, one started that was submitted after the look. */
export const isOvertaken = ({ at, started, granted }, jobs) =>
  jobs.some((other) => other.submittedAt > at && granted <= other.started && other.started < started);

const COLUMNS = ['scenario', 'looks', 'none', 'not overtaken', 'median error', 'within', 'late', 'steady', 'width'];
const line = (cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(8) : cell.padStart(COLUMNS[index].length))).join('  ');
const percent = (value) => `${(100 * value).toFixed(1)} %`;

/** The table. */
export const header = () => line(COLUMNS);
export const row = ({ scenario, looks, none, notOvertaken, medianError, within, late, steady, width }) =>
  line([scenario, `${looks}`, percent(none), `${notOvertaken}`, ...[medianError, within, late, steady, width].map(percent)]);
