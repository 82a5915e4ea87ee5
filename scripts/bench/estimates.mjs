// npm run bench -- estimates
//
// What users are told of when their jobs start, against what came: in the simulator, over the loads of the policies (the
// crate `bench`), and here, on local workerd, over the bursts: while these run, some of the jobs that wait are looked at,
// and a second later again.
//
//   ESTIMATES=mixed npm run bench -- estimates
//
// runs only what has that in its name, and writes no results.

import { figures, header, row } from './estimates/figures.mjs';
import { watched } from './estimates/run.mjs';
import { SCENARIOS } from './burst/scenarios.mjs';

/** Consumers side by side. */
const CONSUMERS = 4;
/** Two slots and a line that a user watches for half a minute. */
const TWO = { name: 'two', waitMs: 3_000, slots: 2, users: 10, each: 2, tier: () => 'tier1' };

/** Every scenario; `native` resolves with the simulated part. */
export async function estimates({ root, say, native }) {
  const only = process.env.ESTIMATES ?? '';
  const simulated = await native();
  say('\nthe same on local workerd');
  say(header());
  const rows = [];
  for (const scenario of [TWO, ...SCENARIOS].filter(({ name }) => name.includes(only))) {
    const looks = await watched({ root, scenario, consumers: CONSUMERS });
    const result = { scenario: scenario.name, ...figures(looks) };
    rows.push(result);
    say(row(result));
  }
  return { isPartial: only !== '', ...simulated, workerd: rows };
}
