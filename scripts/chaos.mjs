// npm run chaos -- [--rounds N] [--seed S] [--json]
//
// Kills the Worker again and again and checks that nothing accepted is lost: Jepsen's total-queue test.
//
// A round: the Worker starts on the storage that the last one left, users of every tier submit, cancel, repeat
// themselves and have tickets delivered twice, and after a while SIGKILL ends wrangler and workerd at once. The local
// queues live in memory, so each kill also loses all they held. Meanwhile:
//   - gates are evicted from memory at random moments, and all objects are aborted in the middle of their calls, by
//     the runtime's own module for tests, workerd:unsafe (./chaos/shake.mjs);
//   - every second batch is delivered twice, at once or a while later, and two queues deliver side by side
//     (./chaos/operator.js);
//   - again and again the generator is out for some seconds, and jobs wait for it; then for a moment whatever begins fails
//     for good, and is replayed by its user or by a replay of many (./chaos/replays.mjs), until all has succeeded;
//   - in every fifth round SIGSTOP freezes workerd for longer than a lease while stages run: who held them is late.
// The drain: nothing is submitted any more, and everything has DRAIN_MS to end. The longest pause that the Worker owes is
// a minute: so long may the pool wait before it calls for a delivery again.
// The seed repeats what is submitted and when it is killed, not how the processes interleave.
//
// lost        Accepted (202), but in the end not in exactly one terminal state, or in an unexpected one, or in another
//             one than a client was told before, or succeeded with an artifact missing.
// unexpected  A job that no client was told about exists or ran, one key stands for two jobs, or a stage of an ended job ran.
// duplicated  Stage executions beyond the first of each stage. Allowed: a killed stage runs again.
// overLimit   How often an execution began while its user had as many as the limit, or its job had one; by two clocks:
//   - The generator's. A stage executes from its line `Processing` to its line `Completed`, `Attempt … failed`, `Slot lost`,
//     `waits for` a back end or `Job … cancelled`, by the time the line is read here. What runs at a kill ends with it. What goes on after
//     `Lease expired` does not count any more: its result will be refused. A line may be read late, so a stage ends at its
//     recorded finishedAt if that is earlier: the generator was done by then.
//     A line still in a pipe when its writer is killed is lost: an execution it began is not seen.
//   - The gate's. Where the record shows that a lease was held: stages that took one attempt, and the last lease of a
//     job that succeeded. Other leases are not known exactly and do not count. And no poll may see too many active.
//
// From five rounds on, a run fails as proving nothing if no kill hit a running stage, no job was parked, no lease
// expired, no gate was evicted, no objects were aborted, no batch was delivered twice,
// workerd was not frozen, no holder reported late, no job met an outage, or none was replayed in either way. Kills and freezes wait for what they need until they had it
// once, so that no machine is too slow for that.

import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { act, buildUsers, isOpen, watch } from './chaos/clients.mjs';
import { createDoor } from './chaos/door.mjs';
import { takeStock } from './chaos/drain.mjs';
import { judge } from './chaos/judge.mjs';
import { createLedger } from './chaos/ledger.mjs';
import { createMoments } from './chaos/moments.mjs';
import { createRandom } from './chaos/random.mjs';
import { replayMany, replayedBy } from './chaos/replays.mjs';
import { standing, summary } from './chaos/report.mjs';
import { shake } from './chaos/shake.mjs';
import { prepare, start } from './chaos/worker.mjs';

const ROOT = join(import.meta.dirname, '..');
// Several times what two busy cores need.
const DRAIN_MS = 180_000;
const LEASE_SECONDS = 6;
// Once in so many rounds workerd is frozen, for longer than a lease.
const FREEZE_EVERY = 5;
const FREEZE_MS = (LEASE_SECONDS + 1) * 1000;
const SETTINGS = {
  AUTH: '"open"',
  LEASE_SECONDS: `"${LEASE_SECONDS}"`,
  DELIVERY_BUDGET_SECONDS: '"2"',
  TICKET_RESEND_SECONDS: '"2"',
  RETRY_BACKOFF_SECONDS: '"1"',
  // A lease that a kill ends counts as an attempt; none may use them up.
  MAX_ATTEMPTS: '"100"',
  STORYBOARD_PACE_MS: '"100"',
  // One delivery could run more of each tier than one user may: nothing but the gate keeps the limit.
  tier1: '{ maxConcurrentJobs = 2, maxBatchSize = 8, priority = 1 }',
  tier2: '{ maxConcurrentJobs = 3, maxBatchSize = 8, priority = 2 }',
  tier3: '{ maxConcurrentJobs = 5, maxBatchSize = 12, priority = 3 }',
  tier4: '{ maxConcurrentJobs = 8, maxBatchSize = 20, priority = 4 }',
};

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, seed] = ['rounds', 'seed'].map((name) => wholeNumber(name, options[name]));
const screen = options.json ? process.stderr : process.stdout;
const began = Date.now();
const say = (text = '') => screen.write(`${text && `${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  `}${text}\n`);

const stopping = new AbortController();
const { signal } = stopping;
setMaxListeners(0, signal);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}

const home = mkdtempSync(join(tmpdir(), 'story-queue-chaos-'));
const ledger = createLedger();
const counts = {
  repeated: 0, recovered: 0, replayed: 0, duplicates: 0, struckKills: 0, evictions: 0, aborts: 0, freezes: 0, outages: 0,
  replays: 0, replayedByUsers: 0, replayedByService: 0,
};
const door = createDoor(signal);
let worker = null;
try {
  const stopped = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const problems = await Promise.race([main(), stopped]);
  process.exitCode = problems.length > 0 ? 1 : 0;
} catch (error) {
  console.error(`The chaos run failed: ${signal.aborted ? signal.reason.message : error.stack}`);
  process.exitCode = 1;
} finally {
  stopping.abort();
  await worker?.kill();
  if (process.exitCode) console.error(`What the Worker logged, and its storage: ${home}`);
  else rmSync(home, { recursive: true, force: true });
}

async function main() {
  say(`${rounds} rounds, seed ${seed}`);
  prepare(ROOT, home, SETTINGS);
  const random = createRandom(seed);
  await open();
  const users = buildUsers(await door.client.tiers(), random);
  const stop = new AbortController();
  let isDone = false;
  let isFreezing = false;
  const { over: acting, burst } = act(users, door, { stop: stop.signal, signal }, counts);
  const watching = watch(users, door, signal, () => isDone, counts);
  const replaying = replayMany(door, { signal, done: () => isDone }, counts);
  const shaking = shake(users, door, random.fork(), { stop: stop.signal, signal, spares: () => isFreezing }, counts);
  // What fails here ends the run at once, wherever it is.
  for (const each of [acting, watching, replaying, shaking]) each.catch((error) => stopping.abort(error));

  const moments = createMoments({ random, ledger, burst, signal });
  for (let round = 1; round <= rounds; round += 1) {
    const since = Date.now();
    // By the third of five, and again until it had an effect.
    isFreezing = round % FREEZE_EVERY === 3 || (round > 3 && ledger.counts.late === 0);
    const { late } = ledger.counts;
    if (isFreezing) counts.freezes += await moments.freeze(worker, FREEZE_MS);
    await moments.kill(round >= 3 && counts.struckKills === 0);
    const life = Date.now() - since;
    const struck = await kill();
    if (struck > 0) counts.struckKills += 1;
    const upAfter = await open();
    const frozen = isFreezing ? `frozen (${ledger.counts.late - late} late results), ` : '';
    const what = `${frozen}killed after ${life} ms with ${struck} stages running, up again after ${upAfter} ms`;
    say(`round ${round}/${rounds}: ${what}; ${standing(users, ledger)}`);
  }

  stop.abort();
  const drained = await drain(users, acting);
  isDone = true;
  await Promise.all([watching, replaying]);
  say(`${drained ? 'all ended' : 'not all ended in time'}; ${standing(users, ledger)}`);
  counts.replayedByService = replayedBy(await door.client.replays());
  const incomplete = await takeStock(users, door.client);
  await kill();
  const result = judge({ users, ledger, incomplete, counts, rounds });
  say();
  for (const line of summary(result, { ledger, counts, rounds })) say(line);
  for (const problem of result.problems) console.error(`Problem: ${problem}`);
  const { accepted, finished, lost, unexpected, duplicated, overLimit } = result;
  say(`${accepted} accepted, ${finished} finished, ${lost} lost, ${unexpected} unexpected, ` +
    `${duplicated} duplicated, ${overLimit} over the limit; seed ${seed}`);
  if (options.json) console.log(JSON.stringify({ rounds, accepted, finished, lost, unexpected, duplicated, overLimit }));
  return result.problems;
}

/** Starts the Worker, lets the users in, and returns how long it took. */
async function open() {
  const since = Date.now();
  worker = await start({ root: ROOT, home, signal, onLine: ledger.line });
  const { ended } = worker;
  ended.then((how) => { if (worker?.ended === ended) stopping.abort(new Error(`the Worker ${how}`)); });
  door.admit(worker.url);
  return Date.now() - since;
}

/** Kills the Worker and returns how many stages were running. */
async function kill() {
  const dying = worker;
  worker = null;
  door.close();
  const { at, workerds } = await dying.kill();
  door.hangUp();
  if (workerds === 0) throw new Error('no workerd was found to kill');
  return ledger.killed(at);
}

/** Whether everything was answered and has ended in time. */
async function drain(users, acting) {
  const open = users.flatMap(({ submissions }) => submissions).filter(isOpen);
  const deadline = Date.now() + DRAIN_MS;
  say(`no more kills; ${open.length} jobs are open and have ${DRAIN_MS / 1000} s to end`);
  let isAnswered = false;
  acting.then(() => { isAnswered = true; }, () => {});
  while (Date.now() < deadline) {
    if (isAnswered && !users.some(({ submissions }) => submissions.some(isOpen))) return true;
    await sleep(250, undefined, { signal });
  }
  return false;
}

function wholeNumber(name, text) {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 2 ** 32) return number;
  console.error(`--${name} must be a whole number, at least 1.`);
  process.exit(2);
}
