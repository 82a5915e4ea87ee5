// A burst's results as an SVG: above, the capacity that worked, for each scenario and number of consumers, and the wait
// of the job that came late; below, the waits of the tiers where all of them submit. Pure.

import { chart, logarithmic } from '../chart.mjs';
import { idealOf } from './table.mjs';

const KINDS = [
  ['ideal', '#999999', 'the ideal'],
  ['ours', '#1b6fb3', 'this Worker'],
  ['obvious', '#d95f02', 'obvious design, which has no capacity'],
];
const USED_MAX = 1.2;
const TIERS = ['tier1', 'tier2', 'tier3', 'tier4'];

/** Axes: from 0 to `USED_MAX`, and the logarithm of a wait. */
const USED = { place: (value) => Math.min(1, value / USED_MAX), ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] };
const WAIT = logarithmic([0.01, 0.1, 1, 10, 100, 1000]);

/** The picture of those runs, with the ideal of each of this Worker's. */
export function picture(runs) {
  const values = [...runs, ...runs.filter(({ worker }) => worker === 'ours').map(idealOf)];
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))];
  const consumers = [...new Set(runs.map(({ consumers }) => consumers))];
  const find = (scenario, count, worker) =>
    values.find((run) => run.scenario === scenario && run.consumers === count && run.worker === worker);
  const byConsumers = (scenario, of) =>
    KINDS.map(([worker]) => consumers.map((count) => of(find(scenario, count, worker)) ?? null));

  const used = scenarios.map((scenario) => ({
    title: scenario, axis: USED, names: consumers, below: 'consumers', bars: byConsumers(scenario, (run) => run?.used),
  }));
  const late = {
    title: 'late: its one job of tier4 waits', axis: WAIT, unit: ' s', names: consumers, below: 'consumers',
    bars: byConsumers('late', (run) => run?.lateS),
  };
  const hasAllTiers = (scenario) => TIERS.every((tier) => find(scenario, consumers[0], 'ours')?.waitP95S[tier] !== undefined);
  const waits = scenarios.filter(hasAllTiers).flatMap((scenario) => consumers.map((count) => ({
    title: `${scenario}, ${count} consumer${count === 1 ? '' : 's'}`, axis: WAIT, unit: ' s',
    names: TIERS.map((tier) => tier.slice(4)), below: 'tier',
    bars: KINDS.map(([worker]) => TIERS.map((tier) => find(scenario, count, worker)?.waitP95S[tier] ?? null)),
  })));
  const rows = [
    ['share of the capacity that worked while jobs waited', scenarios.includes('late') ? [...used, late] : used],
    ['wait from submission to work, p95, seconds', waits],
  ].filter(([, panels]) => panels.length > 0);
  return chart(KINDS.map(([, ...kind]) => kind), rows);
}
