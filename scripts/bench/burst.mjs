// npm run bench -- burst
//
// How much of the capacity works while jobs wait, and who waits how long, when many jobs come at once: the real Worker
// on local workerd under 1, 4 and 16 consumers side by side, the obvious design (bench/baseline), and the ideal for the
// same submissions. What worked is counted from the jobs' ends and the known length of their one stage. Submitting takes
// the same processors: where the ideal uses little of the capacity, too, look at what was used of what was asked for.
//
// Some of it, for a quick look, without writing results:
//
//   BURST_SCENARIOS=low,late BURST_CONSUMERS=4,scaled BURST_WORKERS=ours npm run bench -- burst
//
// BURST_VARS='{"DELIVERY_BUDGET_SECONDS":"5"}' goes over this Worker's settings. Dollars are of a million such jobs with
// the rows that each new user costs once. Messages, deliveries and retries are the broker's (../queue/broker.mjs).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture } from './burst/picture.mjs';
import { WORKERS, run } from './burst/run.mjs';
import { CONSUMERS, SCENARIOS } from './burst/scenarios.mjs';
import { header, idealOf, row, targetLines, targets } from './burst/table.mjs';

/** What the variable names; all, if it names nothing. */
function chosen(variable, all, others = []) {
  const named = process.env[variable]?.split(',') ?? all.map(String);
  const known = [...all, ...others];
  return named.map((name) => {
    const found = known.find((each) => String(each) === name);
    if (found === undefined) throw new Error(`${variable}: no ${name}; there are ${known.join(', ')}`);
    return found;
  });
}

/** Every scenario under every number of consumers for both; `say` gets a line for each. */
export async function burst({ root, say }) {
  const scenarios = chosen('BURST_SCENARIOS', SCENARIOS.map(({ name }) => name));
  const counts = chosen('BURST_CONSUMERS', CONSUMERS, [2, 8, 32, 'scaled']);
  const workers = chosen('BURST_WORKERS', Object.keys(WORKERS));
  const isPartial = Object.keys(process.env).some((name) => name.startsWith('BURST_'));
  const runs = [];
  say(header());
  for (const scenario of SCENARIOS.filter(({ name }) => scenarios.includes(name))) {
    for (const consumers of counts) {
      for (const name of workers) {
        const vars = name === 'ours' ? JSON.parse(process.env.BURST_VARS ?? '{}') : {};
        const result = { slots: scenario.slots, ...await run({ root, name, scenario, consumers, vars }) };
        runs.push(result);
        if (name === workers[0]) say(row(idealOf(result)));
        say(row(result));
      }
    }
  }
  say('obvious is bench/baseline, which has no capacity: what it ran at once is bounded by its users\' limits and batch sizes alone.');
  const ours = runs.filter(({ worker }) => worker === 'ours');
  say('\nto reach, in how many runs of this Worker it is, and where it is not:');
  for (const line of targetLines(ours)) say(line);
  if (!isPartial) writeFileSync(join(root, 'bench', 'results', 'burst.svg'), picture(runs));
  return { isPartial, burst: { runs, targets: targets(ours) } };
}
